/* netpoll.pml - waiting for a descriptor: note, try, park; edges; cancel; close and reuse.
 * good: - CLOSE
 * bad: NORECHECK LATENOTE LATEDRAIN EARLYRELEASE NOMOD CLOSE,NOSTEP3
 *
 * Modelled: runtime/descriptor.h, EDGES, DRAINED and NUMBERS ARE REUSED; descriptor.c, and
 * transfer_when_ready in transfer.c.
 *   reader     reads TOTAL bytes from the number, one or all at a time, and skips the try after a
 *              read that took all; it registers the descriptor before its first wait
 *   producer   bytes come, one by one; the kernel queues an event if the file is registered
 *   pollers    two of them: harvest an event, which is reported only if there are bytes, and count
 *              an edge later
 *   canceller  (without CLOSE) cancels; the reader then calls again
 *   closer     (CLOSE) closes; the reader is to end
 * Checked: a reader ends: it waits for ever neither with bytes there nor at a closed file (invalid
 * end state); it is woken once a wait, with its registers saved.
 * Left out: writers (the same, without skipping), deadlines (timer.pml), store buffers: all that is
 * shared is under the lock but edges, state and drained, which are hints until the lock is taken.
 * The number's next file, by argument: a stale event that counted as its edge would cost a try, as
 * an edge promises nothing but "look again", and so would its flags (HUNG, no DRAINS). Generations
 * in events spare that, and keep a stale one from settling the doubt about a registration that
 * close(2) removed. No invariant of this model hangs on them, so no variant without could fail.
 * The look at the generation and the system call after it are one step: CALLS UNDER WAY in
 * descriptor.h is what makes them one.
 *
 * Variants
 *   NORECHECK     parks without comparing the edges
 *   LATENOTE      notes the edges after the try
 *   LATEDRAIN     a short read marks the edges of after the read as drained
 *   EARLYRELEASE  the lock is released before the registers are saved
 *   NOMOD         cancelling does not tell epoll the new generation
 *   NOSTEP3       closing forgets who came between its first two steps
 */
#define TOTAL 3
#define CLOSED 2
#define NEVER 255

mtype = { DONE, AGAIN, BAD, CANCELED };

/* The kernel. */
byte bytes[2];  /* of a file */
byte file;      /* that the number names, or CLOSED */
bool added;     /* it is in epoll */
byte added_gen; /* what its events carry */
bool event;     /* queued */

/* The entry; under the lock but for reads of gen, edges and drained. */
bool lock;
byte gen, edges;
byte drained = NEVER;
bool registered;
bool waiting[2];
bool canceled[2];

/* The tasks. */
bool saved[2], ready[2];

inline take_lock()
{
    atomic { !lock -> lock = true }
}

/* Under the lock: all waiters leave the queue; first and second remember who. */
inline pop_all(result)
{
    edges++;
    atomic {
        first = waiting[0]; second = waiting[1];
        if :: first -> canceled[0] = result :: else fi;
        if :: second -> canceled[1] = result :: else fi;
        waiting[0] = false; waiting[1] = false
    }
}

inline wake(me)
{
    atomic { assert(saved[me] && !ready[me]); ready[me] = true }
}

/* Releases the lock. */
inline wake_popped()
{
    lock = false;
    if :: first -> wake(0) :: else fi;
    if :: second -> wake(1) :: else fi;
    atomic { first = false; second = false }
}

/* In the kernel, one step: takes one byte or all. */
inline attempt()
{
    atomic {
        took_all = false;
        if
        :: my_gen != gen -> result = CANCELED
        :: my_gen == gen && skips -> result = AGAIN
        :: my_gen == gen && !skips && file != me -> result = BAD
        :: my_gen == gen && !skips && file == me && bytes[file] == 0 -> result = AGAIN
        :: my_gen == gen && !skips && file == me && bytes[file] > 0 ->
            result = DONE;
            if
            :: bytes[file]--; got++
            :: got = got + bytes[file]; bytes[file] = 0; took_all = true
            fi
        fi
    }
}

inline park(me)
{
    waiting[me] = true;
#ifdef EARLYRELEASE
    lock = false;
    saved[me] = true;
#else
    saved[me] = true;
    lock = false;
#endif
    atomic { ready[me] -> ready[me] = false; saved[me] = false };
    result = (canceled[me] -> CANCELED : AGAIN)
}

/* Step 3, with the registration. */
inline wait(me)
{
    take_lock();
    if
    :: gen != my_gen -> lock = false; result = CANCELED
#ifndef NORECHECK
    :: gen == my_gen && edges != seen -> lock = false
#endif
#ifdef NORECHECK
    :: gen == my_gen ->
#else
    :: gen == my_gen && edges == seen ->
#endif
        atomic {
            if
            :: !registered && file == CLOSED -> result = BAD
            :: !registered && file != CLOSED ->
                registered = true; added = true; added_gen = gen;
                event = bytes[file] > 0
            :: registered
            fi
        };
        if
        :: result == BAD -> lock = false
        :: else -> park(me)
        fi
    fi
}

proctype reader(byte me; byte total)
{
    byte my_gen, seen, got;
    bool skips, took_all;
    mtype result = DONE;
    do
    :: got < total && (result == DONE || result == CANCELED) ->
        my_gen = gen; /* a call begins */
        result = AGAIN
    :: got < total && result == AGAIN ->
        seen = edges;
        skips = drained == seen;
        attempt();
#ifdef LATENOTE
        seen = edges;
#endif
        if
        :: result == DONE && took_all ->
#ifdef LATEDRAIN
            drained = edges
#else
            drained = seen
#endif
        :: result == DONE && !took_all -> drained = NEVER
        :: result == AGAIN -> wait(me)
        :: else
        fi;
#ifdef CLOSE
        if
        :: result == CANCELED -> break
        :: else
        fi
#endif
    :: got >= total || result == BAD -> break
    od
}

proctype producer(byte source; byte total)
{
    byte sent;
    do
    :: sent < total ->
        atomic {
            sent++;
            if
            :: file == source -> bytes[source]++; event = event || added
            :: else
            fi
        }
    :: else -> break
    od
}

proctype poller()
{
    byte carried;
    bool first, second, reported;
end:
    do
    :: atomic {
            event -> event = false;
            reported = added && file != CLOSED && bytes[file] > 0;
            carried = added_gen
        };
        if
        :: reported ->
            take_lock();
            if
            :: carried == gen -> pop_all(false)
            :: carried != gen
            fi;
            wake_popped()
        :: else
        fi;
        atomic { carried = 0; reported = false }
    od
}

proctype canceller()
{
    byte times;
    bool first, second;
    do
    :: times < 2 ->
        times++;
        take_lock();
        gen++;
        pop_all(true);
#ifndef NOMOD
        atomic {
            if
            :: registered -> added_gen = gen; event = bytes[file] > 0
            :: else
            fi
        };
#endif
        wake_popped()
    :: break
    od
}

proctype closer()
{
    bool first, second;
    byte mine;
    take_lock(); /* step 1 */
    gen++;
    mine = gen;
    atomic { registered = false; added = false; event = false };
    pop_all(true);
    wake_popped();
    atomic { file = CLOSED; added = false; event = false }; /* step 2 */
#ifndef NOSTEP3
    take_lock();
    if
    :: gen == mine -> registered = false; pop_all(false)
    :: else
    fi;
    wake_popped()
#endif
}

init
{
    atomic {
        run reader(0, TOTAL);
        run producer(0, TOTAL);
        run poller();
        run poller();
#ifdef CLOSE
        run closer()
#else
        run canceller()
#endif
    }
}

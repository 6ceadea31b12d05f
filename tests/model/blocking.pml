/* blocking.pml - blocking calls: a proc is taken back, has one owner at most, and nobody is lost.
 * good: - CALLS=3,TASKS=1
 * bad: NOFENCE1 NOFENCE2 NOLOOK NOCAS NOCOMPARE NOBLOCKED EARLYLESS EARLYPUSH
 *
 * Modelled: runtime/blocking.h, with store buffers for `blocking` and `drowsy`. One proc, TASKS
 * tasks that make CALLS calls each, sysmon, and as many workers as sysmon starts, at most three.
 * A call returns at once, or only when no task waits in the queue: a proc that is not taken back
 * then hangs.
 *   begin    begin: 1 to 3, or give_away          end     keep_proc (5), take_proc (6)
 *   rejoin   switch_away, blocking_rejoin (7)     idle    scheduler_idle, check_end
 *   sysmon   look_at (a), retake (b, c), make_sleeper, nap
 * Checked: the proc has one owner; a task runs on one worker, and only when its registers are
 * saved; the end is declared when all tasks have ended, no deadlock ever, for there is none; at the
 * end everybody has stopped.
 * Left out: the queue is one, under the scheduler's lock. The wake protocol (wake.pml): who makes a
 * task ready or goes idle takes the lock to look. How long a call has gone on: sysmon retakes what
 * it sees for the second time. That threads are refused. A long nap while a call goes on ends by
 * itself; one without calls does not.
 *
 * Variants
 *   NOFENCE1   without the fence of step 3        NOFENCE2  without the one before sysmon's last look
 *   NOLOOK     sysmon sleeps without that look
 *   NOCAS      5 looks at blocking, and then clears it
 *   NOCOMPARE  b does not look whether the call still goes on
 *   NOBLOCKED  nobody counts the workers whose proc was taken
 *   EARLYLESS  7 counts down before the task is in the queue
 *   EARLYPUSH  7 puts the task into the queue before its registers are saved
 */
#define WORKERS 3
#define SYSMON 3
#define THREADS 4
#define BLOCKING 0
#define DROWSY 1
#define ADDRESSES 2
#include "tso.pml"

#ifndef CALLS
#define CALLS 1
#endif
#ifndef TASKS
#define TASKS 2
#endif
#define NOBODY 255

bool lock_held;
byte ready = TASKS;      /* lock: tasks in the queue */
bool queued[2];          /* lock: which ones */
bool idle_proc;          /* lock */
bool sleeping[WORKERS];  /* lock */
byte blocked;            /* lock */
bool over;               /* lock */
byte started = 1;        /* workers */
bool starting;           /* one is on its way */
bool token[WORKERS];     /* told the proc */

byte last_ticket; /* of the proc; its owner's */

/* Ghosts. */
byte owner = NOBODY;
byte live = TASKS;
byte calls[2];
bool on_stack[2]; /* a worker is on the task's stack: its registers are not saved */

inline lock(me)
{
    atomic { fence(me) && !lock_held -> lock_held = true }
}

inline own(me)
{
    assert(owner == NOBODY);
    owner = me
}

/* Under the lock, in one step: a sleeper, or NOBODY. */
inline choose_sleeper(which)
{
    if
    :: sleeping[0] -> which = 0
    :: !sleeping[0] && sleeping[1] -> which = 1
    :: !sleeping[0] && !sleeping[1] && sleeping[2] -> which = 2
    :: else -> which = NOBODY
    fi
}

/* scheduler_give, in one step. */
inline give(which)
{
    sleeping[which] = false;
#ifndef NOBLOCKED
    blocked++;
#endif
    token[which] = true;
    which = 0
}

/* The wake protocol, as one look under the lock. */
inline wake_if_needed(me, which)
{
    lock(me);
    atomic {
        choose_sleeper(which);
        if
        :: idle_proc && ready > 0 && which != NOBODY ->
            idle_proc = false;
            sleeping[which] = false;
            token[which] = true
        :: else
        fi;
        which = 0;
        lock_held = false
    }
}

inline check_end(me)
{
    lock(me);
    atomic {
        if
        :: idle_proc && blocked == 0 && ready == 0 && !over -> assert(live == 0); over = true
        :: else
        fi;
        lock_held = false
    }
}

/* Steps 1 to 3. */
inline begin(me, ticket, gave, which)
{
    gave = false;
    atomic { assert(owner == me); owner = NOBODY };
    if
    :: ready > 0 -> /* give_away */
        lock(me);
        atomic {
            choose_sleeper(which);
            if
            :: which != NOBODY -> give(which); gave = true
            :: else -> which = 0
            fi;
            lock_held = false
        }
    :: true
    fi;
    if
    :: !gave ->
        atomic { last_ticket++; ticket = last_ticket; store(me, BLOCKING, ticket) };
#ifndef NOFENCE1
        fence(me);
#endif
        load(me, DROWSY, which);
        if
        :: which == 1 -> store(me, DROWSY, 0)
        :: else
        fi;
        which = 0
    :: else
    fi
}

/* Steps 5 and 6; kept says whether the task goes on here. */
inline end(me, ticket, gave, kept)
{
    if
    :: gave -> kept = false
    :: else ->
#ifdef NOCAS
        fence(me);
        kept = memory[BLOCKING] == ticket;
        if
        :: kept -> atomic { fence(me) -> memory[BLOCKING] = 0 }
        :: else
        fi;
        if
        :: kept -> own(me)
        :: else
        fi
#else
        atomic {
            fence(me) ->
            kept = memory[BLOCKING] == ticket;
            if
            :: kept -> memory[BLOCKING] = 0; own(me)
            :: else
            fi
        }
#endif
    fi;
    if
    :: !kept ->
        lock(me);
        atomic {
            if
            :: idle_proc ->
                idle_proc = false;
                kept = true;
#ifndef NOBLOCKED
                blocked--;
#endif
                own(me)
            :: else
#ifdef EARLYLESS
                blocked--
#endif
            fi;
            lock_held = false
        }
    :: else
    fi
}

proctype worker(byte me)
{
    byte task, ticket, which;
    bool gave, kept;
    if
    :: me == 0 -> own(0); goto find
    :: else
    fi;
    lock(me);
    atomic { starting = false; sleeping[me] = !over; lock_held = false };
    goto sleep;
find:
    lock(me);
    atomic {
        if
        :: ready > 0 ->
            ready--;
            if
            :: queued[0] -> task = 0
            :: queued[1] -> task = 1
            fi;
            queued[task] = false;
            assert(!on_stack[task]);
            on_stack[task] = true;
            lock_held = false;
            goto execute
        :: else ->
            owner = NOBODY;
            idle_proc = true;
            sleeping[me] = true;
            lock_held = false
        fi
    };
    wake_if_needed(me, which);
sleep:
    check_end(me);
    if
    :: atomic { token[me] -> token[me] = false; own(me) }; goto find
    :: over -> goto stop
    fi;
execute:
    if
    :: calls[task] < CALLS ->
        calls[task]++;
        begin(me, ticket, gave, which);
        if
        :: true
        :: true -> ready == 0 /* a long call */
        fi;
        end(me, ticket, gave, kept);
        atomic { gave = false; ticket = 0 };
        if
        :: kept -> kept = false; goto execute
        :: else
        fi;
#ifndef EARLYPUSH
        on_stack[task] = false;
#endif
        lock(me);
        atomic {
            ready++;
            queued[task] = true;
#if !defined(NOBLOCKED) && !defined(EARLYLESS)
            blocked--;
#endif
            sleeping[me] = true;
            lock_held = false
        };
#ifdef EARLYPUSH
        on_stack[task] = false;
#endif
        task = 0;
        wake_if_needed(me, which);
        goto sleep
    :: else ->
        atomic { live--; on_stack[task] = false; task = 0 };
        goto find
    fi;
stop:
    skip
}

proctype sysmon()
{
    byte seen, ticket, which;
look:
    if
    :: over -> goto stop
    :: else
    fi;
    load(SYSMON, BLOCKING, ticket);
    if
    :: ticket == 0 -> goto nap
    :: ticket != 0 && ticket != seen -> atomic { seen = ticket; ticket = 0 }; goto look
    :: else
    fi;
    lock(SYSMON);
    atomic {
        choose_sleeper(which);
        if
        :: which != NOBODY ->
            if
#ifdef NOCOMPARE
            :: true -> memory[BLOCKING] = 0; give(which)
#else
            :: memory[BLOCKING] == ticket -> memory[BLOCKING] = 0; give(which)
            :: memory[BLOCKING] != ticket -> which = 0
#endif
            fi
        :: else ->
            if
            :: which == NOBODY && !starting && started < WORKERS ->
                starting = true;
                run worker(started);
                started++
            :: else
            fi;
            which = 0
        fi;
        ticket = 0;
        lock_held = false
    };
    if
    :: goto look
    :: goto nap
    fi;
nap:
    store(SYSMON, DROWSY, 1);
#ifndef NOFENCE2
    fence(SYSMON);
#endif
#ifndef NOLOOK
    load(SYSMON, BLOCKING, ticket);
    if
    :: ticket != 0 && ticket != seen
    :: else ->
#endif
        if
        :: memory[DROWSY] == 0 && fence(SYSMON) /* told */
        :: memory[BLOCKING] != 0 && memory[BLOCKING] == seen /* a short nap ends */
        :: over
        fi
#ifndef NOLOOK
    fi
#endif
    ;
    ticket = 0;
    store(SYSMON, DROWSY, 0);
    goto look;
stop:
    skip
}

init
{
    atomic {
        queued[0] = true;
        queued[1] = TASKS > 1;
        memory[DROWSY] = 0;
        run drain(0); run drain(1); run drain(2); run drain(3);
        run worker(0); run sysmon()
    };
    timeout -> assert(over && live == 0)
}

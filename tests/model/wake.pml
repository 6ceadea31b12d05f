/* wake.pml - the wake protocol: no offered task is left while a proc is idle.
 * good: -
 * progress: SUBMITTED=2
 * bad: NOFENCE1 NOFENCE2 NORECHECK NOFOUND NORETRY NOOFFER
 *
 * Modelled: runtime/scheduler.h, "WAKE PROTOCOL", with store buffers. A publisher offers SUBMITTED
 * tasks and then computes for ever; two workers with a proc each find tasks, run each of them for a
 * while or for ever, and go idle. `in_ring(p)` is what the ring of proc p offers.
 *   offer      scheduler_offer (step 1), scheduler_notify (2, 3), scheduler_wake_one
 *   find       worker.c: own ring, then steal; what a thief takes is in nobody's ring for a moment
 *   found      scheduler_found
 *   idle       announce (a), scheduler_idle (b, c), sleep until told
 * Checked: when nothing moves any more, no ring offers a task unless all procs are busy.
 * Left out: the watch, which only bounds how long what is *not* offered waits (`next`, `fresh`,
 * yields): here nothing may rely on it. The global queue (its length is one more ring; who takes a
 * batch from it does as a thief). Threads that cannot be started. The seizure of a victim is one
 * step (section.pml), and head moves at once; of what a thief took the first task is run, and
 * cannot be stolen back; the data of the scheduler's lock are ordered by it.
 *
 * Variants
 *   NOFENCE1   without step 2         NOFENCE2  without step b        NORECHECK  without step c
 *   NOFOUND    a spinning worker that found work wakes nobody
 *   NORETRY    a waker that counted as spinning and found no idle proc does not look again: what
 *              was offered meanwhile was not announced because of it
 *   NOOFFER    a thief does not offer the rest of what it took
 */
#define WORKERS 2
#define THREADS 3
#define LOCK 0
#define IDLE 1
#define SPINNING 2
#define TAIL 3
#define ADDRESSES 6
#include "tso.pml"

#ifndef SUBMITTED
#define SUBMITTED 3
#endif

byte head[THREADS];
bool sleeping[THREADS]; /* under LOCK: the worker is on the list of sleepers, its proc idle */
bool spinning[THREADS];
bool token[THREADS];

inline lock(me)
{
    atomic { fence(me) && memory[LOCK] == 0 -> memory[LOCK] = 1 }
}

inline unlock(me)
{
    store(me, LOCK, 0)
}

inline spinning_less(me)
{
    atomic { fence(me) -> memory[SPINNING] = memory[SPINNING] - 1 }
}

/* scheduler_sees_work; x is 1 if so. */
inline sees_work(me, x, k)
{
    k = 0;
    x = 0;
    do
    :: k < THREADS && x == 0 ->
        atomic { load(me, TAIL + k, x); x = (x > head[k] -> 1 : 0); k++ }
    :: else -> break
    od;
    k = 0
}

inline wake_one(me, x, k, again)
{
    again = true;
    do
    :: again ->
        again = false;
        atomic {
            fence(me) -> x = (memory[SPINNING] == 0 -> 1 : 0);
            memory[SPINNING] = memory[SPINNING] + x
        };
        if
        :: x == 1 ->
            lock(me);
            atomic {
                if
                :: sleeping[1] -> k = 1
                :: sleeping[2] -> k = 2
                :: !sleeping[1] && !sleeping[2] -> k = 0
                fi;
                if
                :: k != 0 -> load(me, IDLE, x); store(me, IDLE, x - 1); sleeping[k] = false
                :: else
                fi
            };
            unlock(me);
            if
            :: k != 0 -> atomic { spinning[k] = true; token[k] = true; k = 0 }
            :: else ->
                spinning_less(me);
#ifndef NORETRY
                load(me, IDLE, x);
                if
                :: x > 0 -> sees_work(me, x, k); again = x
                :: else
                fi
#endif
            fi
        :: else
        fi
    :: else -> break
    od;
    x = 0
}

/* Steps 2 and 3. */
inline announce_work(me, x, k, again)
{
    load(me, IDLE, x);
    if
    :: x > 0 ->
        load(me, SPINNING, x);
        if
        :: x == 0 -> wake_one(me, x, k, again)
        :: else
        fi
    :: else
    fi;
    x = 0
}

proctype publisher()
{
    byte tail, x, k;
    bool again;
    do
    :: tail < SUBMITTED ->
        tail++;
        store(0, TAIL, tail);
#ifndef NOFENCE1
        fence(0);
#endif
        announce_work(0, x, k, again)
    :: else -> break
    od
}

/* Takes at least one task out of another ring: `got` of them are in flight. */
inline steal(me, got, k)
{
    k = 0;
    do
    :: k < THREADS && got == 0 ->
        atomic {
            if
            :: k != me && memory[TAIL + k] > head[k] -> got = memory[TAIL + k] - head[k];
                if
                :: got > 1 -> got--
                :: skip
                fi;
                head[k] = head[k] + got
            :: else
            fi;
            k++
        }
    :: else -> break
    od;
    k = 0
}

inline take_own(me, got, x)
{
    atomic {
        load(me, TAIL + me, x);
        if
        :: x > head[me] -> head[me] = head[me] + 1; got = 1
        :: else
        fi;
        x = 0
    }
}

inline found(me, x, k, again)
{
    if
    :: spinning[me] ->
        spinning[me] = false;
        spinning_less(me);
#ifndef NOFOUND
        load(me, IDLE, x);
        if
        :: x > 0 ->
            sees_work(me, x, k);
            if
            :: x == 1 -> wake_one(me, x, k, again)
            :: else
            fi
        :: else
        fi;
#endif
        x = 0
    :: else
    fi
}

/* Step a. */
inline announce(me, x)
{
    lock(me);
    atomic { load(me, IDLE, x); store(me, IDLE, x + 1); sleeping[me] = true; x = 0 };
    if
    :: spinning[me] -> spinning[me] = false; spinning_less(me)
    :: else
    fi;
    unlock(me)
}

proctype worker(byte me)
{
    byte got, tail, x, k;
    bool again;
find:
    take_own(me, got, x);
    if
    :: got > 0 ->
take:
        got = 0;
        found(me, x, k, again);
        if
        :: goto find   /* the task waits or ends */
        :: goto busy   /* it computes for ever */
        fi
    :: else
    fi;
    steal(me, got, k);
    if
    :: got > 0 ->
        atomic { got--; tail = tail + got };
        if
        :: got > 0 -> store(me, TAIL + me, tail)
        :: else -> goto take
        fi;
#ifndef NOOFFER
        fence(me);
        announce_work(me, x, k, again);
#endif
        goto take
    :: else
    fi;
    announce(me, x);
#ifndef NOFENCE2
    fence(me);
#endif
#ifndef NORECHECK
    sees_work(me, x, k);
    if
    :: x == 1 -> wake_one(me, x, k, again)
    :: else
    fi;
#endif
end_sleep:
    atomic { token[me] -> token[me] = false };
    goto find;
busy:
    skip
}

#define in_ring(p) (memory[TAIL + p] - head[p])

init
{
    atomic {
        run drain(0); run drain(1); run drain(2);
        run publisher(); run worker(1); run worker(2)
    };
    timeout -> assert(!sleeping[1] && !sleeping[2] ||
                      in_ring(0) + in_ring(1) + in_ring(2) == 0)
}

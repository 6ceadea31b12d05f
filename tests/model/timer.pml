/* timer.pml - a wait with a deadline: arm, park, be woken or time out, disarm.
 * good: -
 * progress: -
 * bad: NOWAIT FIRINGLATE EARLYRELEASE NOREMOVE ONEPHASE
 *
 * Modelled: runtime/timer.h, timer.c, and task_park_timed in park.c. A task waits ROUNDS times on
 * an object that lives for one wait only (the caller's storage), a waker may take it out of the
 * object's queue, and two workers fire timers; a timer may be due at any time after it was armed.
 *   task      task_park_timed: timer_arm under the object's lock, task_park; the switch releases
 *             the lock when the registers are saved; timer_disarm
 *   waker     what unlock, send and their like do: pop under the lock, release, task_wake
 *   firer     take_due (phase 1), expire (phase 2)
 * Checked: the firing worker touches the object and the task only while the task has not gone on;
 * a wait is ended by one wake, a wake finds the registers saved, a timer ends no later wait than
 * the one it was armed for; no hang, no endless retry.
 * Left out: store buffers: timer_firing is set before the heap's lock is released, and read after
 * that lock was taken; it is cleared by a release after all other accesses. Sleeping (the same with
 * no waker). The heap's order: one timer (another task on the
 * same object only takes both locks, as arming does).
 *
 * Variants
 *   NOWAIT        disarm does not wait for timer_firing
 *   FIRINGLATE    phase 1 sets timer_firing only after it has released the heap's lock
 *   EARLYRELEASE  the task releases the object's lock before its registers are saved
 *   NOREMOVE      disarm leaves the timer in the heap
 *   ONEPHASE      the object's lock is taken while the heap's is held
 */
#ifndef ROUNDS
#define ROUNDS 3
#endif

bool object_lock, heap_lock;
bool in_queue; /* under object_lock */
bool in_heap;  /* under heap_lock */
bool firing;   /* timer_firing */
bool saved;    /* the task's registers */
bool ready;    /* the task may run */

/* Ghosts. */
bool alive;   /* the object exists */
byte wait;    /* the number of the wait */

inline take(word)
{
    atomic { !word -> word = true }
}

inline wake()
{
    atomic { assert(saved && !ready); ready = true }
}

proctype task()
{
    byte rounds;
    do
    :: rounds < ROUNDS ->
        rounds++;
        atomic { alive = true; wait++ };
        take(object_lock);
        in_queue = true;
        take(heap_lock);
        in_heap = true;
        heap_lock = false;
#ifdef EARLYRELEASE
        object_lock = false;
        saved = true;
#else
        saved = true;
        object_lock = false;
#endif
        atomic { ready -> ready = false; saved = false };
        take(heap_lock);
#ifndef NOREMOVE
        in_heap = false;
#endif
        heap_lock = false;
#ifndef NOWAIT
        !firing;
#endif
        alive = false
    :: else -> break
    od
}

/* Whoever uses the object knows that it exists; the firing worker does not. */
proctype waker()
{
end:
    do
    :: atomic { alive && !object_lock && in_queue -> object_lock = true };
        in_queue = false;
        object_lock = false;
        wake()
    :: atomic { alive && !object_lock -> object_lock = true }; /* another task arms its timer */
progress_other:
        take(heap_lock);
        heap_lock = false;
        object_lock = false
    od
}

/* Under the object's lock and after it. */
inline expire(waits, fired)
{
    assert(alive && wait == fired);
    waits = in_queue;
    if
    :: waits -> in_queue = false
    :: else
    fi;
    assert(alive && wait == fired);
    object_lock = false;
    if
    :: waits -> wake()
    :: else
    fi;
    assert(wait == fired)
}

proctype firer()
{
    byte fired;
    bool waits;
end:
    do
    :: in_heap ->
        take(heap_lock);
        if
        :: in_heap ->
            atomic { in_heap = false; fired = wait };
#ifdef ONEPHASE
            take(object_lock);
            expire(waits, fired);
            heap_lock = false
#else
#ifdef FIRINGLATE
            heap_lock = false;
            firing = true;
#else
            firing = true;
            heap_lock = false;
#endif
            take(object_lock);
            expire(waits, fired);
            firing = false
#endif
        :: else -> heap_lock = false
        fi;
        atomic { fired = 0; waits = false }
    od
}

init
{
    atomic { run task(); run waker(); run firer(); run firer() }
}

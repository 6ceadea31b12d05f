/* cancel.pml - how the cancellation of its scope reaches a task that waits.
 * good: -
 * progress: -
 * bad: NOFENCEBEFORE NOFENCEAFTER NOFENCEOFCANCELLER NOWAIT NOUNDO NOSCOPELOCK EARLYRELEASE
 *
 * Modelled: runtime/cancel.h, cancel.c; the end of a member in base/scope.c. A task waits ROUNDS
 * times, each time on an object that lives for that wait only; a waker may end one of the waits; a
 * canceller cancels at any time, under the lock of the scope, which the task takes at its end.
 *   task       cancel_park: steps 1 to 7; the switch releases the object's lock when the registers
 *              are saved
 *   canceller  cancel_deliver: steps a to e
 * Checked: the canceller touches the object and the member only while they are there; a wait is
 * ended by one wake-up; a wake-up finds the registers saved; no hang after the cancellation, no
 * endless retry. Without a canceller's wake-up nobody else comes (but once), so a missed one hangs.
 * Left out: store buffers, but what a fence prevents: without it a load may come before the store
 * that stands before it, which is modelled as either order. Deadlines beside (timer.pml).
 *
 * Variants
 *   NOFENCEBEFORE       step 2 is missing
 *   NOFENCEAFTER        step 6 is missing
 *   NOFENCEOFCANCELLER  step b is missing
 *   NOWAIT              step 7 is missing
 *   NOUNDO              step 3 leaves the task in the queue
 *   NOSCOPELOCK         the task's end does not take the scope's lock
 *   EARLYRELEASE        the task releases the object's lock before its registers are saved
 */
#ifndef ROUNDS
#define ROUNDS 3
#endif

bool object_lock, scope_lock;
bool in_queue; /* object_lock */
bool target;   /* the object's lock is noted */
bool cancelled, firing;
bool saved, ready;

/* Ghosts. */
bool alive;         /* the object exists */
bool member = true; /* so does the member */

inline take(word)
{
    atomic { !word -> word = true }
}

inline wake()
{
    atomic { assert(saved && !ready); ready = true }
}

/* Steps 1 to 3. */
inline note_and_look(seen)
{
    if
    :: target = true; seen = cancelled
#ifdef NOFENCEBEFORE
    :: seen = cancelled; target = true
#endif
    fi
}

/* Steps 5 to 7. */
inline forget_and_wait()
{
#ifdef NOWAIT
    target = false
#else
    if
    :: target = false; !firing
#ifdef NOFENCEAFTER
    :: !firing -> target = false
#endif
    fi
#endif
}

proctype task()
{
    byte rounds;
    bool seen;
    do
    :: rounds < ROUNDS ->
        rounds++;
        alive = true;
        take(object_lock);
        in_queue = true;
        note_and_look(seen);
        if
        :: seen ->
#ifndef NOUNDO
            in_queue = false;
#endif
            object_lock = false
        :: !seen ->
#ifdef EARLYRELEASE
            object_lock = false;
            saved = true;
#else
            saved = true;
            object_lock = false;
#endif
            atomic { ready -> ready = false; saved = false }
        fi;
        forget_and_wait();
        assert(!in_queue);
        alive = false
    :: else -> break
    od;
#ifdef NOSCOPELOCK
    member = false
#else
    take(scope_lock);
    member = false;
    scope_lock = false
#endif
}

/* Ends one wait, if it likes to. It knows that the object exists. */
proctype waker()
{
end:
    atomic { alive && !object_lock && in_queue -> object_lock = true };
    in_queue = false;
    object_lock = false;
    wake()
}

inline mark_and_look(found)
{
    if
    :: firing = true; found = target
#ifdef NOFENCEOFCANCELLER
    :: found = target; firing = true
#endif
    fi
}

proctype canceller()
{
    bool found, waits;
    take(scope_lock);
    if
    :: member ->
        assert(member);
#ifdef NOFENCEOFCANCELLER
        if
        :: cancelled = true; mark_and_look(found)
        :: mark_and_look(found); cancelled = true
        fi;
#else
        cancelled = true;
        mark_and_look(found);
#endif
        if
        :: found ->
            assert(alive);
            take(object_lock);
            assert(alive);
            waits = in_queue;
            in_queue = false;
            object_lock = false;
            if
            :: waits -> wake()
            :: !waits
            fi
        :: !found
        fi;
        assert(member);
        firing = false
    :: !member
    fi;
    scope_lock = false
}

init
{
    atomic { run task(); run waker(); run canceller() }
}

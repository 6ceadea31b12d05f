/* end.pml - the end of the program and the deadlock are seen, and never where there is none.
 * good: -
 * progress: -
 * bad: FREEFIRE NOTIMERS UNLOCKED NOCHECK NORETIME NOAPPOINT
 *
 * Modelled: runtime/scheduler.h, "END AND DEADLOCK" and the part of the watch that minds timers.
 * Two procs, two workers. The first task may spawn others; each task sleeps some times, or ends, or
 * waits for what never comes; it may also compute until the others are done.
 *   worker   find in worker.c: fires timers (holding its proc), own tasks, steals, goes idle
 *   idle     announce, watch_take, the recheck, check_end, watch_sleep
 *   watch    look: takes an idle proc, then fires; scheduler_found; appoint, scheduler_retime
 * Checked: the program is declared over only if no task is ready, running, being moved, or has a
 * timer; when nothing moves any more it is declared over (so no sleeper is forgotten either).
 * Left out: store buffers: check_end reads under the scheduler's lock what every proc wrote before
 * it went idle under that lock. The wake protocol's fences and choices
 * (wake.pml): a push wakes somebody at once here, or nobody. What a section guards is one step. The
 * global queue (who pushed to it looks at it before going idle). Deadlines are due at any time.
 *
 * Variants
 *   FREEFIRE   the watch takes due timers without having taken a proc
 *   NOTIMERS   check_end does not look at the timers
 *   UNLOCKED   check_end looks at the idle procs, and later at the timers, without the lock
 *   NOCHECK    a worker that goes to sleep does not check
 *   NORETIME   arming a timer does not tell the watch
 *   NOAPPOINT  who leaves the watch, or makes a task ready, appoints nobody though nobody watches
 */
#define WORKERS 2
#define NOBODY 255
#ifndef TASKS
#define TASKS 3
#endif
#ifndef SLEEPS
#define SLEEPS 3
#endif

bool lock_held;
byte idle_procs;         /* lock */
bool sleeping[WORKERS];  /* lock: on the list of sleepers */
byte watcher = NOBODY;   /* lock */
bool deadline[WORKERS];  /* lock: the sleeper wakes up for a timer */
bool over;               /* lock */
bool token[WORKERS];     /* told a proc */
byte ring[WORKERS];      /* ready tasks of the proc of a worker */
byte timers;             /* armed; a timer's own lock makes each change one step */

/* Ghosts. */
byte moving;  /* tasks that run or are being moved or fired */
byte unborn = TASKS - 1;
byte sleeps = SLEEPS;

inline take_lock()
{
    atomic { !lock_held -> lock_held = true }
}

/* Under the lock, or instead of it in one step. */
inline remove_sleeper(other)
{
    sleeping[other] = false;
    if
    :: watcher == other -> watcher = NOBODY
    :: else
    fi
}

/* scheduler_wake_one: hands an idle proc to the other worker. */
inline wake_other(me)
{
    take_lock();
    atomic {
        if
        :: sleeping[1 - me] && !over ->
            remove_sleeper(1 - me);
            idle_procs--;
            token[1 - me] = true
        :: else
        fi
    };
    lock_held = false
}

/* scheduler_watch, if nobody watches, else scheduler_retime. */
inline mind_timer(me)
{
    take_lock();
    atomic {
        if
        :: watcher == NOBODY && sleeping[1 - me] -> watcher = 1 - me; deadline[1 - me] = true
        :: watcher != NOBODY -> deadline[watcher] = true
        :: else
        fi
    };
    lock_held = false
}

inline check_end(me, all_idle)
{
#ifdef UNLOCKED
    all_idle = idle_procs == WORKERS;
#else
    take_lock();
    all_idle = idle_procs == WORKERS;
#endif
    if
#ifdef NOTIMERS
    :: all_idle && !over ->
#else
    :: all_idle && timers == 0 && !over ->
#endif
        atomic {
            assert(moving == 0 && timers == 0 && ring[0] + ring[1] == 0);
            over = true
        }
    :: else
    fi;
#ifndef UNLOCKED
    lock_held = false;
#endif
    all_idle = false
}

/* A ready task enters the queue of a busy worker: it is held back (task_place, which appoints a
 * watch if there is none), or offered. */
inline push(me)
{
    atomic { ring[me]++; moving-- };
    if
    :: wake_other(me)
#ifndef NOAPPOINT
    :: watcher == NOBODY -> mind_timer(me)
#else
    :: watcher == NOBODY
#endif
    :: watcher != NOBODY
    fi
}

/* Runs one task, counted in moving, until it waits or ends. */
inline run_task(me)
{
    do
    :: atomic { unborn > 0 -> unborn--; moving++ };
        push(me)
    :: atomic { sleeps > 0 -> sleeps--; timers++ };
#ifndef NORETIME
        mind_timer(me);
#endif
        moving--;
        break
    :: moving--; break /* ends, or waits for what never comes */
    :: timers > 0 && sleeping[1 - me] ->
        timers == 0 || !sleeping[1 - me] /* computes until the other worker minds the timers */
    od
}

/* timer_fire; the first step is take_due. */
inline fire(me)
{
    do
    :: atomic { timers > 0 -> timers--; moving++ };
        push(me)
    :: true ->
progress_early: /* not due yet: a watch that woke up for a timer finds it due in the end */
        break
    od
}

proctype worker(byte me)
{
    bool all_idle, spinning, got;
find:
    fire(me);
    got = false;
    atomic {
        if
        :: ring[me] > 0 -> ring[me]--; moving++; got = true
        :: ring[me] == 0 && ring[1 - me] > 0 -> ring[1 - me]--; moving++; got = true
        :: else
        fi
    };
    if
    :: got ->
        /* scheduler_found, leave_a_watch */
#ifndef NOAPPOINT
        if
        :: spinning && watcher == NOBODY && timers > 0 -> mind_timer(me)
        :: else
        fi;
#endif
        spinning = false;
        run_task(me);
        goto find
    :: else
    fi;
    /* announce, watch_take */
    spinning = false;
    take_lock();
    atomic {
        idle_procs++;
        sleeping[me] = true;
        deadline[me] = false;
        if
        :: watcher == NOBODY -> watcher = me; deadline[me] = timers > 0
        :: else ->
            if
            :: timers > 0 && !deadline[watcher] -> watcher = me; deadline[me] = true
            :: else
            fi
        fi
    };
    lock_held = false;
    /* the recheck; it may wake this worker itself */
    if
    :: ring[0] + ring[1] > 0 ->
        take_lock();
        atomic {
            if
            :: sleeping[me] -> remove_sleeper(me); idle_procs--; token[me] = true
            :: else
            fi
        };
        lock_held = false
    :: else
    fi;
#ifndef NOCHECK
    check_end(me, all_idle);
#endif
sleep:
    if
    :: atomic { token[me] -> token[me] = false; spinning = true }; goto find
    :: over -> goto stop
    :: watcher == me && deadline[me] && !over -> skip
    fi;
#ifdef FREEFIRE
    if
    :: atomic { timers > 0 -> timers--; moving++ };
        push(me)
    :: true
    fi;
#endif
    /* look */
    take_lock();
    atomic {
        got = false;
        if
        :: watcher == me && !token[me] ->
            if
            :: timers > 0 || ring[0] + ring[1] > 0 ->
                remove_sleeper(me);
                idle_procs--;
                got = true
            :: else -> deadline[me] = false
            fi
        :: else
        fi
    };
    lock_held = false;
    if
    :: got -> spinning = true; goto find
    :: else -> goto sleep
    fi;
stop:
    skip
}

init
{
    atomic { ring[0] = 1; run worker(0); run worker(1) };
    timeout -> assert(over)
}

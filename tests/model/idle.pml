/* idle.pml - a sleeping worker is roused, whether it sleeps on its futex or in the poller.
 * good: - TELLS=3,LOOKS=1
 * bad: NOFENCE1 NOFENCE2 NOLOOK WAKEONLY UNLOCKED UNASKED UNLISTED
 *
 * Modelled: runtime/idle.c, tell_look and watch_look in watch.c, scheduler_tell, with store buffers
 * for `token` and `polling`. One worker sleeps again and again; it may be on watch, may poll, may
 * retire. A teller hands it a proc TELLS times, a looker wants it to look again LOOKS times.
 *   sleeper  scheduler_add_sleeper, idle_sleep: sleep_deadline, poll (a to c), take_proc, watch_look,
 *            retire
 *   teller   whoever takes it off the list: scheduler_wake_one, retake
 *   looker   scheduler_retime: an earlier deadline for the one on watch
 * Checked: a proc that was handed over is taken, once, and the worker never has two; when nothing
 * moves any more the worker does not sleep past a deadline or beside a proc; nobody tells a worker
 * that has retired.
 * Left out: how a break reaches the poller (netpoll.pml): it ends the poll that is going on, or the
 * next one. The end of the program is told like a proc. What is polled (netpoll.h) and when time is
 * up come at any time.
 *
 * Variants
 *   NOFENCE1    without step 2     NOFENCE2  without step b     NOLOOK  without step c
 *   WAKEONLY    3 wakes the futex, wherever the worker sleeps
 *   UNLOCKED    the looker tells after it has released the lock
 *   UNASKED     a worker that polled something takes a proc without looking whether it was handed
 *               one
 *   UNLISTED    a worker retires without looking whether it is on the list still
 * Not needed: that LOOK replaces only NONE. A worker on watch, seen under the lock, has been told
 * nothing else. The code does it all the same.
 */
#define THREADS 3
#define SLEEPER 0
#define TELLER 1
#define LOOKER 2
#define TOKEN 0
#define POLLING 1
#define ADDRESSES 2
#include "tso.pml"

#ifndef TELLS
#define TELLS 2
#endif
#ifndef LOOKS
#define LOOKS 2
#endif
#ifdef UNLISTED
#define SLEEPS true
#else
#define SLEEPS sleeping
#endif
#define NONE 0
#define LOOK 1
#define PROC 2

bool lock_held;
bool sleeping;   /* lock: on the list */
bool watcher;    /* lock: on watch */
bool due;        /* lock: its deadline is finite */
bool on_futex;   /* in the kernel */
bool broken;     /* a break that no poll has seen */
bool alive = true;

/* Ghosts. */
byte handed, taken;

inline lock(me)
{
    atomic { fence(me) && !lock_held -> lock_held = true }
}

/* Steps 2 and 3. */
inline rouse(me, x)
{
#ifndef NOFENCE1
    fence(me);
#endif
    load(me, POLLING, x); /* perhaps after it has retired: its memory stays */
#ifdef WAKEONLY
    x = 0;
#endif
    if
    :: x == 1 -> broken = true
    :: x == 0 -> on_futex = false
    fi;
    x = 0
}

proctype sleeper()
{
    byte token;
    bool polls, timed, expired, some;
enter:
    lock(SLEEPER);
    atomic {
        memory[TOKEN] = NONE;
        sleeping = true;
        if
        :: watcher = true; due = true
        :: watcher = true; due = false
        :: watcher = false
        fi;
        lock_held = false
    };
again:
    load(SLEEPER, TOKEN, token);
    if
    :: token == PROC ->
        atomic { taken++; assert(taken == handed && !sleeping); token = 0 };
        goto enter
    :: token == LOOK ->
        atomic {
            fence(SLEEPER) ->
            if
            :: memory[TOKEN] == LOOK -> memory[TOKEN] = NONE
            :: else
            fi;
            token = 0
        };
        goto again
    :: else
    fi;
    /* sleep_deadline */
    lock(SLEEPER);
    atomic {
        if
        :: watcher -> polls = true
        :: polls = false
        fi;
        if
        :: watcher -> timed = due
        :: !watcher -> timed = true /* it may retire */
        :: !watcher -> timed = false
        fi;
        lock_held = false
    };
    if
    :: polls ->
        store(SLEEPER, POLLING, 1);
#ifndef NOFENCE2
        fence(SLEEPER);
#endif
#ifndef NOLOOK
        load(SLEEPER, TOKEN, token);
#endif
        if
        :: token == NONE ->
            if
            :: atomic { broken -> broken = false }
            :: timed -> expired = true
            :: true -> some = true /* events */
            :: !timed -> /* none will come */
end_poll:
                atomic { broken -> broken = false }
            fi
        :: else
        fi;
        token = 0;
        store(SLEEPER, POLLING, 0)
    :: else ->
        atomic {
            fence(SLEEPER) ->
            if
            :: memory[TOKEN] == NONE -> on_futex = true
            :: else
            fi
        };
end_futex:
        if
        :: timed -> atomic { expired = true; on_futex = false }
        :: !on_futex
        fi
    fi;
    if
    :: some -> /* take_proc */
        lock(SLEEPER);
        atomic {
            some = false;
#ifdef UNASKED
            if
            :: true ->
#else
            if
            :: sleeping ->
#endif
                assert(handed == taken);
                sleeping = false;
                watcher = false;
                expired = true
            :: else /* give_away */
            fi;
            lock_held = false
        };
        if
        :: expired -> expired = false; goto enter
        :: else
        fi
    :: expired ->
        expired = false;
        lock(SLEEPER);
        load(SLEEPER, TOKEN, token);
        atomic {
            if
            :: watcher && token != PROC && sleeping -> /* watch_look */
                due = false;
                if
                :: sleeping = false; watcher = false; expired = true
                :: true
                fi
            :: !watcher && SLEEPS -> /* retire, or not */
                if
                :: sleeping = false; alive = false
                :: true
                fi
            :: else
            fi;
            token = 0;
            lock_held = false
        };
        if
        :: !alive -> goto stop
        :: alive && expired -> expired = false; goto enter
        :: else
        fi
    :: else
    fi;
    goto again;
stop:
    skip
}

proctype teller()
{
    byte tells, x;
end:
    do
    :: tells < TELLS && sleeping ->
        lock(TELLER);
        atomic {
            if
            :: sleeping -> sleeping = false; watcher = false; handed++; x = 1
            :: else
            fi;
            lock_held = false
        };
        if
        :: x == 1 ->
            x = 0;
            tells++;
            atomic { assert(alive); store(TELLER, TOKEN, PROC) };
            rouse(TELLER, x)
        :: else
        fi
    od
}

proctype looker()
{
    byte looks, x;
end:
    do
    :: looks < LOOKS && watcher ->
        lock(LOOKER);
        atomic {
            looks++;
            x = (watcher && !due -> 1 : 0);
            due = due || x == 1;
#ifdef UNLOCKED
            lock_held = false
#endif
        };
        if
        :: x == 1 ->
            x = 0;
            atomic {
                fence(LOOKER) ->
                assert(alive);
                if
                :: memory[TOKEN] == NONE -> memory[TOKEN] = LOOK; x = 1
                :: else
                fi
            };
            if
            :: x == 1 -> x = 0; rouse(LOOKER, x)
            :: else
            fi
        :: else
        fi;
        x = 0;
#ifndef UNLOCKED
        lock_held = false
#endif
    od
}

init
{
    atomic {
        run drain(0); run drain(1); run drain(2);
        run sleeper(); run teller(); run looker()
    };
    timeout -> assert(handed == taken && !(sleeping && watcher && due))
}

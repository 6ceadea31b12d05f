/* preempt.pml - preemption by a signal: a parked thread gets a proc again, and nobody has two.
 * good: - FEW PROCS=2 PROCS=2,FEW PREEMPTS=3
 * bad: EARLYTELL OLDTOKEN ONSTACK NOSPARE UNSAFE NOPROXY EARLYSLEEP
 *
 * Modelled: runtime/preempt_signal.h. PROCS procs, two tasks, each preempted up to PREEMPTS times
 * at any moment, and three workers (FEW: two), of which all but the first sleep at the
 * beginning.
 *   handler  park: 1 to 7       proxy   hand_over (a)       relieve  preempt_hand_over (b, c)
 *   find     scheduler_take_global, scheduler_idle, check_end       notify   scheduler_notify
 * Checked: a proc has one owner; a task runs on one thread; nobody queues a proxy whose stack is in
 * use; the end is declared when all tasks have ended, no deadlock ever, for there is none; then
 * everybody has stopped.
 * Left out: store buffers, for all is handed over under the lock or by a token, with release
 * and acquire. The wake protocol (wake.pml): who queues a proxy looks for idle procs under the lock.
 * Where the signal finds the task in the runtime it returns; that is only modelled by UNSAFE.
 *
 * Variants
 *   EARLYTELL   6 before 5: the heir is told while the thread still has the proc
 *   OLDTOKEN    4 does not clear the token
 *   ONSTACK     the proxy does b and c itself, on its own stack
 *   NOSPARE     3 gives the proc up though nobody sleeps
 *   UNSAFE      1 is left out: a signal that finds the scheduler, with its lock held, parks it
 *   NOPROXY     4 queues none
 *   EARLYSLEEP  V joins the sleepers before it has given Q up
 */
#define WORKERS 3
#define TASKS 2
#define NOBODY 255
#define PROXY 10 /* in the queue: the proxy of worker n is PROXY + n */

#ifdef NOSPARE
#define FEW
#endif
#ifdef EARLYSLEEP
#define PROCS 2
#endif
#ifndef PROCS
#define PROCS 1
#endif
#ifdef FEW
#define SLEEPERS 1
#else
#define SLEEPERS 2
#endif
#ifndef PREEMPTS
#define PREEMPTS 2
#endif

#ifdef OLDTOKEN
#define OLD true /* nobody clears it but 4 */
#else
#define OLD false
#endif

bool lock_held;
chan queue = [5] of { byte }; /* lock: the global queue */
byte sleepers = SLEEPERS;     /* lock */
bool sleeping[WORKERS];       /* lock */
byte idle;                    /* lock: procs */
bool is_idle[2];              /* lock */
byte given[WORKERS];          /* the proc, before the token */
bool token[WORKERS];
bool over;

/* Ghosts. */
byte owner[2];
byte live = TASKS;
byte preempts[TASKS];
bool running[TASKS];   /* on a thread that has a proc */
bool on_proxy[WORKERS]; /* somebody is on its stack */

inline lock()
{
    atomic { !lock_held -> lock_held = true }
}

inline own(me, proc)
{
    assert(proc < PROCS && owner[proc] == NOBODY);
    owner[proc] = me
}

/* Under the lock, in one step: a sleeper leaves the list, or NOBODY. */
inline take_sleeper(which)
{
    if
    :: sleeping[0] -> which = 0
    :: !sleeping[0] && sleeping[1] -> which = 1
    :: !sleeping[0] && !sleeping[1] && sleeping[2] -> which = 2
    :: else -> which = NOBODY
    fi;
    if
    :: which != NOBODY -> sleeping[which] = false; sleepers--
    :: else
    fi
}

inline join_sleepers(me)
{
    token[me] = false;
    sleeping[me] = true;
    sleepers++
}

/* The wake protocol, as one look under the lock. */
inline notify(which)
{
    lock();
    atomic {
        if
        :: idle > 0 && len(queue) > 0 && sleepers > 0 ->
            take_sleeper(which);
            idle--;
            if
            :: is_idle[0] -> is_idle[0] = false; given[which] = 0
            :: else -> is_idle[1] = false; given[which] = 1
            fi;
            token[which] = true
        :: else
        fi;
        which = 0;
        lock_held = false
    }
}

/* Steps 3 to 7. */
inline park(me, proc, heir, parked)
{
    parked = false;
    lock();
    atomic {
        heir = NOBODY;
        if
#ifndef NOSPARE
        :: sleepers > idle ->
#else
        :: true ->
#endif
            take_sleeper(heir);
            parked = true;
#ifndef OLDTOKEN
            token[me] = false;
#endif
#ifndef NOPROXY
            assert(!on_proxy[me]);
            queue ! PROXY + me;
#endif
            if
            :: heir != NOBODY -> given[heir] = proc
            :: else
            fi
#ifndef NOSPARE
        :: else
#endif
        fi;
#ifdef EARLYTELL
        if
        :: heir != NOBODY -> token[heir] = true
        :: else
        fi;
#endif
        lock_held = false
    };
    if
    :: parked ->
        atomic { owner[proc] = NOBODY; proc = NOBODY };
        if
        :: heir != NOBODY -> token[heir] = true
        :: else
        fi;
        heir = 0;
        notify(heir);
        atomic { token[me] -> token[me] = OLD; proc = given[me]; own(me, proc) }
    :: else -> heir = 0
    fi;
    parked = false
}

/* Steps b and c. */
inline relieve(me, proc, parked)
{
#ifdef EARLYSLEEP
    lock();
    atomic { join_sleepers(me); lock_held = false };
#endif
    lock();
    atomic {
        given[parked] = given[me]; /* worker->proc */
        owner[proc] = NOBODY;
        proc = NOBODY;
#ifndef EARLYSLEEP
        join_sleepers(me);
#endif
        lock_held = false
    };
    token[parked] = true
}

proctype worker(byte me)
{
    byte proc = NOBODY, item, task, other;
    bool parked;
    if
    :: me == 0 -> atomic { proc = 0; own(0, 0) }
    :: else -> goto sleep
    fi;
find:
    lock();
#ifdef UNSAFE
    if
    :: preempts[0] < PREEMPTS -> preempts[0]++; park(me, proc, other, parked)
    :: true
    fi;
#endif
    atomic {
        if
        :: queue ? item -> lock_held = false
        :: empty(queue) ->
            owner[proc] = NOBODY;
            is_idle[proc] = true;
            idle++;
            proc = NOBODY;
            join_sleepers(me);
            if
            :: idle == PROCS -> assert(live == 0); over = true
            :: else
            fi;
            lock_held = false;
            goto sleep
        fi
    };
    if
    :: item >= PROXY ->
        atomic {
            other = item - PROXY;
            item = 0;
            assert(!on_proxy[other]);
            on_proxy[other] = true
        };
#ifdef ONSTACK
        relieve(me, proc, other);
        on_proxy[other] = false;
#else
        on_proxy[other] = false; /* a */
        relieve(me, proc, other);
#endif
        other = 0;
        goto sleep
    :: else ->
        atomic { task = item; item = 0; assert(!running[task]); running[task] = true };
    fi;
execute:
    if
    :: preempts[task] < PREEMPTS ->
        atomic { preempts[task]++; running[task] = false };
        park(me, proc, other, parked);
        atomic { assert(!running[task]); running[task] = true };
        goto execute
    :: atomic { live--; running[task] = false; task = 0 };
        goto find
    fi;
sleep:
    if
    :: atomic { token[me] && !over -> token[me] = OLD; proc = given[me]; own(me, proc) }; goto find
    :: over -> goto stop
    fi;
stop:
    skip
}

init
{
    atomic {
        owner[0] = NOBODY;
        owner[1] = NOBODY;
        sleeping[1] = true;
        sleeping[2] = SLEEPERS > 1;
        is_idle[1] = PROCS > 1;
        idle = PROCS - 1;
        queue ! 0;
        queue ! 1;
        run worker(0);
        run worker(1);
        if
        :: SLEEPERS > 1 -> run worker(2)
        :: else
        fi
    };
    timeout -> assert(over && live == 0)
}

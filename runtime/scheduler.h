/* scheduler.h - what all procs share: who is idle, who watches.
 *
 * Words. A proc is busy if a worker holds it, else idle. A worker without proc is idle and sleeps
 * on its token. A spinning worker holds a proc and looks for work, or waits with it
 * (patience.h).
 *
 * WAKE PROTOCOL (no task is left waiting while a proc is idle)
 *   publisher (scheduler_offer)                idle-goer (scheduler_idle)
 *   1. push to the ring                        a. under the lock: proc and worker onto the idle
 *   2. seq_cst fence                              lists, idle_procs + 1, spinning - 1
 *   3. idle_procs > 0 and spinning == 0?       b. seq_cst fence
 *      then wake one worker as spinning        c. look at all rings and the global queue again; if
 *                                                 any has work, wake one worker (perhaps itself)
 * Either 3 sees a, or c sees 1 (Dekker). A wake is skipped while somebody spins: that worker does
 * c after it gave up, so it finds what the publisher pushed before looking at spinning. So does
 * a waker that counted as spinning and found no idle proc any more (scheduler_wake_one).
 * Tasks that a thief has taken are in no ring for a moment, and idle-goers miss them: who puts more
 * than one into its own ring does 2 and 3 again (scheduler_notify).
 * A spinning worker that found work wakes the next one if there is more (scheduler_found).
 * Model: tests/model/wake.pml. Source: Go, runtime/proc.go, "Worker thread parking/unparking".
 *
 * THE WATCH. A task in `next` or `fresh` (runq.h) is not offered to others at once: nearly always
 * its waker is about to wait, and moving it would cost two wake-ups. But the waker might compute
 * for seconds instead. So while a proc is idle and another busy, one idle worker is on watch: it
 * sleeps with a time-out of 50 us ... 1 ms, and takes over what has waited for a whole period while
 * its proc switched nothing, or does for about 15 us while it looks. The watch also sleeps no
 * longer than until the earliest timer. When all procs are idle, only the timer bounds its sleep;
 * when all are busy, nobody watches.
 * DUTY_WATCH says that a watch is due and nobody is on it, or only one that went to sleep when all
 * were idle or all busy; whoever fills one of these slots or arms a timer appoints one.
 *
 * DUTIES. What a task that makes another one ready must do beyond queueing it is in one word, so
 * that one test finds that there is nothing, as with one proc. Tracing is a duty, too.
 *
 * While tasks wait for descriptors, one of the sleepers, on watch or not, sleeps in epoll (idle.h).
 *
 * END AND DEADLOCK. If every active proc is idle, no queue holds a task and no task is in a
 * blocking call without a proc (`blocked`), then nothing runs. Tasks spawned equals tasks ended:
 * the program is over, whatever timers are armed. Else, if no timer is armed and no task waits for
 * a descriptor, nothing can ever run again: deadlock. A task that a poll has made ready counts as
 * waiting until it runs, so that it is never in nobody's books.
 */
#ifndef SWITCHYARD_SCHEDULER_H
#define SWITCHYARD_SCHEDULER_H

#include "base/spin.h"
#include "proc.h"

struct worker;

struct scheduler {
    struct spin lock;

    /* Guarded by lock. */
    struct proc *idle_first;
    struct worker *sleepers; /* idle workers */
    uint32_t sleepers_count;
    uint32_t
        workers_live; /* OS threads that hold or want a proc, that of sy_run's caller included */
    uint32_t watches; /* how often the watch changed hands */
    uint32_t blocked; /* workers in a blocking call whose proc was taken away */
    struct worker *workers; /* all workers, but the one of sy_run's thread */
    struct worker *retired; /* whose threads end, or have ended; by next_worker */
    struct worker *spare;   /* memory of ended ones, by next_worker */
    struct worker *poller;  /* the one that sleeps in netpoll_poll, or NULL */
    struct worker *watcher; /* the idle worker on watch, or NULL */
    sy_time refused_until;  /* no new thread before that: the last one was refused */
    bool watch_rests;       /* there was nothing to watch when its deadline was set (watch.c) */
    bool sleeper_starting;  /* a thread is on its way to the sleepers */
    bool over;              /* the program has ended: workers return */

    /* Written under lock, read by anyone. */
    _Atomic uint32_t idle_procs;
    _Atomic uint32_t spinning;
    _Atomic uint32_t napping; /* workers that sleep with a proc (patience.h); written by these */
    _Atomic uint32_t active;  /* procs that run tasks or may: busy or idle, not retired (procs.c) */
    _Atomic uint32_t limit;   /* procs with this index and above shall retire */
    _Atomic uint32_t duties;  /* bits of enum duty */
    _Atomic uint32_t ticks;   /* RUNQ_TICKS; 1: every choice goes through the scheduler context */
    _Atomic sy_time polled_at; /* when a worker last polled descriptors */
    _Atomic uint64_t worker_wakes;
    _Atomic uint64_t worker_parks;
    _Atomic uint64_t workers_started;
    _Atomic uint64_t workers_retired;
    _Atomic uint64_t retakes;
    _Atomic uint64_t preempts_call; /* turns ended by each mechanism of preempt.h */
    _Atomic uint64_t preempts_prologue;
    _Atomic uint64_t preempts_signal;
    _Atomic uint64_t timers_fired;
    _Atomic int64_t timers_armed; /* by sy_timer_set; at most timers_max */

    /* Grows; the procs below it are initialised before. */
    _Atomic uint32_t made;

    /* Immutable while the runtime runs. */
    struct proc *all; /* [made] */
    uint32_t max_workers;
    uint32_t timers_max;
};

enum duty {
    DUTY_NOTIFY = 1, /* there are other procs: steps 2 and 3 of the wake protocol */
    DUTY_WATCH = 2,  /* a watch is due */
    DUTY_TRACE = 4,  /* a trace is being recorded */
    DUTY_OFFER = 8,  /* nothing is held back in slots (SWITCHYARD_TUNE=norunnext) */
    DUTY_SLICE =
        16, /* sysmon's clock stands still: whoever lets something wait starts it (slice.h) */
    DUTY_THAW = 32 /* the stack of what is made ready may be cold (hibernate.h) */
};

extern struct scheduler scheduler;

/* Procs in scheduler.all, retired ones included. */
static inline uint32_t scheduler_procs(void)
{
    return load_acquire(&scheduler.made); /* acquire: pairs with the release in procs.c */
}

/* True if one of the duties (a mask) is due. */
static inline bool scheduler_has_duty(uint32_t duties)
{
    /* relaxed: who sets DUTY_WATCH looks at all procs afterwards, behind proc_fence_all; the others
     * are set before there is anything to miss, or may come late */
    return (load_relaxed(&scheduler.duties) & duties) != 0;
}

/* The ring is full: a batch of its oldest goes to the global queue, and the task into the ring. The
 * task itself may be running still (a yield); the section keeps others from its ring, but not from
 * the global queue. In the section. */
void scheduler_overflow(struct ring *ring, struct task *task);

/* Steps 2 and 3 of the wake protocol. */
void scheduler_notify(void);

/* The same for who may not make a thread: in a signal handler that may have interrupted malloc. If
 * no worker sleeps, what was published waits for a busy proc, all of which look at the global
 * queue.
 */
void scheduler_wake_sleeper(void);

/* Puts a ready task at the tail of the ring, which is one of this proc's. In the section. */
static inline void scheduler_requeue(struct ring *ring, struct task *task)
{
    if (unlikely(!ring_push(ring, task))) {
        scheduler_overflow(ring, task);
    }
}

/* The duties of one who has made the task ready, which has gone to a ring, or has displaced another
 * one into it. In the section. */
void scheduler_offered(struct proc *proc, struct task *task);

/* The same where it went to an empty slot. */
void scheduler_held_back(struct proc *proc, struct task *task);

/* Puts a ready task at the tail of the ring, which is one of this proc's, and sees to it that an
 * idle proc looks for it. In the section. */
static inline void scheduler_offer(struct proc *proc, struct ring *ring, struct task *task)
{
    scheduler_requeue(ring, task);
    fence_compiler(); /* ring, then duties: pairs with the fence in slice.c */
    if (unlikely(scheduler_has_duty(DUTY_NOTIFY | DUTY_TRACE | DUTY_SLICE | DUTY_THAW))) {
        scheduler_offered(proc, task);
    }
}

/* Appoints a watch, if one is due. */
void scheduler_watch(void);

/* A timer earlier than all others was armed: the watch may not sleep past it. In the section. */
void scheduler_retime(sy_time deadline);

/* Takes tasks from the global queue: returns one, and puts the proc's fair share into its ring.
 * In the section. NULL if there is none. */
struct task *scheduler_take_global(struct proc *proc);

/* The worker found nothing: gives its proc up and sleeps until it has one again. Outside of
 * sections. False when the program is over. */
bool scheduler_idle(struct worker *worker);

/* A spinning worker has found work. */
void scheduler_found(struct worker *worker);

/* Wakes one worker with an idle proc, unless one is already spinning. */
void scheduler_wake_one(void);

/* Under the lock: takes an idle proc for the worker, which then spins. NULL if none is idle. */
struct proc *scheduler_take_idle_proc(struct worker *worker);

/* Under the lock: the proc, which nobody holds, is idle. */
void scheduler_add_idle_proc(struct proc *proc);

/* Under the lock: the worker has no proc any more, and joins the sleepers. Its proc has been made
 * idle or retired. */
void scheduler_leave_proc(struct worker *worker);

/* Under the lock: a sleeper takes an idle proc, leaves the list and spins. False if none is idle.
 */
bool scheduler_promote(struct worker *sleeper);

/* Under the lock: a worker that has no proc joins the sleepers; it may take the watch. */
void scheduler_add_sleeper(struct worker *worker);

/* Under the lock: any sleeper, but the one on watch or the poller only if there is no other. NULL
 * if there is none. */
struct worker *scheduler_choose_sleeper(void);

/* The same for a proc whose worker blocks or will in a moment: best one that fell asleep on that
 * worker's CPU, which becomes free. NULL: nobody has the proc any more. On another one it would
 * wait until the kernel moves it. */
struct worker *scheduler_choose_heir(const struct worker *blocked);

/* A worker that is on the list of sleepers, and has no proc, sleeps until it has one. False if its
 * thread shall end. */
bool scheduler_sleep(struct worker *worker);

/* Under the lock: the sleeper gets the proc of a worker in a blocking call, and spins. To be told.
 */
void scheduler_give(struct proc *proc, struct worker *sleeper);

/* The same of a proc whose task is not in a call, but was preempted. */
void scheduler_hand(struct proc *proc, struct worker *sleeper);

/* Tells a sleeper that was taken off the list what to do (enum token). */
void scheduler_tell(struct worker *worker, uint32_t token);

/* Under the lock: takes the sleeping worker off the list of sleepers; ends its watch. */
void scheduler_remove_sleeper(struct worker *worker);

/* Under the lock: recomputes DUTY_WATCH and DUTY_NOTIFY. */
void scheduler_update_watch(void);

/* Under the lock, and without. */
void scheduler_set_duty_locked(enum duty duty, bool due);
void scheduler_set_duty(enum duty duty, bool due);

/* True if a ring or the global queue holds a task. A hint, without locks. */
bool scheduler_sees_work(void);

#endif

/* worker.c - see worker.h. What a worker does between tasks, on its own stack:
 *   1. fires due timers of its proc
 *   2. polls descriptors, if that was not done for POLL_PERIOD
 *   3. takes a task of its own queue; every RUNQ_TICKS-th choice each place has its turn
 *   4. has it run dry: perhaps waits (patience.h), for microseconds or asleep for milliseconds,
 *      then takes a task of the global queue, polls descriptors, fires due timers of all procs,
 *      steals
 *   5. spins: looks for work for a few microseconds. While one does, and is in step 4 again because
 *      it saw some, others skip the waking of workers
 *   6. gives its proc up and sleeps (scheduler.h)
 */
#include "worker.h"

#include <switchyard/time.h>

#include "base/trace.h"
#include "blocking.h"
#include "netpoll.h"
#include "park.h"
#include "preempt.h"
#include "preempt_signal.h"
#include "procs.h"
#include "steal.h"
#include "timer.h"
#include "tune.h"

#define POLL_PERIOD (50 * SY_MICROSECOND)
#define SPIN_LOOKS 10  /* looks at all queues before a worker sleeps, with ... */
#define SPIN_PAUSES 20 /* ... pauses in between: about 8 us where a pause takes 40 ns */
#define AGING (10 * SY_MILLISECOND)

/* --- finding work ------------------------------------------------------------------------- */

/* Every RUNQ_TICKS-th choice. Starves nobody: each of the places that runq_choose takes from only
 * when the ones before it are empty comes first in a third of the looks; but the global queue waits
 * for up to a slice when a task was preempted (preempt.h). */
static struct task *take_in_turn(struct proc *proc)
{
    struct task *task = NULL;
    for (uint32_t turn = 0; turn < 3 && task == NULL; turn++) {
        switch ((proc->looks + turn) % 3) {
        case 0:
            task = proc->now < proc->others_until ? NULL : scheduler_take_global(proc);
            break;
        case 1:
            task = ring_pop_oldest(&proc->runq.woken);
            break;
        default:
            task = runq_pop_spawned(&proc->runq);
            break;
        }
    }
    proc->looks++;
    return task;
}

/* Once in AGING the oldest spawned task goes before the newest ones. */
static struct task *take_aged(struct proc *proc)
{
    if (proc->now - proc->aged_at < AGING) {
        return NULL;
    }
    proc->aged_at = proc->now;
    return ring_pop_oldest(&proc->runq.spawned);
}

/* True if RUNQ_TICKS choices were made since it was so; starts the count to the next visit here
 * anew. `choices` has been credited with all that the last visit allowed, of which ticks_left are
 * left: so those count, too, that ended early because the queue was empty. */
static bool is_time_to_look(struct proc *proc)
{
    uint32_t ticks = load_relaxed(&scheduler.ticks); /* relaxed: takes effect when it does */
    uint32_t made = proc->choices - proc->runq.ticks_left;
    bool due = made >= RUNQ_TICKS;
    proc->choices = (due ? 0 : made) + ticks;
    proc->runq.ticks_left = ticks;
    return due;
}

/* Step 3, in the section; NULL if there is nothing here. yielded: what runs next must not be the
 * oldest woken task for ever, see runq_choose_for_yield. */
static struct task *take_own(struct proc *proc, bool yielded)
{
    struct task *task = NULL;
    if (is_time_to_look(proc)) {
        task = take_aged(proc);
        task = task != NULL ? task : take_in_turn(proc);
    }
    if (task == NULL) {
        task = yielded ? runq_choose_for_yield(&proc->runq) : runq_choose(&proc->runq);
    }
    return task;
}

/* What a poll made ready goes into this proc's queue. */
static bool queue_polled(struct task *task)
{
    bool some = task != NULL;
    struct proc *proc = proc_enter();
    while (task != NULL) {
        struct task *next = task->next;
        scheduler_offer(proc, &proc->runq.woken, task);
        task = next;
    }
    proc_leave(proc);
    return some;
}

/* True if it made tasks ready. */
static bool poll_now(sy_time now)
{
    if (!netpoll_waits()) {
        return false;
    }
    store_relaxed(&scheduler.polled_at, now); /* relaxed: a hint */
    return queue_polled(netpoll_poll(0));
}

/* Step 2: descriptors must not wait until the queue is empty. */
static void poll_at_times(sy_time now)
{
    /* relaxed: a hint */
    if (now - load_relaxed(&scheduler.polled_at) >= POLL_PERIOD) {
        poll_now(now);
    }
}

/* Step 5. */
static bool spin(struct worker *worker)
{
    /* relaxed throughout: hints */
    uint32_t busy = load_relaxed(&scheduler.active) - load_relaxed(&scheduler.idle_procs);
    if ((tune_off & TUNE_NOSPIN) != 0 ||
        (!worker->spinning && 2 * load_relaxed(&scheduler.spinning) >= busy) || busy == 1) {
        return false;
    }
    if (!worker->spinning) {
        worker->spinning = true;
        fetch_add_seq_cst(&scheduler.spinning, 1); /* seq_cst: pairs with the publisher's fence */
    }
    for (uint32_t round = 0; round < SPIN_LOOKS; round++) {
        if (scheduler_sees_work()) {
            return true;
        }
        spin_pauses(SPIN_PAUSES);
    }
    return false;
}

/* Steps 4 and 5, outside of sections: true if this proc's queue may hold something now. */
static bool find_elsewhere(struct worker *worker, sy_time now)
{
    return poll_now(now) || timer_fire_all(now) || steal(worker) || spin(worker);
}

/* Step 4, when it has run dry; *now goes on. In the section if there is a task, else outside. */
static struct task *take_global(struct worker *worker, sy_time *now)
{
    patience_judge(&worker->patience, worker->proc, *now);
    *now = patience_wait(worker, *now);
    struct proc *proc = proc_enter();
    struct task *task = scheduler_take_global(proc);
    if (task == NULL) {
        proc_leave(proc);
    } else {
        patience_loot(&worker->patience, proc, sy_now(), loot_kind_of(task));
    }
    return task;
}

/* The next task, in the section of the worker's proc; NULL when its thread shall end. */
static struct task *find(struct worker *worker, bool yielded)
{
    for (;;) {
        sy_time now = sy_now();
        if (worker->polled != NULL) {
            queue_polled(worker->polled);
            worker->polled = NULL;
        }
        timer_fire(worker->proc, now);
        poll_at_times(now);
        struct proc *proc = proc_enter();
        if (procs_is_surplus(proc)) {
            if (!procs_retire(worker)) {
                return NULL;
            }
            continue;
        }
        proc->now = now;
        struct task *task = take_own(proc, yielded);
        if (task != NULL) {
            return task;
        }
        proc_leave(proc);
        task = take_global(worker, &now);
        if (task != NULL) {
            return task;
        }
        if (!find_elsewhere(worker, now) && !scheduler_idle(worker)) {
            return NULL;
        }
    }
}

/* --- running ------------------------------------------------------------------------------ */

/* Why the task stopped that ran last, but for its end, of which worker_note_end has told. */
static const char *stop_word(const struct worker *worker)
{
    static const char *const words[WAIT_REASONS] = {
        [WAIT_NONE] = TRACE_WORD_YIELD,        [WAIT_JOIN] = TRACE_WORD_JOIN,
        [WAIT_CHAN_SEND] = TRACE_WORD_SEND,    [WAIT_CHAN_RECV] = TRACE_WORD_RECV,
        [WAIT_MUTEX] = TRACE_WORD_MUTEX,       [WAIT_COND] = TRACE_WORD_COND,
        [WAIT_SEM] = TRACE_WORD_SEM,           [WAIT_WAITGROUP] = TRACE_WORD_WAITGROUP,
        [WAIT_SELECT] = TRACE_WORD_SELECT,     [WAIT_RWLOCK] = TRACE_WORD_RWLOCK,
        [WAIT_ONCE] = TRACE_WORD_ONCE,         [WAIT_BARRIER] = TRACE_WORD_BARRIER,
        [WAIT_SLEEP] = TRACE_WORD_SLEEP,       [WAIT_READ] = TRACE_WORD_READ,
        [WAIT_WRITE] = TRACE_WORD_WRITE,       [WAIT_BLOCKING] = TRACE_WORD_BLOCKING,
        [WAIT_PREEMPTED] = TRACE_WORD_PREEMPT,
    };
    return worker->proc == NULL ? TRACE_WORD_BLOCKING : words[worker->proc->stopped];
}

/* The scheduler context runs again. True if a task has yielded. Who stops is who was noted last,
 * and not always who was switched to: a task that got here without a start, by a switch past the
 * scheduler context, has one when it comes back from its preemption (preempt_signal.c). */
static bool note_stop(struct worker *worker)
{
    if (unlikely(trace_is_on()) && worker->traced != 0) {
        trace_record(TRACE_STOP, worker->traced, 0, stop_word(worker));
    }
    worker->traced = 0;
    return worker->returned == NULL && worker->proc->stopped == WAIT_NONE;
}

void worker_note_end(struct proc *proc)
{
    struct worker *worker = proc->worker;
    if (unlikely(trace_is_on()) && worker->traced == task_number(proc->current)) {
        trace_record(TRACE_STOP, worker->traced, 0, TRACE_WORD_END);
    }
    worker->traced = 0; /* for note_stop there is nothing left to tell */
}

/* A task has come that is in no queue yet, or a proxy. False if the thread shall end. */
static bool take_back(struct worker *worker)
{
    if (worker->relieves != NULL) {
        return preempt_hand_over(worker);
    }
    if (worker->proc == NULL) {
        return blocking_rejoin(worker);
    }
    preempt_queue(worker);
    return true;
}

/* From here on the number of a task that runs next is known to be told of when it stops. */
static void note_start(struct worker *worker, uint32_t number)
{
    /* relaxed: as above */
    if (unlikely(trace_is_on()) && load_relaxed(&scheduler.ticks) == 1 && number != 0) {
        worker->traced = number;
        trace_record(TRACE_START, number, 0, NULL);
    }
}

void worker_loop(struct worker *worker)
{
    bool yielded = false;
    for (;;) {
        struct task *task = find(worker, yielded);
        if (task == NULL) {
            return;
        }
        uint32_t number = task_number(task);
        task->state = TASK_RUNNING;
        if (worker->spinning) {
            scheduler_found(worker);
        }
        note_start(worker, number);
        task_switch(worker->proc, &worker->context, task);
        yielded = note_stop(worker);
        bool comes = worker->returned != NULL || worker->relieves != NULL;
        if (comes && !take_back(worker)) {
            return;
        }
    }
}

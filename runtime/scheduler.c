/* scheduler.c - the global queue and the waking of workers; the protocols are in scheduler.h. */
#include "scheduler.h"

#include <switchyard/time.h>

#include "base/trace.h"
#include "giveback.h"
#include "global.h"
#include "hibernate.h"
#include "idle.h"
#include "netpoll.h"
#include "park.h"
#include "procs.h"
#include "slice.h"
#include "sysmon.h"
#include "timer.h"
#include "tune.h"
#include "watch.h"
#include "worker.h"

struct scheduler scheduler;

static uint32_t min(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* --- the global queue --------------------------------------------------------------------- */

void scheduler_overflow(struct ring *ring, struct task *task)
{
    struct task *batch[RING_BATCH];
    uint32_t count = ring_take_half(ring, batch);
    if (load_relaxed(&scheduler.active) > 1) { /* relaxed: a hint */
        for (uint32_t i = 0; i < count; i++) {
            lock_share(proc_self(), &batch[i]->lock);
        }
    }
    ring_push(ring,
              task); /* not to the global queue: it may be the running task, see scheduler.h */
    spin_lock(&scheduler.lock);
    global_push(batch, count);
    spin_unlock(&scheduler.lock);
}

void scheduler_notify(void)
{
    fence_seq_cst(); /* step 2: pairs with b in scheduler_idle */
    /* relaxed: ordered by the fence */
    if (load_relaxed(&scheduler.idle_procs) > 0 && load_relaxed(&scheduler.spinning) == 0) {
        scheduler_wake_one();
    }
}

struct task *scheduler_take_global(struct proc *proc)
{
    struct task *batch[RING_BATCH];
    if (global_length() == 0) {
        return NULL; /* a hint; idle-goers look again behind a fence */
    }
    uint32_t room = runq_room(&proc->runq) + 1; /* one runs at once */
    spin_lock(&scheduler.lock);
    uint32_t share = global_length() / load_relaxed(&scheduler.active) + 1 /* relaxed: a hint */;
    uint32_t count = global_pop(batch, global_batch(min(share, min(RING_BATCH, room))));
    spin_unlock(&scheduler.lock);
    for (uint32_t i = 1; i < count; i++) {
        ring_push(runq_ring_for(&proc->runq, batch[i]), batch[i]); /* fits: at most the room */
    }
    if (count > 1) {
        scheduler_notify(); /* idle-goers could not see them meanwhile */
    }
    return count > 0 ? batch[0] : NULL;
}

/* --- waking ------------------------------------------------------------------------------- */

void scheduler_set_duty_locked(enum duty duty, bool due)
{
    uint32_t duties = load_relaxed(&scheduler.duties); /* relaxed: written under the lock */
    duties = due ? duties | (uint32_t)duty : duties & ~(uint32_t)duty;
    store_relaxed(&scheduler.duties, duties); /* relaxed: see scheduler_has_duty */
}

void scheduler_update_watch(void)
{
    /* relaxed: all under the lock */
    uint32_t active = load_relaxed(&scheduler.active);
    uint32_t idle = load_relaxed(&scheduler.idle_procs);
    bool unwatched = scheduler.watcher == NULL || (scheduler.watch_rests && idle < active);
    bool due = unwatched && !scheduler.sleeper_starting && active > 1 && idle > 0;
    scheduler_set_duty_locked(DUTY_WATCH, due);
    scheduler_set_duty_locked(DUTY_NOTIFY, active > 1);
}

void scheduler_set_duty(enum duty duty, bool due)
{
    spin_lock(&scheduler.lock);
    scheduler_set_duty_locked(duty, due);
    spin_unlock(&scheduler.lock);
}

/* --- making ready ------------------------------------------------------------------------- */

static void trace_made_ready(const struct proc *proc, const struct task *task)
{
    uint32_t by = proc->current == &proc->worker->context ? 0 : task_number(proc->current);
    trace_record(task->state == TASK_SPAWNED ? TRACE_CREATE : TRACE_READY, task_number(task), by,
                 NULL);
}

void scheduler_offered(struct proc *proc, struct task *task)
{
    hibernate_wake(task);
    if (scheduler_has_duty(DUTY_TRACE)) {
        trace_made_ready(proc, task);
    }
    if (scheduler_has_duty(DUTY_SLICE)) {
        slice_rouse();
    }
    if (scheduler_has_duty(DUTY_NOTIFY)) {
        scheduler_notify();
    }
}

/* SWITCHYARD_TUNE=norunnext: what is in the slots goes to the rings. */
static void empty_slots(struct proc *proc)
{
    struct task *batch[2];
    uint32_t count = runq_take_held_back(&proc->runq, batch);
    for (uint32_t i = 0; i < count; i++) {
        scheduler_requeue(runq_ring_for(&proc->runq, batch[i]), batch[i]);
    }
}

void scheduler_held_back(struct proc *proc, struct task *task)
{
    hibernate_wake(task);
    if (scheduler_has_duty(DUTY_TRACE)) {
        trace_made_ready(proc, task);
    }
    if (scheduler_has_duty(DUTY_SLICE)) {
        slice_rouse();
    }
    if (scheduler_has_duty(DUTY_OFFER)) {
        empty_slots(proc);
        scheduler_notify();
    } else if (scheduler_has_duty(DUTY_WATCH)) {
        scheduler_watch();
    }
}

/* A new thread for an idle proc. Failure leaves the proc idle: the others go on with fewer
 * workers, and no thread is asked for again for a while. */
static void start_worker(struct proc *proc)
{
    if (worker_start(proc) == 0) {
        return;
    }
    spin_lock(&scheduler.lock);
    scheduler_add_idle_proc(proc);
    fetch_add_seq_cst(&scheduler.spinning, -1); /* seq_cst: see scheduler_wake_one */
    scheduler.refused_until = sy_now() + SY_SECOND;
    scheduler_update_watch();
    spin_unlock(&scheduler.lock);
}

/* True if it woke nobody because no proc is idle. */
static bool wake_missed(bool may_start)
{
    struct worker *worker = NULL;
    struct proc *proc = NULL;
    bool missed = false;
    uint32_t none = 0;
    /* At most one is woken to spin at a time; seq_cst, as the wake protocol's 3 and a. */
    if (!cas_seq_cst(&scheduler.spinning, &none, 1)) {
        return false;
    }
    spin_lock(&scheduler.lock);
    worker = scheduler_choose_sleeper();
    missed = scheduler.idle_first == NULL;
    may_start &= sy_now() >= scheduler.refused_until;
    if (!scheduler.over && (worker != NULL || may_start)) {
        proc = scheduler_take_idle_proc(worker);
    }
    if (proc != NULL && worker != NULL) {
        scheduler_remove_sleeper(worker);
        worker->proc = proc;
        worker->spinning = true;
    }
    scheduler_update_watch();
    spin_unlock(&scheduler.lock);
    if (proc == NULL) {
        fetch_add_seq_cst(&scheduler.spinning, -1); /* seq_cst: as above */
    } else if (worker == NULL) {
        start_worker(proc);
    } else {
        fetch_add_relaxed(&scheduler.worker_wakes, 1); /* relaxed: a statistic */
        scheduler_tell(worker, TOKEN_PROC);
    }
    return missed;
}

static void wake_one(bool may_start)
{
    while (wake_missed(may_start)) {
        fence_seq_cst(); /* as step b: others skipped their wakes while we counted as spinning */
        /* relaxed: ordered by the fence */
        if (load_relaxed(&scheduler.idle_procs) == 0 || !scheduler_sees_work()) {
            break;
        }
    }
}

void scheduler_wake_one(void)
{
    wake_one(true);
}

void scheduler_wake_sleeper(void)
{
    fence_seq_cst(); /* step 2, as in scheduler_notify */
    /* relaxed: ordered by the fence */
    if (load_relaxed(&scheduler.idle_procs) > 0 && load_relaxed(&scheduler.spinning) == 0) {
        wake_one(false);
    }
}

static bool somebody_holds_back(void)
{
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        if (runq_holds_back(&scheduler.all[i].runq)) {
            return true;
        }
    }
    return false;
}

static bool somebody_waits(void)
{
    return timer_next() != SY_FOREVER || netpoll_waits();
}

/* A worker stops spinning with work of its own while procs are idle. Perhaps it was the watch, and
 * all that could run are busy from now on. Whoever fills a slot later sees that a watch is due;
 * whoever filled one before may not have seen it, and is helped here. Nor do timers and descriptors
 * wait for a worker that computes. */
static void leave_a_watch(void)
{
    bool wanted = somebody_waits();
    if (!wanted) {        /* a server is spared the fence */
        proc_fence_all(); /* pairs with the compiler's order of task_place: slot, then duties */
        wanted = somebody_holds_back() || somebody_waits();
    }
    if (wanted) {
        sysmon_want_watch();
    }
}

void scheduler_found(struct worker *worker)
{
    if (!worker->spinning) {
        return;
    }
    worker->spinning = false;
    fetch_add_seq_cst(&scheduler.spinning, -1); /* seq_cst: afterwards others may wake again */
    fence_seq_cst(); /* pairs with step 2: the addition does not order the loads on all CPUs */
    if (load_relaxed(&scheduler.idle_procs) > 0 && scheduler_sees_work()) { /* relaxed: a hint */
        scheduler_wake_one();
    }
    if (scheduler_has_duty(DUTY_WATCH)) {
        leave_a_watch();
    }
}

/* --- idle --------------------------------------------------------------------------------- */

bool scheduler_sees_work(void)
{
    /* relaxed throughout: hints; the wake protocol's fences order them where it matters */
    if (global_length() > 0) {
        return true;
    }
    for (uint32_t i = 0; i < scheduler_procs() && (tune_off & TUNE_NOSTEAL) == 0; i++) {
        if (runq_offered(&scheduler.all[i].runq) > 0) {
            return true;
        }
    }
    return false;
}

/* Step a. False if the proc shall retire: an idle one that came after those were taken off the list
 * would stay there (procs.h, step 2). */
static bool announce(struct worker *worker)
{
    struct proc *proc = worker->proc;
    spin_lock(&scheduler.lock);
    if (procs_is_surplus(proc)) {
        spin_unlock(&scheduler.lock);
        return false;
    }
    scheduler_add_idle_proc(proc);
    scheduler_leave_proc(worker);
    spin_unlock(&scheduler.lock);
    return true;
}

bool scheduler_sleep(struct worker *worker)
{
    fetch_add_relaxed(&scheduler.worker_parks, 1); /* relaxed: a statistic */
    if (idle_sleep(worker) != TOKEN_PROC) {
        return false;
    }
    worker_assign(worker);
    giveback_stir();
    return true;
}

bool scheduler_idle(struct worker *worker)
{
    if (!announce(worker)) {
        return true;
    }
    fence_seq_cst(); /* step b: pairs with step 2 */
    if (scheduler_sees_work()) {
        scheduler_wake_one();
    }
    return scheduler_sleep(worker);
}

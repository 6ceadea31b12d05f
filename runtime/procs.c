/* procs.c - see procs.h. */
#include "procs.h"

#include <errno.h>

#include <switchyard/task.h>

#include "chan.h"
#include "global.h"
#include "preempt.h"
#include "task_pool.h"
#include "timer.h"
#include "tune.h"
#include "worker.h"

/* Type-stable for the whole process: a lock in the program's static storage may be biased to a
 * proc of an earlier sy_run, which can still be seized. */
static struct proc procs[PROCS_MAX];

static struct {
    struct spin lock; /* of sy_set_procs; its holder is in no section */
    uint32_t used;    /* lock: procs that any run has used; nothing is biased to the others */
    size_t timers;    /* immutable while the runtime runs */
} own;

/* --- birth and end ---------------------------------------------------------------------------- */

static int make(uint32_t index)
{
    if (index >= own.used) {
        proc_init(&procs[index], index);
        own.used = index + 1;
    }
    return timer_heap_init(&procs[index].timers, (uint16_t)index, own.timers);
}

static void destroy_heaps(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        timer_heap_destroy(&procs[i].timers);
    }
}

int procs_init(uint32_t count, size_t timers)
{
    int error = 0;
    uint32_t made = 0;
    own.timers = timers;
    for (uint32_t i = 0; i < own.used; i++) {
        proc_init(&procs[i], i);
    }
    while (error == 0 && made < count) {
        error = make(made);
        made += error == 0;
    }
    if (error != 0) {
        destroy_heaps(made);
        return error;
    }
    scheduler = (struct scheduler){.all = procs};
    /* relaxed: no worker runs yet */
    store_relaxed(&scheduler.made, count);
    store_relaxed(&scheduler.active, count);
    store_relaxed(&scheduler.limit, count);
    return 0;
}

uint64_t procs_switches(void)
{
    uint64_t switches = 0;
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        switches += load_relaxed(&scheduler.all[i].switches); /* relaxed: a hint */
    }
    return switches;
}

void procs_destroy(void)
{
    destroy_heaps(scheduler_procs());
}

void procs_start(struct worker *worker)
{
    for (uint32_t i = scheduler_procs(); i-- > 1;) {
        scheduler_add_idle_proc(&procs[i]);
    }
    procs[0].worker = worker;
    worker->proc = &procs[0];
    scheduler_update_watch();
}

/* --- fewer ------------------------------------------------------------------------------------ */

/* Under the scheduler's lock: changes how many are active. */
static void count_active(int32_t change)
{
    /* relaxed: written under the lock; a hint outside */
    store_relaxed(&scheduler.active, load_relaxed(&scheduler.active) + (uint32_t)change);
}

/* Step 2. */
static void retire_idle(void)
{
    spin_lock(&scheduler.lock);
    struct proc **link = &scheduler.idle_first;
    while (*link != NULL) {
        struct proc *proc = *link;
        if (!procs_is_surplus(proc)) {
            link = &proc->next_idle;
            continue;
        }
        *link = proc->next_idle;
        proc->retired = true;
        /* relaxed: as in scheduler_add_idle_proc */
        store_relaxed(&scheduler.idle_procs, load_relaxed(&scheduler.idle_procs) - 1);
        count_active(-1);
        timer_heap_move(&proc->timers, &procs[0].timers);
    }
    scheduler_update_watch();
    spin_unlock(&scheduler.lock);
}

void procs_hurry(uint32_t first)
{
    for (uint32_t i = first; i < scheduler_procs(); i++) {
        if (&procs[i] == proc_self()) {
            struct proc *proc = proc_enter();
            proc->runq.ticks_left = 1;
            proc_leave(proc);
        } else {
            proc_seize(&procs[i]);
            procs[i].runq.ticks_left = 1;
            proc_release(&procs[i]);
        }
    }
}

/* Some of the tasks that the proc has queued; 0 if it has none. In its section. */
static uint32_t take_some(struct runq *queue, struct task **batch)
{
    uint32_t count = runq_take_held_back(queue, batch);
    count = count > 0 ? count : ring_take_half(&queue->woken, batch);
    return count > 0 ? count : ring_take_half(&queue->spawned, batch);
}

/* The proc's tasks go to the global queue. In the section. */
static void give_tasks(struct proc *proc)
{
    struct task *batch[RING_BATCH];
    uint32_t count = 0;
    while ((count = take_some(&proc->runq, batch)) > 0) {
        spin_lock(&scheduler.lock);
        global_push(batch, count);
        spin_unlock(&scheduler.lock);
    }
}

/* Under the scheduler's lock. It may be wanted again by now. */
static void give_up(struct worker *worker, struct proc *proc)
{
    if (procs_is_surplus(proc)) {
        proc->worker = NULL;
        proc->retired = true;
        count_active(-1);
    } else {
        scheduler_add_idle_proc(proc);
    }
    scheduler_leave_proc(worker);
}

bool procs_retire(struct worker *worker)
{
    struct proc *proc = worker->proc;
    give_tasks(proc);
    task_pool_drain(proc);
    pool_drain(&chan_pool, &proc->chans);
    proc_leave(proc);
    bool earliest = timer_heap_move(&proc->timers, &procs[0].timers);
    spin_lock(&scheduler.lock);
    give_up(worker, proc);
    spin_unlock(&scheduler.lock);
    if (earliest) {
        scheduler_retime(timer_next());
    }
    scheduler_notify();
    return scheduler_sleep(worker);
}

/* --- more ------------------------------------------------------------------------------------- */

static void revive(uint32_t index)
{
    spin_lock(&scheduler.lock);
    if (procs[index].retired) {
        procs[index].retired = false;
        count_active(1);
        scheduler_add_idle_proc(&procs[index]);
        scheduler_update_watch();
    }
    spin_unlock(&scheduler.lock);
}

/* 0 or -ENOMEM. */
static int make_up_to(uint32_t count)
{
    int error = 0;
    for (uint32_t i = scheduler_procs(); error == 0 && i < count; i++) {
        error = make(i);
        if (error == 0) {
            procs[i].retired = true;
            store_release(&scheduler.made, i + 1); /* release: pairs with scheduler_procs */
        }
    }
    return error;
}

int sy_set_procs(uint32_t count)
{
    if (count == 0 || count > PROCS_MAX) {
        return -EINVAL;
    }
    struct task *self = preempt_forbid(__func__);
    spin_lock(&own.lock);
    uint32_t before = load_relaxed(&scheduler.limit); /* relaxed: written under own.lock */
    int error = make_up_to(count);
    if (error == 0) {
        store_relaxed(&scheduler.limit, count); /* relaxed: see procs_is_surplus */
        for (uint32_t i = 0; i < count; i++) {
            revive(i);
        }
        retire_idle();
        procs_hurry(count);
        scheduler_retime(timer_next()); /* who looked while timers moved may have missed them */
    }
    spin_unlock(&own.lock);
    scheduler_notify();
    preempt_allow(self);
    return error != 0 ? error : (int)before;
}

/* blocking.c - see blocking.h. */
#include "blocking.h"

#include <switchyard/io.h>
#include <switchyard/time.h>

#include "base/trace.h"
#include "distance.h"
#include "giveback.h"
#include "global.h"
#include "park.h"
#include "slice.h"
#include "sysmon.h"

/* How often in a row the calls of a function were found to take long; by a hash of its address. */
#define HISTORY_BITS 6
#define LONG_CALLS 2 /* so many, and the next one gives its proc away at once */

static _Atomic uint8_t history[1 << HISTORY_BITS];

static _Atomic uint8_t *history_of(const void *function)
{
    uint64_t hash = (uint64_t)(uintptr_t)function * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / phi */
    return &history[hash >> (64 - HISTORY_BITS)];
}

static void note_length(_Atomic uint8_t *calls, bool is_long)
{
    /* relaxed, all of them: a guess about the next call, wrong at worst */
    uint8_t seen = load_relaxed(calls);
    if (!is_long && seen != 0) {
        store_relaxed(calls, 0);
    } else if (is_long && seen < LONG_CALLS) {
        store_relaxed(calls, (uint8_t)(seen + 1));
    }
}

/* Steps b and c by the worker itself. False if nobody sleeps. In no section. */
static bool give_away(struct proc *proc)
{
    spin_lock(&scheduler.lock);
    struct worker *sleeper = scheduler_choose_heir(proc->worker);
    if (sleeper != NULL) {
        scheduler_give(proc, sleeper);
    }
    spin_unlock(&scheduler.lock);
    if (sleeper != NULL) {
        scheduler_tell(sleeper, TOKEN_PROC);
    }
    return sleeper != NULL;
}

/* Steps 1 to 3. key: what is called, for the history. */
static void begin(const char *function, const void *key)
{
    struct proc *proc = proc_enter_named(function);
    struct worker *worker = proc->worker;
    counter_add(&proc->blocking_calls, 1);
    /* relaxed: written by this proc's owner alone */
    uint32_t ticket = (uint32_t)load_relaxed(&proc->blocking_calls) << 1 | 1;
    proc->current->reason = WAIT_BLOCKING;
    proc->current->parked_at = sy_now();
    worker->blocking_proc = proc;
    worker->blocking_task = proc->current;
    worker->blocking_ticket = ticket;
    store_relaxed(&worker->cpu, distance_cpu()); /* relaxed: a hint */
    worker->blocking_calls = history_of(key);
    bool give = load_relaxed(worker->blocking_calls) >= LONG_CALLS && /* relaxed: see note_length */
                runq_has_tasks(&proc->runq);
    proc_leave(proc);
    trace_event(TRACE_BLOCK, task_number(worker->blocking_task), 0, TRACE_WORD_BLOCKING);
    proc_assign(NULL);
    if (give && give_away(proc)) {
        worker->blocking_proc = NULL;
        return;
    }
    /* release: pairs with the acquire of sysmon, which then has the proc as we left it */
    store_release(&proc->blocking, ticket);
    sysmon_notify();
}

void blocking_begin(void)
{
    begin("a blocking call", "a blocking call");
}

/* Step 6. NULL if no proc is idle. */
static struct proc *take_proc(struct worker *worker)
{
    spin_lock(&scheduler.lock);
    struct proc *proc = scheduler_take_idle_proc(worker);
    scheduler.blocked -= proc != NULL;
    scheduler_update_watch();
    spin_unlock(&scheduler.lock);
    return proc;
}

/* Step 7, the task's half. The switch of a worker that has no proc leaves the section of
 * proc_nobody, which nobody is ever in, so that all workers may share it. */
static void switch_away(struct worker *worker, struct task *self)
{
    worker->returned = self;
    if (SANITIZE_SWITCH_RETURNS) {
        task_switch_sanitized(&proc_nobody, self, &worker->context);
    } else {
        sy_switch(self, &worker->context, &proc_nobody);
    }
}

/* Step 5. True if the worker still has its proc. */
static bool keep_proc(struct worker *worker)
{
    struct proc *proc = worker->blocking_proc;
    uint32_t ticket = worker->blocking_ticket;
    /* acquire: what seizers did to the proc meanwhile is ordered by their own protocol; release is
     * for sysmon, which may read the next ticket only after this one ended */
    if (proc == NULL || !cas_acq_rel(&proc->blocking, &ticket, 0)) {
        return false;
    }
    proc_assign(proc);
    return true;
}

void blocking_end(void)
{
    struct worker *worker = worker_self();
    struct task *self = worker->blocking_task;
    bool kept = keep_proc(worker);
    note_length(worker->blocking_calls, !kept && sy_now() - self->parked_at >= SYSMON_PATIENCE);
    trace_event(TRACE_UNBLOCK, task_number(self), 0, NULL);
    self->reason = WAIT_NONE;
    if (kept) {
        giveback_stir();
        return;
    }
    worker->proc = take_proc(worker);
    if (worker->proc == NULL) {
        switch_away(worker, self);
        return;
    }
    proc_assign(worker->proc);
    struct proc *proc = proc_enter_unpreempted();
    proc->current = self;
    proc_leave(proc);
    giveback_stir();
}

bool blocking_rejoin(struct worker *worker)
{
    struct task *task = worker->returned;
    worker->returned = NULL;
    spin_lock(&scheduler.lock);
    task->state =
        TASK_READY; /* its registers are saved now, and who stops the world has the lock */
    global_push(&task, 1);
    scheduler.blocked--;
    slice_rouse_locked();
    scheduler_add_sleeper(worker);
    spin_unlock(&scheduler.lock);
    scheduler_notify();
    return scheduler_sleep(worker);
}

void *sy_blocking(void *(*fn)(void *arg), void *arg)
{
    begin(__func__, (const void *)(uintptr_t)fn);
    void *result = fn(arg);
    blocking_end();
    return result;
}

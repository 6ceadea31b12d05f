/* preempt.c - the task's side of preemption at calls and at prologues, and critical regions; see
 * preempt.h. */
#include "preempt.h"

#include <switchyard/preempt.h>

#include "base/fatal.h"
#include "base/misuse.h"
#include "global.h"
#include "park.h"
#include "segment.h"

/* Step a and b: true if the running task gives the proc up now. In the section. */
static bool is_due(struct proc *proc)
{
    const struct task *self = proc->current;
    bool runs = self != NULL && self != &proc->worker->context;
    if (runs && self->nopreempt > 0) {
        return false; /* and wanted it stays: sy_nopreempt_end looks again */
    }
    fetch_and_release(&proc->seized, ~WANTED); /* release: no matter; a hint was taken back */
    return runs && preempt_is_wanted(proc);
}

/* In the section, which it ends; comes back without one. */
static void give_turn(struct proc *proc)
{
    struct worker *worker = proc->worker;
    struct task *self = proc->current;
    proc->stopped = WAIT_PREEMPTED;
    self->reason = WAIT_PREEMPTED;
    worker->returned = self; /* to preempt_queue */
    task_switch(proc, self, &worker->context);
    self->reason = WAIT_NONE;
}

void preempt_at_prologue(void)
{
    struct proc *proc = proc_self();
    if (proc == &proc_nobody) {
        return; /* in a blocking call */
    }
    proc = proc_enter_unpreempted();
    if (!is_due(proc)) {
        proc_leave(proc);
        return;
    }
    fetch_add_relaxed(&scheduler.preempts_prologue, 1); /* relaxed: a statistic */
    give_turn(proc);
}

struct proc *preempt_at_call(struct proc *proc)
{
    if (!is_due(proc)) {
        return proc;
    }
    fetch_add_relaxed(&scheduler.preempts_call, 1); /* relaxed: a statistic */
    give_turn(proc);
    return proc_enter_unpreempted();
}

void preempt_poison(struct proc *proc)
{
    spin_lock(&scheduler.lock); /* keeps the worker's thread alive */
    struct worker *worker = proc->worker;
    /* relaxed: written once, and the lock keeps the thread alive */
    uintptr_t *limit = worker != NULL ? load_relaxed(&worker->stack_limit) : NULL;
    if (limit != NULL) {
        segment_poison(limit);
    }
    spin_unlock(&scheduler.lock);
}

void preempt_queue(struct worker *worker)
{
    struct task *task = worker->returned;
    worker->returned = NULL;
    preempt_keep_for_others(worker->proc, sy_now());
    spin_lock(&scheduler.lock);
    task->state = TASK_READY; /* its registers are saved now */
    global_push(&task, 1);
    spin_unlock(&scheduler.lock);
    scheduler_notify();
}

/* --- regions ---------------------------------------------------------------------------------- */

void sy_nopreempt_begin(void)
{
    struct proc *proc = proc_enter();
    struct task *self = proc->current;
    if (self->nopreempt >= SY_NOPREEMPT_DEPTH) {
        sy_misuse(MISUSE_NOPREEMPT_DEEP, self->nopreempt);
    }
    self->nopreempt++;
    proc_leave(proc);
}

void sy_nopreempt_end(void)
{
    struct proc *proc = proc_enter();
    struct task *self = proc->current;
    if (self->nopreempt == 0) {
        sy_misuse(MISUSE_NOPREEMPT_END, self->nopreempt);
    }
    self->nopreempt--;
    proc_leave(proc);
    if (self->nopreempt == 0) {
        proc_leave(proc_enter()); /* its time may have been up for long */
    }
}

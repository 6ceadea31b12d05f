/* blocking.c - see blocking.h. */
#include "blocking.h"

#include <switchyard/io.h>
#include <switchyard/time.h>

#include "global.h"
#include "park.h"
#include "sysmon.h"

/* Of no proc: the switch of a worker that has none leaves this one's section, which nobody is ever
 * in, so that all workers may share it. */
static struct proc proc_limbo = {.release = &proc_limbo.in_section};

/* Steps 1 to 3. */
static void begin(const char *function)
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
    proc_leave(proc);
    proc_assign(NULL);
    /* release: pairs with the acquire of sysmon, which then has the proc as we left it */
    store_release(&proc->blocking, ticket);
    sysmon_notify();
}

void blocking_begin(void)
{
    begin("a blocking call");
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

/* Step 7, the task's half. */
static void switch_away(struct worker *worker, struct task *self)
{
    self->state = TASK_READY;
    worker->returned = self;
    if (SANITIZE_SWITCH_RETURNS) {
        task_switch_sanitized(&proc_limbo, self, &worker->context);
    } else {
        sy_switch(self, &worker->context, &proc_limbo);
    }
}

void blocking_end(void)
{
    struct worker *worker = worker_self();
    struct proc *proc = worker->blocking_proc;
    struct task *self = worker->blocking_task;
    uint32_t ticket = worker->blocking_ticket;
    self->reason = WAIT_NONE;
    /* acquire: what seizers did to the proc meanwhile is ordered by their own protocol; release is
     * for sysmon, which may read the next ticket only after this one ended */
    if (likely(cas_acq_rel(&proc->blocking, &ticket, 0))) {
        proc_assign(proc);
        return;
    }
    worker->proc = take_proc(worker);
    if (worker->proc == NULL) {
        switch_away(worker, self);
        return;
    }
    proc_assign(worker->proc);
    proc = proc_enter();
    proc->current = self;
    proc_leave(proc);
}

bool blocking_rejoin(struct worker *worker)
{
    struct task *task = worker->returned;
    worker->returned = NULL;
    spin_lock(&scheduler.lock);
    global_push(&task, 1);
    scheduler.blocked--;
    scheduler_add_sleeper(worker);
    spin_unlock(&scheduler.lock);
    scheduler_notify();
    return scheduler_sleep(worker);
}

void *sy_blocking(void *(*fn)(void *arg), void *arg)
{
    begin(__func__);
    void *result = fn(arg);
    blocking_end();
    return result;
}

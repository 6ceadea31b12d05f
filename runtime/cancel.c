/* cancel.c - see cancel.h. */
#include "cancel.h"

#include <errno.h>

#include "base/scope.h"
#include "park.h"
#include "timer.h"

void cancel_begin(struct member *member)
{
    struct task *self = proc_self()->current;
    member->cancel.task = self;
    self->member = member;
}

void cancel_end(void)
{
    proc_self()->current->member = NULL;
}

struct member *cancel_mask_self(void)
{
    return cancel_mask(proc_self()->current);
}

void cancel_unmask_self(struct member *member)
{
    cancel_unmask(proc_self()->current, member);
}

struct member *cancel_self(const char *function)
{
    const struct task *self = proc_self()->current;
    if (unlikely(self == NULL)) {
        sy_fatal_outside_task(function);
    }
    return self->member;
}

bool cancel_is_set(struct cancel *cancel)
{
    /* relaxed: a hint, but exact in step 3, which the fence orders */
    return load_relaxed(&cancel->cancelled) != 0;
}

/* Step d. Not preempted: the task may be spinning until we are through (step 7). */
static void wake_from(struct task *task, struct lock *lock)
{
    struct proc *proc = proc_enter_unpreempted();
    proc = lock_acquire(proc, lock);
    bool waits = task_stop_waiting(task);
    lock_release(proc);
    if (waits) {
        task_wake_in_line(proc, task, -ECANCELED);
    }
    proc_leave(proc);
}

void cancel_deliver(struct cancel *cancel)
{
    /* relaxed, both: ordered by the fence */
    store_relaxed(&cancel->cancelled, 1);
    store_relaxed(&cancel->firing, 1);
    fence_seq_cst(); /* step b: pairs with steps 2 and 6 */
    /* acquire: pairs with the release in step 1, so that the task's own fields are seen */
    struct lock *lock = load_acquire(&cancel->target);
    if (lock != NULL) {
        wake_from(cancel->task, lock);
    }
    /* release: pairs with the acquire in step 7 */
    store_release(&cancel->firing, 0);
}

/* Step 4. */
static int park_timed(struct proc *proc, struct task *self, enum wait_reason reason,
                      const void *object, sy_time deadline)
{
    if (deadline == SY_FOREVER) {
        return task_park(proc, self, reason, object);
    }
    timer_arm(proc, &self->timer, deadline);
    int result = task_park(proc, self, reason, object);
    timer_disarm(&self->timer);
    return result;
}

/* Steps 5 to 7. */
static void await_canceller(struct cancel *cancel)
{
    uint32_t rounds = 0;
    store_relaxed(&cancel->target, NULL); /* relaxed: ordered by the fence */
    fence_seq_cst();                      /* step 6: pairs with step b */
    /* acquire: pairs with the release in step e */
    while (load_acquire(&cancel->firing) != 0) {
        spin_wait(&rounds);
    }
}

int cancel_park(struct proc *proc, struct task *self, enum wait_reason reason, const void *object,
                struct lock *lock, sy_time deadline)
{
    struct cancel *cancel = &self->member->cancel;
    int result = -ECANCELED;
    self->wait_lock = lock;
    fetch_add_relaxed(&lock->marks, LOCK_TIMED); /* relaxed: the lock is held */
    /* release: pairs with the acquire in step c */
    store_release(&cancel->target, lock);
    fence_seq_cst(); /* step 2: pairs with step b */
    if (cancel_is_set(cancel)) {
        if (self->waitq != NULL) {
            waitq_remove(self->waitq, self);
        }
        proc_leave(proc);
    } else {
        result = park_timed(proc, self, reason, object, deadline);
    }
    await_canceller(cancel);
    /* release: pairs with the acquire in lock_is_timed; no canceller knows the lock through us now
     */
    fetch_sub_release(&lock->marks, LOCK_TIMED);
    return result;
}

/* cond.c - condition variable.
 *
 * wait    1. join the queue, under the condition's lock
 *         2. give the mutex up, under the mutex's lock, which is released at once
 *         3. switch away; only then is the condition's lock released: no signal can come between
 *         4. woken: lock the mutex again like anybody else
 * The two locks are taken in this order only, and nobody takes them in the other. Step 0 takes the
 * mutex's lock alone: afterwards it is biased to this proc or shared for good, so that step 2 never
 * has to leave the section.
 */
#include <errno.h>

#include <switchyard/sync.h>
#include <switchyard/time.h>

#include "base/misuse.h"
#include "destroy.h"
#include "mutex.h"
#include "park.h"

struct cond {
    struct lock lock;
    struct waitq waiters; /* guarded by lock */
};

_Static_assert(sizeof(struct cond) <= sizeof(sy_cond), "sy_cond is too small");

static struct cond *cond_of(sy_cond *cond)
{
    return (struct cond *)(void *)cond;
}

void sy_cond_init(sy_cond *cond)
{
    *cond = (sy_cond)SY_COND_INIT;
}

int sy_cond_destroy(sy_cond *cond)
{
    struct cond *own = cond_of(cond);
    struct proc *proc = destroy_begin(&own->lock);
    return destroy_end(proc, own->waiters.first != NULL || lock_is_timed(&own->lock));
}

/* Step 0, and sees to it that the caller holds the mutex. */
static struct proc *prepare(struct proc *proc, struct mutex *mutex)
{
    proc = lock_acquire_claim(proc, &mutex->lock);
    if (unlikely(mutex->owner != proc->current)) {
        proc_leave(proc);
        sy_misuse(MISUSE_WAIT_WITHOUT_MUTEX, (uintptr_t)mutex);
    }
    lock_release(proc);
    return proc;
}

/* Step 2. In the section, under the condition's lock. */
static void give_up(struct proc *proc, struct mutex *mutex)
{
    int result = 0;
    /* relaxed: biased to this proc, or NULL for good; see step 0 */
    bool shared = load_relaxed(&mutex->lock.owner) != proc;
    if (shared) {
        spin_lock(&mutex->lock.held);
    }
    struct task *waiter = mutex_pass(proc, mutex, &result);
    if (shared) {
        spin_unlock(&mutex->lock.held);
    }
    if (waiter != NULL) {
        task_wake(proc, waiter, result);
    }
}

static int wait_until(struct proc *proc, struct cond *cond, sy_mutex *mutex_handle,
                      sy_time deadline)
{
    struct mutex *mutex = mutex_of(mutex_handle);
    proc = prepare(proc, mutex);
    if (deadline != SY_FOREVER && deadline <= sy_now()) {
        proc_leave(proc);
        return -ETIMEDOUT;
    }
    proc = lock_acquire_claim(proc, &cond->lock);
    struct task *self = proc->current;
    waitq_push(&cond->waiters, self);
    give_up(proc, mutex);
    int result = task_park_until(proc, self, WAIT_COND, cond, &cond->lock, deadline);
    struct member *member = cancel_mask(self); /* it gets the mutex whatever comes */
    sy_mutex_lock(mutex_handle);
    cancel_unmask(self, member);
    return result;
}

int sy_cond_wait(sy_cond *cond, sy_mutex *mutex)
{
    return wait_until(proc_enter(), cond_of(cond), mutex, SY_FOREVER);
}

int sy_cond_wait_until(sy_cond *cond, sy_mutex *mutex, sy_time deadline)
{
    return wait_until(proc_enter(), cond_of(cond), mutex, deadline);
}

void sy_cond_signal(sy_cond *handle)
{
    struct cond *cond = cond_of(handle);
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &cond->lock);
    struct task *waiter = waitq_pop(&cond->waiters);
    lock_release(proc); /* the condition may be gone as soon as the waiter runs */
    if (waiter != NULL) {
        task_wake(proc, waiter, 0);
    }
    proc_leave(proc);
}

void sy_cond_broadcast(sy_cond *handle)
{
    struct cond *cond = cond_of(handle);
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &cond->lock);
    struct task *waiters = waitq_pop_all(&cond->waiters);
    lock_release(proc); /* as in signal */
    task_wake_all(proc, waiters, 0);
    proc_leave(proc);
}

/* mutex.c - a mutex that is fast when free and fair when contended.
 *
 *   lock    1. free: take it    2. held: wait in line    3. woken to retry: to 1, but if somebody
 *           was faster, to the head of the line, marked as overtaken
 *   unlock  1. nobody waits: free    2. the first waiter was overtaken: hand the mutex to it
 *           3. else: free, and wake the first waiter to retry
 * So a running task may overtake a waiter, which saves a switch for each short critical section,
 * but one that found it taken again is handed it by the next unlock. Source of the two modes: Go,
 * sync/mutex.go (starvation mode).
 */
#include "mutex.h"

#include <errno.h>

#include <switchyard/time.h>

#include "base/misuse.h"
#include "park.h"

void sy_mutex_init(sy_mutex *mutex)
{
    *mutex = (sy_mutex)SY_MUTEX_INIT;
}

int sy_mutex_destroy(sy_mutex *mutex)
{
    struct mutex *own = mutex_of(mutex);
    return own->owner != NULL || lock_is_timed(&own->lock) ? -EBUSY : 0;
}

struct task *mutex_pass(struct mutex *mutex, int *result)
{
    struct task *waiter = waitq_pop(&mutex->waiters);
    bool hand_over = waiter != NULL && waiter->overtaken;
    mutex->owner = hand_over ? waiter : NULL;
    *result = hand_over ? MUTEX_HANDED : MUTEX_RETRY;
    return waiter;
}

/* Steps 2 and 3 of lock. In the section, the lock held, the mutex held by another task. */
static int wait_in_line(struct proc *proc, struct mutex *mutex, sy_time deadline)
{
    struct task *self = proc->current;
    self->overtaken = false;
    for (;;) {
        if (self->overtaken) {
            waitq_push_front(&mutex->waiters, self);
        } else {
            waitq_push(&mutex->waiters, self);
        }
        int result = task_park_until(proc, self, WAIT_MUTEX, mutex, &mutex->lock, deadline);
        if (result != MUTEX_RETRY) {
            return result;
        }
        proc = proc_enter_unpreempted(); /* its turn has just begun */
        proc = lock_acquire(proc, &mutex->lock);
        if (mutex->owner == NULL) {
            mutex->owner = self;
            proc_leave(proc);
            return 0;
        }
        self->overtaken = true;
    }
}

static int lock_until(struct proc *proc, struct mutex *mutex, sy_time deadline)
{
    proc = lock_acquire_claim(proc, &mutex->lock);
    struct task *self = proc->current;
    if (likely(mutex->owner == NULL)) {
        mutex->owner = self;
        proc_leave(proc);
        return 0;
    }
    if (mutex->owner == self || (deadline != SY_FOREVER && deadline <= sy_now())) {
        int error = mutex->owner == self ? -EDEADLK : -ETIMEDOUT;
        proc_leave(proc);
        return error;
    }
    return wait_in_line(proc, mutex, deadline);
}

int sy_mutex_lock(sy_mutex *mutex)
{
    return lock_until(proc_enter(), mutex_of(mutex), SY_FOREVER);
}

int sy_mutex_lock_until(sy_mutex *mutex, sy_time deadline)
{
    return lock_until(proc_enter(), mutex_of(mutex), deadline);
}

int sy_mutex_trylock(sy_mutex *handle)
{
    struct mutex *mutex = mutex_of(handle);
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &mutex->lock);
    int error = mutex->owner == NULL ? 0 : -EBUSY;
    if (mutex->owner == proc->current) {
        error = -EDEADLK;
    }
    if (error == 0) {
        mutex->owner = proc->current;
    }
    proc_leave(proc);
    return error;
}

void sy_mutex_unlock(sy_mutex *handle)
{
    int result = 0;
    struct mutex *mutex = mutex_of(handle);
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &mutex->lock);
    struct task *owner = mutex->owner;
    if (unlikely(owner != proc->current)) {
        proc_leave(proc);
        sy_misuse(owner == NULL ? MISUSE_UNLOCK_OF_UNLOCKED : MISUSE_UNLOCK_BY_OTHER,
                  (uintptr_t)handle);
    }
    struct task *waiter = mutex_pass(mutex, &result);
    lock_release(proc); /* the mutex may be gone as soon as the waiter runs */
    if (waiter != NULL) {
        task_wake(proc, waiter, result);
    }
    proc_leave(proc);
}

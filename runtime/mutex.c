/* mutex.c - a mutex that is fast when free and fair when contended.
 *
 *   lock    1. free: take it
 *           2. held: wait in line
 *           3. woken to try again: nobody is on the way any more; free: take it, else to the head
 *              of the line
 *   unlock  1. nobody waits: free
 *           2. the first waiter starves: hand the mutex to it
 *           3. somebody is on the way to try again: free
 *           4. else: free, and wake the first waiter to try again
 *
 * So a running task may overtake those that wait, which saves two switches for each short critical
 * section; but who has waited for long gets it from the next unlock, and then one after another.
 * No wake-up is lost: while somebody waits, the mutex is held, or one is on the way to try; and
 * that one takes it, or finds a holder, whose unlock looks again.
 * A waiter finds out that it starves when it was woken, finds the mutex held again, and came more
 * than a millisecond ago (lock, 3). Who gets the mutex handed looks whether the next one came as
 * long ago. Time is that of the procs' coarse clocks, which are refreshed by looks around
 * (worker.c) and here, every few times that somebody was overtaken: a holder that never leaves its
 * proc to others refreshes none. Of two clocks one may be behind: a millisecond is a rough one.
 * Model: tests/model/mutex.pml.
 *
 * Source: Go, sync/mutex.go (normal mode and starvation mode).
 */
#include "mutex.h"

#include <errno.h>

#include <switchyard/time.h>

#include "base/misuse.h"
#include "destroy.h"
#include "park.h"

void sy_mutex_init(sy_mutex *mutex)
{
    *mutex = (sy_mutex)SY_MUTEX_INIT;
}

int sy_mutex_destroy(sy_mutex *mutex)
{
    struct mutex *own = mutex_of(mutex);
    struct proc *proc = destroy_begin(&own->lock);
    return destroy_end(proc, own->owner != NULL || lock_is_timed(&own->lock));
}

/* The coarse clock in units of 2^16 ns; wraps around. */
static uint32_t ticks(const struct proc *proc)
{
    return (uint32_t)((uint64_t)proc->now >> 16);
}

#define STARVING_TICKS 16    /* 1.05 ms */
#define OVERTAKINGS_A_LOOK 4 /* at the clock */

static bool came_long_ago(const struct proc *proc, const struct task *waiter)
{
    return (int32_t)(ticks(proc) - waiter->waits_since) >= STARVING_TICKS;
}

struct task *mutex_pass(const struct proc *proc, struct mutex *mutex, int *result)
{
    struct task *first = mutex->waiters.first;
    bool starves = first != NULL && mutex->starves;
    mutex->owner = starves ? first : NULL;
    *result = starves ? MUTEX_HANDED : MUTEX_RETRY;
    if (first == NULL || (mutex->woken && !starves)) {
        return NULL;
    }
    waitq_pop(&mutex->waiters);
    if (starves) {
        const struct task *next = mutex->waiters.first;
        mutex->starves = next != NULL && came_long_ago(proc, next);
    } else {
        mutex->woken = true;
    }
    return first;
}

/* The running task was woken to try again, and another one has the mutex. */
static void note_overtaken(struct proc *proc, struct mutex *mutex)
{
    if (++mutex->overtakings % OVERTAKINGS_A_LOOK == 0) {
        proc->now = sy_now();
    }
    mutex->starves = came_long_ago(proc, proc->current);
}

/* Steps 2 and 3 of lock. In the section, the lock held, the mutex held by another task. */
static int wait_in_line(struct proc *proc, struct mutex *mutex, sy_time deadline)
{
    struct task *self = proc->current;
    self->waits_since = ticks(proc);
    waitq_push(&mutex->waiters, self);
    for (;;) {
        int result = task_park_until(proc, self, WAIT_MUTEX, mutex, &mutex->lock, deadline);
        if (result != MUTEX_RETRY) {
            return result;
        }
        proc = proc_enter_unpreempted(); /* its turn has just begun */
        proc = lock_acquire(proc, &mutex->lock);
        mutex->woken = false;
        if (mutex->owner == NULL) {
            mutex->owner = self;
            proc_leave(proc);
            return 0;
        }
        note_overtaken(proc, mutex);
        waitq_push_front(&mutex->waiters, self);
    }
}

/* The lock held, the mutex perhaps. */
static __attribute__((noinline)) int lock_locked(struct proc *proc, struct mutex *mutex,
                                                 sy_time deadline)
{
    struct task *self = proc->current;
    if (mutex->owner == NULL) {
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

static __attribute__((noinline)) int lock_until(struct proc *proc, struct mutex *mutex,
                                                sy_time deadline)
{
    return lock_locked(lock_acquire_claim(proc, &mutex->lock), mutex, deadline);
}

/* A free mutex whose lock is biased to this proc needs no call, and so no registers saved. */
int sy_mutex_lock(sy_mutex *handle)
{
    struct mutex *mutex = mutex_of(handle);
    struct proc *proc = proc_enter();
    if (unlikely(!lock_is_ours(proc, &mutex->lock))) {
        return lock_until(proc, mutex, SY_FOREVER);
    }
    if (mutex->owner == NULL) {
        mutex->owner = proc->current;
        proc_leave_biased(proc);
        return 0;
    }
    return lock_locked(proc, mutex, SY_FOREVER);
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

/* The lock held, and the mutex by the running task. */
static __attribute__((noinline)) void unlock_locked(struct proc *proc, struct mutex *mutex)
{
    int result = 0;
    struct task *waiter = mutex_pass(proc, mutex, &result);
    lock_release(proc); /* the mutex may be gone as soon as the waiter runs */
    if (waiter != NULL) {
        task_wake(proc, waiter, result);
    }
    proc_leave(proc);
}

static __attribute__((noinline)) void unlock(struct proc *proc, struct mutex *mutex)
{
    proc = lock_acquire_claim(proc, &mutex->lock);
    const struct task *owner = mutex->owner;
    if (unlikely(owner != proc->current)) {
        proc_leave(proc);
        sy_misuse(owner == NULL ? MISUSE_UNLOCK_OF_UNLOCKED : MISUSE_UNLOCK_BY_OTHER,
                  (uintptr_t)mutex);
    }
    unlock_locked(proc, mutex);
}

/* As sy_mutex_lock, where nobody waits. */
void sy_mutex_unlock(sy_mutex *handle)
{
    struct mutex *mutex = mutex_of(handle);
    struct proc *proc = proc_enter();
    if (unlikely(!lock_is_ours(proc, &mutex->lock) || mutex->owner != proc->current)) {
        unlock(proc, mutex);
    } else if (mutex->waiters.first == NULL) {
        mutex->owner = NULL;
        proc_leave_biased(proc);
    } else {
        unlock_locked(proc, mutex);
    }
}

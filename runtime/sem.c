/* sem.c - counting semaphore. A permit that is returned while tasks wait goes straight to the first
 * of them: count is 0 whenever somebody waits. */
#include <errno.h>

#include <switchyard/sync.h>
#include <switchyard/time.h>

#include "destroy.h"
#include "park.h"

struct sem {
    struct lock lock;
    /* Guarded by lock. */
    uint32_t count;
    struct waitq waiters;
};

_Static_assert(sizeof(struct sem) <= sizeof(sy_sem), "sy_sem is too small");

static struct sem *sem_of(sy_sem *sem)
{
    return (struct sem *)(void *)sem;
}

int sy_sem_init(sy_sem *sem, uint32_t count)
{
    if (count > SY_SEM_COUNT_MAX) {
        return -EINVAL;
    }
    *sem = (sy_sem){{0}};
    sem_of(sem)->count = count;
    return 0;
}

int sy_sem_destroy(sy_sem *sem)
{
    struct sem *own = sem_of(sem);
    struct proc *proc = destroy_begin(&own->lock);
    return destroy_end(proc, own->waiters.first != NULL || lock_is_timed(&own->lock));
}

static int wait_until(struct proc *proc, struct sem *sem, sy_time deadline)
{
    proc = lock_acquire_claim(proc, &sem->lock);
    if (likely(sem->count > 0)) {
        sem->count--;
        proc_leave(proc);
        return 0;
    }
    if (deadline != SY_FOREVER && deadline <= sy_now()) {
        proc_leave(proc);
        return -ETIMEDOUT;
    }
    struct task *self = proc->current;
    waitq_push(&sem->waiters, self);
    return task_park_until(proc, self, WAIT_SEM, sem, &sem->lock, deadline);
}

int sy_sem_wait(sy_sem *sem)
{
    return wait_until(proc_enter(), sem_of(sem), SY_FOREVER);
}

int sy_sem_wait_until(sy_sem *sem, sy_time deadline)
{
    return wait_until(proc_enter(), sem_of(sem), deadline);
}

int sy_sem_trywait(sy_sem *handle)
{
    struct sem *sem = sem_of(handle);
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &sem->lock);
    int error = sem->count > 0 ? 0 : -EAGAIN;
    if (error == 0) {
        sem->count--;
    }
    proc_leave(proc);
    return error;
}

int sy_sem_post(sy_sem *handle)
{
    struct sem *sem = sem_of(handle);
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &sem->lock);
    int error = sem->count == SY_SEM_COUNT_MAX ? -EOVERFLOW : 0;
    struct task *waiter = waitq_pop(&sem->waiters);
    if (waiter == NULL && error == 0) {
        sem->count++;
    }
    lock_release(proc); /* the semaphore may be gone as soon as the waiter runs */
    if (waiter != NULL) {
        task_wake(proc, waiter, 0);
    }
    proc_leave(proc);
    return error;
}

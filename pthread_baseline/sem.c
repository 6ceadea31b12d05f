/* sem.c - sy_sem is a sem_t that counts its sleepers.
 *
 * The count serves sy_sem_destroy only: sem_t does not tell. A task that finds a permit at once
 * does not touch it. It is read by a caller who says that it is the last user, so relaxed accesses
 * suffice. A waiter that was given a permit still counts until it runs.
 */
#include <errno.h>
#include <limits.h>
#include <semaphore.h>

#include <switchyard/sync.h>

#include "base/atomic.h"
#include "cancel.h"
#include "task.h"

struct sem {
    sem_t permits;
    /* atomic: */
    _Atomic uint32_t waiters;
};

_Static_assert(sizeof(struct sem) <= sizeof(sy_sem), "sy_sem is too small");
_Static_assert(_Alignof(struct sem) <= _Alignof(sy_sem), "sy_sem is not aligned enough");
_Static_assert(SEM_VALUE_MAX == SY_SEM_COUNT_MAX, "sem_t counts up to another limit");

static struct sem *sem_of(sy_sem *storage)
{
    return (void *)storage;
}

int sy_sem_init(sy_sem *storage, uint32_t count)
{
    struct sem *sem = sem_of(storage);
    if (count > SY_SEM_COUNT_MAX) {
        return -EINVAL;
    }
    sem_init(&sem->permits, 0, count);
    // relaxed: nobody else uses the storage yet
    store_relaxed(&sem->waiters, 0);
    return 0;
}

int sy_sem_destroy(sy_sem *storage)
{
    struct sem *sem = sem_of(storage);
    // relaxed: see above
    if (load_relaxed(&sem->waiters) != 0) {
        return -EBUSY;
    }
    sem_destroy(&sem->permits);
    return 0;
}

static int wait_by(struct sem *sem, struct task *task, sy_time deadline)
{
    if (sem_trywait(&sem->permits) == 0) {
        return 0;
    }
    fetch_add_relaxed(&sem->waiters, 1); // relaxed: see above
    task_waits(task, WAIT_SEM);
    int status = cancel_sem_wait(task, &sem->permits, deadline);
    task_runs(task);
    fetch_add_relaxed(&sem->waiters, -1); // relaxed: see above
    return status;
}

int sy_sem_wait(sy_sem *sem)
{
    struct task *task = task_require("sy_sem_wait");
    return wait_by(sem_of(sem), task, SY_FOREVER);
}

int sy_sem_wait_until(sy_sem *sem, sy_time deadline)
{
    struct task *task = task_require("sy_sem_wait_until");
    return wait_by(sem_of(sem), task, deadline);
}

int sy_sem_trywait(sy_sem *sem)
{
    task_require("sy_sem_trywait");
    return sem_trywait(&sem_of(sem)->permits) == 0 ? 0 : -EAGAIN;
}

int sy_sem_post(sy_sem *sem)
{
    task_require("sy_sem_post");
    return sem_post(&sem_of(sem)->permits) == 0 ? 0 : -EOVERFLOW;
}

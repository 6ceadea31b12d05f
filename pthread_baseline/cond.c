/* cond.c - sy_cond is a pthread_cond_t that counts its waiters.
 *
 * The count serves sy_cond_destroy only. It is changed with the mutex held, before the wait and
 * after it, and read by a caller who says that it is the last user: so relaxed accesses suffice. A
 * waiter that was signalled still counts until it has the mutex back.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/fatal.h"
#include "base/misuse.h"
#include "cancel.h"
#include "deadline.h"
#include "mutex.h"
#include "task.h"

/* Zero bytes are a condition variable without waiters: glibc's PTHREAD_COND_INITIALIZER is all zero
 * (tested). */
struct cond {
    pthread_cond_t changed;
    /* atomic: */
    _Atomic uint32_t waiters;
};

_Static_assert(sizeof(struct cond) <= sizeof(sy_cond), "sy_cond is too small");
_Static_assert(_Alignof(struct cond) <= _Alignof(sy_cond), "sy_cond is not aligned enough");

static struct cond *cond_of(sy_cond *storage)
{
    return (void *)storage;
}

void sy_cond_init(sy_cond *storage)
{
    struct cond *cond = cond_of(storage);
    pthread_cond_init(&cond->changed, NULL); /* the clock is chosen at each wait */
    // relaxed: nobody else uses the storage yet
    store_relaxed(&cond->waiters, 0);
}

int sy_cond_destroy(sy_cond *storage)
{
    struct cond *cond = cond_of(storage);
    // relaxed: see above
    if (load_relaxed(&cond->waiters) != 0) {
        return -EBUSY;
    }
    return -pthread_cond_destroy(&cond->changed);
}

struct unlocked {
    struct cond *cond;
    struct mutex *mutex;
};

static int wait_unlocked(void *arg, sy_time deadline)
{
    const struct unlocked *wait = arg;
    pthread_cond_t *changed = &wait->cond->changed;
    if (deadline == SY_FOREVER) {
        return -pthread_cond_wait(changed, &wait->mutex->lock);
    }
    struct timespec limit = deadline_timespec(deadline);
    return -pthread_cond_clockwait(changed, &wait->mutex->lock, CLOCK_MONOTONIC, &limit);
}

static int wait_by(sy_cond *storage, sy_mutex *mutex_storage, struct task *task, sy_time deadline)
{
    struct cond *cond = cond_of(storage);
    struct mutex *mutex = mutex_of(mutex_storage);
    if (!mutex_is_held_by(mutex, task)) {
        sy_misuse(MISUSE_WAIT_WITHOUT_MUTEX, (uintptr_t)mutex_storage);
    }
    fetch_add_relaxed(&cond->waiters, 1); // relaxed: see above
    mutex_set_owner(mutex, 0);
    task_waits(task, WAIT_COND);
    int status = cancel_wait(task, wait_unlocked, &(struct unlocked){cond, mutex}, deadline);
    task_runs(task);
    mutex_set_owner(mutex, task->handle.id);
    fetch_add_relaxed(&cond->waiters, -1); // relaxed: see above
    return status;
}

int sy_cond_wait(sy_cond *cond, sy_mutex *mutex)
{
    return wait_by(cond, mutex, task_require("sy_cond_wait"), SY_FOREVER);
}

int sy_cond_wait_until(sy_cond *cond, sy_mutex *mutex, sy_time deadline)
{
    return wait_by(cond, mutex, task_require("sy_cond_wait_until"), deadline);
}

void sy_cond_signal(sy_cond *cond)
{
    task_require("sy_cond_signal");
    pthread_cond_signal(&cond_of(cond)->changed);
}

void sy_cond_broadcast(sy_cond *cond)
{
    task_require("sy_cond_broadcast");
    pthread_cond_broadcast(&cond_of(cond)->changed);
}

/* cond.c - sy_cond is a pthread_cond_t that counts its waiters.
 *
 * The count of waiters serves sy_cond_destroy, and step 2. It is changed with the mutex held,
 * before the wait and after it, and read by a caller who says that it is the last user: so relaxed
 * accesses suffice. A waiter that was signalled still counts until it has the mutex back.
 *
 * The wait of a task in a scope is many short ones (cancel.h). Between two of them it is not in the
 * condition's queue, so that a signal may miss it. Hence each signal is counted as well:
 *  1. The wait notes the count under the mutex, before the first slice.
 *  2. A signal counts itself first, if anybody waits, and is then passed to libc.
 *  3. At the end of a slice, with the mutex held, a count that has changed since 1 ends the wait.
 * Who changes the predicate has the mutex after 1, so that its signal comes later than 1, too, and
 * finds the waiter counted. A signal before 3 is seen there, one after 3 finds the waiter in the
 * queue, or is seen at the end of the next slice. The waiter may wake in place of another one, as
 * it may without any signal: nothing is taken away from the other.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
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
    _Atomic uint32_t signals; /* those and broadcasts while somebody waited; it may wrap */
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
    // relaxed: as above
    store_relaxed(&cond->signals, 0);
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
    sy_time deadline;
    uint32_t signals; /* step 1 */
};

/* Step 3. */
static bool was_signalled(const struct unlocked *wait)
{
    // relaxed: a signal under the mutex is seen because of the mutex, others in time
    return load_relaxed(&wait->cond->signals) != wait->signals;
}

static int wait_unlocked(void *arg, sy_time limit)
{
    const struct unlocked *wait = arg;
    pthread_cond_t *changed = &wait->cond->changed;
    if (limit == SY_FOREVER) {
        return -pthread_cond_wait(changed, &wait->mutex->lock);
    }
    struct timespec until = deadline_timespec(limit);
    int status = -pthread_cond_clockwait(changed, &wait->mutex->lock, CLOCK_MONOTONIC, &until);
    bool is_slice = limit != wait->deadline;
    return status == -ETIMEDOUT && is_slice && was_signalled(wait) ? 0 : status;
}

static int wait_by(sy_cond *storage, sy_mutex *mutex_storage, struct task *task, sy_time deadline)
{
    struct cond *cond = cond_of(storage);
    struct mutex *mutex = mutex_of(mutex_storage);
    if (!mutex_is_held_by(mutex, task)) {
        sy_misuse(MISUSE_WAIT_WITHOUT_MUTEX, (uintptr_t)mutex_storage);
    }
    fetch_add_relaxed(&cond->waiters, 1); // relaxed: see above
    struct unlocked wait = {.cond = cond, .mutex = mutex, .deadline = deadline};
    // relaxed: step 1, ordered by the mutex
    wait.signals = load_relaxed(&cond->signals);
    mutex_set_owner(mutex, 0);
    task_waits(task, WAIT_COND);
    int status = cancel_wait(task, wait_unlocked, &wait, deadline);
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

/* Step 2. */
static void count_signal(struct cond *cond)
{
    // relaxed: whom the signal is for counted itself under the mutex
    if (load_relaxed(&cond->waiters) != 0) {
        fetch_add_relaxed(&cond->signals, 1); // relaxed: see was_signalled
    }
}

void sy_cond_signal(sy_cond *storage)
{
    task_require("sy_cond_signal");
    struct cond *cond = cond_of(storage);
    count_signal(cond);
    pthread_cond_signal(&cond->changed);
}

void sy_cond_broadcast(sy_cond *storage)
{
    task_require("sy_cond_broadcast");
    struct cond *cond = cond_of(storage);
    count_signal(cond);
    pthread_cond_broadcast(&cond->changed);
}

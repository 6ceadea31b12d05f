/* barrier.c - nobody goes on before all have come. The last one that comes wakes the others.
 *
 * Who waits is in the line; `arrived` counts them, but also those that gave up (deadline,
 * cancellation), as nobody tells us. So it may be too large, never too small: who seems to be the
 * last one counts the line.
 *
 * Rejected: pthread_barrier_t. It has no deadline, and a task cannot be got out of it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include <switchyard/sync.h>

#include "park.h"
#include "task.h"

struct barrier {
    pthread_mutex_t lock;
    uint32_t parties; /* immutable */
    /* lock: */
    uint32_t arrived; /* >= how many wait */
    struct line waiters;
};

_Static_assert(sizeof(struct barrier) <= sizeof(sy_barrier), "sy_barrier is too small");
_Static_assert(_Alignof(struct barrier) <= _Alignof(sy_barrier), "sy_barrier: wrong alignment");

static struct barrier *barrier_of(sy_barrier *storage)
{
    return (void *)storage;
}

int sy_barrier_init(sy_barrier *storage, uint32_t parties)
{
    struct barrier *barrier = barrier_of(storage);
    if (parties == 0 || parties > INT32_MAX) {
        return -EINVAL;
    }
    *barrier = (struct barrier){.parties = parties};
    pthread_mutex_init(&barrier->lock, NULL);
    return 0;
}

int sy_barrier_destroy(sy_barrier *storage)
{
    struct barrier *barrier = barrier_of(storage);
    pthread_mutex_lock(&barrier->lock);
    bool busy = barrier->waiters.first != NULL;
    pthread_mutex_unlock(&barrier->lock);
    return busy ? -EBUSY : -pthread_mutex_destroy(&barrier->lock);
}

/* Under the lock. */
static bool is_last(struct barrier *barrier)
{
    if (barrier->arrived + 1 < barrier->parties) {
        return false;
    }
    barrier->arrived = 0;
    for (const struct waiter *waiter = barrier->waiters.first; waiter != NULL;
         waiter = waiter->next) {
        barrier->arrived++;
    }
    return barrier->arrived + 1 == barrier->parties;
}

static int wait_by(struct task *task, struct barrier *barrier, sy_time deadline)
{
    struct waiter waiter = {.task = task, .wait = WAIT_BARRIER};
    pthread_mutex_lock(&barrier->lock);
    if (is_last(barrier)) {
        struct waiter *others = line_take_all(&barrier->waiters, SERVED);
        barrier->arrived = 0;
        pthread_mutex_unlock(&barrier->lock);
        ready_all(others);
        return 1;
    }
    barrier->arrived++;
    line_join(&barrier->waiters, &waiter);
    enum outcome outcome = park(&barrier->lock, &barrier->waiters, &waiter, deadline);
    return outcome == SERVED ? 0 : park_error(outcome);
}

int sy_barrier_wait(sy_barrier *barrier)
{
    return wait_by(task_require("sy_barrier_wait"), barrier_of(barrier), SY_FOREVER);
}

int sy_barrier_wait_until(sy_barrier *barrier, sy_time deadline)
{
    return wait_by(task_require("sy_barrier_wait_until"), barrier_of(barrier), deadline);
}

/* barrier.c - nobody goes on before all have come. The last one that comes wakes the others.
 *
 * Who waits is in the queue; `arrived` counts them, but also those that gave up (deadline,
 * cancellation), as nobody tells us. So it may be too large, never too small: who seems to be the
 * last one counts the queue.
 */
#include <errno.h>

#include <switchyard/sync.h>
#include <switchyard/time.h>

#include "destroy.h"
#include "park.h"

struct barrier {
    struct lock lock;
    uint32_t parties; /* immutable */
    /* Guarded by lock. */
    uint32_t arrived; /* >= how many wait */
    struct waitq waiters;
};

_Static_assert(sizeof(struct barrier) <= sizeof(sy_barrier), "sy_barrier is too small");

static struct barrier *barrier_of(sy_barrier *barrier)
{
    return (struct barrier *)(void *)barrier;
}

int sy_barrier_init(sy_barrier *barrier, uint32_t parties)
{
    if (parties == 0 || parties > INT32_MAX) {
        return -EINVAL;
    }
    *barrier = (sy_barrier){{0}};
    barrier_of(barrier)->parties = parties;
    return 0;
}

int sy_barrier_destroy(sy_barrier *handle)
{
    struct barrier *barrier = barrier_of(handle);
    struct proc *proc = destroy_begin(&barrier->lock);
    return destroy_end(proc, barrier->waiters.first != NULL || lock_is_timed(&barrier->lock));
}

/* Under the lock. */
static bool is_last(struct barrier *barrier)
{
    if (barrier->arrived + 1 < barrier->parties) {
        return false;
    }
    barrier->arrived = 0;
    for (const struct task *task = barrier->waiters.first; task != NULL; task = task->next) {
        barrier->arrived++;
    }
    return barrier->arrived + 1 == barrier->parties;
}

static int wait_until(struct proc *proc, struct barrier *barrier, sy_time deadline)
{
    proc = lock_acquire_claim(proc, &barrier->lock);
    if (is_last(barrier)) {
        struct task *others = waitq_pop_all(&barrier->waiters);
        barrier->arrived = 0;
        lock_release(proc); /* the barrier may be gone as soon as they run */
        task_wake_all(proc, others, 0);
        proc_leave(proc);
        return 1;
    }
    if (deadline != SY_FOREVER && deadline <= sy_now()) {
        proc_leave(proc);
        return -ETIMEDOUT;
    }
    barrier->arrived++;
    waitq_push(&barrier->waiters, proc->current);
    return task_park_until(proc, proc->current, WAIT_BARRIER, barrier, &barrier->lock, deadline);
}

int sy_barrier_wait(sy_barrier *barrier)
{
    return wait_until(proc_enter(), barrier_of(barrier), SY_FOREVER);
}

int sy_barrier_wait_until(sy_barrier *barrier, sy_time deadline)
{
    return wait_until(proc_enter(), barrier_of(barrier), deadline);
}

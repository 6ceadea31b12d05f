/* waitgroup.c - waits until a counter is zero. The counter and the queue change under the lock, and
 * the waiters are woken when it is released: nobody touches the group after the last waiter knows.
 */
#include <errno.h>

#include <switchyard/sync.h>
#include <switchyard/time.h>

#include "base/misuse.h"
#include "destroy.h"
#include "park.h"

struct waitgroup {
    struct lock lock;
    /* Guarded by lock. */
    int32_t count; /* >= 0 */
    struct waitq waiters;
};

_Static_assert(sizeof(struct waitgroup) <= sizeof(sy_waitgroup), "sy_waitgroup is too small");

static struct waitgroup *waitgroup_of(sy_waitgroup *group)
{
    return (struct waitgroup *)(void *)group;
}

void sy_waitgroup_init(sy_waitgroup *group)
{
    *group = (sy_waitgroup)SY_WAITGROUP_INIT;
}

int sy_waitgroup_destroy(sy_waitgroup *handle)
{
    struct waitgroup *group = waitgroup_of(handle);
    struct proc *proc = destroy_begin(&group->lock);
    bool used = group->count != 0 || group->waiters.first != NULL || lock_is_timed(&group->lock);
    return destroy_end(proc, used);
}

static void add(struct proc *proc, struct waitgroup *group, int32_t delta)
{
    struct task *waiters = NULL;
    proc = lock_acquire_claim(proc, &group->lock);
    int64_t count = (int64_t)group->count + delta;
    if (unlikely(count < 0 || count > INT32_MAX)) {
        proc_leave(proc);
        sy_misuse(count < 0 ? MISUSE_WAITGROUP_NEGATIVE : MISUSE_WAITGROUP_OVERFLOW,
                  (uintptr_t)group);
    }
    group->count = (int32_t)count;
    if (count == 0) {
        waiters = waitq_pop_all(&group->waiters);
    }
    lock_release(proc);
    task_wake_all(proc, waiters, 0);
    proc_leave(proc);
}

void sy_waitgroup_add(sy_waitgroup *group, int32_t delta)
{
    add(proc_enter(), waitgroup_of(group), delta);
}

void sy_waitgroup_done(sy_waitgroup *group)
{
    struct waitgroup *own = waitgroup_of(group);
    struct proc *proc = proc_enter();
    if (likely(lock_is_ours(proc, &own->lock) && own->count > 1)) {
        own->count--; /* no function call, and so no registers saved */
        proc_leave_biased(proc);
        return;
    }
    add(proc, own, -1);
}

static int wait_until(struct proc *proc, struct waitgroup *group, sy_time deadline)
{
    proc = lock_acquire_claim(proc, &group->lock);
    if (group->count == 0 || (deadline != SY_FOREVER && deadline <= sy_now())) {
        int error = group->count == 0 ? 0 : -ETIMEDOUT;
        proc_leave(proc);
        return error;
    }
    struct task *self = proc->current;
    waitq_push(&group->waiters, self);
    return task_park_until(proc, self, WAIT_WAITGROUP, group, &group->lock, deadline);
}

int sy_waitgroup_wait(sy_waitgroup *group)
{
    return wait_until(proc_enter(), waitgroup_of(group), SY_FOREVER);
}

int sy_waitgroup_wait_until(sy_waitgroup *group, sy_time deadline)
{
    return wait_until(proc_enter(), waitgroup_of(group), deadline);
}

/* waitgroup.c - a counter and a line of waiters under a mutex.
 *
 * The storage may be reused as soon as one sy_waitgroup_wait has returned. Protocol:
 *  1. The add that reaches 0 takes all waiters out of the line, unlocks, and does not touch the
 *     group again: it wakes them through their tasks' semaphores (park.c), which are not in it.
 *  2. A wait that comes later finds 0 under the lock. It got the lock after the add in 1 released
 *     it, and POSIX allows a mutex to be destroyed by whoever locked it last and unlocked it.
 *  3. A woken waiter does not touch the group. One whose deadline passed does, but it is still
 *     waiting then: the group is in use.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include <switchyard/sync.h>

#include "base/fatal.h"
#include "base/misuse.h"
#include "park.h"
#include "task.h"

/* Zero bytes are a waitgroup with counter 0: glibc's PTHREAD_MUTEX_INITIALIZER is all zero (tested)
 * and so is an empty line. */
struct waitgroup {
    pthread_mutex_t lock;
    /* lock: */
    int32_t count;
    struct line waiters;
};

_Static_assert(sizeof(struct waitgroup) <= sizeof(sy_waitgroup), "sy_waitgroup is too small");
_Static_assert(_Alignof(struct waitgroup) <= _Alignof(sy_waitgroup), "sy_waitgroup is misaligned");

static struct waitgroup *waitgroup_of(sy_waitgroup *storage)
{
    return (void *)storage;
}

void sy_waitgroup_init(sy_waitgroup *storage)
{
    struct waitgroup *group = waitgroup_of(storage);
    pthread_mutex_init(&group->lock, NULL);
    group->count = 0;
    group->waiters = (struct line){0};
}

int sy_waitgroup_destroy(sy_waitgroup *storage)
{
    struct waitgroup *group = waitgroup_of(storage);
    pthread_mutex_lock(&group->lock);
    bool busy = group->count != 0 || group->waiters.first != NULL;
    pthread_mutex_unlock(&group->lock);
    return busy ? -EBUSY : -pthread_mutex_destroy(&group->lock);
}

static void add(struct waitgroup *group, int32_t delta)
{
    struct waiter *woken = NULL;
    int32_t count = 0;
    pthread_mutex_lock(&group->lock);
    bool overflow = __builtin_add_overflow(group->count, delta, &count);
    if (unlikely(overflow || count < 0)) {
        pthread_mutex_unlock(&group->lock);
        sy_misuse(overflow ? MISUSE_WAITGROUP_OVERFLOW : MISUSE_WAITGROUP_NEGATIVE,
                  (uintptr_t)group);
    }
    group->count = count;
    if (count == 0) {
        woken = line_take_all(&group->waiters, SERVED);
    }
    pthread_mutex_unlock(&group->lock);
    ready_all(woken);
}

void sy_waitgroup_add(sy_waitgroup *group, int32_t delta)
{
    task_require("sy_waitgroup_add");
    add(waitgroup_of(group), delta);
}

void sy_waitgroup_done(sy_waitgroup *group)
{
    task_require("sy_waitgroup_done");
    add(waitgroup_of(group), -1);
}

static int wait_by(struct waitgroup *group, struct task *task, sy_time deadline)
{
    pthread_mutex_lock(&group->lock);
    if (group->count == 0) {
        pthread_mutex_unlock(&group->lock);
        return 0;
    }
    struct waiter waiter = {.task = task, .wait = WAIT_WAITGROUP};
    line_join(&group->waiters, &waiter);
    enum outcome outcome = park(&group->lock, &group->waiters, &waiter, deadline);
    return outcome == SERVED ? 0 : park_error(outcome);
}

int sy_waitgroup_wait(sy_waitgroup *group)
{
    return wait_by(waitgroup_of(group), task_require("sy_waitgroup_wait"), SY_FOREVER);
}

int sy_waitgroup_wait_until(sy_waitgroup *group, sy_time deadline)
{
    return wait_by(waitgroup_of(group), task_require("sy_waitgroup_wait_until"), deadline);
}

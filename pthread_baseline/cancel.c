/* cancel.c - see cancel.h. */
#include "cancel.h"

#include <errno.h>

#include <switchyard/time.h>

#include "base/scope.h"
#include "deadline.h"
#include "task.h"

#define SLICE (10 * SY_MILLISECOND)

void cancel_begin(struct member *member)
{
    task_current()->member = member;
}

void cancel_end(void)
{
    task_current()->member = NULL;
}

struct member *cancel_mask_self(void)
{
    struct task *task = task_current();
    struct member *member = task->member;
    task->member = NULL;
    return member;
}

void cancel_unmask_self(struct member *member)
{
    task_current()->member = member;
}

struct member *cancel_self(const char *function)
{
    return task_require(function)->member;
}

void cancel_deliver(struct cancel *cancel)
{
    // relaxed: a mark that concerns nothing else in memory, looked at again and again
    store_relaxed(&cancel->cancelled, 1);
}

bool cancel_is_set(struct cancel *cancel)
{
    // relaxed: as above
    return load_relaxed(&cancel->cancelled) != 0;
}

int cancel_wait(struct task *task, int (*attempt)(void *object, sy_time limit), void *object,
                sy_time deadline)
{
    if (task->member == NULL) {
        return attempt(object, deadline);
    }
    for (;;) {
        bool cancelled = cancel_is_set(&task->member->cancel);
        sy_time slice = sy_now() + (cancelled ? 0 : SLICE);
        bool last = deadline <= slice;
        int status = attempt(object, last ? deadline : slice);
        if (status != -ETIMEDOUT || last) {
            return status;
        }
        if (cancelled) {
            return -ECANCELED;
        }
    }
}

static int sem_until(void *sem, sy_time limit)
{
    return sem_wait_by(sem, limit);
}

int cancel_sem_wait(struct task *task, sem_t *sem, sy_time deadline)
{
    return cancel_wait(task, sem_until, sem, deadline);
}

sy_time cancel_deadline(const struct task *task, sy_time deadline)
{
    return task->member != NULL && deadline == SY_FOREVER ? SY_FOREVER - 1 : deadline;
}

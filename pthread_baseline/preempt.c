/* preempt.c - critical regions: the kernel preempts threads whenever it likes, so they are only
 * counted. */
#include <switchyard/preempt.h>

#include "base/fatal.h"
#include "base/misuse.h"
#include "task.h"

void sy_nopreempt_begin(void)
{
    struct task *self = task_require(__func__);
    if (self->nopreempt >= SY_NOPREEMPT_DEPTH) {
        sy_misuse(MISUSE_NOPREEMPT_DEEP, self->nopreempt);
    }
    self->nopreempt++;
}

void sy_nopreempt_end(void)
{
    struct task *self = task_require(__func__);
    if (self->nopreempt == 0) {
        sy_misuse(MISUSE_NOPREEMPT_END, self->nopreempt);
    }
    self->nopreempt--;
}

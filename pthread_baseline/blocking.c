/* blocking.c - calls that block in the kernel: the task has a thread for itself anyway.
 *
 * Meanwhile the thread is that of no task, so that the call is as far outside of the runtime as in
 * the green one.
 */
#include <switchyard/io.h>

#include "task.h"

void *sy_blocking(void *(*fn)(void *arg), void *arg)
{
    struct task *task = task_require("sy_blocking");
    task_waits(task, WAIT_BLOCKING);
    task_hide();
    void *result = fn(arg);
    task_show(task);
    task_runs(task);
    return result;
}

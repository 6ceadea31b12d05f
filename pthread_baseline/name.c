/* name.c - naming a task. sy_task_get_name is in task.c: fatal messages need both it and sy_self.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "task.h"

/* Shows the name to debuggers and to ps, too. */
static void name_thread(const struct task *task)
{
    if (task == task_current() || (!task->ended && !task->joining)) {
        pthread_setname_np(task->thread, task->name);
    }
}

int sy_task_set_name(sy_task handle, const char *name)
{
    task_require("sy_task_set_name");
    if (name == NULL) {
        return -EINVAL;
    }
    struct task *task = task_lock(handle);
    if (task == NULL) {
        return -ESRCH;
    }
    snprintf(task->name, sizeof task->name, "%s", name);
    name_thread(task);
    slots_unlock(task);
    return 0;
}

/* name.c - naming a task. sy_task_get_name is in task.c: fatal messages need both it and sy_self.
 */
#include <errno.h>
#include <string.h>

#include "proc.h"

int sy_task_set_name(sy_task handle, const char *name)
{
    if (name == NULL) {
        return -EINVAL;
    }
    struct proc *proc = proc_enter();
    struct task *task = task_lock(&proc, handle);
    if (task != NULL) {
        strncpy(task->name, name, sizeof task->name - 1);
        task->name[sizeof task->name - 1] = '\0';
    }
    proc_leave(proc);
    return task != NULL ? 0 : -ESRCH;
}

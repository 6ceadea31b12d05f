/* local.c - where a task keeps its values (base/local.h): in its record, as pthread_getspecific
 * would be that of the thread, which sy_blocking hides. */
#include "base/local.h"

#include "task.h"

struct local **local_of_task(const char *function)
{
    return &task_require(function)->locals;
}

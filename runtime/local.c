/* local.c - where a green task keeps its values (base/local.h). */
#include "base/local.h"

#include "proc.h"

struct local **local_of_task(const char *function)
{
    struct task *self = proc_self()->current;
    if (unlikely(self == NULL)) {
        sy_fatal_outside_task(function);
    }
    return &self->locals;
}

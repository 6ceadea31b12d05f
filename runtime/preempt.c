/* preempt.c - see preempt.h. */
#include "preempt.h"

void preempt_at_prologue(void)
{
    /* nobody marks a task yet */
}

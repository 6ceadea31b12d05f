/* overflow.h - the report of a stack overflow: a SIGSEGV handler on the workers' signal stacks. */
#ifndef SWITCHYARD_OVERFLOW_H
#define SWITCHYARD_OVERFLOW_H

#include <stddef.h>

struct task;

/* Takes SIGSEGV over while the runtime runs. Faults that are no overflow of a task's or a worker's
 * stack, and no touch of a cold one, keep their meaning: see pass_signal.h. */
void overflow_install(void);
void overflow_remove(void);

/* The task needs more stack than it may have. Reports it, with a reason if it is another one than
 * the limit, and ends the process by SIGSEGV, as a fault would. */
_Noreturn void overflow_die(struct task *task, const void *sp, const char *reason);

#endif

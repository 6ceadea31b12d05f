/* overflow.h - the report of a stack overflow: a SIGSEGV handler on the workers' signal stacks. */
#ifndef SWITCHYARD_OVERFLOW_H
#define SWITCHYARD_OVERFLOW_H

/* Takes SIGSEGV over while the runtime runs. Faults that are no overflow of a task's stack keep
 * their meaning: the action from before is put back, and the instruction faults again. */
void overflow_install(void);
void overflow_remove(void);

#endif

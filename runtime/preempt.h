/* preempt.h - taking the processor away from a task. */
#ifndef SWITCHYARD_PREEMPT_H
#define SWITCHYARD_PREEMPT_H

/* The running task has met the mark that sysmon has put on it, `preempt`, at the check of its stack
 * in a function's prologue: on the task's stack, outside of sections, with the function's arguments
 * saved. May switch. */
void preempt_at_prologue(void);

#endif

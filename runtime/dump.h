/* dump.h - prints all tasks of a program that ends badly. */
#ifndef SWITCHYARD_DUMP_H
#define SWITCHYARD_DUMP_H

/* "fatal error: all tasks are asleep - deadlock!", every task, exit status 2. Called by the last
 * worker to go idle, under the scheduler's lock: nothing else runs any more. */
_Noreturn void dump_deadlock(void);

#endif

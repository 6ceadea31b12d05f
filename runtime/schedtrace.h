/* schedtrace.h - SWITCHYARD_DEBUG=schedtrace=MS: a line about the scheduler on stderr each period,
 * as Go's GODEBUG prints it:
 *   SCHED 1004ms: procs=2 idleprocs=1 workers=3 sleeping=2 spinning=0 blocked=0 runqueue=0 [0 3]
 * Since the start; procs that are not retired; OS threads, that of sy_run's caller included, and
 * how many of them have no proc and sleep, look for work, or are in a blocking call without a proc;
 * tasks in the global queue; tasks in the queue of each proc, in brackets.
 * Of sysmon alone.
 */
#ifndef SWITCHYARD_SCHEDTRACE_H
#define SWITCHYARD_SCHEDTRACE_H

#include <switchyard/types.h>

/* The run starts now. */
void schedtrace_start(void);

/* Prints the line if it is due. */
void schedtrace_tick(sy_time now);

/* When it is due next; SY_FOREVER: never. */
sy_time schedtrace_next(void);

#endif

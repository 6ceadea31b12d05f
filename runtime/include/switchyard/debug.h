/* debug.h - looking into a running program: a dump of all tasks, and traces of the schedule.
 *
 * SWITCHYARD_DEBUG holds words, separated by commas (green):
 *   schedtrace=MS  a line about the scheduler on stderr every MS milliseconds (1 ... 3,600,000)
 *   preempt=US     for tests: every US microseconds (10 ... 1,000,000) the running tasks are
 * preempted by all mechanisms (docs/preemption.md), whether others wait or not leaks          when
 * sy_run returns: the tasks that ended and were neither joined nor detached SIGQUIT dumps all tasks
 * and ends the process with status 2 (green).
 */
#ifndef SWITCHYARD_DEBUG_H
#define SWITCHYARD_DEBUG_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes all tasks to the descriptor: id, name, state, what it waits for and how long, where it was
 * spawned, its backtrace; then the cycles of tasks that wait for each other through mutexes and
 * joins. Baseline: id, name and state. All other tasks stand still meanwhile (green).
 * Returns how many cycles there are (baseline: 0). -EBADF. Does not switch. From a task. */
int sy_dump(int fd);

/* Starts to record what the scheduler does, in a ring of `events` (1 ... 2^24) for each worker, of
 * which the newest are kept.
 *   -EINVAL  events out of range    -EBUSY  a trace is being recorded    -ENOMEM
 * Does not switch. From a task. */
int sy_trace_start(size_t events);

/* Ends the recording; what was recorded can be written until the next start or the end of sy_run.
 * -EINVAL: none is being recorded. Does not switch. From a task. */
int sy_trace_stop(void);

/* Writes what was recorded to the descriptor, in the text format of docs/protocol.md, a worker at a
 * time, oldest first. Returns the number of events, or -EBUSY while recording, -EINVAL if there is
 * nothing, or the error of write(2). Does not switch. From a task. */
ssize_t sy_trace_write(int fd);

#ifdef __cplusplus
}
#endif

#endif

/* types.h - what every other public header needs: time, results, handles.
 *
 * Results. Every call answers 0 or a positive count on success and a negative errno value on
 * failure, never the thread-local errno: that one goes stale when a task migrates to another
 * worker. A call that would wait, by a task whose scope was cancelled, answers -ECANCELED instead
 * (scope.h); so does one that waits meanwhile. Misuse that no program can handle (send on a closed
 * channel, unlock of an unlocked mutex, a call from outside a task) ends the process with one line
 * on stderr and exit status 2.
 *
 * Switching. A call that "may switch" may wait, and others run meanwhile. One that "does not
 * switch" never waits; but a task that has used up its time slice may be preempted anywhere, also
 * at such a call, unless it is in a region (sy_nopreempt_begin, preempt.h).
 *
 * Where a call may be made. "Task" means from within main_fn of sy_run or a task that it led to.
 * "Anywhere" includes foreign threads. No call may be made from a signal handler unless its
 * comment says so.
 */
#ifndef SWITCHYARD_TYPES_H
#define SWITCHYARD_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Nanoseconds on CLOCK_MONOTONIC; deadlines are points on that clock. */
typedef int64_t sy_time;

#define SY_NANOSECOND ((sy_time)1)
#define SY_MICROSECOND ((sy_time)1000)
#define SY_MILLISECOND ((sy_time)1000000)
#define SY_SECOND ((sy_time)1000000000)

/* A deadline that never passes. A deadline <= sy_now() has passed: the call tries once. */
#define SY_FOREVER INT64_MAX

/* A task. Slot and generation in one word: a stale handle gives -ESRCH, never a crash.
 * The zero handle names no task. Handles are values: copy and compare them freely. */
typedef struct sy_task {
    uint64_t id;
} sy_task;

/* A channel. As sy_task: a value, zero names no channel, stale gives -ESRCH. */
typedef struct sy_chan {
    uint64_t id;
} sy_chan;

#ifdef __cplusplus
}
#endif

#endif

/* debug.c - the tasks of a running program (dump.c), and traces of the schedule.
 *
 * While a trace is recorded, every switch goes through the scheduler context, which notes who stops
 * and who starts (worker.c), and making a task ready is a duty (scheduler.h). So the hot paths
 * hold no test of their own; the price of tracing is paid only while it is on.
 */
#include <errno.h>

#include <switchyard/debug.h>

#include "base/trace.h"
#include "dump.h"
#include "preempt.h"
#include "procs.h"
#include "tune.h"

int sy_dump(int fd)
{
    proc_leave(proc_enter()); /* from a task */
    return dump_live(fd, __builtin_return_address(0));
}

static void set_ticks(uint32_t ticks)
{
    store_relaxed(&scheduler.ticks, ticks); /* relaxed: each proc is told below */
    procs_hurry(0);
}

int sy_trace_start(size_t events)
{
    struct task *self = preempt_forbid(__func__); /* it seizes procs, and holds the trace's lock */
    int error = trace_start(events);
    if (error == 0) {
        scheduler_set_duty(DUTY_TRACE, true);
        set_ticks(1);
    }
    preempt_allow(self);
    return error;
}

int sy_trace_stop(void)
{
    struct task *self = preempt_forbid(__func__); /* as above */
    int error = trace_stop();
    if (error == 0) {
        scheduler_set_duty(DUTY_TRACE, false);
        set_ticks((tune_off & TUNE_NOHANDOFF) != 0 ? 1 : RUNQ_TICKS);
    }
    preempt_allow(self);
    return error;
}

ssize_t sy_trace_write(int fd)
{
    struct task *self = preempt_forbid(__func__); /* it holds the trace's lock */
    ssize_t events = trace_write(fd, "green");
    preempt_allow(self);
    return events;
}

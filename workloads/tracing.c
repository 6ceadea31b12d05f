/* tracing.c - see tracing.h. */
#include "tracing.h"

#include <errno.h>
#include <string.h>

/* Kept of each worker: the newest. */
#define TRACE_EVENTS 65536

int tracing_start(struct trial *trial)
{
    if (trial->trace_file < 0) {
        return 0;
    }
    int status = sy_trace_start(TRACE_EVENTS);
    return status < 0 ? trial_fail(trial, status, "no trace: %s", strerrorname_np(-status)) : 0;
}

void tracing_stop(struct trial *trial)
{
    if (trial->trace_file >= 0) {
        (void)sy_trace_stop(); /* it was started */
    }
}

void tracing_write(struct trial *trial)
{
    if (trial->trace_file < 0) {
        return;
    }
    ssize_t events = sy_trace_write(trial->trace_file);
    if (events == -EINVAL) {
        trial_fail(trial, -EINVAL, "%s had no epochs to trace", trial->workload->name);
    } else if (events < 0) {
        trial_fail(trial, (int)events, "the trace was not written: %s",
                   strerrorname_np((int)-events));
    } else {
        trial->trace_events = events;
    }
}

/* debug.c - the tasks of a running program, and traces of it. */
#include <switchyard/debug.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include <switchyard/stats.h>

#include "base/output.h"
#include "base/trace.h"
#include "task.h"

#define LINE_BYTES 128 /* the longest line of a dump */

/* What the task is doing, as far as it says so itself. */
static const char *state_of(const struct task *task)
{
    static const char *const states[WAITS] = {
        [WAIT_NOTHING] = "runs",
        [WAIT_JOIN] = "waits to join a task",
        [WAIT_CHAN_SEND] = "waits to send on a channel",
        [WAIT_CHAN_RECV] = "waits to receive from a channel",
        [WAIT_MUTEX] = "waits for a mutex",
        [WAIT_COND] = "waits on a condition",
        [WAIT_SEM] = "waits for a semaphore",
        [WAIT_WAITGROUP] = "waits for a waitgroup",
        [WAIT_SELECT] = "waits in a select",
        [WAIT_RWLOCK] = "waits for an rwlock",
        [WAIT_ONCE] = "waits for a once",
        [WAIT_BARRIER] = "waits at a barrier",
        [WAIT_SLEEP] = "sleeps",
        [WAIT_READ] = "reads from a descriptor",
        [WAIT_WRITE] = "writes to a descriptor",
        [WAIT_BLOCKING] = "is in a blocking call",
    };
    // relaxed: a snapshot of what the task noted
    return task->ended ? "has ended, and was neither joined nor detached"
                       : states[load_relaxed(&task->wait)];
}

/* After a line that could not be written the others are left out. */
struct dump {
    int fd;
    int status;
};

static void dump_task(const struct task *task, void *arg)
{
    struct dump *dump = arg;
    char line[LINE_BYTES];
    int length = snprintf(line, sizeof line, "task %u \"%s\": %s\n", handle_number(task->handle.id),
                          task->name, state_of(task));
    if (dump->status == 0) {
        dump->status = output_write(dump->fd, line, (size_t)length);
    }
}

int sy_dump(int fd)
{
    struct dump dump = {.fd = fd};
    task_require("sy_dump");
    if (fcntl(fd, F_GETFD) < 0) {
        return -EBADF;
    }
    task_each(dump_task, &dump);
    return dump.status == -EBADF ? -EBADF : 0; /* not open for writing */
}

int sy_trace_start(size_t events)
{
    task_require("sy_trace_start");
    return trace_start(events);
}

int sy_trace_stop(void)
{
    task_require("sy_trace_stop");
    return trace_stop();
}

ssize_t sy_trace_write(int fd)
{
    task_require("sy_trace_write");
    return trace_write(fd, sy_backend());
}

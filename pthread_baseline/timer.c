/* timer.c - sleeping: the kernel wakes the thread. */
#include <errno.h>
#include <time.h>

#include <switchyard/task.h>
#include <switchyard/time.h>

#include "cancel.h"
#include "deadline.h"
#include "task.h"

/* The deadline is absolute, so a sleep that a signal interrupted just goes on. One for ever goes on
 * in the end, too. */
static int sleep_until(void *unused, sy_time deadline)
{
    struct timespec limit = deadline_timespec(deadline);
    int status = 0;
    (void)unused;
    do {
        status = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &limit, NULL);
    } while (status == EINTR || deadline == SY_FOREVER);
    return -ETIMEDOUT;
}

static int sleep_by(struct task *task, sy_time deadline)
{
    if (deadline <= sy_now()) { /* need not wait, so it is not cancelled either */
        sy_yield();
        return 0;
    }
    task_waits(task, WAIT_SLEEP);
    int status = cancel_wait(task, sleep_until, NULL, deadline);
    task_runs(task);
    return status == -ETIMEDOUT ? 0 : status;
}

int sy_sleep(sy_time duration)
{
    struct task *task = task_require("sy_sleep");
    sy_time deadline = 0;
    if (duration <= 0) {
        sy_yield();
        return 0;
    }
    if (__builtin_add_overflow(sy_now(), duration, &deadline)) {
        deadline = SY_FOREVER;
    }
    return sleep_by(task, deadline);
}

int sy_sleep_until(sy_time deadline)
{
    return sleep_by(task_require("sy_sleep_until"), deadline);
}

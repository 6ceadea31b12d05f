/* timer.c - sleeping: the kernel wakes the thread. */
#include <errno.h>
#include <sched.h>
#include <time.h>

#include <switchyard/time.h>

#include "deadline.h"
#include "task.h"

/* The deadline is absolute, so a sleep that a signal interrupted just goes on. One for ever goes on
 * in the end, too. */
static void sleep_by(sy_time deadline)
{
    struct timespec limit = deadline_timespec(deadline);
    int status = 0;
    do {
        status = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &limit, NULL);
    } while (status == EINTR || deadline == SY_FOREVER);
}

int sy_sleep(sy_time duration)
{
    sy_time deadline = 0;
    task_require("sy_sleep");
    if (duration <= 0) {
        sched_yield();
        return 0;
    }
    if (__builtin_add_overflow(sy_now(), duration, &deadline)) {
        deadline = SY_FOREVER;
    }
    sleep_by(deadline);
    return 0;
}

int sy_sleep_until(sy_time deadline)
{
    task_require("sy_sleep_until");
    sleep_by(deadline);
    return 0;
}

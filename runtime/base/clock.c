/* clock.c - the clock of both runtimes. */
#include <time.h>

#include <switchyard/time.h>

sy_time sy_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock exists and &now is valid */
    return (sy_time)now.tv_sec * SY_SECOND + now.tv_nsec;
}

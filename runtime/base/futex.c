/* futex.c - see futex.h and futex(2). FUTEX_WAIT_BITSET takes an absolute monotonic deadline, so
 * an interrupted wait needs no recomputed time-out. */
#include "base/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int futex_wait(_Atomic uint32_t *word, uint32_t expected, sy_time deadline)
{
    struct timespec limit = {.tv_sec = deadline / SY_SECOND, .tv_nsec = deadline % SY_SECOND};
    if (deadline < 0) {
        limit = (struct timespec){0};
    }
    long status = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                          deadline == SY_FOREVER ? NULL : &limit, NULL, FUTEX_BITSET_MATCH_ANY);
    return status < 0 && errno == ETIMEDOUT ? -ETIMEDOUT : 0;
}

int futex_wake(_Atomic uint32_t *word, int count)
{
    long woken = syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count);
    return woken < 0 ? 0 : (int)woken;
}

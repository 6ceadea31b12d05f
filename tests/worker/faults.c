/* faults.c - calls that go wrong, for tests/worker/proofs.c. Linked with --wrap into a worker of
 * its own, in front of the baseline. SWITCHYARD_TEST_FAULT names the one call that is broken; all
 * others do what they should.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <switchyard/switchyard.h>

#define WRITE_BROKEN 40 /* counted from 0: amid the requests that count */

static bool is_broken(const char *call)
{
    const char *fault = getenv("SWITCHYARD_TEST_FAULT");
    return fault != NULL && strcmp(fault, call) == 0;
}

int __real_sy_sleep(sy_time duration);
int __real_sy_sleep_until(sy_time deadline);
int __real_sy_timer_stop(sy_timer *timer);
void *__real_sy_blocking(void *(*fn)(void *arg), void *arg);
int __real_sy_join(sy_task task, void **result);
ssize_t __real_sy_write(int fd, const void *buffer, size_t bytes);
int __real_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                           struct timespec *left);
uint64_t __real_jobs_compute(uint64_t seed, uint64_t iterations);

int __wrap_sy_sleep(sy_time duration);
int __wrap_sy_sleep_until(sy_time deadline);
int __wrap_sy_timer_stop(sy_timer *timer);
void *__wrap_sy_blocking(void *(*fn)(void *arg), void *arg);
int __wrap_sy_join(sy_task task, void **result);
ssize_t __wrap_sy_write(int fd, const void *buffer, size_t bytes);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                           struct timespec *left);
uint64_t __wrap_jobs_compute(uint64_t seed, uint64_t iterations);

/* Wakes at once. */
int __wrap_sy_sleep(sy_time duration)
{
    return is_broken("sleep") ? 0 : __real_sy_sleep(duration);
}

int __wrap_sy_sleep_until(sy_time deadline)
{
    return is_broken("sleep_until") ? 0 : __real_sy_sleep_until(deadline);
}

/* Stops it, and says that it was not armed. */
int __wrap_sy_timer_stop(sy_timer *timer)
{
    int answer = __real_sy_timer_stop(timer);
    return is_broken("timer_stop") ? 0 : answer;
}

/* Makes no call. */
void *__wrap_sy_blocking(void *(*fn)(void *arg), void *arg)
{
    return is_broken("blocking") ? NULL : __real_sy_blocking(fn, arg);
}

/* Delivers another result. */
int __wrap_sy_join(sy_task task, void **result)
{
    int status = __real_sy_join(task, result);
    if (is_broken("join") && result != NULL) {
        *result = (char *)*result + 1;
    }
    return status;
}

/* Changes one bit, in the last byte of the write number WRITE_BROKEN. */
ssize_t __wrap_sy_write(int fd, const void *buffer, size_t bytes)
{
    static atomic_int writes;
    char copy[1024];
    if (!is_broken("write") || atomic_fetch_add(&writes, 1) != WRITE_BROKEN ||
        bytes > sizeof copy) {
        return __real_sy_write(fd, buffer, bytes);
    }
    memcpy(copy, buffer, bytes);
    copy[bytes - 1] ^= 1;
    return __real_sy_write(fd, copy, bytes);
}

/* Does not block. */
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                           struct timespec *left)
{
    return is_broken("nanosleep") ? 0 : __real_clock_nanosleep(clock, flags, time, left);
}

/* Gives a wrong result, once. */
uint64_t __wrap_jobs_compute(uint64_t seed, uint64_t iterations)
{
    static atomic_flag used = ATOMIC_FLAG_INIT;
    uint64_t result = __real_jobs_compute(seed, iterations);
    return is_broken("compute") && !atomic_flag_test_and_set(&used) ? result + 1 : result;
}

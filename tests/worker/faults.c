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
#define CALL_BROKEN 40  /* the same for other calls */

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
int __real_sy_spawn(sy_task *task, sy_task_fn fn, void *arg);
int __real_sy_chan_recv(sy_chan chan, void *element);
int __real_sy_sem_wait(sy_sem *sem);
int __real_sy_mutex_lock(sy_mutex *mutex);
void __real_sy_mutex_unlock(sy_mutex *mutex);

int __wrap_sy_sleep(sy_time duration);
int __wrap_sy_sleep_until(sy_time deadline);
int __wrap_sy_timer_stop(sy_timer *timer);
void *__wrap_sy_blocking(void *(*fn)(void *arg), void *arg);
int __wrap_sy_join(sy_task task, void **result);
ssize_t __wrap_sy_write(int fd, const void *buffer, size_t bytes);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                           struct timespec *left);
uint64_t __wrap_jobs_compute(uint64_t seed, uint64_t iterations);
int __wrap_sy_spawn(sy_task *task, sy_task_fn fn, void *arg);
int __wrap_sy_chan_recv(sy_chan chan, void *element);
int __wrap_sy_sem_wait(sy_sem *sem);
int __wrap_sy_mutex_lock(sy_mutex *mutex);
void __wrap_sy_mutex_unlock(sy_mutex *mutex);

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

static void *do_nothing(void *arg)
{
    return arg;
}

/* The first task does not do its work. */
int __wrap_sy_spawn(sy_task *task, sy_task_fn fn, void *arg)
{
    static atomic_flag used = ATOMIC_FLAG_INIT;
    bool idle = is_broken("spawn") && !atomic_flag_test_and_set(&used);
    return __real_sy_spawn(task, idle ? do_nothing : fn, arg);
}

/* Changes one bit, in the first byte of an element. */
int __wrap_sy_chan_recv(sy_chan chan, void *element)
{
    static atomic_int receives;
    int status = __real_sy_chan_recv(chan, element);
    if (is_broken("recv") && atomic_fetch_add(&receives, 1) == CALL_BROKEN && element != NULL) {
        *(unsigned char *)element ^= 1;
    }
    return status;
}

/* Returns without a permit, now and then: a single time may do no harm, if the other thread is just
 * through. */
int __wrap_sy_sem_wait(sy_sem *sem)
{
    static atomic_int waits;
    bool early = is_broken("sem_wait") && (atomic_fetch_add(&waits, 1) + 1) % CALL_BROKEN == 0;
    return early ? 0 : __real_sy_sem_wait(sem);
}

/* Whoever holds one mutex gets no second one. */
static _Thread_local int mutexes_held;

int __wrap_sy_mutex_lock(sy_mutex *mutex)
{
    bool without = is_broken("second_mutex") && mutexes_held > 0;
    mutexes_held++;
    return without ? 0 : __real_sy_mutex_lock(mutex);
}

/* The second one is given back first. */
void __wrap_sy_mutex_unlock(sy_mutex *mutex)
{
    mutexes_held--;
    if (!is_broken("second_mutex") || mutexes_held == 0) {
        __real_sy_mutex_unlock(mutex);
    }
}

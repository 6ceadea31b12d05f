/* deadline.c - see deadline.h. */
#include "deadline.h"

#include <errno.h>

int mutex_lock_by(pthread_mutex_t *mutex, sy_time deadline)
{
    if (deadline == SY_FOREVER) {
        return -pthread_mutex_lock(mutex);
    }
    struct timespec limit = deadline_timespec(deadline);
    return -pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &limit);
}

int sem_wait_by(sem_t *sem, sy_time deadline)
{
    struct timespec limit = deadline_timespec(deadline);
    int status = 0;
    do {
        status =
            deadline == SY_FOREVER ? sem_wait(sem) : sem_clockwait(sem, CLOCK_MONOTONIC, &limit);
    } while (status != 0 && errno == EINTR); // a signal was handled; the deadline is absolute
    return status == 0 ? 0 : -errno;
}

int thread_join_by(pthread_t thread, void **result, sy_time deadline)
{
    if (deadline == SY_FOREVER) {
        return -pthread_join(thread, result);
    }
    struct timespec limit = deadline_timespec(deadline);
    return -pthread_clockjoin_np(thread, result, CLOCK_MONOTONIC, &limit);
}

/* deadline_tsan.c - deadline.h for builds with ThreadSanitizer.
 *
 * The ThreadSanitizer of gcc 12 and clang 14 does not know pthread_mutex_clocklock, sem_clockwait
 * and pthread_clockjoin_np, and would report locks and threads that it never saw. It knows their
 * elder brothers on the wall clock. A deadline is translated once, so it moves if the wall clock is
 * set meanwhile: good enough for a checking build, and only used there.
 */
#include "deadline.h"

#include <errno.h>

#include <switchyard/time.h>

/* The point on the wall clock that is as far away as the deadline is on the monotonic one. */
static struct timespec wall_clock(sy_time deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    sy_time wall = (sy_time)now.tv_sec * SY_SECOND + now.tv_nsec;
    sy_time left = (deadline < 0 ? 0 : deadline) - sy_now();
    sy_time limit = 0;
    if (__builtin_add_overflow(wall, left, &limit)) {
        limit = SY_FOREVER;
    }
    return deadline_timespec(limit);
}

int mutex_lock_by(pthread_mutex_t *mutex, sy_time deadline)
{
    if (deadline == SY_FOREVER) {
        return -pthread_mutex_lock(mutex);
    }
    struct timespec limit = wall_clock(deadline);
    return -pthread_mutex_timedlock(mutex, &limit);
}

int sem_wait_by(sem_t *sem, sy_time deadline)
{
    struct timespec limit = wall_clock(deadline);
    int status = 0;
    do {
        status = deadline == SY_FOREVER ? sem_wait(sem) : sem_timedwait(sem, &limit);
    } while (status != 0 && errno == EINTR); // a signal was handled; the deadline is absolute
    return status == 0 ? 0 : -errno;
}

int thread_join_by(pthread_t thread, void **result, sy_time deadline)
{
    if (deadline == SY_FOREVER) {
        return -pthread_join(thread, result);
    }
    struct timespec limit = wall_clock(deadline);
    return -pthread_timedjoin_np(thread, result, &limit);
}

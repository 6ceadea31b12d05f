/* deadline.h - the blocking calls of libc with a deadline on the monotonic clock.
 *
 * They return 0 or -ETIMEDOUT. SY_FOREVER takes the plain call without a deadline; a deadline that
 * has passed tries once. Two files implement them, chosen by CMake: deadline.c, and deadline_tsan.c
 * for builds with ThreadSanitizer.
 */
#ifndef SWITCHYARD_PTHREAD_DEADLINE_H
#define SWITCHYARD_PTHREAD_DEADLINE_H

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include <switchyard/types.h>

int mutex_lock_by(pthread_mutex_t *mutex, sy_time deadline);
int sem_wait_by(sem_t *sem, sy_time deadline);
int thread_join_by(pthread_t thread, void **result, sy_time deadline);

/* Times before the start of the clock are not valid for libc; they have passed all the same. */
static inline struct timespec deadline_timespec(sy_time deadline)
{
    sy_time valid = deadline < 0 ? 0 : deadline;
    return (struct timespec){.tv_sec = valid / SY_SECOND, .tv_nsec = valid % SY_SECOND};
}

#endif

/* sync.h - mutex, condition variable, semaphore, waitgroup.
 *
 * The caller owns the storage; it is opaque and of the same size for both runtimes. All zero bytes
 * are a valid initial state of a mutex, a condition variable and a waitgroup, so static storage
 * and SY_..._INIT need no call. An object must not be copied, moved or freed while in use, which is
 * until every call on it has returned, also one that waits with a deadline and has been woken;
 * destroy answers -EBUSY as long as it sees such a call.
 * Waiters are served first come, first served unless said otherwise; in the baseline as far as libc
 * does: a thread that has not gone to sleep yet may take the signal or permit of an earlier one.
 */
#ifndef SWITCHYARD_SYNC_H
#define SWITCHYARD_SYNC_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Mutex: not recursive; only the task that locked it may unlock it ----------------------- */

typedef struct sy_mutex {
    uint64_t sy_opaque[8];
} sy_mutex;

#define SY_MUTEX_INIT                                                                              \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* Makes the storage an unlocked mutex. Anywhere. */
void sy_mutex_init(sy_mutex *mutex);

/* Ends its use: -EBUSY if it is locked. Anywhere. */
int sy_mutex_destroy(sy_mutex *mutex);

/* Locks it; waits while another task holds it. Returns 0, or -EDEADLK if the caller holds it.
 * A running task may overtake those that wait. Green: a waiter that was overtaken once is handed
 * the mutex directly; baseline: as fair as a pthread mutex. May switch. From a task. */
int sy_mutex_lock(sy_mutex *mutex);

/* As sy_mutex_lock, but -ETIMEDOUT once the deadline has passed. May switch. From a task. */
int sy_mutex_lock_until(sy_mutex *mutex, sy_time deadline);

/* As sy_mutex_lock, but -EBUSY instead of waiting. Does not switch. From a task. */
int sy_mutex_trylock(sy_mutex *mutex);

/* Unlocks it. Misuse: the mutex is not locked, or another task holds it.
 * Does not switch. From a task. */
void sy_mutex_unlock(sy_mutex *mutex);

/* --- Condition variable ---------------------------------------------------------------------- */

typedef struct sy_cond {
    uint64_t sy_opaque[8];
} sy_cond;

#define SY_COND_INIT                                                                               \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* Makes the storage a condition variable without waiters. Anywhere. */
void sy_cond_init(sy_cond *cond);

/* Ends its use: -EBUSY if tasks wait. Anywhere. */
int sy_cond_destroy(sy_cond *cond);

/* Unlocks mutex, waits for a signal, locks mutex again; may wake without a signal, so wait in a
 * loop. Returns 0. Misuse: the caller does not hold mutex. May switch. From a task. */
int sy_cond_wait(sy_cond *cond, sy_mutex *mutex);

/* As sy_cond_wait, but -ETIMEDOUT once the deadline has passed; the mutex is locked again either
 * way, however long that takes. May switch. From a task. */
int sy_cond_wait_until(sy_cond *cond, sy_mutex *mutex, sy_time deadline);

/* Wakes one waiter, or all. Do not switch. From a task. */
void sy_cond_signal(sy_cond *cond);
void sy_cond_broadcast(sy_cond *cond);

/* --- Counting semaphore ---------------------------------------------------------------------- */

typedef struct sy_sem {
    uint64_t sy_opaque[8];
} sy_sem;

#define SY_SEM_COUNT_MAX INT32_MAX

/* Makes the storage a semaphore with count permits: -EINVAL above SY_SEM_COUNT_MAX. Anywhere. */
int sy_sem_init(sy_sem *sem, uint32_t count);

/* Ends its use: -EBUSY if tasks wait. Anywhere. */
int sy_sem_destroy(sy_sem *sem);

/* Takes a permit; waits while there is none. Returns 0. May switch. From a task. */
int sy_sem_wait(sy_sem *sem);

/* As sy_sem_wait, but -ETIMEDOUT once the deadline has passed. May switch. From a task. */
int sy_sem_wait_until(sy_sem *sem, sy_time deadline);

/* As sy_sem_wait, but -EAGAIN instead of waiting. Does not switch. From a task. */
int sy_sem_trywait(sy_sem *sem);

/* Returns a permit: -EOVERFLOW beyond SY_SEM_COUNT_MAX. Does not switch. From a task. */
int sy_sem_post(sy_sem *sem);

/* --- Waitgroup: waits until a counter is zero ------------------------------------------------ */

typedef struct sy_waitgroup {
    uint64_t sy_opaque[16];
} sy_waitgroup;

#define SY_WAITGROUP_INIT                                                                          \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* Makes the storage a waitgroup with counter 0. Anywhere. */
void sy_waitgroup_init(sy_waitgroup *group);

/* Ends its use: -EBUSY if the counter is not 0 or tasks wait. Anywhere. */
int sy_waitgroup_destroy(sy_waitgroup *group);

/* Adds delta, which may be negative; at 0 all waiters wake. An add from 0 must happen before the
 * wait that it is to hold. Misuse: the counter would leave 0 ... INT32_MAX.
 * Does not switch. From a task. */
void sy_waitgroup_add(sy_waitgroup *group, int32_t delta);

/* sy_waitgroup_add(group, -1). */
void sy_waitgroup_done(sy_waitgroup *group);

/* Waits until the counter is 0. Returns 0. May switch. From a task. When it returns, no task is
 * inside sy_waitgroup_done any more: the storage may be reused. */
int sy_waitgroup_wait(sy_waitgroup *group);

/* As sy_waitgroup_wait, but -ETIMEDOUT once the deadline has passed. May switch. From a task. */
int sy_waitgroup_wait_until(sy_waitgroup *group, sy_time deadline);

#ifdef __cplusplus
}
#endif

#endif

/* sync.h - mutex, condition variable, semaphore, waitgroup, reader-writer lock, once, barrier.
 *
 * The caller owns the storage; it is opaque and of the same size for both runtimes. All zero bytes
 * are a valid initial state, except of a semaphore and a barrier, so static storage and SY_..._INIT
 * need no call. An object must not be copied, moved or freed while in use, which is
 * until every call on it has returned, also one that waits with a deadline and has been woken;
 * destroy answers -EBUSY as long as it sees such a call.
 * Waiters are served first come, first served unless said otherwise; in the baseline as far as libc
 * does: a thread that has not gone to sleep yet may take the signal or permit of an earlier one.
 * Every call that waits answers -ECANCELED instead when the caller's scope was cancelled (scope.h).
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
 * A running task may overtake those that wait. Green: who was woken and overtaken, and came more
 * than about 1 ms ago, is handed the mutex by the next unlock, as in Go; baseline: as fair as a
 * pthread mutex.
 * May switch. From a task. */
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

/* --- Reader-writer lock: many readers or one writer; not recursive ---------------------------- */

typedef struct sy_rwlock {
    uint64_t sy_opaque[16];
} sy_rwlock;

#define SY_RWLOCK_INIT                                                                             \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* Makes the storage an unlocked rwlock. Anywhere. */
void sy_rwlock_init(sy_rwlock *rwlock);

/* Ends its use: -EBUSY if it is locked. Anywhere. */
int sy_rwlock_destroy(sy_rwlock *rwlock);

/* Locks it for reading; waits while a writer holds it or waits for it. So no writer starves, and a
 * reader that locks it again may wait for itself. When a writer unlocks it, all readers that wait
 * go first: a reader waits for one writer at most.
 * Returns 0, or -EDEADLK if the caller holds it for writing, or -ECANCELED (see scope.h).
 * Source: Brandenburg and Anderson, "Reader-writer synchronization for shared-memory multiprocessor
 * real-time systems" (2009; phase-fair locks). May switch. From a task. */
int sy_rwlock_read_lock(sy_rwlock *rwlock);

/* Locks it for writing; waits while others hold it. Returns 0, or -EDEADLK if the caller holds it
 * for writing, or -ECANCELED. Writers go first come, first served. May switch. From a task. */
int sy_rwlock_write_lock(sy_rwlock *rwlock);

/* As above, but -ETIMEDOUT once the deadline has passed. May switch. From a task. */
int sy_rwlock_read_lock_until(sy_rwlock *rwlock, sy_time deadline);
int sy_rwlock_write_lock_until(sy_rwlock *rwlock, sy_time deadline);

/* As above, but -EBUSY instead of waiting. Do not switch. From a task. */
int sy_rwlock_read_trylock(sy_rwlock *rwlock);
int sy_rwlock_write_trylock(sy_rwlock *rwlock);

/* Gives a reader's hold back. Misuse: no reader holds it. Does not switch. From a task. */
void sy_rwlock_read_unlock(sy_rwlock *rwlock);

/* Unlocks it. Misuse: the caller does not hold it for writing. Does not switch. From a task. */
void sy_rwlock_write_unlock(sy_rwlock *rwlock);

/* --- Once ------------------------------------------------------------------------------------ */

typedef struct sy_once {
    uint64_t sy_opaque[16];
} sy_once;

#define SY_ONCE_INIT                                                                               \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* The first call runs fn(arg), which must return; calls that come meanwhile wait until it has.
 * Whoever gets 0 sees all that it did. Returns 0, or
 *   -EINVAL     fn is NULL
 *   -EDEADLK    the caller is in fn itself
 *   -ECANCELED  see scope.h; fn is not run by this call
 * May switch. From a task. */
int sy_once_do(sy_once *once, void (*fn)(void *arg), void *arg);

/* As sy_once_do, but -ETIMEDOUT if another task is still in fn when the deadline has passed.
 * May switch. From a task. */
int sy_once_do_until(sy_once *once, void (*fn)(void *arg), void *arg, sy_time deadline);

/* --- Barrier: nobody goes on before all have come --------------------------------------------- */

typedef struct sy_barrier {
    uint64_t sy_opaque[16];
} sy_barrier;

/* Makes the storage a barrier for that many tasks: -EINVAL unless 1 ... INT32_MAX. Anywhere. */
int sy_barrier_init(sy_barrier *barrier, uint32_t parties);

/* Ends its use: -EBUSY if tasks wait. Anywhere. */
int sy_barrier_destroy(sy_barrier *barrier);

/* Waits until `parties` tasks have called it, which then all go on, and the barrier begins anew.
 * Returns 1 to the last one that came, 0 to the others, or -ECANCELED (see scope.h), when this call
 * does not count as having come. May switch. From a task. */
int sy_barrier_wait(sy_barrier *barrier);

/* As sy_barrier_wait, but -ETIMEDOUT once the deadline has passed, when this call does not count.
 * May switch. From a task. */
int sy_barrier_wait_until(sy_barrier *barrier, sy_time deadline);

#ifdef __cplusplus
}
#endif

#endif

/* mutex.c - sy_mutex is a pthread_mutex_t that knows its owner.
 *
 * Protocol:
 *  1. The owner word holds the handle of the task that has the mutex, 0 if none. It is written only
 *     by the task that holds the pthread mutex: set after locking, cleared before unlocking.
 *  2. A task compares the word with its own handle only. It reads its own handle exactly if it has
 *     the mutex itself: only it writes that value, and only it takes it away. Any other value may
 *     be stale, and is used only to choose the words of a fatal message.
 * So relaxed accesses suffice; the pthread mutex orders everything else. Fairness is what libc
 * gives: a running task may overtake those that wait.
 */
#include "mutex.h"

#include <errno.h>

#include "base/fatal.h"
#include "base/misuse.h"
#include "cancel.h"
#include "deadline.h"
#include "task.h"

_Static_assert(sizeof(struct mutex) <= sizeof(sy_mutex), "sy_mutex is too small");
_Static_assert(_Alignof(struct mutex) <= _Alignof(sy_mutex), "sy_mutex is not aligned enough");

void sy_mutex_init(sy_mutex *storage)
{
    struct mutex *mutex = mutex_of(storage);
    pthread_mutex_init(&mutex->lock, NULL);
    // relaxed: nobody else uses the storage yet
    store_relaxed(&mutex->owner, 0);
}

int sy_mutex_destroy(sy_mutex *storage)
{
    struct mutex *mutex = mutex_of(storage);
    // relaxed: an answer for a caller who knows that nobody locks it now
    if (load_relaxed(&mutex->owner) != 0) {
        return -EBUSY;
    }
    return -pthread_mutex_destroy(&mutex->lock);
}

static int lock_until(void *lock, sy_time limit)
{
    return mutex_lock_by(lock, limit);
}

/* The first try is what pthread_mutex_lock begins with, too; it tells whether the task waits. */
static int lock_by(struct mutex *mutex, struct task *task, sy_time deadline)
{
    if (mutex_is_held_by(mutex, task)) {
        return -EDEADLK;
    }
    int status = pthread_mutex_trylock(&mutex->lock);
    if (status != 0) {
        task_waits(task, WAIT_MUTEX);
        status = cancel_wait(task, lock_until, &mutex->lock, deadline);
        task_runs(task);
    }
    if (status == 0) {
        mutex_set_owner(mutex, task->handle.id);
    }
    return status;
}

int sy_mutex_lock(sy_mutex *mutex)
{
    return lock_by(mutex_of(mutex), task_require("sy_mutex_lock"), SY_FOREVER);
}

int sy_mutex_lock_until(sy_mutex *mutex, sy_time deadline)
{
    return lock_by(mutex_of(mutex), task_require("sy_mutex_lock_until"), deadline);
}

int sy_mutex_trylock(sy_mutex *storage)
{
    const struct task *task = task_require("sy_mutex_trylock");
    struct mutex *mutex = mutex_of(storage);
    if (mutex_is_held_by(mutex, task)) {
        return -EDEADLK;
    }
    int status = -pthread_mutex_trylock(&mutex->lock);
    if (status == 0) {
        mutex_set_owner(mutex, task->handle.id);
    }
    return status;
}

void sy_mutex_unlock(sy_mutex *storage)
{
    const struct task *task = task_require("sy_mutex_unlock");
    struct mutex *mutex = mutex_of(storage);
    if (unlikely(!mutex_is_held_by(mutex, task))) {
        // relaxed: chooses the words of the last message
        bool unlocked = load_relaxed(&mutex->owner) == 0;
        sy_misuse(unlocked ? MISUSE_UNLOCK_OF_UNLOCKED : MISUSE_UNLOCK_BY_OTHER,
                  (uintptr_t)storage);
    }
    mutex_set_owner(mutex, 0);
    pthread_mutex_unlock(&mutex->lock);
}

/* rwlock.c - reader-writer lock, phase-fair: under contention writers and groups of readers take
 * turns. A count and two lines under a mutex; who does what is as in runtime/rwlock.c.
 *
 * Rejected: pthread_rwlock_t. Zero bytes are one that lets writers starve, and where writers come
 * first, readers may.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include <switchyard/sync.h>

#include "base/fatal.h"
#include "base/misuse.h"
#include "park.h"
#include "task.h"

/* Zero bytes are an unlocked one: glibc's PTHREAD_MUTEX_INITIALIZER is all zero (tested) and so is
 * an empty line. */
struct rwlock {
    pthread_mutex_t lock;
    /* lock: */
    uint64_t writer;  /* handle of the task that holds it for writing, or 0 */
    uint32_t readers; /* how many hold it for reading */
    struct line reading;
    struct line writing;
};

_Static_assert(sizeof(struct rwlock) <= sizeof(sy_rwlock), "sy_rwlock is too small");
_Static_assert(_Alignof(struct rwlock) <= _Alignof(sy_rwlock), "sy_rwlock is not aligned enough");

static struct rwlock *rwlock_of(sy_rwlock *storage)
{
    return (void *)storage;
}

void sy_rwlock_init(sy_rwlock *storage)
{
    *storage = (sy_rwlock)SY_RWLOCK_INIT;
    pthread_mutex_init(&rwlock_of(storage)->lock, NULL);
}

int sy_rwlock_destroy(sy_rwlock *storage)
{
    struct rwlock *rwlock = rwlock_of(storage);
    pthread_mutex_lock(&rwlock->lock);
    bool busy = rwlock->writer != 0 || rwlock->readers != 0;
    pthread_mutex_unlock(&rwlock->lock);
    return busy ? -EBUSY : -pthread_mutex_destroy(&rwlock->lock);
}

/* --- Handing it over: under the lock; whom to wake ------------------------------------------- */

static struct waiter *admit_readers(struct rwlock *rwlock)
{
    struct waiter *first = line_take_all(&rwlock->reading, SERVED);
    for (const struct waiter *waiter = first; waiter != NULL; waiter = waiter->next) {
        rwlock->readers++;
    }
    return first;
}

static struct waiter *admit_writer(struct rwlock *rwlock)
{
    struct waiter *writer = line_take(&rwlock->writing, SERVED);
    rwlock->writer = writer == NULL ? 0 : writer->task->handle.id;
    if (writer != NULL) {
        writer->next = NULL; /* a list of one */
    }
    return writer;
}

static void unlock_and_wake(struct rwlock *rwlock, struct waiter *first)
{
    pthread_mutex_unlock(&rwlock->lock);
    ready_all(first);
}

/* --- Reading --------------------------------------------------------------------------------- */

static bool readable(const struct rwlock *rwlock)
{
    return rwlock->writer == 0 && rwlock->writing.first == NULL;
}

/* deadline NULL: do not wait. */
static int read_by(struct rwlock *rwlock, struct task *task, const sy_time *deadline)
{
    struct waiter waiter = {.task = task, .wait = WAIT_RWLOCK};
    pthread_mutex_lock(&rwlock->lock);
    if (readable(rwlock)) {
        rwlock->readers++;
        pthread_mutex_unlock(&rwlock->lock);
        return 0;
    }
    if (rwlock->writer == task->handle.id || deadline == NULL) {
        int status = rwlock->writer == task->handle.id ? -EDEADLK : -EBUSY;
        pthread_mutex_unlock(&rwlock->lock);
        return status;
    }
    line_join(&rwlock->reading, &waiter);
    enum outcome outcome = park(&rwlock->lock, &rwlock->reading, &waiter, *deadline);
    return outcome == SERVED ? 0 : park_error(outcome);
}

int sy_rwlock_read_lock(sy_rwlock *rwlock)
{
    sy_time deadline = SY_FOREVER;
    return read_by(rwlock_of(rwlock), task_require("sy_rwlock_read_lock"), &deadline);
}

int sy_rwlock_read_lock_until(sy_rwlock *rwlock, sy_time deadline)
{
    return read_by(rwlock_of(rwlock), task_require("sy_rwlock_read_lock_until"), &deadline);
}

int sy_rwlock_read_trylock(sy_rwlock *rwlock)
{
    return read_by(rwlock_of(rwlock), task_require("sy_rwlock_read_trylock"), NULL);
}

void sy_rwlock_read_unlock(sy_rwlock *storage)
{
    struct rwlock *rwlock = rwlock_of(storage);
    struct waiter *woken = NULL;
    task_require("sy_rwlock_read_unlock");
    pthread_mutex_lock(&rwlock->lock);
    if (unlikely(rwlock->readers == 0)) {
        pthread_mutex_unlock(&rwlock->lock);
        sy_misuse(MISUSE_READ_UNLOCK_OF_UNLOCKED, (uintptr_t)storage);
    }
    if (--rwlock->readers == 0) {
        woken = rwlock->writing.first != NULL ? admit_writer(rwlock) : admit_readers(rwlock);
    }
    unlock_and_wake(rwlock, woken);
}

/* --- Writing --------------------------------------------------------------------------------- */

/* The caller, which waited to write, does not any more. */
static int give_up(struct rwlock *rwlock, enum outcome outcome)
{
    pthread_mutex_lock(&rwlock->lock);
    unlock_and_wake(rwlock, readable(rwlock) ? admit_readers(rwlock) : NULL);
    return park_error(outcome);
}

/* deadline NULL: do not wait. */
static int write_by(struct rwlock *rwlock, struct task *task, const sy_time *deadline)
{
    struct waiter waiter = {.task = task, .wait = WAIT_RWLOCK};
    pthread_mutex_lock(&rwlock->lock);
    if (rwlock->writer == 0 && rwlock->readers == 0) {
        rwlock->writer = task->handle.id;
        pthread_mutex_unlock(&rwlock->lock);
        return 0;
    }
    if (rwlock->writer == task->handle.id || deadline == NULL) {
        int status = rwlock->writer == task->handle.id ? -EDEADLK : -EBUSY;
        pthread_mutex_unlock(&rwlock->lock);
        return status;
    }
    line_join(&rwlock->writing, &waiter);
    enum outcome outcome = park(&rwlock->lock, &rwlock->writing, &waiter, *deadline);
    return outcome == SERVED ? 0 : give_up(rwlock, outcome);
}

int sy_rwlock_write_lock(sy_rwlock *rwlock)
{
    sy_time deadline = SY_FOREVER;
    return write_by(rwlock_of(rwlock), task_require("sy_rwlock_write_lock"), &deadline);
}

int sy_rwlock_write_lock_until(sy_rwlock *rwlock, sy_time deadline)
{
    return write_by(rwlock_of(rwlock), task_require("sy_rwlock_write_lock_until"), &deadline);
}

int sy_rwlock_write_trylock(sy_rwlock *rwlock)
{
    return write_by(rwlock_of(rwlock), task_require("sy_rwlock_write_trylock"), NULL);
}

void sy_rwlock_write_unlock(sy_rwlock *storage)
{
    const struct task *task = task_require("sy_rwlock_write_unlock");
    struct rwlock *rwlock = rwlock_of(storage);
    pthread_mutex_lock(&rwlock->lock);
    if (unlikely(rwlock->writer != task->handle.id)) {
        pthread_mutex_unlock(&rwlock->lock);
        sy_misuse(MISUSE_WRITE_UNLOCK_BY_OTHER, (uintptr_t)storage);
    }
    rwlock->writer = 0;
    bool readers = rwlock->reading.first != NULL;
    unlock_and_wake(rwlock, readers ? admit_readers(rwlock) : admit_writer(rwlock));
}

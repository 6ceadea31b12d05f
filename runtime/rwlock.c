/* rwlock.c - reader-writer lock, phase-fair: under contention writers and groups of readers take
 * turns.
 *
 *   read lock     no writer, and none waits: one more reader. Else waits in line.
 *   write lock    nobody holds it: the writer. Else waits in line.
 *   read unlock   the last reader: hands it to the first writer that waits
 *   write unlock  hands it to all readers that wait; if there are none, to the first writer
 * What is handed is the waiter's before it runs: nobody overtakes. While nobody holds it, nobody
 * waits. Readers wait only while a writer has it or waits; so a writer that gives up, the last one
 * that waited, lets them in.
 * Source: Brandenburg and Anderson, "Reader-writer synchronization for shared-memory multiprocessor
 * real-time systems" (2009).
 */
#include <errno.h>

#include <switchyard/sync.h>
#include <switchyard/time.h>

#include "base/misuse.h"
#include "destroy.h"
#include "park.h"

struct rwlock {
    struct lock lock;
    /* Guarded by lock. */
    struct task *writer; /* who holds it for writing, or NULL */
    uint32_t readers;    /* how many hold it for reading */
    struct waitq reading;
    struct waitq writing;
};

_Static_assert(sizeof(struct rwlock) <= sizeof(sy_rwlock), "sy_rwlock is too small");

static struct rwlock *rwlock_of(sy_rwlock *rwlock)
{
    return (struct rwlock *)(void *)rwlock;
}

void sy_rwlock_init(sy_rwlock *rwlock)
{
    *rwlock = (sy_rwlock)SY_RWLOCK_INIT;
}

int sy_rwlock_destroy(sy_rwlock *handle)
{
    struct rwlock *rwlock = rwlock_of(handle);
    struct proc *proc = destroy_begin(&rwlock->lock);
    bool used = rwlock->writer != NULL || rwlock->readers != 0 || lock_is_timed(&rwlock->lock);
    return destroy_end(proc, used);
}

/* --- handing it over: under the lock; whom to wake with 0 ------------------------------------- */

static struct task *admit_readers(struct rwlock *rwlock)
{
    struct task *first = waitq_pop_all(&rwlock->reading);
    for (const struct task *task = first; task != NULL; task = task->next) {
        rwlock->readers++;
    }
    return first;
}

static struct task *admit_writer(struct rwlock *rwlock)
{
    struct task *writer = waitq_pop(&rwlock->writing);
    rwlock->writer = writer;
    if (writer != NULL) {
        writer->next = NULL; /* a list of one */
    }
    return writer;
}

/* Ends the section. The rwlock may be gone as soon as a waiter runs. */
static void leave_and_wake(struct proc *proc, struct task *first)
{
    lock_release(proc);
    task_wake_all(proc, first, 0);
    proc_leave(proc);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool readable(const struct rwlock *rwlock)
{
    return rwlock->writer == NULL && rwlock->writing.first == NULL;
}

/* Why the caller may not wait, or 0. */
static int wait_error(const struct rwlock *rwlock, const struct task *self, sy_time deadline)
{
    if (rwlock->writer == self) {
        return -EDEADLK;
    }
    return deadline != SY_FOREVER && deadline <= sy_now() ? -ETIMEDOUT : 0;
}

static int read_until(struct proc *proc, struct rwlock *rwlock, sy_time deadline)
{
    proc = lock_acquire_claim(proc, &rwlock->lock);
    if (likely(readable(rwlock))) {
        rwlock->readers++;
        proc_leave(proc);
        return 0;
    }
    struct task *self = proc->current;
    int error = wait_error(rwlock, self, deadline);
    if (error != 0) {
        proc_leave(proc);
        return error;
    }
    waitq_push(&rwlock->reading, self);
    return task_park_until(proc, self, WAIT_RWLOCK, rwlock, &rwlock->lock, deadline);
}

int sy_rwlock_read_lock(sy_rwlock *rwlock)
{
    return read_until(proc_enter(), rwlock_of(rwlock), SY_FOREVER);
}

int sy_rwlock_read_lock_until(sy_rwlock *rwlock, sy_time deadline)
{
    return read_until(proc_enter(), rwlock_of(rwlock), deadline);
}

int sy_rwlock_read_trylock(sy_rwlock *handle)
{
    struct rwlock *rwlock = rwlock_of(handle);
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &rwlock->lock);
    int error = readable(rwlock) ? 0 : -EBUSY;
    if (rwlock->writer == proc->current) {
        error = -EDEADLK;
    }
    if (error == 0) {
        rwlock->readers++;
    }
    proc_leave(proc);
    return error;
}

void sy_rwlock_read_unlock(sy_rwlock *handle)
{
    struct rwlock *rwlock = rwlock_of(handle);
    struct task *woken = NULL;
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &rwlock->lock);
    if (unlikely(rwlock->readers == 0)) {
        proc_leave(proc);
        sy_misuse(MISUSE_READ_UNLOCK_OF_UNLOCKED, (uintptr_t)handle);
    }
    if (--rwlock->readers == 0) {
        woken = rwlock->writing.first != NULL ? admit_writer(rwlock) : admit_readers(rwlock);
    }
    leave_and_wake(proc, woken);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* The caller, which waited to write, does not any more. */
static void give_up(struct rwlock *rwlock)
{
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &rwlock->lock);
    leave_and_wake(proc, readable(rwlock) ? admit_readers(rwlock) : NULL);
}

static int write_until(struct proc *proc, struct rwlock *rwlock, sy_time deadline)
{
    proc = lock_acquire_claim(proc, &rwlock->lock);
    struct task *self = proc->current;
    if (likely(rwlock->writer == NULL && rwlock->readers == 0)) {
        rwlock->writer = self;
        proc_leave(proc);
        return 0;
    }
    int error = wait_error(rwlock, self, deadline);
    if (error != 0) {
        proc_leave(proc);
        return error;
    }
    waitq_push(&rwlock->writing, self);
    int result = task_park_until(proc, self, WAIT_RWLOCK, rwlock, &rwlock->lock, deadline);
    if (result != 0) {
        give_up(rwlock);
    }
    return result;
}

int sy_rwlock_write_lock(sy_rwlock *rwlock)
{
    return write_until(proc_enter(), rwlock_of(rwlock), SY_FOREVER);
}

int sy_rwlock_write_lock_until(sy_rwlock *rwlock, sy_time deadline)
{
    return write_until(proc_enter(), rwlock_of(rwlock), deadline);
}

int sy_rwlock_write_trylock(sy_rwlock *handle)
{
    struct rwlock *rwlock = rwlock_of(handle);
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &rwlock->lock);
    int error = rwlock->writer == NULL && rwlock->readers == 0 ? 0 : -EBUSY;
    if (rwlock->writer == proc->current) {
        error = -EDEADLK;
    }
    if (error == 0) {
        rwlock->writer = proc->current;
    }
    proc_leave(proc);
    return error;
}

void sy_rwlock_write_unlock(sy_rwlock *handle)
{
    struct rwlock *rwlock = rwlock_of(handle);
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &rwlock->lock);
    if (unlikely(rwlock->writer != proc->current)) {
        proc_leave(proc);
        sy_misuse(MISUSE_WRITE_UNLOCK_BY_OTHER, (uintptr_t)handle);
    }
    rwlock->writer = NULL;
    bool readers = rwlock->reading.first != NULL;
    leave_and_wake(proc, readers ? admit_readers(rwlock) : admit_writer(rwlock));
}

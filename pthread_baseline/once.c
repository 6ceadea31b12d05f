/* once.c - runs a function once; whoever comes meanwhile waits. After that a call is one load.
 *
 * Rejected: pthread_once. It has no deadline and no argument, and a call from the function itself
 * waits for ever.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include <switchyard/sync.h>

#include "base/atomic.h"
#include "park.h"
#include "task.h"

/* Zero bytes are one that has not run: see rwlock.c. */
struct once {
    pthread_mutex_t lock;
    _Atomic uint32_t done; /* written under lock, read by anyone */
    /* lock: */
    uint64_t runner; /* handle of the task that is in the function, or 0 */
    struct line waiters;
};

_Static_assert(sizeof(struct once) <= sizeof(sy_once), "sy_once is too small");
_Static_assert(_Alignof(struct once) <= _Alignof(sy_once), "sy_once is not aligned enough");

static bool is_done(struct once *once)
{
    // acquire: pairs with the release in finish: what the function did is seen
    return load_acquire(&once->done) != 0;
}

static void finish(struct once *once)
{
    pthread_mutex_lock(&once->lock);
    // release: pairs with the acquire in is_done
    store_release(&once->done, 1);
    once->runner = 0;
    struct waiter *waiters = line_take_all(&once->waiters, SERVED);
    pthread_mutex_unlock(&once->lock);
    ready_all(waiters);
}

/* Under the lock, which it releases. */
static int wait_for_runner(struct once *once, struct task *task, sy_time deadline)
{
    struct waiter waiter = {.task = task, .wait = WAIT_ONCE};
    if (once->runner == task->handle.id) {
        pthread_mutex_unlock(&once->lock);
        return -EDEADLK;
    }
    line_join(&once->waiters, &waiter);
    enum outcome outcome = park(&once->lock, &once->waiters, &waiter, deadline);
    return outcome == SERVED ? 0 : park_error(outcome);
}

static int do_by(struct task *task, sy_once *storage, void (*fn)(void *arg), void *arg,
                 sy_time deadline)
{
    struct once *once = (void *)storage;
    if (fn == NULL || likely(is_done(once))) {
        return fn == NULL ? -EINVAL : 0;
    }
    pthread_mutex_lock(&once->lock);
    if (is_done(once)) {
        pthread_mutex_unlock(&once->lock);
        return 0;
    }
    if (once->runner != 0) {
        return wait_for_runner(once, task, deadline);
    }
    once->runner = task->handle.id;
    pthread_mutex_unlock(&once->lock);
    fn(arg);
    finish(once);
    return 0;
}

int sy_once_do(sy_once *once, void (*fn)(void *arg), void *arg)
{
    return do_by(task_require("sy_once_do"), once, fn, arg, SY_FOREVER);
}

int sy_once_do_until(sy_once *once, void (*fn)(void *arg), void *arg, sy_time deadline)
{
    return do_by(task_require("sy_once_do_until"), once, fn, arg, deadline);
}

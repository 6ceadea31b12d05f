/* once.c - runs a function once; whoever comes meanwhile waits. After that a call is one load. */
#include <errno.h>

#include <switchyard/sync.h>
#include <switchyard/time.h>

#include "park.h"

struct once {
    struct lock lock;
    _Atomic uint32_t done; /* written under lock, read by anyone */
    /* Guarded by lock. */
    struct task *runner; /* who is in the function, or NULL */
    struct waitq waiters;
};

_Static_assert(sizeof(struct once) <= sizeof(sy_once), "sy_once is too small");

static bool is_done(struct once *once)
{
    /* acquire: pairs with the release in finish: what the function did is seen */
    return load_acquire(&once->done) != 0;
}

static void finish(struct once *once)
{
    struct proc *proc = proc_enter();
    proc = lock_acquire_claim(proc, &once->lock);
    /* release: pairs with the acquire in is_done */
    store_release(&once->done, 1);
    once->runner = NULL;
    struct task *waiters = waitq_pop_all(&once->waiters);
    lock_release(proc);
    task_wake_all(proc, waiters, 0);
    proc_leave(proc);
}

/* In the section, which it ends, and under the lock. */
static int wait_for_runner(struct proc *proc, struct once *once, sy_time deadline)
{
    struct task *self = proc->current;
    if (once->runner == self || (deadline != SY_FOREVER && deadline <= sy_now())) {
        int error = once->runner == self ? -EDEADLK : -ETIMEDOUT;
        proc_leave(proc);
        return error;
    }
    waitq_push(&once->waiters, self);
    return task_park_until(proc, self, WAIT_ONCE, once, &once->lock, deadline);
}

static int do_until(struct proc *proc, sy_once *handle, void (*fn)(void *arg), void *arg,
                    sy_time deadline)
{
    struct once *once = (struct once *)(void *)handle;
    if (fn == NULL || likely(is_done(once))) {
        proc_leave(proc);
        return fn == NULL ? -EINVAL : 0;
    }
    proc = lock_acquire_claim(proc, &once->lock);
    if (is_done(once)) {
        proc_leave(proc);
        return 0;
    }
    if (once->runner != NULL) {
        return wait_for_runner(proc, once, deadline);
    }
    once->runner = proc->current;
    proc_leave(proc);
    fn(arg);
    finish(once);
    return 0;
}

int sy_once_do(sy_once *once, void (*fn)(void *arg), void *arg)
{
    return do_until(proc_enter(), once, fn, arg, SY_FOREVER);
}

int sy_once_do_until(sy_once *once, void (*fn)(void *arg), void *arg, sy_time deadline)
{
    return do_until(proc_enter(), once, fn, arg, deadline);
}

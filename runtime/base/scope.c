/* scope.c - structured concurrency: a tree of scopes, each with a list of members.
 *
 *   spawn    1. under the scope's lock: not cancelled? counts the new member, makes its task
 *            2. still under it: links the member; could not make the task? counts it down again
 *   member   3. the task calls itself the member, runs the body
 *            4. at its end, under the lock: notes the first failure, which cancels; unlinks
 *            5. counts down
 *   cancel   under the lock, once: marks the scope, delivers the cancellation to each member
 *            (cancel.h), cancels each child scope in the same way
 *   join     waits until the count is 0
 *
 * 1. Locks are taken from parent to child only: cancel holds those of all scopes from the first one
 *    down to where it is; init and destroy take the parent's alone. So they cannot deadlock.
 * 2. A cancellation reaches everybody: a member that is linked when the scope is marked gets it
 *    delivered; after the mark nobody is linked. The same holds for child scopes, which find the
 *    mark when they are linked.
 * 3. A member, its task and a child scope stay while cancel uses them: each must take the lock to
 *    leave.
 * 4. The scope stays: 5 is the last that a member does with it, and a waitgroup may be reused when
 *    a wait has returned.
 * 5. No wait in here is itself cancelled: the task is no member meanwhile (cancel_mask).
 */
#include "base/scope.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <switchyard/sync.h>
#include <switchyard/task.h>

#include "base/atomic.h"
#include "base/fatal.h"

struct scope {
    sy_mutex lock;
    sy_waitgroup running; /* members that have not ended */
    /* lock: */
    struct member *members;
    struct scope *children;
    int error; /* the first */
    bool cancelled;
    /* immutable: */
    struct scope *parent;
    /* the parent's lock: */
    struct scope *next;
    struct scope *previous;
};

_Static_assert(sizeof(struct scope) <= sizeof(sy_scope), "sy_scope is too small");

static struct scope *scope_of(sy_scope *storage)
{
    return (struct scope *)(void *)storage;
}

/* --- locking: no cancellation in here --------------------------------------------------------- */

static struct member *lock(struct scope *scope)
{
    struct member *masked = cancel_mask_self();
    sy_mutex_lock(&scope->lock);
    return masked;
}

static void unlock(struct scope *scope, struct member *masked)
{
    sy_mutex_unlock(&scope->lock);
    cancel_unmask_self(masked);
}

/* --- lists ------------------------------------------------------------------------------------ */

static void link_member(struct scope *scope, struct member *member)
{
    member->next = scope->members;
    if (member->next != NULL) {
        member->next->previous = member;
    }
    scope->members = member;
}

static void unlink_member(struct scope *scope, struct member *member)
{
    if (member->previous != NULL) {
        member->previous->next = member->next;
    } else {
        scope->members = member->next;
    }
    if (member->next != NULL) {
        member->next->previous = member->previous;
    }
}

static void link_child(struct scope *parent, struct scope *child)
{
    child->next = parent->children;
    if (child->next != NULL) {
        child->next->previous = child;
    }
    parent->children = child;
}

static void unlink_child(struct scope *parent, struct scope *child)
{
    if (child->previous != NULL) {
        child->previous->next = child->next;
    } else {
        parent->children = child->next;
    }
    if (child->next != NULL) {
        child->next->previous = child->previous;
    }
}

/* --- cancelling ------------------------------------------------------------------------------- */

/* Under the scope's lock. False if it was cancelled before. */
static bool cancel_members(struct scope *scope, int error)
{
    if (scope->cancelled) {
        return false;
    }
    scope->cancelled = true;
    scope->error = error;
    for (struct member *member = scope->members; member != NULL; member = member->next) {
        cancel_deliver(&member->cancel);
    }
    return true;
}

/* Under the lock of `top`; the caller is masked. Scopes may lie within scopes deeper than a stack
 * is, so this goes down and up without recursion; it holds the locks from `top` down to `scope`,
 * and `child` is the next one in it to look at. */
static void cancel_locked(struct scope *top, int error)
{
    struct scope *scope = top;
    struct scope *child = cancel_members(top, error) ? top->children : NULL;
    while (child != NULL || scope != top) {
        if (child == NULL) {
            struct scope *done = scope;
            scope = done->parent;
            child = done->next;
            sy_mutex_unlock(&done->lock);
            continue;
        }
        sy_mutex_lock(&child->lock);
        if (cancel_members(child, -ECANCELED)) {
            scope = child;
            child = scope->children;
        } else {
            sy_mutex_unlock(&child->lock);
            child = child->next;
        }
    }
}

void sy_scope_cancel(sy_scope *storage)
{
    struct scope *scope = scope_of(storage);
    (void)cancel_self(__func__);
    struct member *masked = lock(scope);
    cancel_locked(scope, -ECANCELED);
    unlock(scope, masked);
}

int sy_is_cancelled(void)
{
    struct member *member = cancel_self(__func__);
    return member != NULL && cancel_is_set(&member->cancel);
}

/* --- members ---------------------------------------------------------------------------------- */

void scope_member_end(struct member *member, int result)
{
    struct scope *scope = member->scope;
    cancel_end();
    sy_mutex_lock(&scope->lock);
    if (result < 0) {
        cancel_locked(scope, result);
    }
    unlink_member(scope, member);
    sy_mutex_unlock(&scope->lock);
    free(member);
    sy_waitgroup_done(&scope->running);
}

/* What it returns comes back to scope_member_end, as the value of the task's end. */
static void *run_member(void *arg)
{
    struct member *member = arg;
    cancel_begin(member);
    return (void *)(intptr_t)member->fn(member->arg);
}

/* Steps 1 and 2. Under the lock, so that the task cannot end before it is linked. */
static int spawn_locked(struct scope *scope, struct member *member)
{
    if (scope->cancelled) {
        return -ECANCELED;
    }
    sy_waitgroup_add(&scope->running, 1);
    int status = sy_go(run_member, member);
    if (status != 0) {
        sy_waitgroup_done(&scope->running);
        return status;
    }
    link_member(scope, member);
    return 0;
}

int sy_scope_spawn(sy_scope *storage, sy_scope_fn fn, void *arg)
{
    struct scope *scope = scope_of(storage);
    (void)cancel_self(__func__);
    if (fn == NULL) {
        return -EINVAL;
    }
    struct member *member = calloc(1, sizeof *member);
    if (member == NULL) {
        return -ENOMEM;
    }
    member->scope = scope;
    member->fn = fn;
    member->arg = arg;
    struct member *masked = lock(scope);
    int status = spawn_locked(scope, member);
    unlock(scope, masked);
    if (status != 0) {
        free(member);
    }
    return status;
}

/* --- the scope -------------------------------------------------------------------------------- */

void sy_scope_init(sy_scope *storage)
{
    struct scope *scope = scope_of(storage);
    const struct member *self = cancel_self(__func__);
    *scope = (struct scope){.parent = self == NULL ? NULL : self->scope};
    if (scope->parent == NULL) {
        return;
    }
    struct member *masked = lock(scope->parent);
    if (scope->parent->cancelled) {
        scope->cancelled = true;
        scope->error = -ECANCELED;
    }
    link_child(scope->parent, scope);
    unlock(scope->parent, masked);
}

int sy_scope_join_until(sy_scope *storage, sy_time deadline)
{
    struct scope *scope = scope_of(storage);
    (void)cancel_self(__func__);
    struct member *masked = cancel_mask_self();
    int status = sy_waitgroup_wait_until(&scope->running, deadline);
    cancel_unmask_self(masked);
    if (status != 0) {
        return status;
    }
    masked = lock(scope);
    int error = scope->error;
    unlock(scope, masked);
    return error;
}

int sy_scope_join(sy_scope *storage)
{
    (void)cancel_self(__func__);
    return sy_scope_join_until(storage, SY_FOREVER);
}

int sy_scope_destroy(sy_scope *storage)
{
    struct scope *scope = scope_of(storage);
    (void)cancel_self(__func__);
    struct member *masked = lock(scope);
    bool busy = scope->members != NULL || scope->children != NULL;
    unlock(scope, masked);
    if (busy || sy_waitgroup_destroy(&scope->running) != 0) {
        return -EBUSY;
    }
    if (scope->parent != NULL) {
        masked = lock(scope->parent);
        unlink_child(scope->parent, scope);
        unlock(scope->parent, masked);
    }
    return sy_mutex_destroy(&scope->lock);
}

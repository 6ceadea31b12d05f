/* scope.h - structured concurrency: tasks that end before the scope does, and can be cancelled.
 *
 * The first task of a scope that fails (answers a negative value) cancels it. Cancelling reaches
 * every task of the scope, and of the scopes that these tasks have made: each of their calls that
 * would wait answers -ECANCELED instead, also the one that they are in, until they end. Calls that
 * need not wait go on working, so that a task can clean up.
 *
 * What waits in spite of it: sy_cond_wait for its mutex, sy_scope_join for the tasks, and calls of
 * sy_blocking and on regular files. Tasks made by sy_spawn and sy_go are in no scope.
 *
 * The baseline's tasks look for a cancellation every 10 ms while they wait, and in a scope they do
 * not wait in plain system calls: libc cannot end the wait of another thread.
 *
 * Source: Sústrik, libdill; Smith, "Notes on structured concurrency" (2018); Go, errgroup.
 */
#ifndef SWITCHYARD_SCOPE_H
#define SWITCHYARD_SCOPE_H

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The caller owns the storage. It must not be copied, moved or freed before sy_scope_destroy. */
typedef struct sy_scope {
    uint64_t sy_opaque[40];
} sy_scope;

/* The body of a task of a scope: 0 or more is success, a negative errno value failure. sy_exit
 * of the task counts as returning (int)(intptr_t)result. */
typedef int (*sy_scope_fn)(void *arg);

/* Makes the storage a scope without tasks. If the caller is itself in a scope, that one is its
 * parent: cancelling the parent cancels this one, also at once if it was cancelled before.
 * May switch, for a moment, while others use its parent. From a task, which must destroy it before
 * it ends. */
void sy_scope_init(sy_scope *scope);

/* Makes a task of the scope that runs fn(arg). Nobody joins or detaches it.
 *   -EINVAL     fn is NULL
 *   -ECANCELED  the scope was cancelled: no task is made
 *   -EAGAIN, -ENOMEM  as sy_spawn
 * May switch, for a moment, while others use the scope. From the scope's maker and its tasks. */
int sy_scope_spawn(sy_scope *scope, sy_scope_fn fn, void *arg);

/* Cancels the scope: no effect if it was cancelled before. May switch, as sy_scope_spawn. From any
 * task. */
void sy_scope_cancel(sy_scope *scope);

/* Waits until all tasks of the scope have ended. Returns 0 if all succeeded, else the first
 * failure; -ECANCELED if it was cancelled and none failed before. If the caller is cancelled, so is
 * this scope, its child; it waits nevertheless. May switch. From the scope's maker. */
int sy_scope_join(sy_scope *scope);

/* As sy_scope_join, but -ETIMEDOUT once the deadline has passed: the tasks go on. */
int sy_scope_join_until(sy_scope *scope, sy_time deadline);

/* Ends its use. -EBUSY: tasks of it run, or scopes that they made are there. May switch, as
 * sy_scope_spawn. From the scope's maker. */
int sy_scope_destroy(sy_scope *scope);

/* 1 if the scope that the calling task is in was cancelled, else 0. Does not switch. From a task.
 */
int sy_is_cancelled(void);

#ifdef __cplusplus
}
#endif

#endif

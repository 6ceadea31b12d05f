/* scope.h - scopes and their members, the same in both runtimes; compiled into each.
 *
 * What differs is how a cancellation reaches a task that waits: cancel.h, a file of each runtime.
 */
#ifndef SWITCHYARD_BASE_SCOPE_H
#define SWITCHYARD_BASE_SCOPE_H

#include <switchyard/scope.h>

#include "cancel.h"

struct scope;

/* A task of a scope, from before its birth to its end. */
struct member {
    /* immutable: */
    struct scope *scope;
    sy_scope_fn fn;
    void *arg;
    /* the scope's lock: */
    struct member *next;
    struct member *previous;
    /* see cancel.h: */
    struct cancel cancel;
};

/* The running task, which is this member, ends with that result: it belongs to no scope from here
 * on, and the member is gone. May wait for the scope's lock. */
void scope_member_end(struct member *member, int result);

#endif

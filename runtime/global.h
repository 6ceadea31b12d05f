/* global.h - the global run queue: what overflows from the rings of the procs, oldest first.
 *
 * An array with room for every task that can exist, so it never overflows itself;
 * reserved address space, of which only the part in use is committed.
 * Guarded by the scheduler's lock, but for the count, which anyone may read.
 */
#ifndef SWITCHYARD_GLOBAL_H
#define SWITCHYARD_GLOBAL_H

#include "task.h"

/* 0 or -ENOMEM. */
int global_init(uint32_t max_tasks);
void global_destroy(void);

/* Under the lock: how many of the first `count` to take at once. A preempted task is taken alone,
 * or first: in the queue of a proc it would stand before tasks that wake up later (and they would
 * wait for a slice of each). */
uint32_t global_batch(uint32_t count);

/* Under the scheduler's lock. */
void global_push(struct task *const *tasks, uint32_t count);
uint32_t global_pop(struct task **tasks, uint32_t count); /* how many there were, at most count */

/* Exact under the scheduler's lock, else a hint. */
uint32_t global_length(void);

#endif

/* timer.h - wakes tasks whose deadline has passed.
 *
 * One 4-ary heap for the runtime, guarded by a spin lock; a task is in it at most once. Firing has
 * two phases, because the lock of the object that the task waits on must not be taken while the
 * heap's lock is held (that one is taken inside object locks when arming):
 *   1. under the heap's lock: take the due task out, set timer_firing
 *   2. in the section, under the object's lock: if the task still waits with a deadline, take it
 *      out of its queue and make it ready with -ETIMEDOUT; then timer_firing = 0 (release)
 * A task that wakes from a wait with a deadline calls timer_disarm before it goes on: it is either
 * still in the heap, and removed, or being fired, and waits until phase 2 is over. Until then the
 * lock of the object is marked (LOCK_TIMED), and the object cannot be destroyed, even if its waiter
 * was woken long ago. So neither the task nor the object can go away under the firing worker.
 * Heap: Johnson, "Priority queues with update and finding minimum spanning trees" (1975).
 */
#ifndef SWITCHYARD_TIMER_H
#define SWITCHYARD_TIMER_H

#include "proc.h"

/* Room for one timer per task, reserved address space. 0 or -ENOMEM. */
int timer_init(uint32_t max_tasks);
void timer_destroy(void);

/* Arms self's timer; wakes the watch if it sleeps too long for it. In the section, under
 * self->wait_lock. */
void timer_arm(struct task *self, sy_time deadline);

/* After the wait, outside of sections. */
void timer_disarm(struct task *self);

/* Makes every task ready whose deadline is at or before now. On a worker with a proc, outside of
 * sections. */
void timer_fire(sy_time now);

/* The earliest deadline, or SY_FOREVER. A hint without the lock. */
sy_time timer_next(void);

#endif

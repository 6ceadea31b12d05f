/* timer.h - wakes tasks whose deadline has passed, and fires the timers of channels.
 *
 * Each proc has a heap (timer_heap.h). A task arms its timer in the heap of the proc it runs on;
 * it is in a heap at most once. Firing has two phases, because the lock of the object that the task
 * waits on must not be taken while a heap's lock is held (that one is taken inside object locks
 * when arming):
 *   1. under the heap's lock: take the due timer out, set firing
 *   2. in the section, under the object's lock: if the task still waits with a deadline, take it
 *      out of its queue and make it ready with -ETIMEDOUT; then firing = 0 (release)
 * A task that wakes from a wait with a deadline calls timer_disarm before it goes on: its timer is
 * either still in a heap, and removed, or being fired, and it waits until phase 2 is over. Until
 * then the lock of the object is marked (LOCK_TIMED), and the object cannot be destroyed, even if
 * its waiter was woken long ago. So neither the task nor the object can go away under the firing
 * worker.
 *
 * Who fires: a worker looks at its own proc's heap whenever its scheduler context runs, and at all
 * heaps when it has nothing else to do; the watch sleeps no longer than to the earliest of all
 * (scheduler.h). So a timer is late only while every proc is busy with one task, or by a nap if it
 * is armed while an idle worker naps (patience.h).
 * A proc that goes (procs.c) moves its timers to another heap under both locks, so that none is in
 * between when somebody looks for it.
 * Model: tests/model/timer.pml.
 */
#ifndef SWITCHYARD_TIMER_H
#define SWITCHYARD_TIMER_H

#include "proc.h"

/* Arms the timer in this proc's heap; wakes the watch if it sleeps too long for it. In the section,
 * for a task under self->wait_lock. */
void timer_arm(struct proc *proc, struct timer *timer, sy_time deadline);

/* Takes it out of its heap, and waits until no worker fires it any more. Outside of sections. True
 * if it was armed. */
bool timer_disarm(struct timer *timer);

/* Fires what is due in the heap of the proc, or of all procs; true if there was something. On a
 * worker with a proc, outside of sections. */
bool timer_fire(struct proc *proc, sy_time now);
bool timer_fire_all(sy_time now);

/* Phase 2 for the timer of a channel (timer_chan.c). As timer_fire. */
void timer_chan_fire(struct timer *timer, sy_time now);

/* The earliest deadline of all heaps, or SY_FOREVER. A hint without their locks. */
sy_time timer_next(void);

#endif

/* cancel.h - how the cancellation of its scope reaches a task that waits (base/scope.h).
 *
 * A task in a scope waits as one with a deadline does, with a canceller in place of the timer:
 *   task (cancel_park)                             canceller (cancel_deliver)
 *   1. under the lock that guards the wait:        a. cancelled = true, firing = 1
 *      target = that lock                          b. full fence
 *   2. full fence                                  c. target == NULL? to e
 *   3. cancelled? undoes what it has done for      d. under that lock: the task still waits? takes
 *      the wait, releases the lock                    it out of its queue, makes it ready
 *   4. else parks                                  e. firing = 0 (release)
 *   5. target = NULL
 *   6. full fence
 *   7. waits until firing == 0
 *
 * Nothing is missed: it is Dekker's pattern, 1 to 3 against a to c. Either the canceller finds the
 * lock, or the task finds the mark. If c finds the lock, d comes after 3 or after the switch of 4.
 * Nothing goes away under d: if c found the lock, 7 comes after e (5 to 7 against a to c); so
 * the task does not begin another wait, and the object of this one may not be destroyed, which the
 * lock's mark LOCK_TIMED says (lock.h).
 * The member itself stays, as the canceller holds its scope's lock, which the task takes at its
 * end.
 *
 * Model: tests/model/cancel.pml.
 */
#ifndef SWITCHYARD_CANCEL_H
#define SWITCHYARD_CANCEL_H

#include <switchyard/types.h>

#include "task.h"

/* Part of struct member (base/scope.h). */
struct cancel {
    struct task *task;             /* immutable once the task runs; written by it */
    _Atomic(struct lock *) target; /* written by the task */
    _Atomic uint32_t cancelled;    /* written by cancellers, which exclude each other */
    _Atomic uint32_t firing;       /* the same */
};

/* Makes the running task the member's, so that its waits can be cancelled; ends that. */
void cancel_begin(struct member *member);
void cancel_end(void);

/* As cancel_mask and cancel_unmask below, of the running task. */
struct member *cancel_mask_self(void);
void cancel_unmask_self(struct member *member);

/* The member of the running task, or NULL. Ends the program, naming the function, in a thread that
 * is no task. */
struct member *cancel_self(const char *function);

/* Steps a to e. Under the lock of the scope, outside of sections. */
void cancel_deliver(struct cancel *cancel);

bool cancel_is_set(struct cancel *cancel);

/* The wait of a task that has a member: as task_park_until. */
int cancel_park(struct proc *proc, struct task *self, enum wait_reason reason, const void *object,
                struct lock *lock, sy_time deadline);

/* From here to the other one no wait of the running task is cancelled. */
static inline struct member *cancel_mask(struct task *self)
{
    struct member *member = self->member;
    self->member = NULL;
    return member;
}

static inline void cancel_unmask(struct task *self, struct member *member)
{
    self->member = member;
}

#endif

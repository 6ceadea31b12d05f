/* select.h - a select that waits, and its places in the queues of channels; see select.c. */
#ifndef SWITCHYARD_SELECT_INTERNAL_H
#define SWITCHYARD_SELECT_INTERNAL_H

#include <switchyard/select.h>

#include "proc.h"

struct select {
    struct task *task;        /* immutable */
    _Atomic uint32_t claimed; /* 0, then 1 for good: somebody decides how the wait ends */
    /* The task's lock: */
    const struct task *served; /* the stand-in whose case was done, or NULL */
    int result;                /* of that case */
};

/* Claims the select of stand_in, which was taken out of the queue, or of the first after it that
 * is still to be had: that one, or a task that waits for this channel alone, or NULL. Who cannot be
 * claimed leaves the queue. Under the channel's lock. */
struct task *select_claim_first(struct waitq *queue, struct task *stand_in);

/* Those that were claimed leave the queue: nobody waits through them any more. Under the channel's
 * lock. */
void select_drop_claimed(struct waitq *queue);

/* The select of this stand-in, which was claimed and whose element has been passed, goes on. In the
 * section, holding no lock. Returns the caller's proc, which may be another one. */
struct proc *select_serve(struct proc *proc, struct task *stand_in, int result);

/* The same for a list linked by next; ends the section. */
void select_serve_all(struct proc *proc, struct task *stand_ins, int result);

/* Who waits: the task itself, or the one that a stand-in is for. */
const struct task *select_task_of(const struct task *waiting);

#endif

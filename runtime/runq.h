/* runq.h - the run queue of a proc: a `next` slot and a ring, first in, first out.
 *
 * Guarded by the proc's critical section: the owner uses it there, a thief has seized the proc.
 * So there is no lock-free algorithm here at all; the indices are atomic only because thieves and
 * the watch peek at them from outside, to see whether a look is worth while.
 *
 * `next` is for the task that the running one has just made ready: it runs as soon as the running
 * task waits, with its data still in the cache (Go's runnext). Every RUNQ_TICKS-th choice passes
 * it over, so that two tasks that wake each other cannot starve the ring.
 */
#ifndef SWITCHYARD_RUNQ_H
#define SWITCHYARD_RUNQ_H

#include "base/atomic.h"
#include "task.h"

#define RUNQ_SLOTS 256u /* a power of two; indices run freely and are 32 bits wide */
#define RUNQ_TICKS 61   /* choices between two looks at the global queue and the timers */

struct runq {
    uint32_t ticks_left;           /* section: choices until the scheduler context looks around */
    _Atomic(struct task *) next;   /* written in the section */
    _Atomic uint32_t head;         /* written in the section */
    _Atomic uint32_t tail;         /* written in the section */
    struct task *ring[RUNQ_SLOTS]; /* section */
};

/* Tasks in the ring. In the section, or as a hint from outside. */
static inline uint32_t runq_length(struct runq *queue)
{
    /* relaxed: exact in the section, a hint elsewhere */
    return load_relaxed(&queue->tail) - load_relaxed(&queue->head);
}

/* Appends to the ring; false if it is full. */
static inline bool runq_push(struct runq *queue, struct task *task)
{
    uint32_t tail = load_relaxed(&queue->tail); /* relaxed: section */
    if (unlikely(tail - load_relaxed(&queue->head) == RUNQ_SLOTS)) {
        return false;
    }
    queue->ring[tail % RUNQ_SLOTS] = task;
    store_relaxed(&queue->tail, tail + 1); /* relaxed: section */
    return true;
}

/* The oldest task of the ring, or NULL. */
static inline struct task *runq_pop(struct runq *queue)
{
    uint32_t head = load_relaxed(&queue->head); /* relaxed: section */
    if (head == load_relaxed(&queue->tail)) {
        return NULL;
    }
    struct task *task = queue->ring[head % RUNQ_SLOTS];
    store_relaxed(&queue->head, head + 1); /* relaxed: section */
    return task;
}

/* Puts a task into `next`; returns the one that it displaces, or NULL. */
static inline struct task *runq_set_next(struct runq *queue, struct task *task)
{
    struct task *displaced = load_relaxed(&queue->next); /* relaxed: section */
    store_relaxed(&queue->next, task);
    return displaced;
}

/* `next`, else the oldest of the ring, else NULL. */
static inline struct task *runq_choose(struct runq *queue)
{
    struct task *task = load_relaxed(&queue->next); /* relaxed: section */
    if (task != NULL) {
        store_relaxed(&queue->next, NULL);
        return task;
    }
    return runq_pop(queue);
}

/* Takes the older half of the ring (rounded up) out into batch[RUNQ_SLOTS / 2]; returns how many.
 * The queue's proc is seized or the caller's own. */
uint32_t runq_take_half(struct runq *queue, struct task **batch);

#endif

/* runq.h - the run queue of a proc.
 *
 * Guarded by the proc's critical section: the owner uses it there, a thief has seized the proc.
 * So there is no lock-free algorithm here at all; some fields are atomic only because thieves and
 * the watch peek at them from outside, to see whether a look is worth while.
 *
 *     next     the task that was woken last: it runs as soon as the running one waits, with its
 *              data still in the cache (Go's runnext)
 *     woken    tasks that ran before, oldest first: fair
 *     fresh    the task that was spawned last
 *     spawned  tasks that never ran, newest first; thieves take the oldest. Depth first keeps the
 *              number of live tasks of a fork-join program near its depth, where oldest first
 *              makes it near its size (skynet with 10^6 leaves: 60 against 10^6)
 *
 * A task waits in `next` or `fresh` until the next one displaces it into the ring behind; only then
 * is it offered to others (scheduler.h, THE WATCH, for the exception).
 * Started work goes before new work. Every RUNQ_TICKS-th choice the worker looks around and gives
 * each place its turn, and at times the oldest spawned task, so that nothing starves (worker.c).
 */
#ifndef SWITCHYARD_RUNQ_H
#define SWITCHYARD_RUNQ_H

#include "base/atomic.h"
#include "task.h"

#define RING_SLOTS 1024u /* a power of two; indices run freely and are 32 bits wide */
#define RING_BATCH 128u  /* so many leave a ring at once, at most */
#define RUNQ_TICKS 61    /* choices between two looks around */

struct ring {
    _Atomic uint32_t head; /* oldest */
    _Atomic uint32_t tail; /* one past the newest */
    struct task *slots[RING_SLOTS];
};

struct runq {
    uint32_t ticks_left; /* choices until the scheduler context looks around */
    _Atomic(struct task *) next;
    _Atomic(struct task *) fresh;
    struct ring woken;
    struct ring spawned;
};

/* --- rings; relaxed throughout: the section orders everything, peeks from outside are hints ----
 */

static inline uint32_t ring_length(struct ring *ring)
{
    return load_relaxed(&ring->tail) - load_relaxed(&ring->head); /* relaxed: see above */
}

/* False if it is full. */
static inline bool ring_push(struct ring *ring, struct task *task)
{
    uint32_t tail = load_relaxed(&ring->tail); /* relaxed: see above */
    if (unlikely(tail - load_relaxed(&ring->head) == RING_SLOTS)) {
        return false;
    }
    /* The slot last is an instruction less; others see lengths only. */
    store_relaxed(&ring->tail, tail + 1); /* relaxed: see above */
    ring->slots[tail % RING_SLOTS] = task;
    return true;
}

static inline struct task *ring_pop_oldest(struct ring *ring)
{
    uint32_t head = load_relaxed(&ring->head); /* relaxed: see above */
    if (head == load_relaxed(&ring->tail)) {
        return NULL;
    }
    store_relaxed(&ring->head, head + 1); /* relaxed: see above */
    return ring->slots[head % RING_SLOTS];
}

static inline struct task *ring_pop_newest(struct ring *ring)
{
    uint32_t tail = load_relaxed(&ring->tail); /* relaxed: see above */
    if (tail == load_relaxed(&ring->head)) {
        return NULL;
    }
    store_relaxed(&ring->tail, tail - 1); /* relaxed: see above */
    return ring->slots[(tail - 1) % RING_SLOTS];
}

/* Takes the older half (rounded up) out into batch[RING_BATCH], or as many of it as fit; returns
 * how many. */
uint32_t ring_take_half(struct ring *ring, struct task **batch);

/* --- the queue ----------------------------------------------------------------------------------
 */

/* Empties one of the two slots. */
static inline struct task *runq_take_slot(_Atomic(struct task *) *slot)
{
    struct task *task = load_relaxed(slot); /* relaxed: section */
    if (task != NULL) {
        store_relaxed(slot, NULL); /* relaxed: section */
    }
    return task;
}

/* The newest spawned task, or NULL. */
static inline struct task *runq_pop_spawned(struct runq *queue)
{
    struct task *task = runq_take_slot(&queue->fresh);
    return task != NULL ? task : ring_pop_newest(&queue->spawned);
}

/* What runs when the running task waits or ends; NULL if nothing is ready. */
static inline struct task *runq_choose(struct runq *queue)
{
    struct task *task = runq_take_slot(&queue->next);
    if (task == NULL) {
        task = ring_pop_oldest(&queue->woken);
    }
    return task != NULL ? task : runq_pop_spawned(queue);
}

/* What runs when the running task yields: spawned tasks come before woken ones, since tasks that
 * yield to each other would keep `woken` filled for ever. */
static inline struct task *runq_choose_for_yield(struct runq *queue)
{
    struct task *task = runq_take_slot(&queue->next);
    if (task == NULL) {
        task = runq_pop_spawned(queue);
    }
    return task != NULL ? task : ring_pop_oldest(&queue->woken);
}

/* The ring for a ready task that comes from elsewhere. */
static inline struct ring *runq_ring_for(struct runq *queue, const struct task *task)
{
    return task->state == TASK_SPAWNED ? &queue->spawned : &queue->woken;
}

/* How many tasks of any kind fit. */
static inline uint32_t runq_room(struct runq *queue)
{
    uint32_t woken = ring_length(&queue->woken);
    uint32_t spawned = ring_length(&queue->spawned);
    return RING_SLOTS - (woken > spawned ? woken : spawned);
}

/* Tasks that a thief may take. A hint from outside. */
static inline uint32_t runq_offered(struct runq *queue)
{
    return ring_length(&queue->woken) + ring_length(&queue->spawned);
}

/* True if a task waits in one of the two slots. A hint from outside. */
static inline bool runq_holds_back(struct runq *queue)
{
    /* relaxed: a hint */
    return load_relaxed(&queue->next) != NULL || load_relaxed(&queue->fresh) != NULL;
}

/* True if it holds anything. A hint from outside. */
static inline bool runq_has_tasks(struct runq *queue)
{
    return runq_offered(queue) > 0 || runq_holds_back(queue);
}

/* Empties the two slots into batch[2]; returns how many. The proc is seized. */
uint32_t runq_take_held_back(struct runq *queue, struct task **batch);

#endif

/* timer_heap.h - the timers of one proc, earliest first: a 4-ary heap.
 *
 * A timer is in at most one heap. A heap is guarded by its own spin lock, for others than its proc
 * use it too: a task that was armed here and woken elsewhere takes its timer out, and idle procs
 * fire what is due. Everything with `heap` in its name is called without that lock and takes it.
 * The four children of an entry lie in one cache line.
 * Source: Johnson, "Priority queues with update and finding minimum spanning trees" (1975).
 */
#ifndef SWITCHYARD_TIMER_HEAP_H
#define SWITCHYARD_TIMER_HEAP_H

#include <switchyard/types.h>

#include "base/spin.h"

enum timer_kind { TIMER_OF_TASK, TIMER_OF_CHAN };

/* Part of what can be woken at a time: a task, a sy_timer. All zero: not armed, of a task. */
struct timer {
    uint32_t place;         /* lock of the heap: index in it + 1, 0 if in none */
    _Atomic uint16_t proc;  /* in whose heap it is, or was last; written under that heap's lock */
    uint8_t kind;           /* enum timer_kind; immutable */
    _Atomic uint8_t firing; /* 1 while a worker that took it from the heap still uses it */
};

struct timer_entry {
    sy_time when;
    struct timer *timer;
};

struct timer_heap {
    struct spin lock;
    uint32_t count;              /* lock */
    struct timer_entry *entries; /* lock: the array; immutable: where it is */
    void *memory;                /* immutable after init, as the rest */
    size_t bytes;
    uint16_t proc;
    _Atomic sy_time next; /* earliest, or SY_FOREVER; written under the lock, read by anyone */
};

/* Room for capacity timers, reserved address space. 0 or -ENOMEM. */
int timer_heap_init(struct timer_heap *heap, uint16_t proc, size_t capacity);
void timer_heap_destroy(struct timer_heap *heap);

/* There is room. Returns true if it is the earliest now. */
bool timer_heap_insert(struct timer_heap *heap, struct timer *timer, sy_time when);

/* Takes the timer out. *armed: whether it was in. False if it is another heap's by now. */
bool timer_heap_remove(struct timer_heap *heap, struct timer *timer, bool *armed);

/* Takes out the earliest if it is due, marked as firing; NULL if none is. */
struct timer *timer_heap_take_due(struct timer_heap *heap, sy_time now);

/* Moves all of them; `to` comes before `from` in the order of procs. True if one is the earliest
 * of `to` now. */
bool timer_heap_move(struct timer_heap *from, struct timer_heap *to);

/* A hint without the lock. */
static inline sy_time timer_heap_next(struct timer_heap *heap)
{
    return load_relaxed(&heap->next); /* relaxed: a hint; who acts on it takes the lock */
}

#endif

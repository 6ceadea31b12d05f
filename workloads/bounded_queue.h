/* bounded_queue.h - the queue that people write with a mutex and two condition variables.
 *
 * What a buffered channel does, by sharing memory: for the workloads that compare the two.
 */
#ifndef SWITCHYARD_BOUNDED_QUEUE_H
#define SWITCHYARD_BOUNDED_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <switchyard/switchyard.h>

struct bounded_queue {
    size_t capacity; /* immutable */

    sy_mutex mutex;
    sy_cond not_full;
    sy_cond not_empty;

    /* mutex: */
    uint64_t *items;
    size_t first;
    size_t count;
};

/* An empty queue of capacity >= 1. -ENOMEM. */
int bounded_queue_init(struct bounded_queue *queue, size_t capacity);

/* Nobody may use it any more. */
void bounded_queue_destroy(struct bounded_queue *queue);

/* Wait while it is full, or empty. May switch. */
void bounded_queue_put(struct bounded_queue *queue, uint64_t item);
uint64_t bounded_queue_take(struct bounded_queue *queue);

#endif

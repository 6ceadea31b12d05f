/* bounded_queue.c - see bounded_queue.h. */
#include "bounded_queue.h"

#include <errno.h>
#include <stdlib.h>

int bounded_queue_init(struct bounded_queue *queue, size_t capacity)
{
    *queue = (struct bounded_queue){.capacity = capacity};
    queue->items = calloc(capacity, sizeof *queue->items);
    return queue->items != NULL ? 0 : -ENOMEM;
}

void bounded_queue_destroy(struct bounded_queue *queue)
{
    free(queue->items);
}

void bounded_queue_put(struct bounded_queue *queue, uint64_t item)
{
    sy_mutex_lock(&queue->mutex);
    while (queue->count == queue->capacity) {
        sy_cond_wait(&queue->not_full, &queue->mutex);
    }
    queue->items[(queue->first + queue->count) % queue->capacity] = item;
    queue->count++;
    sy_cond_signal(&queue->not_empty);
    sy_mutex_unlock(&queue->mutex);
}

uint64_t bounded_queue_take(struct bounded_queue *queue)
{
    sy_mutex_lock(&queue->mutex);
    while (queue->count == 0) {
        sy_cond_wait(&queue->not_empty, &queue->mutex);
    }
    uint64_t item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    sy_cond_signal(&queue->not_full);
    sy_mutex_unlock(&queue->mutex);
    return item;
}

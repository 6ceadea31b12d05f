/* runq.c - see runq.h. */
#include "runq.h"

uint32_t ring_take_half(struct ring *ring, struct task **batch)
{
    uint32_t head = load_relaxed(&ring->head); /* relaxed: section, as all of the rings */
    uint32_t length = ring_length(ring);
    uint32_t half = length - length / 2;
    uint32_t count = half < RING_BATCH ? half : RING_BATCH;
    uint32_t to_end = RING_SLOTS - head % RING_SLOTS;
    uint32_t first = count < to_end ? count : to_end;
    tasks_copy(batch, &ring->slots[head % RING_SLOTS], first);
    tasks_copy(batch + first, ring->slots, count - first);
    store_relaxed(&ring->head, head + count); /* relaxed: section */
    return count;
}

uint32_t runq_take_held_back(struct runq *queue, struct task **batch)
{
    uint32_t count = 0;
    batch[count] = runq_take_slot(&queue->next);
    count += batch[count] != NULL;
    batch[count] = runq_take_slot(&queue->fresh);
    count += batch[count] != NULL;
    return count;
}

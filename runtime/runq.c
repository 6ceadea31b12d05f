/* runq.c - see runq.h. */
#include "runq.h"

uint32_t ring_take_half(struct ring *ring, struct task **batch)
{
    uint32_t length = ring_length(ring);
    uint32_t count = length - length / 2;
    for (uint32_t taken = 0; taken < count; taken++) {
        batch[taken] = ring_pop_oldest(ring);
    }
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

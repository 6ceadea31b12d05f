/* runq.c - see runq.h. */
#include "runq.h"

uint32_t runq_take_half(struct runq *queue, struct task **batch)
{
    uint32_t length = runq_length(queue);
    uint32_t count = length - length / 2;
    for (uint32_t taken = 0; taken < count; taken++) {
        batch[taken] = runq_pop(queue);
    }
    return count;
}

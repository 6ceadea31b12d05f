/* chan_pool.c - the type-stable slots of the channels (pool.h). */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "chan.h"

struct pool chan_pool;
struct chan *chan_memory;
uint32_t chan_mask;

/* The slots; the rest of fresh memory is zero: no owner, no id. */
static int carve(uint32_t first)
{
    for (uint32_t index = first; index < first + POOL_BATCH; index++) {
        slot_init(&chan_memory[index].slot, index);
    }
    return 0;
}

int chan_pool_init(void)
{
    void *memory = MAP_FAILED;
    uint32_t count = 2 * CHANS_MAX;
    while (memory == MAP_FAILED && count > POOL_BATCH) {
        count /= 2;
        memory = mmap(NULL, count * sizeof *chan_memory, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    }
    if (memory == MAP_FAILED) {
        return -ENOMEM;
    }
    chan_memory = memory;
    chan_mask = count - 1;
    /* But for the last batch, whose last slot is where the zero handle leads: never carved, it is
     * never this proc's, so that the fast paths of chan.c leave it to those that look. */
    int error = pool_init(&chan_pool, count - POOL_BATCH, carve);
    if (error != 0) {
        munmap(chan_memory, count * sizeof *chan_memory);
    }
    return error;
}

void chan_pool_destroy(void)
{
    /* relaxed: no worker runs any more */
    for (uint32_t index = 0; index < load_relaxed(&chan_pool.carved); index++) {
        free(chan_memory[index].buffer); /* of channels that the program never freed */
    }
    pool_destroy(&chan_pool);
    munmap(chan_memory, ((size_t)chan_mask + 1) * sizeof *chan_memory);
    chan_memory = NULL;
}

/* chan_pool.c - the type-stable slots of the channels (pool.h). */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "chan.h"

struct pool chan_pool;
struct chan *chan_memory;

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
    size_t bytes = CHANS_MAX * sizeof *chan_memory;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return -ENOMEM;
    }
    chan_memory = memory;
    int error = pool_init(&chan_pool, CHANS_MAX, carve);
    if (error != 0) {
        munmap(chan_memory, bytes);
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
    munmap(chan_memory, CHANS_MAX * sizeof *chan_memory);
    chan_memory = NULL;
}

/* pool.c - see pool.h. */
#include "pool.h"

#include <errno.h>

/* Takes up to a batch from the pool's free list. Under the pool's lock. */
static uint32_t take_recycled(struct pool *pool, struct pool_cache *cache)
{
    uint32_t taken = 0;
    while (taken < POOL_BATCH && pool->first != NULL) {
        struct slot *slot = pool->first;
        pool->first = slot->next;
        slot->next = cache->first;
        cache->first = slot;
        taken++;
    }
    return taken;
}

/* Carves a batch; lowest index on top of the cache. Under the pool's lock. */
static int take_carved(struct pool *pool, struct pool_cache *cache, uint32_t *taken)
{
    uint32_t first = load_relaxed(&pool->carved); /* relaxed: written only under the lock we hold */
    if (first + POOL_BATCH > pool->capacity) {
        return -EAGAIN;
    }
    int error = pool->carve(first);
    if (error != 0) {
        return error;
    }
    for (uint32_t index = first + POOL_BATCH; index-- > first;) {
        struct slot *slot = pool->at(index);
        slot->index = index;
        slot->next = cache->first;
        cache->first = slot;
    }
    *taken = POOL_BATCH;
    /* release: pairs with the acquire in look-ups, which then see initialised slots */
    store_release(&pool->carved, first + POOL_BATCH);
    return 0;
}

struct slot *pool_refill(struct pool *pool, struct pool_cache *cache, int *error)
{
    int status = 0;
    spin_lock(&pool->lock);
    uint32_t taken = take_recycled(pool, cache);
    if (taken == 0) {
        status = take_carved(pool, cache, &taken);
    }
    spin_unlock(&pool->lock);
    cache->count += taken;
    if (status != 0) {
        *error = status;
        return NULL;
    }
    return pool_take(pool, cache, error);
}

void pool_spill(struct pool *pool, struct pool_cache *cache)
{
    struct slot *first = cache->first;
    struct slot *last = first;
    for (uint32_t moved = 1; moved < 2 * POOL_BATCH; moved++) {
        last = last->next;
    }
    cache->first = last->next;
    cache->count -= 2 * POOL_BATCH;
    spin_lock(&pool->lock);
    last->next = pool->first;
    pool->first = first;
    spin_unlock(&pool->lock);
}

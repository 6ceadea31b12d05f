/* pool.c - see pool.h. */
#include "pool.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

uint32_t pool_first_generation = 1;

int pool_init(struct pool *pool, uint32_t capacity, int (*carve)(uint32_t first))
{
    *pool = (struct pool){.capacity = capacity, .carve = carve};
    void *memory = mmap(NULL, capacity * sizeof *pool->free, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return -ENOMEM;
    }
    pool->free = memory;
    return 0;
}

void pool_destroy(struct pool *pool)
{
    munmap(pool->free, pool->capacity * sizeof *pool->free);
    pool->free = NULL;
}

/* Gives the oldest slots of the cache back. Under the lock. */
static void give_back(struct pool *pool, struct pool_cache *cache, uint32_t count)
{
    memcpy(&pool->free[pool->free_count], cache->slots, count * sizeof *pool->free);
    pool->free_count += count; /* <= carved <= capacity: each slot is free in one place only */
    cache->count -= count;
    memmove(cache->slots, &cache->slots[count], cache->count * sizeof *cache->slots);
}

/* Under the lock. */
static void revive(struct pool *pool)
{
    for (; pool->clean > pool->free_count; pool->clean--) {
        pool->revive(pool->free[pool->clean - 1]);
    }
}

/* Under the lock. */
static void take_recycled(struct pool *pool, struct pool_cache *cache)
{
    uint32_t most = cache->limit < POOL_BATCH ? cache->limit : POOL_BATCH;
    uint32_t there = pool->free_count - (pool->lent > 0 ? pool->clean + pool->lent : 0);
    uint32_t count = there < most ? there : most;
    pool->free_count -= count;
    pool->low = pool->free_count < pool->low ? pool->free_count : pool->low;
    revive(pool);
    memcpy(cache->slots, &pool->free[pool->free_count], count * sizeof *pool->free);
    cache->count = count;
}

/* Lowest index on top of the cache. Under the lock. */
static int take_carved(struct pool *pool, struct pool_cache *cache)
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
        cache->slots[cache->count++] = index;
    }
    if (cache->count > cache->limit) {
        give_back(pool, cache, cache->count - cache->limit);
    }
    /* release: pairs with the acquire in look-ups, which then see initialised slots */
    store_release(&pool->carved, first + POOL_BATCH);
    return 0;
}

int pool_refill(struct pool *pool, struct pool_cache *cache)
{
    int error = 0;
    uint32_t rounds = 0;
    spin_lock(&pool->lock);
    for (;;) {
        take_recycled(pool, cache);
        error = cache->count == 0 ? take_carved(pool, cache) : 0;
        if (error == 0 || pool->lent == 0) {
            break;
        }
        spin_unlock(&pool->lock); /* the last ones are lent, not for long */
        spin_wait(&rounds);
        spin_lock(&pool->lock);
    }
    spin_unlock(&pool->lock);
    return error;
}

uint32_t pool_borrow(struct pool *pool, uint32_t slots[POOL_BATCH])
{
    uint32_t count = 0;
    spin_lock(&pool->lock);
    if (pool->low > pool->clean) {
        count = pool->low - pool->clean;
        count = count < POOL_BATCH ? count : POOL_BATCH;
        memcpy(slots, &pool->free[pool->clean], count * sizeof *slots);
        pool->lent = count;
    } else {
        pool->low = pool->free_count;
    }
    spin_unlock(&pool->lock);
    return count;
}

void pool_return(struct pool *pool)
{
    spin_lock(&pool->lock);
    pool->clean += pool->lent;
    pool->lent = 0;
    spin_unlock(&pool->lock);
}

bool pool_has_spare(struct pool *pool)
{
    spin_lock(&pool->lock);
    bool some = pool->free_count > pool->clean;
    spin_unlock(&pool->lock);
    return some;
}

static void lock_and_give_back(struct pool *pool, struct pool_cache *cache, uint32_t count)
{
    spin_lock(&pool->lock);
    give_back(pool, cache, count);
    spin_unlock(&pool->lock);
}

void pool_spill(struct pool *pool, struct pool_cache *cache)
{
    lock_and_give_back(pool, cache, (cache->limit + 1) / 2);
}

void pool_drain(struct pool *pool, struct pool_cache *cache)
{
    lock_and_give_back(pool, cache, cache->count);
}

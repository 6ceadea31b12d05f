/* pool.h - type-stable slots with generations: a global pool and a cache in each proc.
 *
 * A slot is carved from reserved address space once and then only recycled. The cache of a proc
 * is used inside that proc's critical section, so the common case costs no atomic instruction; it
 * exchanges whole batches with the global pool, which has a spin lock.
 */
#ifndef SWITCHYARD_POOL_H
#define SWITCHYARD_POOL_H

#include "base/atomic.h"
#include "base/spin.h"

#define POOL_BATCH 64                   /* slots carved or moved at once */
#define POOL_CACHE_MAX (4 * POOL_BATCH) /* a cache above this gives two batches back */

/* Part of every pooled object. */
struct slot {
    struct slot *next;           /* free list; owner: the list's guard */
    _Atomic uint32_t generation; /* of the object; changes when it is freed, under its lock */
    uint32_t index;              /* immutable after carving */
};

/* Free slots of one proc. Guarded by the proc's critical section. */
struct pool_cache {
    struct slot *first;
    uint32_t count;
};

struct pool {
    struct spin lock;
    struct slot *first;      /* lock */
    _Atomic uint32_t carved; /* written under lock; read by anyone to bound a handle's slot */
    uint32_t capacity;       /* immutable after init */
    /* Prepares slots first ... first+POOL_BATCH-1; returns 0 or -ENOMEM. Called under lock. */
    int (*carve)(uint32_t first);
    struct slot *(*at)(uint32_t index);
};

/* Takes a free slot: from the cache, else a batch from the pool, else newly carved. NULL with
 * *error set to -EAGAIN (capacity reached) or -ENOMEM. In the critical section of the cache. */
struct slot *pool_refill(struct pool *pool, struct pool_cache *cache, int *error);

/* Gives two batches of a full cache back to the pool. */
void pool_spill(struct pool *pool, struct pool_cache *cache);

static inline struct slot *pool_take(struct pool *pool, struct pool_cache *cache, int *error)
{
    struct slot *slot = cache->first;
    if (unlikely(slot == NULL)) {
        return pool_refill(pool, cache, error);
    }
    cache->first = slot->next;
    cache->count--;
    return slot;
}

/* The caller has changed the generation. The slot stays in this cache until the section ends, so a
 * task may give its own: its stack is reused only after the switch away from it. */
static inline void pool_give(struct pool *pool, struct pool_cache *cache, struct slot *slot)
{
    if (unlikely(cache->count >= POOL_CACHE_MAX)) {
        pool_spill(pool, cache);
    }
    slot->next = cache->first;
    cache->first = slot;
    cache->count++;
}

static inline uint32_t slot_generation(const struct slot *slot)
{
    /* relaxed: the object's lock orders it; without the lock it is only shown to people */
    return load_relaxed(&slot->generation);
}

/* Makes every handle of the object stale. Under the object's lock. */
static inline void slot_retire(struct slot *slot)
{
    /* relaxed: readers compare under the object's lock */
    store_relaxed(&slot->generation, slot_generation(slot) + 1);
}

#endif

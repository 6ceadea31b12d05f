/* pool.h - type-stable slots with generations: a global pool and a cache in each proc.
 *
 * A slot is carved from reserved address space once and then only recycled. The cache of a proc
 * is used inside that proc's critical section, so the common case costs no atomic instruction; it
 * exchanges whole batches with the global pool, which has a spin lock. Both keep the indices of
 * free slots in arrays, not in lists through the slots, so that moving a batch touches none of
 * them. Source of the two levels: Bonwick and Adams, "Magazines and Vmem" (USENIX 2001).
 */
#ifndef SWITCHYARD_POOL_H
#define SWITCHYARD_POOL_H

#include "base/atomic.h"
#include "base/spin.h"

#define POOL_BATCH 64                     /* slots carved or moved at once */
#define POOL_CACHE_SLOTS (4 * POOL_BATCH) /* a full cache gives half of them back */

/* Part of every pooled object. */
struct slot {
    _Atomic uint32_t generation; /* of the object; changes when it is freed, under its lock */
    uint32_t index;              /* immutable after carving */
};

/* Free slots of one proc, newest last. Guarded by the proc's critical section. */
struct pool_cache {
    uint32_t count;
    uint32_t
        limit; /* immutable after init: POOL_CACHE_SLOTS, or 1 (SWITCHYARD_TUNE=nostackcache) */
    uint32_t slots[POOL_CACHE_SLOTS];
};

struct pool {
    struct spin lock;
    uint32_t *free;          /* lock: [capacity], reserved address space */
    uint32_t free_count;     /* lock */
    uint32_t low;            /* lock: the least of free_count since pool_borrow looked last */
    uint32_t clean;          /* lock: so many at the bottom of free have no memory ... */
    uint32_t lent;           /* lock: ... and these, above them, are losing it just now */
    _Atomic uint32_t carved; /* written under lock; read by anyone to bound a handle's slot */
    uint32_t capacity;       /* immutable after init; a multiple of POOL_BATCH */
    /* Prepares slots first ... first+POOL_BATCH-1, with their index; 0, -ENOMEM or -EAGAIN. Called
     * under lock. */
    int (*carve)(uint32_t first);
    /* Prepares a slot that was clean, and is to be used again; under lock. NULL if none ever is. */
    void (*revive)(uint32_t index);
};

/* 0 or -ENOMEM. */
int pool_init(struct pool *pool, uint32_t capacity, int (*carve)(uint32_t first));
void pool_destroy(struct pool *pool);

/* Fills an empty cache: a batch from the pool, else newly carved. 0, -EAGAIN (capacity reached) or
 * -ENOMEM. In the section. */
int pool_refill(struct pool *pool, struct pool_cache *cache);

/* Gives the older half of a full cache back to the pool. In the section. */
void pool_spill(struct pool *pool, struct pool_cache *cache);

/* Gives all slots of a cache back to the pool. In the section, or its proc is seized. */
void pool_drain(struct pool *pool, struct pool_cache *cache);

/* GIVING MEMORY BACK. Slots that lie in the pool take memory for nothing, when all procs have their
 * caches full besides. What nobody took out since pool_borrow looked before is not needed: it is
 * lent, in batches, to whoever takes the memory away, and is clean then.
 *
 * pool_borrow: up to POOL_BATCH of these slots, to be given back by pool_return; 0: that was all,
 * and the next call looks at what was not needed since this one. By one thread. */
uint32_t pool_borrow(struct pool *pool, uint32_t slots[POOL_BATCH]);
void pool_return(struct pool *pool);

/* True if slots are left that could become clean. */
bool pool_has_spare(struct pool *pool);

/* An empty cache that keeps up to limit slots. */
static inline void pool_cache_init(struct pool_cache *cache, uint32_t limit)
{
    cache->count = 0;
    cache->limit = limit;
}

/* Takes a free slot into *index; errors as pool_refill. In the section. */
static inline int pool_take(struct pool *pool, struct pool_cache *cache, uint32_t *index)
{
    if (unlikely(cache->count == 0)) {
        int error = pool_refill(pool, cache);
        if (error != 0) {
            return error;
        }
    }
    *index = cache->slots[--cache->count];
    return 0;
}

/* The caller has changed the generation. The slot stays in this cache until the section ends, so a
 * task may give its own: its stack is reused only after the switch away from it. */
static inline void pool_give(struct pool *pool, struct pool_cache *cache, const struct slot *slot)
{
    if (unlikely(cache->count == cache->limit)) {
        pool_spill(pool, cache);
    }
    cache->slots[cache->count++] = slot->index;
}

/* Generations of a run start here. Not 0, so that no handle names a slot that was never used; other
 * for each run of the runtime, so that handles of an earlier one stay stale. Written by sy_run. */
extern uint32_t pool_first_generation;

/* When carved. */
static inline void slot_init(struct slot *slot, uint32_t index)
{
    slot->index = index;
    store_relaxed(&slot->generation, pool_first_generation); /* relaxed: published by carved */
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

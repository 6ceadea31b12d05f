/* slots.h - tables of objects that are named by handles (base/handle.h).
 *
 * The memory of a slot is type-stable: once a slot was used it holds an object of its table, with a
 * lock that works, until the process ends. So a stale handle may be looked up at any time, also
 * while its object is being freed: the lock is taken, the generation compared, and the answer is
 * "no such object". Looking up takes the object's own lock and no other.
 */
#ifndef SWITCHYARD_PTHREAD_SLOTS_H
#define SWITCHYARD_PTHREAD_SLOTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomic.h"
#include "base/handle.h"

/* Chunk c holds 64 << c slots: 21 of them hold more than 2^26. */
#define SLOTS_FIRST_CHUNK 64u
#define SLOTS_CHUNKS 21

/* The first member of every object in a table. */
struct slot {
    _Alignas(64) pthread_mutex_t lock; /* own cache line: no false sharing between objects */
    /* lock: */
    uint32_t generation; /* one more at each take and each free: odd while in use */
    /* immutable after the first take: */
    uint32_t index;
    /* the table's lock: */
    uint32_t next_free; /* index + 1 of the next free slot, 0 for none */
};

struct slots {
    /* immutable: */
    size_t object_bytes;
    pthread_mutex_t lock;
    /* lock: */
    uint32_t limit;     /* objects at once */
    uint32_t in_use;    /* objects now */
    uint32_t free_head; /* index + 1 of the free slot used last, 0 for none */
    /* written under the lock, each once, before `used` grows over it; then immutable: */
    unsigned char *chunks[SLOTS_CHUNKS];
    /* written under the lock, read by anyone: */
    _Atomic uint32_t used; /* slots used so far: 0 ... used - 1 may be looked up */
};

#define SLOTS_INIT(type, most)                                                                     \
    {                                                                                              \
        .object_bytes = sizeof(type), .lock = PTHREAD_MUTEX_INITIALIZER, .limit = (most)           \
    }

/* Sets how many objects may exist at once. */
void slots_set_limit(struct slots *slots, uint32_t limit);

/* Takes a free slot, the one freed last if there is one. Stores the object, locked. What it holds
 * beside its struct slot is what its last user left, or zero bytes the first time.
 * -EAGAIN: the limit is reached. -ENOMEM. */
int slots_take(struct slots *slots, void **object);

/* The object of a handle, locked, or NULL if there is none. */
void *slots_lock(struct slots *slots, uint64_t id);

/* The object in the slot with this index, locked, or NULL if it is free. index < slots_used(). */
void *slots_lock_index(struct slots *slots, uint32_t index);

/* Unlocks the object. */
void slots_unlock(void *object);

/* Frees the slot of an object that the caller has locked, and unlocks it. Handles to it are stale
 * from now on. */
void slots_free(struct slots *slots, void *object);

/* How many slots were ever used, and how many are now. */
uint32_t slots_used(struct slots *slots);
uint32_t slots_in_use(struct slots *slots);

/* The handle of an object that the caller has locked. */
static inline uint64_t slots_id(const void *object)
{
    const struct slot *slot = object;
    return handle_make(slot->index, slot->generation);
}

#endif

/* slots.c - see slots.h.
 *
 * Protocol:
 *  1. A slot is used for the first time under the table's lock: its chunk is allocated, its bytes
 *     are zeroed, its lock is made; only then `used` grows over it (release).
 *  2. A look-up reads `used` (acquire). If that covers the index, 1 has happened before, so that
 *     chunk pointer and object lock may be used without the table's lock.
 *  3. Take and free change the generation under the object's lock. A look-up compares it under the
 *     same lock: it finds either the object that the handle means, or none.
 *  4. The table's lock and an object's lock are never held together.
 */
#include "slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 64

/* Index 0 is slot 0 of chunk 0. Adding the size of the first chunk makes the number of the highest
 * bit name the chunk, and the bits below it the place inside. */
static uint32_t chunk_of(uint32_t index)
{
    uint32_t shifted = index + SLOTS_FIRST_CHUNK;
    return 31u - (uint32_t)__builtin_clz(shifted / SLOTS_FIRST_CHUNK);
}

static struct slot *slot_at(const struct slots *slots, uint32_t index)
{
    uint32_t chunk = chunk_of(index);
    size_t place = index + SLOTS_FIRST_CHUNK - (SLOTS_FIRST_CHUNK << chunk);
    return (void *)(slots->chunks[chunk] + place * slots->object_bytes);
}

static bool in_use(const struct slot *slot)
{
    return (slot->generation & 1) != 0;
}

void slots_set_limit(struct slots *slots, uint32_t limit)
{
    pthread_mutex_lock(&slots->lock);
    slots->limit = limit;
    pthread_mutex_unlock(&slots->lock);
}

/* Under the table's lock: a slot that was never used, or NULL without memory. Fresh chunks are not
 * touched as a whole, so that a large one costs only the pages that are in use. */
static struct slot *first_use(struct slots *slots)
{
    // relaxed: only written under the table's lock, which the caller holds
    uint32_t index = load_relaxed(&slots->used);
    uint32_t chunk = chunk_of(index);
    if (slots->chunks[chunk] == NULL) {
        size_t bytes = ((size_t)SLOTS_FIRST_CHUNK << chunk) * slots->object_bytes;
        slots->chunks[chunk] = aligned_alloc(LINE_BYTES, bytes);
        if (slots->chunks[chunk] == NULL) {
            return NULL;
        }
    }
    struct slot *slot = slot_at(slots, index);
    memset(slot, 0, slots->object_bytes);
    pthread_mutex_init(&slot->lock, NULL);
    slot->index = index;
    // release: pairs with the acquire in slots_lock; publishes the chunk and the slot's lock
    store_release(&slots->used, index + 1);
    return slot;
}

/* Under the table's lock. */
static int take_free(struct slots *slots, struct slot **taken)
{
    if (slots->in_use >= slots->limit) {
        return -EAGAIN;
    }
    struct slot *slot = NULL;
    if (slots->free_head != 0) {
        slot = slot_at(slots, slots->free_head - 1);
        slots->free_head = slot->next_free;
    } else {
        slot = first_use(slots);
    }
    if (slot == NULL) {
        return -ENOMEM;
    }
    slots->in_use++;
    *taken = slot;
    return 0;
}

int slots_take(struct slots *slots, void **object)
{
    struct slot *slot = NULL;
    pthread_mutex_lock(&slots->lock);
    int status = take_free(slots, &slot);
    pthread_mutex_unlock(&slots->lock);
    if (status == 0) {
        pthread_mutex_lock(&slot->lock);
        slot->generation++;
        *object = slot;
    }
    return status;
}

void *slots_lock(struct slots *slots, uint64_t id)
{
    uint32_t index = handle_slot(id);
    // acquire: pairs with the release in first_use; the chunk and the slot's lock exist
    if (index >= load_acquire(&slots->used)) {
        return NULL;
    }
    struct slot *slot = slot_at(slots, index);
    pthread_mutex_lock(&slot->lock);
    if (in_use(slot) && slot->generation == handle_generation(id)) {
        return slot;
    }
    pthread_mutex_unlock(&slot->lock);
    return NULL;
}

void *slots_lock_index(struct slots *slots, uint32_t index)
{
    struct slot *slot = slot_at(slots, index);
    pthread_mutex_lock(&slot->lock);
    if (in_use(slot)) {
        return slot;
    }
    pthread_mutex_unlock(&slot->lock);
    return NULL;
}

void slots_unlock(void *object)
{
    struct slot *slot = object;
    pthread_mutex_unlock(&slot->lock);
}

void slots_free(struct slots *slots, void *object)
{
    struct slot *slot = object;
    slot->generation++;
    pthread_mutex_unlock(&slot->lock);
    pthread_mutex_lock(&slots->lock);
    slot->next_free = slots->free_head;
    slots->free_head = slot->index + 1;
    slots->in_use--;
    pthread_mutex_unlock(&slots->lock);
}

uint32_t slots_used(struct slots *slots)
{
    // acquire: pairs with the release in first_use; the caller will look these slots up
    return load_acquire(&slots->used);
}

uint32_t slots_in_use(struct slots *slots)
{
    pthread_mutex_lock(&slots->lock);
    uint32_t count = slots->in_use;
    pthread_mutex_unlock(&slots->lock);
    return count;
}

/* handle.h - how a handle packs a slot and its generation, the same in both runtimes.
 *
 * id = generation << 32 | (slot + 1): 0 is never a handle, and the low half is the number that
 * people see in messages. The generation of a slot changes when its object is freed, so an old
 * handle no longer matches; a handle is mistaken for a new one only after 2^32 reuses of a slot.
 */
#ifndef SWITCHYARD_BASE_HANDLE_H
#define SWITCHYARD_BASE_HANDLE_H

#include <stdint.h>

static inline uint64_t handle_make(uint32_t slot, uint32_t generation)
{
    return (uint64_t)generation << 32 | (slot + 1);
}

/* UINT32_MAX for the zero handle: larger than any slot in use. */
static inline uint32_t handle_slot(uint64_t id)
{
    return (uint32_t)id - 1;
}

static inline uint32_t handle_generation(uint64_t id)
{
    return (uint32_t)(id >> 32);
}

/* The number that messages show: 1 for the first slot. */
static inline uint32_t handle_number(uint64_t id)
{
    return (uint32_t)id;
}

#endif

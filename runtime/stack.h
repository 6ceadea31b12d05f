/* stack.h - the stacks of tasks: one reserved region of equal slots, committed page by page.
 *
 *     slot:  | guard page | usable ... lowest address   ...   highest | stagger | descriptor |
 *
 * The region is one mapping, not backed by huge pages, so a shallow task costs one page. Guards are
 * MADV_GUARD_INSTALL (Linux 6.13): they live in the page tables and make no mapping; where the
 * kernel lacks them, mprotect, and then vm.max_map_count bounds the number of stacks.
 * A slot is usable + guard pages long, an odd number of pages, and the descriptor is staggered
 * within its page: otherwise equal offsets of a million stacks would share a few cache sets.
 *
 * Where stacks hibernate (hibernate.h), descriptors are in an array of their own, as they must stay
 * when the pages of a stack go; then the staggered place is where the stack begins.
 */
#ifndef SWITCHYARD_STACK_H
#define SWITCHYARD_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "task.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13; not in Debian 12's headers */
#endif

#define STACK_BYTES_DEFAULT ((size_t)64 << 10)
#define STACK_BYTES_MIN ((size_t)16 << 10)
#define STACK_BYTES_MAX ((size_t)1 << 30)

/* Reserves room for up to max_tasks stacks of usable_bytes each, rounded up to pages, fewer if the
 * address space does not suffice. Returns how many (>= POOL_BATCH), or -ENOMEM. */
int64_t stack_region_init(size_t usable_bytes, uint32_t max_tasks);

/* used_slots: how many were carved; only these have left marks in ASan's shadow. */
void stack_region_destroy(uint32_t used_slots);

/* Prepares the slots first ... first+POOL_BATCH-1. 0, -ENOMEM, or -EAGAIN when the kernel allows
 * no more guards. */
int stack_carve(uint32_t first);

/* Immutable while the runtime runs. */
struct stack_region {
    char *base;
    size_t bytes;
    size_t page;   /* the kernel's page size, and the guard's */
    size_t usable; /* of one stack */
    size_t stride; /* from slot to slot: usable and the guard page */
    uint32_t slots;
    bool apart;            /* descriptors are not in the slots */
    uint32_t stagger_mask; /* of the slot: how far its descriptor is staggered; 0 if apart */
    char *tasks;           /* descriptor of slot 0 */
    size_t task_stride;    /* from descriptor to descriptor, but for the stagger */
};

extern struct stack_region stack_region;

#define STACK_STAGGERS 16u       /* descriptor positions within the top page ... */
#define STACK_STAGGER_BYTES 128u /* ... this far apart */

/* The descriptor of a slot. */
static inline struct task *stack_task(uint32_t slot)
{
    size_t staggered = (size_t)(slot & stack_region.stagger_mask) * STACK_STAGGER_BYTES;
    char *place = stack_region.tasks + slot * stack_region.task_stride - staggered;
    return (struct task *)(void *)place;
}

/* Where the stack of a task begins: its highest address. */
static inline void *stack_top(struct task *task)
{
    size_t slot = task->slot.index;
    return likely(!stack_region.apart) ? (void *)task
                                       : stack_region.base + (slot + 1) * stack_region.stride -
                                             slot % STACK_STAGGERS * STACK_STAGGER_BYTES;
}

void *stack_bottom(uint32_t slot); /* lowest usable address, just above the guard */
size_t stack_usable_bytes(void);

/* The slot whose descriptor that is; false if the pointer leads to none. */
bool stack_slot_of(const void *task, uint32_t *slot);

/* madvise(2) for pieces of whole pages, in one system call where the kernel lets a process advise
 * itself so; at most POOL_BATCH. 0 or a negative errno. */
int stack_advise(const struct iovec *pieces, size_t count, int advice);

/* The slot whose guard page holds the address; false if none does. Signal-safe. */
bool stack_guard_hit(const void *address, uint32_t *slot);

#endif

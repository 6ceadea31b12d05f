/* chan.h - a channel, its slot and its lock; the algorithm is in chan.c. */
#ifndef SWITCHYARD_CHAN_INTERNAL_H
#define SWITCHYARD_CHAN_INTERNAL_H

#include <switchyard/chan.h>

#include "proc.h"

#define CHANS_MAX ((uint32_t)1 << 24)

struct chan {
    struct lock lock;

    /* Guarded by lock. */
    struct lock_record record;
    uint64_t id; /* the handle; 0 while the slot is free */
    uint32_t element_bytes;
    bool closed;
    bool words; /* open, and elements are one word: the fast path of send */
    size_t capacity;
    size_t count; /* elements buffered */
    size_t head;  /* where the oldest one is */
    size_t tail;  /* where the next one goes */
    char *buffer; /* capacity * element_bytes; NULL if that is 0 */
    struct waitq receivers;
    struct waitq senders;

    struct slot slot; /* generation: lock */
} __attribute__((aligned(2 * CACHE_LINE)));

extern struct pool chan_pool;
extern struct chan *chan_memory; /* [chan_mask + 1]; immutable while the runtime runs */
extern uint32_t chan_mask;       /* a power of two less one, likewise */

/* Reserves room for CHANS_MAX channels, for fewer if the address space does not suffice: 0 or
 * -ENOMEM. */
int chan_pool_init(void);

/* Frees them, and the buffers of those that the program did not free. */
void chan_pool_destroy(void);

/* The channel in the slot that the handle names; any handle leads to some slot's memory. */
static inline struct chan *chan_at(sy_chan handle)
{
    return &chan_memory[handle_slot(handle.id) & chan_mask];
}

/* False for the zero handle, and others that never were: their slots may have that id, too. */
static inline bool chan_is_carved(sy_chan handle)
{
    /* acquire: pairs with the release in take_carved */
    return handle_slot(handle.id) < load_acquire(&chan_pool.carved);
}

/* Locks a channel, in that slot, whose lock is not biased to the proc. As lock_acquire_slow. */
struct proc *chan_acquire_slow(struct proc *proc, struct chan *chan, uint32_t slot);

/* Locks the channel that the handle names, or returns NULL without the lock. In the section of
 * *proc, which may be another one afterwards. */
static inline struct chan *chan_lock(struct proc **proc, sy_chan handle)
{
    uint32_t slot = handle_slot(handle.id);
    if (unlikely(!chan_is_carved(handle))) {
        return NULL;
    }
    struct chan *chan = &chan_memory[slot];
    if (unlikely(!lock_is_ours(*proc, &chan->lock))) {
        *proc = chan_acquire_slow(*proc, chan, slot);
    }
    if (unlikely(chan->id != handle.id)) {
        lock_release(*proc);
        return NULL;
    }
    return chan;
}

/* Misuse: ends the program. In the section. */
_Noreturn void chan_send_on_closed(struct proc *proc, sy_chan handle);

/* chan_slow.c, which says what is known of the lock. In the section, which they end. */
int chan_send_locked(struct proc *proc, struct chan *chan, const void *element);
int chan_send_slow(struct proc *proc, sy_chan handle, const void *element);
int chan_recv_locked(struct proc *proc, struct chan *chan, void *element);
int chan_recv_slow(struct proc *proc, sy_chan handle, void *element);

/* As sy_chan_try_send, but -EPIPE if it is closed. In the section, which it ends. */
int chan_offer(struct proc *proc, sy_chan handle, const void *element);

/* For dumps: the number in the handle of the channel at this address. */
static inline unsigned chan_number(const void *chan)
{
    return ((const struct chan *)chan)->slot.index + 1;
}

#endif

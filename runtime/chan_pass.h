/* chan_pass.h - passing an element, under the channel's lock: what chan.c and select.c share.
 *
 * A place in a channel's queue is a task's own, or a stand-in for a select (select.h). Who takes
 * one out passes the element and then wakes the task; for a select that ends the hold of the lock.
 */
#ifndef SWITCHYARD_CHAN_PASS_H
#define SWITCHYARD_CHAN_PASS_H

#include <string.h>

#include "chan.h"
#include "park.h"
#include "select.h"

/* A call here would cost each message its saved registers: 22 instructions a hop (callgrind). */
#define CHAN_HOT inline __attribute__((always_inline))

/* --- elements ----------------------------------------------------------------------------- */

/* Words are the common case, and a call to memcpy would cost more than the copy. */
static inline void chan_copy(void *to, const void *from, size_t bytes)
{
    if (likely(bytes == sizeof(uint64_t))) {
        memcpy(to, from, sizeof(uint64_t));
    } else if (bytes > 0) {
        memcpy(to, from, bytes);
    }
}

static inline void chan_deliver(void *to, const void *from, size_t bytes)
{
    if (to != NULL) {
        chan_copy(to, from, bytes);
    }
}

static inline char *chan_place(const struct chan *chan, size_t position)
{
    return chan->buffer + position * chan->element_bytes;
}

static inline size_t chan_after(const struct chan *chan, size_t position)
{
    return position + 1 == chan->capacity ? 0 : position + 1;
}

/* There is room. */
static inline void chan_buffer_put(struct chan *chan, const void *element)
{
    chan_copy(chan_place(chan, chan->tail), element, chan->element_bytes);
    chan->tail = chan_after(chan, chan->tail);
    chan->count++;
}

/* There is something. */
static inline void chan_buffer_get(struct chan *chan, void *element)
{
    chan_deliver(element, chan_place(chan, chan->head), chan->element_bytes);
    chan->head = chan_after(chan, chan->head);
    chan->count--;
}

/* Elements of a word, or of nothing, that go into the buffer or out of it while nobody waits: no
 * function call, and so no registers saved. False: the channel must be looked at in full. */
static inline bool chan_is_light(const struct chan *chan)
{
    return chan->element_bytes == sizeof(uint64_t) || chan->element_bytes == 0;
}

static inline bool chan_put_light(struct chan *chan, const void *element)
{
    if (chan->receivers.first != NULL || chan->count >= chan->capacity || !chan_is_light(chan)) {
        return false;
    }
    chan_buffer_put(chan, element);
    return true;
}

static inline bool chan_get_light(struct chan *chan, void *element)
{
    if (chan->senders.first != NULL || chan->count == 0 || !chan_is_light(chan)) {
        return false;
    }
    chan_buffer_get(chan, element);
    return true;
}

/* --- partners ----------------------------------------------------------------------------- */

static inline bool is_stand_in(const struct task *task)
{
    return task->parked_at < 0; /* STAND_IN; a time is not */
}

/* The first in the queue that still waits, taken out; NULL if there is none. What stands in for a
 * select comes back claimed: it must be served. */
static CHAN_HOT struct task *chan_partner(struct waitq *queue)
{
    struct task *task = waitq_pop(queue);
    if (task == NULL) {
        return NULL;
    }
    if (unlikely(is_stand_in(task))) {
        return select_claim_first(queue, task);
    }
    task_thaw(task); /* what it sends, or where it wants it, may be on its stack */
    return task;
}

/* The partner has got what it wanted: wakes it. For a select the lock is released first, and *proc
 * may be another one afterwards: the caller must be through with the channel. */
static CHAN_HOT void chan_wake(struct proc **proc, struct task *partner, int result)
{
    if (likely(!is_stand_in(partner))) {
        task_wake(*proc, partner, result);
    } else {
        lock_release(*proc);
        *proc = select_serve(*proc, partner, result);
    }
}

#define MUST_WAIT 2 /* no result of a call: nothing could be done at once */

/* Steps 1 and 2 of send (chan.c), the channel open: 0 or MUST_WAIT. */
static CHAN_HOT int chan_send_now(struct proc **proc, struct chan *chan, const void *element)
{
    struct task *receiver = chan_partner(&chan->receivers);
    if (receiver != NULL) {
        chan_deliver(receiver->element, element, chan->element_bytes);
        chan_wake(proc, receiver, 1);
        return 0;
    }
    if (chan->count < chan->capacity) {
        chan_buffer_put(chan, element);
        return 0;
    }
    return MUST_WAIT;
}

/* Steps 1 to 3 of recv (chan.c): 1, 0 or MUST_WAIT. */
static CHAN_HOT int chan_recv_now(struct proc **proc, struct chan *chan, void *element)
{
    struct task *sender = NULL;
    if (chan->count > 0) {
        chan_buffer_get(chan, element);
        sender = chan_partner(&chan->senders);
        if (sender != NULL) {
            chan_buffer_put(chan, sender->element);
            chan_wake(proc, sender, 0);
        }
        return 1;
    }
    sender = chan_partner(&chan->senders);
    if (sender != NULL) {
        chan_deliver(element, sender->element, chan->element_bytes);
        chan_wake(proc, sender, 0);
        return 1;
    }
    if (chan->closed) {
        if (element != NULL) {
            memset(element, 0, chan->element_bytes);
        }
        return 0;
    }
    return MUST_WAIT;
}

#endif

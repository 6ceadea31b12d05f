/* chan_pass.h - passing an element, under the channel's lock: what chan.c and select.c share.
 *
 * A waiter in a channel's line waits for that alone, or stands in for a select (select.h). Who
 * takes one out passes the element, and makes it ready after unlocking.
 */
#ifndef SWITCHYARD_PTHREAD_CHAN_PASS_H
#define SWITCHYARD_PTHREAD_CHAN_PASS_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "park.h"
#include "select.h"
#include "slots.h"

struct chan {
    struct slot slot; /* must be first */
    /* immutable until freed: */
    size_t element_bytes;
    size_t capacity;
    unsigned char *buffer; /* capacity elements; NULL if that is 0 bytes */
    /* slot.lock: */
    size_t count; /* elements buffered */
    size_t head;  /* place of the oldest, 0 ... capacity - 1 */
    struct line receivers;
    struct line senders;
    bool closed;
};

/* The channel of a handle, locked, or NULL if there is none; slots_unlock unlocks it. */
struct chan *chan_lock(sy_chan handle);

/* --- The buffer ------------------------------------------------------------------------------ */

static inline void copy_element(const struct chan *chan, void *to, const void *from)
{
    if (to != NULL && chan->element_bytes != 0) {
        memcpy(to, from, chan->element_bytes);
    }
}

static inline void *buffer_place(const struct chan *chan, size_t place)
{
    return chan->buffer == NULL ? NULL : chan->buffer + place * chan->element_bytes;
}

static inline void buffer_push(struct chan *chan, const void *element)
{
    size_t room = chan->capacity - chan->head; /* places from the head to the end of the ring */
    size_t tail = chan->count < room ? chan->head + chan->count : chan->count - room;
    copy_element(chan, buffer_place(chan, tail), element);
    chan->count++;
}

static inline void buffer_pop(struct chan *chan, void *element)
{
    copy_element(chan, element, buffer_place(chan, chan->head));
    chan->head = chan->head + 1 == chan->capacity ? 0 : chan->head + 1;
    chan->count--;
}

/* --- Partners -------------------------------------------------------------------------------- */

/* The first in the line that still waits, taken out with this outcome; NULL if there is none. */
static inline struct waiter *chan_partner(struct line *line, enum outcome outcome)
{
    struct waiter *waiter = line_take(line, outcome);
    while (waiter != NULL && waiter->select != NULL && !select_claim(waiter->select, waiter)) {
        waiter = line_take(line, outcome);
    }
    return waiter;
}

/* All of them, linked by next. */
static inline struct waiter *chan_partners(struct line *line, enum outcome outcome)
{
    struct waiter *first = NULL;
    struct waiter **place = &first;
    for (;;) {
        *place = chan_partner(line, outcome);
        if (*place == NULL) {
            return first;
        }
        place = &(*place)->next;
    }
}

/* --- Now ------------------------------------------------------------------------------------- */

/* The channel open: 0 if the element went out, and whom to wake; else -EAGAIN. */
static inline int chan_send_now(struct chan *chan, const void *element, struct waiter **woken)
{
    struct waiter *receiver = chan_partner(&chan->receivers, SERVED);
    if (receiver != NULL) {
        copy_element(chan, receiver->element.into, element);
        *woken = receiver;
        return 0;
    }
    if (chan->count < chan->capacity) {
        buffer_push(chan, element);
        return 0;
    }
    return -EAGAIN;
}

/* What a receive answers on a channel that is closed and drained. */
static inline int recv_closed(const struct chan *chan, void *element)
{
    if (element != NULL) {
        memset(element, 0, chan->element_bytes);
    }
    return 0;
}

/* 1 for an element, and whom to wake; 0 if closed and drained; else -EAGAIN. */
static inline int chan_recv_now(struct chan *chan, void *element, struct waiter **woken)
{
    bool buffered = chan->count > 0;
    if (buffered) {
        buffer_pop(chan, element);
    }
    struct waiter *sender = chan_partner(&chan->senders, SERVED);
    if (sender != NULL && buffered) {
        buffer_push(chan, sender->element.from);
    } else if (sender != NULL) {
        copy_element(chan, element, sender->element.from);
    }
    *woken = sender;
    if (buffered || sender != NULL) {
        return 1;
    }
    return chan->closed ? recv_closed(chan, element) : -EAGAIN;
}

#endif

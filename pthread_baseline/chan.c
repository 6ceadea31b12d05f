/* chan.c - channels on a mutex, a ring buffer and two lines of waiters.
 *
 * Invariants, under the channel's lock:
 *  - receivers wait only while the buffer is empty and the channel is open;
 *  - senders wait only while the buffer is full and the channel is open;
 *  - so never both, except that neither waits.
 * Protocol:
 *  1. A send hands its element to the first waiting receiver, straight to where that one wants it;
 *     else puts it into the buffer; else waits in line, its element staying where it is.
 *  2. A receive takes the oldest buffered element and refills the buffer from the first waiting
 *     sender; else (unbuffered) takes the element from the first waiting sender; else, if the
 *     channel is closed, answers 0; else waits in line.
 *  3. Whoever served a waiter has taken it out of the line, under the lock; it wakes it after
 *     unlocking, so that the woken task does not run into the lock (park.c). One operation wakes
 *     one task at most, and that one has what it waited for: it need not look again.
 *  4. Close takes all waiters out of both lines, wakes receivers to answer 0 and senders to end the
 *     program.
 *  5. Free needs empty lines; afterwards the generation in the slot has changed, and whoever was
 *     about to lock the channel finds none (slots.c).
 */
#include "chan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/chan.h>

#include "base/fatal.h"
#include "base/misuse.h"
#include "park.h"
#include "task.h"

#define CHANS_MAX (1u << 24)

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

_Static_assert(offsetof(struct chan, slot) == 0, "slots.h finds the channel through its slot");

static struct slots chans = SLOTS_INIT(struct chan, CHANS_MAX);

/* --- The buffer ------------------------------------------------------------------------------ */

static void copy_element(const struct chan *chan, void *to, const void *from)
{
    if (to != NULL && chan->element_bytes != 0) {
        memcpy(to, from, chan->element_bytes);
    }
}

static void *buffer_place(const struct chan *chan, size_t place)
{
    return chan->buffer == NULL ? NULL : chan->buffer + place * chan->element_bytes;
}

static void buffer_push(struct chan *chan, const void *element)
{
    size_t room = chan->capacity - chan->head; /* places from the head to the end of the ring */
    size_t tail = chan->count < room ? chan->head + chan->count : chan->count - room;
    copy_element(chan, buffer_place(chan, tail), element);
    chan->count++;
}

static void buffer_pop(struct chan *chan, void *element)
{
    copy_element(chan, element, buffer_place(chan, chan->head));
    chan->head = chan->head + 1 == chan->capacity ? 0 : chan->head + 1;
    chan->count--;
}

/* --- Send ------------------------------------------------------------------------------------ */

/* Under the lock, the channel open: 0 if the element went out, and whom to wake; else -EAGAIN. */
static int send_now(struct chan *chan, const void *element, struct waiter **woken)
{
    struct waiter *receiver = line_take(&chan->receivers, SERVED);
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

/* Under the lock, which it releases. */
static int send_waiting(struct chan *chan, struct task *task, sy_chan handle, const void *element,
                        sy_time deadline)
{
    struct waiter waiter = {.task = task, .wait = WAIT_CHAN_SEND, .element.from = element};
    line_join(&chan->senders, &waiter);
    switch (park(&chan->slot.lock, &chan->senders, &waiter, deadline)) {
    case SERVED:
        return 0;
    case WAITING:
        return -ETIMEDOUT;
    case CLOSED:
        break;
    }
    sy_misuse(MISUSE_SEND_ON_CLOSED, handle_number(handle.id));
}

/* deadline NULL: do not wait. */
static int send_by(struct task *task, sy_chan handle, const void *element, const sy_time *deadline)
{
    struct waiter *woken = NULL;
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return -ESRCH;
    }
    if (chan->closed) {
        slots_unlock(chan);
        sy_misuse(MISUSE_SEND_ON_CLOSED, handle_number(handle.id));
    }
    int status = send_now(chan, element, &woken);
    if (status == -EAGAIN && deadline != NULL) {
        return send_waiting(chan, task, handle, element, *deadline);
    }
    slots_unlock(chan);
    ready(woken);
    return status;
}

void chan_offer(sy_chan handle, const void *element)
{
    struct waiter *woken = NULL;
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return;
    }
    if (!chan->closed) {
        (void)send_now(chan, element, &woken); /* full: dropped */
    }
    slots_unlock(chan);
    ready(woken);
}

int sy_chan_send(sy_chan chan, const void *element)
{
    sy_time deadline = SY_FOREVER;
    return send_by(task_require("sy_chan_send"), chan, element, &deadline);
}

int sy_chan_send_until(sy_chan chan, const void *element, sy_time deadline)
{
    return send_by(task_require("sy_chan_send_until"), chan, element, &deadline);
}

int sy_chan_try_send(sy_chan chan, const void *element)
{
    return send_by(task_require("sy_chan_try_send"), chan, element, NULL);
}

/* --- Receive --------------------------------------------------------------------------------- */

/* What a receive answers on a channel that is closed and drained. */
static int recv_closed(const struct chan *chan, void *element)
{
    if (element != NULL) {
        memset(element, 0, chan->element_bytes);
    }
    return 0;
}

/* Under the lock: 1 for an element, and whom to wake; 0 if closed and drained; else -EAGAIN. */
static int recv_now(struct chan *chan, void *element, struct waiter **woken)
{
    bool buffered = chan->count > 0;
    if (buffered) {
        buffer_pop(chan, element);
    }
    struct waiter *sender = line_take(&chan->senders, SERVED);
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

/* Under the lock, which it releases. A channel that was closed may be freed and its slot reused
 * before the waiter runs, so the size of an element is kept here. */
static int recv_waiting(struct chan *chan, struct task *task, void *element, sy_time deadline)
{
    struct waiter waiter = {.task = task, .wait = WAIT_CHAN_RECV, .element.into = element};
    size_t element_bytes = chan->element_bytes;
    line_join(&chan->receivers, &waiter);
    switch (park(&chan->slot.lock, &chan->receivers, &waiter, deadline)) {
    case SERVED:
        return 1;
    case WAITING:
        return -ETIMEDOUT;
    case CLOSED:
        break;
    }
    if (element != NULL) {
        memset(element, 0, element_bytes);
    }
    return 0;
}

/* deadline NULL: do not wait. */
static int recv_by(struct task *task, sy_chan handle, void *element, const sy_time *deadline)
{
    struct waiter *woken = NULL;
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return -ESRCH;
    }
    int status = recv_now(chan, element, &woken);
    if (status == -EAGAIN && deadline != NULL) {
        return recv_waiting(chan, task, element, *deadline);
    }
    slots_unlock(chan);
    ready(woken);
    return status;
}

int sy_chan_recv(sy_chan chan, void *element)
{
    sy_time deadline = SY_FOREVER;
    return recv_by(task_require("sy_chan_recv"), chan, element, &deadline);
}

int sy_chan_recv_until(sy_chan chan, void *element, sy_time deadline)
{
    return recv_by(task_require("sy_chan_recv_until"), chan, element, &deadline);
}

int sy_chan_try_recv(sy_chan chan, void *element)
{
    return recv_by(task_require("sy_chan_try_recv"), chan, element, NULL);
}

/* --- New, close, free ------------------------------------------------------------------------ */

static int new_buffer(size_t element_bytes, size_t capacity, unsigned char **buffer)
{
    size_t bytes = 0;
    if (capacity > PTRDIFF_MAX || __builtin_mul_overflow(element_bytes, capacity, &bytes) ||
        bytes > PTRDIFF_MAX) {
        return -EOVERFLOW;
    }
    *buffer = bytes == 0 ? NULL : malloc(bytes);
    return bytes != 0 && *buffer == NULL ? -ENOMEM : 0;
}

int sy_chan_new(sy_chan *handle, size_t element_bytes, size_t capacity)
{
    unsigned char *buffer = NULL;
    void *object = NULL;
    task_require("sy_chan_new");
    if (handle == NULL || element_bytes > SY_CHAN_ELEMENT_BYTES_MAX) {
        return -EINVAL;
    }
    int status = new_buffer(element_bytes, capacity, &buffer);
    if (status != 0) {
        return status;
    }
    status = slots_take(&chans, &object);
    if (status != 0) {
        free(buffer);
        return status;
    }
    struct chan *chan = object;
    chan->element_bytes = element_bytes;
    chan->capacity = capacity;
    chan->buffer = buffer;
    chan->count = 0;
    chan->head = 0;
    chan->receivers = (struct line){0};
    chan->senders = (struct line){0};
    chan->closed = false;
    *handle = (sy_chan){slots_id(chan)};
    slots_unlock(chan);
    return 0;
}

int sy_chan_close(sy_chan handle)
{
    task_require("sy_chan_close");
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return -ESRCH;
    }
    if (chan->closed) {
        slots_unlock(chan);
        sy_misuse(MISUSE_CLOSE_OF_CLOSED, handle_number(handle.id));
    }
    chan->closed = true;
    struct waiter *receivers = line_take_all(&chan->receivers, CLOSED);
    struct waiter *senders = line_take_all(&chan->senders, CLOSED);
    slots_unlock(chan);
    ready_all(receivers);
    ready_all(senders);
    return 0;
}

/* Under the lock, which it releases. */
static void free_locked(struct chan *chan)
{
    unsigned char *buffer = chan->buffer;
    chan->buffer = NULL;
    slots_free(&chans, chan);
    free(buffer);
}

int sy_chan_free(sy_chan handle)
{
    task_require("sy_chan_free");
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return -ESRCH;
    }
    if (chan->receivers.first != NULL || chan->senders.first != NULL) {
        slots_unlock(chan);
        return -EBUSY;
    }
    free_locked(chan);
    return 0;
}

void chan_free_all(void)
{
    uint32_t used = slots_in_use(&chans) == 0 ? 0 : slots_used(&chans);
    for (uint32_t index = 0; index < used; index++) {
        struct chan *chan = slots_lock_index(&chans, index);
        if (chan != NULL) {
            free_locked(chan);
        }
    }
}

/* --- Snapshots ------------------------------------------------------------------------------- */

ssize_t chan_element_bytes(sy_chan handle)
{
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return -ESRCH;
    }
    ssize_t bytes = (ssize_t)chan->element_bytes;
    slots_unlock(chan);
    return bytes;
}

ssize_t sy_chan_len(sy_chan handle)
{
    task_require("sy_chan_len");
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return -ESRCH;
    }
    ssize_t count = (ssize_t)chan->count;
    slots_unlock(chan);
    return count;
}

ssize_t sy_chan_cap(sy_chan handle)
{
    task_require("sy_chan_cap");
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return -ESRCH;
    }
    ssize_t capacity = (ssize_t)chan->capacity;
    slots_unlock(chan);
    return capacity;
}

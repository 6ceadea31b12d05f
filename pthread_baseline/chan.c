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
#include "chan_pass.h"
#include "park.h"
#include "task.h"

#define CHANS_MAX (1u << 24)

_Static_assert(offsetof(struct chan, slot) == 0, "slots.h finds the channel through its slot");

static struct slots chans = SLOTS_INIT(struct chan, CHANS_MAX);

struct chan *chan_lock(sy_chan handle)
{
    return slots_lock(&chans, handle.id);
}

/* --- Send ------------------------------------------------------------------------------------ */

/* Under the lock, which it releases. */
static int send_waiting(struct chan *chan, struct task *task, sy_chan handle, const void *element,
                        sy_time deadline)
{
    struct waiter waiter = {.task = task, .wait = WAIT_CHAN_SEND, .element.from = element};
    line_join(&chan->senders, &waiter);
    enum outcome outcome = park(&chan->slot.lock, &chan->senders, &waiter, deadline);
    if (outcome == CLOSED) {
        sy_misuse(MISUSE_SEND_ON_CLOSED, handle_number(handle.id));
    }
    return outcome == SERVED ? 0 : park_error(outcome);
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
    int status = chan_send_now(chan, element, &woken);
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
        (void)chan_send_now(chan, element, &woken); /* full: dropped */
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

/* Under the lock, which it releases. */
static int recv_waiting(struct chan *chan, struct task *task, void *element, sy_time deadline)
{
    struct waiter waiter = {.task = task, .wait = WAIT_CHAN_RECV, .element.into = element};
    line_join(&chan->receivers, &waiter);
    enum outcome outcome = park(&chan->slot.lock, &chan->receivers, &waiter, deadline);
    if (outcome == SERVED) {
        return 1;
    }
    return outcome == CLOSED ? 0 : park_error(outcome);
}

/* deadline NULL: do not wait. */
static int recv_by(struct task *task, sy_chan handle, void *element, const sy_time *deadline)
{
    struct waiter *woken = NULL;
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return -ESRCH;
    }
    int status = chan_recv_now(chan, element, &woken);
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
    struct waiter *receivers = chan_partners(&chan->receivers, CLOSED);
    struct waiter *senders = chan_partners(&chan->senders, CLOSED);
    for (struct waiter *waiter = receivers; waiter != NULL; waiter = waiter->next) {
        recv_closed(chan, waiter->element.into);
    }
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

/* Under the lock. A select that was served, and has not left the lines yet, does not wait. */
static bool has_waiters(struct chan *chan)
{
    select_drop_claimed(&chan->receivers);
    select_drop_claimed(&chan->senders);
    return chan->receivers.first != NULL || chan->senders.first != NULL;
}

int sy_chan_free(sy_chan handle)
{
    task_require("sy_chan_free");
    struct chan *chan = slots_lock(&chans, handle.id);
    if (chan == NULL) {
        return -ESRCH;
    }
    if (has_waiters(chan)) {
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

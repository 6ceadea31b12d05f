/* chan.c - channels.
 *
 * Everything is guarded by the channel's lock (lock.h). A channel is in one of three conditions:
 * somebody waits to receive (then nothing is buffered and nobody waits to send), somebody waits to
 * send (then the buffer is full and nobody waits to receive), or nobody waits. A select's place in
 * a queue counts until it is claimed (select.c); of one select there may be places in both queues.
 *
 * send                                        recv
 *   1. a receiver waits: copy straight to       1. something is buffered: copy it out; a waiting
 *      where it wants the element, wake it         sender's element takes the place, wake it
 *   2. room in the buffer: copy there           2. a sender waits: copy from where it keeps the
 *   3. wait                                        element, wake it
 *                                               3. closed: answer 0     4. wait
 * The waker does all the work and stores the result of the waiter's call, so that the waiter has
 * nothing to do when it resumes: its switch returns straight to its caller.
 * Elements of waiting tasks are copied while these are parked and the lock is held.
 * Source: Go, runtime/chan.go (direct hand-off); Hoare, "Communicating sequential processes"
 * (1978).
 */
#include "chan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/chan.h>
#include <switchyard/time.h>

#include "base/misuse.h"
#include "chan_pass.h"
#include "park.h"

struct proc *chan_acquire_slow(struct proc *proc, struct chan *chan, uint32_t slot)
{
    struct chan *first = &chan_memory[slot - slot % LOCK_ROW];
    return lock_acquire_in_row_slow(proc, &chan->lock, &chan->record, &first->lock, sizeof *chan);
}

_Static_assert(POOL_BATCH % LOCK_ROW == 0, "a row is carved at once");

/* --- birth and end ------------------------------------------------------------------------ */

/* 0, -EOVERFLOW or -ENOMEM. */
static int buffer_new(size_t element_bytes, size_t capacity, char **buffer)
{
    size_t bytes = 0;
    *buffer = NULL;
    if (__builtin_mul_overflow(element_bytes, capacity, &bytes) || bytes > PTRDIFF_MAX ||
        capacity > PTRDIFF_MAX) {
        return -EOVERFLOW;
    }
    if (bytes > 0) {
        *buffer = malloc(bytes);
    }
    return bytes > 0 && *buffer == NULL ? -ENOMEM : 0;
}

int sy_chan_new(sy_chan *handle, size_t element_bytes, size_t capacity)
{
    char *buffer = NULL;
    uint32_t index = 0;
    if (handle == NULL || element_bytes > SY_CHAN_ELEMENT_BYTES_MAX) {
        return -EINVAL;
    }
    int error = buffer_new(element_bytes, capacity, &buffer);
    if (error != 0) {
        return error;
    }
    struct proc *proc = proc_enter();
    error = pool_take(&chan_pool, &proc->chans, &index);
    if (error != 0) {
        proc_leave(proc);
        free(buffer);
        return error;
    }
    struct chan *chan = &chan_memory[index];
    lock_init(proc, &chan->lock);
    chan->id = handle_make(index, slot_generation(&chan->slot));
    chan->element_bytes = (uint32_t)element_bytes;
    chan->closed = false;
    chan->words = element_bytes == sizeof(uint64_t);
    chan->capacity = capacity;
    chan->count = 0;
    chan->head = 0;
    chan->tail = 0;
    chan->buffer = buffer;
    chan->receivers = (struct waitq){0};
    chan->senders = (struct waitq){0};
    handle->id = chan->id;
    proc_leave(proc);
    return 0;
}

/* Under the lock. A select that was served, and has not left the queues yet, does not wait. */
static bool has_waiters(struct chan *chan)
{
    select_drop_claimed(&chan->receivers);
    select_drop_claimed(&chan->senders);
    return chan->receivers.first != NULL || chan->senders.first != NULL;
}

int sy_chan_free(sy_chan handle)
{
    struct proc *proc = proc_enter();
    struct chan *chan = chan_lock(&proc, handle);
    if (chan == NULL || has_waiters(chan)) {
        proc_leave(proc);
        return chan == NULL ? -ESRCH : -EBUSY;
    }
    char *buffer = chan->buffer;
    chan->buffer = NULL;
    chan->id = 0;
    chan->words = false; /* the fast paths: the zero handle has this id, too */
    chan->count = 0;
    chan->record = (struct lock_record){0};
    slot_retire(&chan->slot);
    lock_release(proc);
    pool_give(&chan_pool, &proc->chans, &chan->slot);
    proc_leave(proc);
    free(buffer);
    return 0;
}

/* --- send and receive --------------------------------------------------------------------- */

/* A lock biased to this proc, a channel that is the handle's: step 2 of send and step 1 of recv
 * with nobody waiting need no function call, and so no registers saved. For elements of a word this
 * makes a buffered item cost 5 ns instead of 8 (2026-11, see docs/performance.md). */
int sy_chan_send(sy_chan handle, const void *element)
{
    struct proc *proc = proc_enter();
    struct chan *chan = chan_at(handle);
    if (unlikely(!lock_is_ours(proc, &chan->lock) || chan->id != handle.id || !chan->words)) {
        return chan_send_slow(proc, handle, element);
    }
    if (chan->receivers.first == NULL && chan->count < chan->capacity) {
        memcpy(chan->buffer + chan->tail * sizeof(uint64_t), element, sizeof(uint64_t));
        chan->tail = chan_after(chan, chan->tail);
        chan->count++;
        proc_leave_biased(proc);
        return 0;
    }
    return chan_send_locked(proc, chan, element);
}

int sy_chan_recv(sy_chan handle, void *element)
{
    struct proc *proc = proc_enter();
    struct chan *chan = chan_at(handle);
    if (unlikely(!lock_is_ours(proc, &chan->lock) || chan->id != handle.id)) {
        return chan_recv_slow(proc, handle, element);
    }
    if (chan->count > 0 && chan->senders.first == NULL && chan->element_bytes == sizeof(uint64_t) &&
        element != NULL) {
        memcpy(element, chan->buffer + chan->head * sizeof(uint64_t), sizeof(uint64_t));
        chan->head = chan_after(chan, chan->head);
        chan->count--;
        proc_leave_biased(proc);
        return 1;
    }
    return chan_recv_locked(proc, chan, element);
}

int chan_offer(struct proc *proc, sy_chan handle, const void *element)
{
    struct chan *chan = chan_lock(&proc, handle);
    int result = chan == NULL ? -ESRCH : -EPIPE;
    if (chan != NULL && !chan->closed) {
        result = chan_send_now(&proc, chan, element);
    }
    proc_leave(proc);
    return result == MUST_WAIT ? -EAGAIN : result;
}

int sy_chan_try_send(sy_chan handle, const void *element)
{
    int result = chan_offer(proc_enter(), handle, element);
    if (result == -EPIPE) {
        sy_misuse(MISUSE_SEND_ON_CLOSED, handle_number(handle.id));
    }
    return result;
}

int sy_chan_try_recv(sy_chan handle, void *element)
{
    struct proc *proc = proc_enter();
    struct chan *chan = chan_lock(&proc, handle);
    if (chan == NULL) {
        proc_leave(proc);
        return -ESRCH;
    }
    int result = chan_recv_now(&proc, chan, element);
    proc_leave(proc);
    return result == MUST_WAIT ? -EAGAIN : result;
}

int sy_chan_send_until(sy_chan handle, const void *element, sy_time deadline)
{
    struct proc *proc = proc_enter();
    struct chan *chan = chan_lock(&proc, handle);
    int result = -ESRCH;
    if (chan != NULL && chan->closed) {
        chan_send_on_closed(proc, handle);
    }
    if (chan != NULL) {
        result = chan_send_now(&proc, chan, element);
    }
    if (result == MUST_WAIT && deadline > sy_now()) {
        struct task *self = proc->current;
        self->element = (void *)(uintptr_t)element; /* only read by the receiver */
        waitq_push(&chan->senders, self);
        return task_park_until(proc, self, WAIT_CHAN_SEND, chan, &chan->lock, deadline);
    }
    proc_leave(proc);
    return result == MUST_WAIT ? -ETIMEDOUT : result;
}

int sy_chan_recv_until(sy_chan handle, void *element, sy_time deadline)
{
    struct proc *proc = proc_enter();
    struct chan *chan = chan_lock(&proc, handle);
    int result = chan != NULL ? chan_recv_now(&proc, chan, element) : -ESRCH;
    if (result == MUST_WAIT && deadline > sy_now()) {
        struct task *self = proc->current;
        self->element = element;
        waitq_push(&chan->receivers, self);
        return task_park_until(proc, self, WAIT_CHAN_RECV, chan, &chan->lock, deadline);
    }
    proc_leave(proc);
    return result == MUST_WAIT ? -ETIMEDOUT : result;
}

/* --- close and look ----------------------------------------------------------------------- */

int sy_chan_close(sy_chan handle)
{
    struct proc *proc = proc_enter();
    struct chan *chan = chan_lock(&proc, handle);
    if (chan == NULL) {
        proc_leave(proc);
        return -ESRCH;
    }
    const struct task *sender = chan->closed ? NULL : chan_partner(&chan->senders);
    if (chan->closed || sender != NULL) {
        sy_task culprit = chan->closed ? sy_self() : task_handle(select_task_of(sender));
        const char *misuse = chan->closed ? MISUSE_CLOSE_OF_CLOSED : MISUSE_SEND_ON_CLOSED;
        proc_leave(proc);
        sy_misuse_by(culprit, misuse, handle_number(handle.id));
    }
    chan->closed = true;
    chan->words = false;
    struct waitq plain = {0};
    struct waitq selects = {0};
    struct task *receiver = NULL;
    while ((receiver = chan_partner(&chan->receivers)) != NULL) {
        if (receiver->element != NULL) {
            memset(receiver->element, 0, chan->element_bytes);
        }
        waitq_push(is_stand_in(receiver) ? &selects : &plain, receiver);
    }
    task_wake_all(proc, waitq_pop_all(&plain), 0);
    select_serve_all(proc, waitq_pop_all(&selects), 0);
    return 0;
}

ssize_t sy_chan_len(sy_chan handle)
{
    struct proc *proc = proc_enter();
    struct chan *chan = chan_lock(&proc, handle);
    ssize_t length = chan != NULL ? (ssize_t)chan->count : -ESRCH;
    proc_leave(proc);
    return length;
}

ssize_t sy_chan_cap(sy_chan handle)
{
    struct proc *proc = proc_enter();
    struct chan *chan = chan_lock(&proc, handle);
    ssize_t capacity = chan != NULL ? (ssize_t)chan->capacity : -ESRCH;
    proc_leave(proc);
    return capacity;
}

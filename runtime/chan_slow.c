/* chan_slow.c - sy_chan_send and sy_chan_recv where the first look (chan.c) does not suffice. The
 * algorithm is in chan.c; the functions differ in what is known of the lock.
 *
 *   slow     nothing. If it is the proc's, or shared and free, and the buffer has room or something
 *            and nobody waits, elements of a word or of nothing need no function call, and so no
 *            registers saved: a send and a receive of nothing take 190 instructions instead of 330
 *            if the lock is shared, and 149 instead of 168 if not (go.ChanSem; 2026-11)
 *   held     the lock is held
 *   locked   the channel is, and it is the handle's; to send, it is open
 *   any      nothing, and it is not as simple as above
 */
#include <errno.h>
#include <string.h>

#include <switchyard/chan.h>

#include "base/misuse.h"
#include "chan_pass.h"
#include "park.h"

void chan_send_on_closed(struct proc *proc, sy_chan handle)
{
    proc_leave(proc);
    sy_misuse(MISUSE_SEND_ON_CLOSED, handle_number(handle.id));
}

int chan_send_locked(struct proc *proc, struct chan *chan, const void *element)
{
    if (likely(chan_send_now(&proc, chan, element) == 0)) {
        proc_leave(proc);
        return 0;
    }
    struct task *self = proc->current;
    self->element = (void *)(uintptr_t)element; /* only read by the receiver */
    waitq_push(&chan->senders, self);
    return task_wait(proc, self, WAIT_CHAN_SEND, chan, &chan->lock);
}

static __attribute__((noinline)) int send_held(struct proc *proc, struct chan *chan, sy_chan handle,
                                               const void *element)
{
    if (unlikely(chan->id != handle.id)) {
        proc_leave(proc);
        return -ESRCH;
    }
    if (unlikely(chan->closed)) {
        chan_send_on_closed(proc, handle);
    }
    return chan_send_locked(proc, chan, element);
}

static __attribute__((noinline)) int send_any(struct proc *proc, sy_chan handle,
                                              const void *element)
{
    struct chan *chan = chan_lock(&proc, handle);
    if (unlikely(chan == NULL)) {
        proc_leave(proc);
        return -ESRCH;
    }
    return send_held(proc, chan, handle, element);
}

/* True if the lock is the proc's, or is shared and was free. */
static inline bool take_lock(struct proc *proc, struct chan *chan)
{
    return lock_try_in_row(proc, &chan->lock, &chan->record) || lock_is_ours(proc, &chan->lock);
}

int chan_send_slow(struct proc *proc, sy_chan handle, const void *element)
{
    struct chan *chan = chan_at(handle);
    if (unlikely(!chan_is_carved(handle) || !take_lock(proc, chan))) {
        return send_any(proc, handle, element);
    }
    if (likely(chan->id == handle.id && !chan->closed && chan_put_light(chan, element))) {
        proc_leave(proc);
        return 0;
    }
    return send_held(proc, chan, handle, element);
}

int chan_recv_locked(struct proc *proc, struct chan *chan, void *element)
{
    int result = chan_recv_now(&proc, chan, element);
    if (likely(result != MUST_WAIT)) {
        proc_leave(proc);
        return result;
    }
    struct task *self = proc->current;
    self->element = element;
    waitq_push(&chan->receivers, self);
    return task_wait(proc, self, WAIT_CHAN_RECV, chan, &chan->lock);
}

static __attribute__((noinline)) int recv_held(struct proc *proc, struct chan *chan, sy_chan handle,
                                               void *element)
{
    if (unlikely(chan->id != handle.id)) {
        proc_leave(proc);
        return -ESRCH;
    }
    return chan_recv_locked(proc, chan, element);
}

static __attribute__((noinline)) int recv_any(struct proc *proc, sy_chan handle, void *element)
{
    struct chan *chan = chan_lock(&proc, handle);
    if (unlikely(chan == NULL)) {
        proc_leave(proc);
        return -ESRCH;
    }
    return chan_recv_locked(proc, chan, element);
}

int chan_recv_slow(struct proc *proc, sy_chan handle, void *element)
{
    struct chan *chan = chan_at(handle);
    if (unlikely(!chan_is_carved(handle) || !take_lock(proc, chan))) {
        return recv_any(proc, handle, element);
    }
    if (likely(chan->id == handle.id && chan_get_light(chan, element))) {
        proc_leave(proc);
        return 1;
    }
    return recv_held(proc, chan, handle, element);
}

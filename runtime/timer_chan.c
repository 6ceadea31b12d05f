/* timer_chan.c - timers that send the time on a channel.
 *
 *   set, stop   1. under busy: halt = ASKED
 *               2. disarm, which waits while it is being fired (timer.h); twice
 *               3. set: halt = NO, note when and period, arm
 *   fire        a. phase 1 has taken the timer out of its heap, firing = 1
 *               b. offer the time to the channel
 *               c. periodic and halt == NO: into this proc's heap again, which ends firing
 *               d. else: periodic? halt = DONE; firing = 0 (release)
 * A periodic timer that fires when 2 comes for the first time may have passed c before 1; then it
 * is in a heap when 2 comes for the second time, or was taken out by a worker that came to c after
 * 1 (2 has seen firing == 0 in between), and that one went to d. So after 2 nobody arms it. `when`
 * and `period` are written by 3, when it is not armed, and by c while it is fired.
 */
#include <errno.h>

#include <switchyard/time.h>

#include "chan.h"
#include "park.h"
#include "preempt.h"
#include "timer.h"

struct chan_timer {
    struct timer timer;    /* must be first */
    struct spin busy;      /* of set and stop */
    _Atomic uint32_t halt; /* enum halt */
    sy_chan chan;          /* immutable */
    sy_time when;          /* see above */
    sy_time period;
};

enum halt { HALT_NO, HALT_ASKED, HALT_DONE };

_Static_assert(sizeof(struct chan_timer) <= sizeof(sy_timer), "sy_timer is too small");

static struct chan_timer *timer_of(sy_timer *timer)
{
    return (struct chan_timer *)(void *)timer;
}

int sy_timer_init(sy_timer *handle, sy_chan chan_handle)
{
    if (handle == NULL) {
        return -EINVAL;
    }
    struct proc *proc = proc_enter();
    const struct chan *chan = chan_lock(&proc, chan_handle);
    int error = chan == NULL ? -ESRCH : 0;
    if (chan != NULL && chan->element_bytes != sizeof(sy_time)) {
        error = -EINVAL;
    }
    proc_leave(proc);
    if (error == 0) {
        *timer_of(handle) =
            (struct chan_timer){.timer = {.kind = TIMER_OF_CHAN}, .chan = chan_handle};
    }
    return error;
}

/* Steps 1 and 2. True if it was armed. */
static bool disarm(struct chan_timer *timer)
{
    /* relaxed: the locks of the heaps and `firing` order it; see above */
    store_relaxed(&timer->halt, HALT_ASKED);
    fence_seq_cst(); /* halt, then the look for the timer: pairs with the one in timer_chan_fire */
    bool armed = timer_disarm(&timer->timer);
    armed |= timer_disarm(&timer->timer);
    return armed || load_relaxed(&timer->halt) == HALT_DONE; /* relaxed: nobody fires it now */
}

/* 0, 1 (was armed) or -EAGAIN. Under busy. */
static int rearm(struct proc *proc, struct chan_timer *timer, bool was_armed)
{
    /* relaxed: only the sum counts */
    if (!was_armed && fetch_add_relaxed(&scheduler.timers_armed, 1) >= scheduler.timers_max) {
        fetch_add_relaxed(&scheduler.timers_armed, -1); /* relaxed: as above */
        return -EAGAIN;
    }
    store_relaxed(&timer->halt, HALT_NO); /* relaxed: nobody fires it now */
    timer_arm(proc, &timer->timer, timer->when);
    return was_armed;
}

int sy_timer_set(sy_timer *handle, sy_time when, sy_time period)
{
    struct chan_timer *timer = timer_of(handle);
    if (period < 0) {
        return -EINVAL;
    }
    struct task *self = preempt_forbid(__func__); /* who holds busy must go on */
    spin_lock(&timer->busy);
    bool was_armed = disarm(timer);
    timer->when = when;
    timer->period = period;
    struct proc *proc = proc_enter();
    int result = rearm(proc, timer, was_armed);
    proc_leave(proc);
    spin_unlock(&timer->busy);
    preempt_allow(self);
    return result;
}

int sy_timer_stop(sy_timer *handle)
{
    struct chan_timer *timer = timer_of(handle);
    struct task *self = preempt_forbid(__func__); /* as above */
    spin_lock(&timer->busy);
    bool armed = disarm(timer);
    if (armed) {
        fetch_add_relaxed(&scheduler.timers_armed, -1); /* relaxed: only the sum counts */
    }
    spin_unlock(&timer->busy);
    preempt_allow(self);
    return armed;
}

/* The next tick after now; whole periods that have passed are left out. when <= now. */
static sy_time next_tick(sy_time when, sy_time period, sy_time now)
{
    sy_time late = 0;
    sy_time next = 0;
    if (__builtin_sub_overflow(now, when, &late)) {
        late = SY_FOREVER; /* `when` is far below zero: some tick after now */
    }
    bool beyond = __builtin_add_overflow(when, late - late % period, &next) ||
                  __builtin_add_overflow(next, period, &next);
    return beyond ? SY_FOREVER : next;
}

void timer_chan_fire(struct timer *due, sy_time now)
{
    struct chan_timer *timer = (struct chan_timer *)(void *)due;
    sy_time stamp = sy_now();
    chan_offer(proc_enter(), timer->chan, &stamp);
    fence_seq_cst(); /* taken out, then halt: pairs with the one in disarm */
    /* relaxed: as in disarm */
    if (timer->period > 0 && load_relaxed(&timer->halt) == HALT_NO) {
        struct proc *proc = proc_enter();
        timer->when = next_tick(timer->when, timer->period, now);
        timer_arm(proc, due, timer->when);
        proc_leave(proc);
        return;
    }
    if (timer->period > 0) {
        store_relaxed(&timer->halt, HALT_DONE); /* relaxed: ordered by firing */
    } else {
        fetch_add_relaxed(&scheduler.timers_armed, -1); /* relaxed: only the sum counts */
    }
    /* release: pairs with the acquire in timer_disarm */
    store_release(&due->firing, 0);
}

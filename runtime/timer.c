/* timer.c - see timer.h. */
#include "timer.h"

#include <errno.h>
#include <stddef.h>

#include <switchyard/time.h>

#include "base/trace.h"
#include "park.h"

sy_time timer_next(void)
{
    sy_time next = SY_FOREVER;
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        sy_time here = timer_heap_next(&scheduler.all[i].timers);
        next = here < next ? here : next;
    }
    return next;
}

void timer_arm(struct proc *proc, struct timer *timer, sy_time deadline)
{
    if (timer_heap_insert(&proc->timers, timer, deadline)) {
        scheduler_retime(deadline);
    }
}

bool timer_disarm(struct timer *timer)
{
    bool armed = false;
    uint32_t rounds = 0;
    /* relaxed: a proc that exists names a heap from now on */
    if (unlikely(load_relaxed(&timer->proc) >= scheduler_procs())) {
        return false; /* armed in an earlier run, which had more procs */
    }
    /* relaxed: confirmed under the lock of the heap that it leads to */
    while (!timer_heap_remove(&scheduler.all[load_relaxed(&timer->proc)].timers, timer, &armed)) {
        spin_pause();
    }
    /* acquire: pairs with the release at the end of phase 2; it has let go of everything */
    while (load_acquire(&timer->firing) != 0) {
        spin_wait(&rounds);
    }
    return armed;
}

/* Phase 2 for a task. */
static void expire(struct task *task)
{
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, task->wait_lock);
    bool waits = task_stop_waiting(task);
    lock_release(proc);
    if (waits) {
        task_wake_in_line(proc, task, -ETIMEDOUT);
    }
    /* release: pairs with the acquire in timer_disarm */
    store_release(&task->timer.firing, 0);
    proc_leave(proc);
}

static struct task *task_of(struct timer *timer)
{
    return (struct task *)(void *)((char *)timer - offsetof(struct task, timer));
}

bool timer_fire(struct proc *proc, sy_time now)
{
    uint64_t fired = 0;
    while (timer_heap_next(&proc->timers) <= now) {
        struct timer *timer = timer_heap_take_due(&proc->timers, now);
        if (timer == NULL) {
            break;
        }
        if (timer->kind == TIMER_OF_TASK) {
            expire(task_of(timer));
        } else {
            timer_chan_fire(timer, now);
        }
        fired++;
    }
    if (fired > 0) {
        fetch_add_relaxed(&scheduler.timers_fired, fired); /* relaxed: a statistic */
        trace_event(TRACE_TIMER, 0, (uint32_t)fired, NULL);
    }
    return fired > 0;
}

bool timer_fire_all(sy_time now)
{
    bool some = false;
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        some |= timer_fire(&scheduler.all[i], now);
    }
    return some;
}

/* --- sleeping: a task parked under its own lock, in no queue but a heap ---------------------- */

static int sleep_until(sy_time deadline, const char *function)
{
    struct proc *proc = proc_enter_named(function);
    if (deadline <= sy_now()) {
        proc_leave(proc);
        sy_yield();
        return 0;
    }
    struct task *self = proc->current;
    proc = lock_acquire(proc, &self->lock);
    int result = task_park_until(proc, self, WAIT_SLEEP, NULL, &self->lock, deadline);
    return result == -ETIMEDOUT ? 0 : result;
}

int sy_sleep_until(sy_time deadline)
{
    return sleep_until(deadline, __func__);
}

int sy_sleep(sy_time duration)
{
    sy_time deadline = 0;
    if (__builtin_add_overflow(sy_now(), duration, &deadline)) {
        deadline = duration > 0 ? SY_FOREVER : 0;
    }
    return sleep_until(deadline, __func__);
}

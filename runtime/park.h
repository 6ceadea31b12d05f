/* park.h - the only place where a running task stops and a waiting one becomes ready.
 *
 * All of these are called in the critical section of the caller's proc (proc.h). The ones that
 * switch end the section: the context that runs next leaves it, when the registers of the old one
 * are saved (publish after the switch). When they return, the task may be on another proc.
 */
#ifndef SWITCHYARD_PARK_H
#define SWITCHYARD_PARK_H

#include "cancel.h"
#include "hibernate.h"
#include "proc.h"
#include "scheduler.h"
#include "worker.h"

int sy_switch(struct task *from, struct task *to, struct proc *proc);  /* switch.S */
void sy_resume(struct task *none, struct task *to, struct proc *proc); /* switch.S */

/* The switch with what the sanitizers want to hear before and after it. */
int task_switch_sanitized(struct proc *proc, struct task *from, struct task *to);
_Noreturn void task_leave_sanitized(struct proc *proc, struct task *to);

/* From one context to another; returns to->result in the other, and here what from->result is
 * when somebody switches back. In tail position this is a jump. */
static inline int task_switch(struct proc *proc, struct task *from, struct task *to)
{
    proc->current = to;
    counter_add(&proc->switches, 1);
    if (SANITIZE_SWITCH_RETURNS) {
        return task_switch_sanitized(proc, from, to);
    }
    return sy_switch(from, to, proc);
}

/* The next context of this proc: a task, or the scheduler context if there is none or if it is
 * time for that one to look around. reason: why the running task stops, see proc->stopped. */
static inline struct task *task_choose(struct proc *proc, uint8_t reason)
{
    struct task *next = NULL;
    if (likely(--proc->runq.ticks_left != 0)) {
        next = runq_choose(&proc->runq);
    }
    if (unlikely(next == NULL)) {
        proc->stopped = reason;
        if (reason == STOPPED_END) {
            worker_note_end(proc);
        }
        return &proc->worker->context;
    }
    next->state = TASK_RUNNING;
    return next;
}

/* RUNNING -> PARKED. The caller holds the lock that guards the wait, and has put self where its
 * waker finds it. Returns the result that the waker stored. */
static inline __attribute__((always_inline)) int task_park(struct proc *proc, struct task *self,
                                                           enum wait_reason reason,
                                                           const void *object)
{
    self->state = TASK_PARKED;
    self->reason = (uint8_t)reason;
    self->object = object;
    self->parked_at = proc->now;
    counter_add(&proc->parks, 1);
    return task_switch(proc, self, task_choose(proc, (uint8_t)reason));
}

/* As task_park; the wait of a task in a scope may end with -ECANCELED. lock is the one that the
 * caller holds and that guards the wait. */
static inline __attribute__((always_inline)) int task_wait(struct proc *proc, struct task *self,
                                                           enum wait_reason reason,
                                                           const void *object, struct lock *lock)
{
    if (unlikely(self->member != NULL)) {
        return cancel_park(proc, self, reason, object, lock, SY_FOREVER);
    }
    return task_park(proc, self, reason, object);
}

/* Ends the wait of a parked task, for a waker that does not find it through its queue; false if it
 * has been woken already. In no queue is who sleeps or selects. Under the lock that guards the
 * wait. */
static inline bool task_stop_waiting(struct task *task)
{
    if (task->waitq != NULL) {
        waitq_remove(task->waitq, task);
        return true;
    }
    bool alone = task->reason == WAIT_SLEEP || task->reason == WAIT_SELECT;
    if (alone) {
        task->reason = WAIT_NONE;
    }
    return alone;
}

/* Puts a ready task into one of the two slots of the run queue, which are not offered to others at
 * once; what it displaces is. */
static inline void task_place(struct proc *proc, _Atomic(struct task *) *place, struct ring *ring,
                              struct task *task)
{
    struct task *displaced = load_relaxed(place); /* relaxed: section */
    store_relaxed(place, task);                   /* relaxed: section */
    proc_fence_light(); /* slot, then duties: pairs with the fence in leave_a_watch */
    if (displaced != NULL) {
        scheduler_requeue(ring, displaced);
        if (unlikely(scheduler_has_duty(DUTY_NOTIFY | DUTY_TRACE | DUTY_SLICE | DUTY_THAW))) {
            scheduler_offered(proc, task);
        }
    } else if (unlikely(scheduler_has_duty(DUTY_WATCH | DUTY_TRACE | DUTY_OFFER | DUTY_SLICE |
                                           DUTY_THAW))) {
        scheduler_held_back(proc, task);
    }
}

/* Before somebody else touches the stack of a parked task, whom he is about to wake: if it is cold,
 * this is cheaper than the fault. In the section. */
static inline void task_thaw(const struct task *task)
{
    if (unlikely(scheduler_has_duty(DUTY_THAW))) {
        hibernate_touch(task->slot.index);
    }
}

/* PARKED -> READY: the task runs next on this proc. The caller has taken it out of its wait queue
 * under that queue's lock; for objects in the caller's storage it has released the lock since, as
 * the object may be gone as soon as the task runs. */
static inline void task_ready(struct proc *proc, struct task *task)
{
    task->state = TASK_READY;
    task_place(proc, &proc->runq.next, &proc->runq.woken, task);
}

/* A new task, SPAWNED. */
static inline void task_start(struct proc *proc, struct task *task)
{
    task_place(proc, &proc->runq.fresh, &proc->runq.spawned, task);
}

/* PARKED -> READY with the result of its blocking call. */
static inline void task_wake(struct proc *proc, struct task *task, int result)
{
    task->result = result;
    task_ready(proc, task);
}

/* The same behind those that were woken before, for wakers that wake many: in `next` the last one
 * would overtake the others. */
static inline void task_wake_in_line(struct proc *proc, struct task *task, int result)
{
    task->result = result;
    task->state = TASK_READY;
    scheduler_offer(proc, &proc->runq.woken, task);
}

/* Wakes a list linked by next, in its order. */
static inline void task_wake_all(struct proc *proc, struct task *first, int result)
{
    if (first != NULL && first->next == NULL) {
        task_wake(proc, first, result);
        return;
    }
    while (first != NULL) {
        struct task *task = first;
        first = task->next;
        task_wake_in_line(proc, task, result);
    }
}

/* Leaves the context for good: the running task has ended. Releases the section. */
static inline _Noreturn void task_leave(struct proc *proc)
{
    struct task *to = task_choose(proc, STOPPED_END);
    proc->current = to;
    counter_add(&proc->switches, 1);
    if (SANITIZE_SWITCH_RETURNS) {
        task_leave_sanitized(proc, to);
    }
    sy_resume(NULL, to, proc);
    __builtin_unreachable();
}

/* Waits with a deadline: arms the timer, parks, and cancels the timer. As task_wait; the timer
 * stores -ETIMEDOUT. */
int task_park_timed(struct proc *proc, struct task *self, enum wait_reason reason,
                    const void *object, struct lock *lock, sy_time deadline);

/* The same, or task_wait if the deadline is SY_FOREVER. */
static inline int task_park_until(struct proc *proc, struct task *self, enum wait_reason reason,
                                  const void *object, struct lock *lock, sy_time deadline)
{
    return deadline == SY_FOREVER ? task_wait(proc, self, reason, object, lock)
                                  : task_park_timed(proc, self, reason, object, lock, deadline);
}

#endif

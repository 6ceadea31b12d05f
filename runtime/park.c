/* park.c - see park.h. */
#include "park.h"

#include <assert.h>
#include <stddef.h>

#include <switchyard/time.h>

#include "offsets.h"
#include "stack.h"
#include "timer.h"

_Static_assert(offsetof(struct task, sp) == TASK_SP, "switch.S");
_Static_assert(offsetof(struct task, stack_limit) == TASK_STACK_LIMIT, "switch.S");
_Static_assert(offsetof(struct task, result) == TASK_RESULT, "switch.S");
_Static_assert(offsetof(struct proc, in_section) == PROC_IN_SECTION, "switch.S");
_Static_assert(offsetof(struct proc, release) == PROC_RELEASE, "switch.S");

/* Where `to` keeps its stack: a task in its slot, a scheduler context on its thread's stack. */
static void stack_bounds(const struct task *to, const void **bottom, size_t *bytes)
{
    const struct worker *worker = worker_self();
    if (to == &worker->context) {
        *bottom = worker->stack_bottom;
        *bytes = worker->stack_bytes;
    } else {
        *bottom = stack_bottom(to->slot.index);
        *bytes = stack_usable_bytes();
    }
}

int task_switch_sanitized(struct proc *proc, struct task *from, struct task *to)
{
    void *fake_stack = NULL;
    const void *bottom = NULL;
    size_t bytes = 0;
    stack_bounds(to, &bottom, &bytes);
    sanitize_stack_start(&fake_stack, bottom, bytes);
    sanitize_switch(to->fiber, &proc->in_section, proc->release);
    int result = sy_switch(from, to, proc);
    sanitize_stack_finish(fake_stack);
    sanitize_section_enter(&proc_self()->in_section);
    return result;
}

/* Does not return: it is entered on one fiber's call stack and must not be left on another's. */
_Noreturn void task_leave_sanitized(struct proc *proc, struct task *to)
{
    const void *bottom = NULL;
    size_t bytes = 0;
    stack_bounds(to, &bottom, &bytes);
    sanitize_stack_start(NULL, bottom, bytes);
    sanitize_switch(to->fiber, &proc->in_section, proc->release);
    sy_resume(NULL, to, proc);
    __builtin_unreachable();
}

int task_park_timed(struct proc *proc, struct task *self, enum wait_reason reason,
                    const void *object, struct lock *lock, sy_time deadline)
{
    if (unlikely(self->member != NULL)) {
        return cancel_park(proc, self, reason, object, lock, deadline);
    }
    self->wait_lock = lock;
    fetch_add_relaxed(&lock->marks, LOCK_TIMED); /* relaxed: the lock is held */
    timer_arm(proc, &self->timer, deadline);
    int result = task_park(proc, self, reason, object);
    timer_disarm(&self->timer);
    /* release: pairs with the acquire in lock_is_timed; no timer knows the lock through us now */
    fetch_sub_release(&lock->marks, LOCK_TIMED);
    return result;
}

/* task.c - birth, end and joining of tasks.
 *
 * A task that ends still runs on the stack that it gives back. That is safe because its slot goes
 * into the cache of its own proc, which nobody can use before the section ends, and the section
 * ends after the switch away (park.h). A joiner that sees ENDED took the task's lock, which the
 * ending task releases after the same switch.
 */
#include "task.h"

#include <errno.h>
#include <string.h>

#include <switchyard/time.h>

#include "base/local.h"
#include "base/scope.h"
#include "park.h"
#include "segment.h"
#include "stack.h"
#include "task_pool.h"

void sy_task_entry(void); /* switch.S */

/* What the task that runs main_fn returned. Written at its end, read when all have ended. */
static void *first_result;

/* Floating-point control words that every task starts with: those of sy_run's caller. */
static uint64_t initial_control_words;

/* --- birth -------------------------------------------------------------------------------- */

/* The lines that task_new of this slot will write: the descriptor's first two, the first frame. */
static inline void prefetch_slot(struct task *task)
{
    __builtin_prefetch((char *)task - CACHE_LINE, 1);
    __builtin_prefetch(task, 1);
    __builtin_prefetch((char *)task + CACHE_LINE, 1);
}

/* The pool is empty and cannot grow, with that error; but other procs may keep free slots in their
 * caches, which all go back to the pool now. Leaves the section meanwhile, without a switch. */
static __attribute__((noinline)) int slot_take_kept(struct proc *proc, uint32_t *slot, int error)
{
    if (scheduler_procs() == 1 || proc != proc_self()) {
        return error; /* the first task is made before there are workers */
    }
    proc_leave(proc);
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        struct proc *victim = &scheduler.all[i];
        proc_seize(victim);
        pool_drain(&task_pool, &victim->tasks);
        proc_release(victim);
    }
    proc = proc_enter_unpreempted();
    return pool_take(&task_pool, &proc->tasks, slot);
}

/* FREE -> SPAWNED. In the section. NULL with *error set when there is no slot. */
static inline struct task *task_new(struct proc *proc, sy_task_fn fn, void *arg, const void *site,
                                    bool detached, int *error)
{
    uint32_t slot = 0;
    *error = pool_take(&task_pool, &proc->tasks, &slot);
    if (unlikely(*error != 0) && (*error = slot_take_kept(proc, &slot, *error)) != 0) {
        return NULL;
    }
    struct task *task = stack_task(slot);
    if (proc->tasks.count > 0) {
        prefetch_slot(stack_task(proc->tasks.slots[proc->tasks.count - 1]));
    }
    task->result = 0;
    task->state = TASK_SPAWNED;
    task->reason = WAIT_NONE;
    task->detached = detached;
    task->ended = false;
    lock_init(proc, &task->lock);
    task->join.wanted = NULL;
    task->spawn_site = site;
    task->nopreempt = 0;
    task->name[0] = '\0';
    if (SANITIZE_SWITCH_RETURNS) {
        sanitize_task_begin(task->fiber);
        sanitize_unpoison(stack_bottom(slot), stack_usable_bytes() - sizeof *task);
    }
    task->sp = arch_frame(stack_top(task), sy_task_entry, initial_control_words, task, fn, arg);
    counter_add(&proc->tasks_spawned, 1);
    return task;
}

int task_create_first(struct proc *proc, sy_task_fn fn, void *arg)
{
    int error = 0;
    initial_control_words = arch_control_words();
    struct task *task = task_new(proc, fn, arg, __builtin_return_address(0), true, &error);
    if (task == NULL) {
        return error;
    }
    ring_push(&proc->runq.spawned, task);
    task->join.wanted = &first_result;
    return 0;
}

void *task_first_result(void)
{
    return first_result;
}

int sy_spawn(sy_task *handle, sy_task_fn fn, void *arg)
{
    int error = 0;
    if (handle == NULL || fn == NULL) {
        return -EINVAL;
    }
    struct proc *proc = proc_enter();
    struct task *task = task_new(proc, fn, arg, __builtin_return_address(0), false, &error);
    if (likely(task != NULL)) {
        *handle = task_handle(task);
        task_start(proc, task);
    }
    proc_leave(proc);
    return error;
}

int sy_go(sy_task_fn fn, void *arg)
{
    int error = 0;
    if (fn == NULL) {
        return -EINVAL;
    }
    struct proc *proc = proc_enter();
    struct task *task = task_new(proc, fn, arg, __builtin_return_address(0), true, &error);
    if (likely(task != NULL)) {
        task_start(proc, task);
    }
    proc_leave(proc);
    return error;
}

/* --- end ---------------------------------------------------------------------------------- */

/* ENDED or ending -> FREE: every handle becomes stale. Under the task's lock. */
static inline void task_free(struct proc *proc, struct task *task)
{
    task->state = TASK_FREE;
    slot_retire(&task->slot);
    pool_give(&task_pool, &proc->tasks, &task->slot);
}

/* What few tasks have. Each may run code that leaves something to those below it. */
static bool has_extras(const struct task *task)
{
    return ((uintptr_t)task->locals | (uintptr_t)task->member | (uintptr_t)task->segments) != 0;
}

static __attribute__((noinline, cold)) void end_extras(struct task *self, void *value)
{
    if (self->locals != NULL) {
        local_end(&self->locals);
    }
    if (self->member != NULL) {
        scope_member_end(self->member, (int)(intptr_t)value); /* member is NULL then */
    }
    segment_release_all(self);
}

/* The caller's stack may be reused once this has switched away; the lock is held until then. */
static _Noreturn void task_end(struct task *self, void *value)
{
    if (unlikely(has_extras(self))) {
        end_extras(self, value);
    }
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, &self->lock);
    counter_add(&proc->tasks_ended, 1);
    struct task *joiner = waitq_pop(&self->joiner);
    if (joiner != NULL || self->detached) {
        if (self->join.wanted != NULL) {
            if (joiner != NULL) {
                task_thaw(joiner); /* wanted is on its stack */
            }
            *self->join.wanted = value;
        }
        task_free(proc, self);
        if (joiner != NULL) {
            task_wake(proc, joiner, 0);
        }
    } else {
        self->join.value = value;
        self->state = TASK_ENDED;
        self->ended = true;
    }
    task_leave(proc);
}

_Noreturn void task_main(struct task *self, sy_task_fn fn, void *arg)
{
    if (SANITIZE_SWITCH_RETURNS) {
        sanitize_stack_finish(NULL);
        sanitize_section_enter(&proc_self()->in_section);
    }
    task_end(self, fn(arg));
}

/* The running task, checked. */
static struct task *task_self(const char *function)
{
    struct task *self = proc_self()->current;
    if (self == NULL) {
        sy_fatal_outside_task(function);
    }
    return self;
}

_Noreturn void sy_exit(void *result)
{
    segment_leave_all(task_self(__func__), task_end, result);
}

/* --- handles ------------------------------------------------------------------------------ */

static inline struct task *lock_named(struct proc **proc, sy_task handle)
{
    uint32_t slot = handle_slot(handle.id);
    if (unlikely(slot >= task_slots())) {
        return NULL;
    }
    struct task *task = stack_task(slot);
    *proc = lock_acquire(*proc, &task->lock);
    if (unlikely(slot_generation(&task->slot) != handle_generation(handle.id))) {
        lock_release(*proc);
        return NULL;
    }
    return task;
}

struct task *task_lock(struct proc **proc, sy_task handle)
{
    return lock_named(proc, handle);
}

/* Why the caller may not join the task, or 0. */
static int join_error(const struct task *task, const struct task *self)
{
    if (task == NULL) {
        return -ESRCH;
    }
    if (task == self) {
        return -EDEADLK;
    }
    return task->detached || task->joiner.first != NULL ? -EINVAL : 0;
}

static inline int join_until(struct proc *proc, sy_task handle, void **result, sy_time deadline)
{
    struct task *self = proc->current;
    struct task *task = lock_named(&proc, handle);
    int error = join_error(task, self);
    if (error == 0 && task->ended) {
        if (result != NULL) {
            *result = task->join.value;
        }
        task_free(proc, task);
    } else if (error == 0 && (deadline == SY_FOREVER || deadline > sy_now())) {
        task->join.wanted = result;
        waitq_push(&task->joiner, self);
        return task_park_until(proc, self, WAIT_JOIN, task, &task->lock, deadline);
    } else if (error == 0) {
        error = -ETIMEDOUT;
    }
    proc_leave(proc);
    return error;
}

/* A task that has ended and whose lock is ours needs no function call, and so no registers saved:
 * create.batch takes 26 of 362 instructions less, create.serial, whose tasks run yet, 25 more. Such
 * a task is neither detached nor joined by another one, or it were free, nor the caller. */
int sy_join(sy_task handle, void **result)
{
    struct proc *proc = proc_enter();
    uint32_t slot = handle_slot(handle.id);
    if (likely(slot < task_slots())) {
        struct task *task = stack_task(slot);
        if (likely(lock_is_ours(proc, &task->lock) && task->ended &&
                   slot_generation(&task->slot) == handle_generation(handle.id))) {
            if (result != NULL) {
                *result = task->join.value;
            }
            task_free(proc, task);
            proc_leave_biased(proc);
            return 0;
        }
    }
    return join_until(proc, handle, result, SY_FOREVER);
}

int sy_join_until(sy_task handle, void **result, sy_time deadline)
{
    return join_until(proc_enter(), handle, result, deadline);
}

int sy_detach(sy_task handle)
{
    struct proc *proc = proc_enter();
    struct task *task = lock_named(&proc, handle);
    int error = join_error(task, NULL);
    if (error == 0) {
        task->detached = true;
        if (task->ended) {
            task_free(proc, task);
        } else {
            task->join.wanted = NULL; /* of a join that timed out: its frame may be gone */
        }
    }
    proc_leave(proc);
    return error;
}

sy_task sy_self(void)
{
    const struct proc *proc = proc_self();
    const struct task *self = proc->current;
    if (self == NULL || self == &proc->worker->context) {
        return (sy_task){0};
    }
    return task_handle(self);
}

int sy_task_get_name(sy_task handle, char *buffer, size_t bytes)
{
    if (buffer == NULL) {
        return -EINVAL;
    }
    if (bytes < SY_NAME_BYTES) {
        return -ERANGE;
    }
    struct proc *proc = proc_enter();
    struct task *task = task_lock(&proc, handle);
    if (task != NULL) {
        memcpy(buffer, task->name, sizeof task->name);
    }
    proc_leave(proc);
    return task != NULL ? 0 : -ESRCH;
}

void sy_yield(void)
{
    struct proc *proc = proc_enter();
    struct task *self = proc->current;
    struct task *next = &proc->worker->context;
    if (likely(--proc->runq.ticks_left != 0)) {
        next = runq_choose_for_yield(&proc->runq);
        if (next == NULL) {
            proc_leave(proc);
            return;
        }
        next->state = TASK_RUNNING;
    } else {
        proc->stopped = WAIT_NONE;
    }
    self->state = TASK_READY;
    scheduler_requeue(&proc->runq.woken, self);
    task_switch(proc, self, next);
}

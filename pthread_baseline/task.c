/* task.c - tasks: spawn, join, detach, end, name.
 *
 * A task is an OS thread and a record (struct task) in a slot that its handle names.
 *
 * Protocol, each step under the record's lock:
 *  1. Create: a slot is taken and filled, and the thread is made, all while the lock is held. So
 *     whoever gets at the record finds `thread` set, the new thread itself included.
 *  2. End: the thread sets `ended`. If the task is detached, the thread frees the slot. It does not
 *     touch the record after that.
 *  3. Join: the joiner sets `joining`, which makes the slot and the thread its own; joins the
 *     thread without the lock; then frees the slot. If its deadline passes it clears `joining`.
 *  4. Detach, when nobody joins: sets `detached` and detaches the thread. If the task has ended
 *     already, frees the slot.
 * So a slot is freed once: by the thread, by the joiner or by the detacher. Step 2 and step 4 see
 * each other's mark because both hold the lock. `thread` may be used by whoever holds the lock and
 * finds neither `ended` nor `joining`: the thread cannot get past step 2 meanwhile.
 */
#include "task.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/fatal.h"
#include "base/local.h"
#include "base/scope.h"
#include "base/trace.h"
#include "cancel.h"
#include "deadline.h"
#include "run.h"

_Static_assert(offsetof(struct task, slot) == 0, "slots.h finds the record through its slot");

static struct slots tasks = SLOTS_INIT(struct task, 0);

static __thread struct task *current;

/* Not inlined, as style asks of every accessor of a thread-local. */
__attribute__((noinline)) struct task *task_current(void)
{
    return current;
}

struct task *task_require(const char *function)
{
    struct task *task = task_current();
    if (unlikely(task == NULL)) {
        sy_fatal_outside_task(function);
    }
    return task;
}

void task_hide(void)
{
    current = NULL;
}

void task_show(struct task *task)
{
    current = task;
}

static uint32_t number_of(const struct task *task)
{
    return task == NULL ? 0 : handle_number(task->handle.id);
}

static void trace_wait(const struct task *task, enum wait wait)
{
    static const char *const words[WAITS] = {
        [WAIT_JOIN] = TRACE_WORD_JOIN,           [WAIT_CHAN_SEND] = TRACE_WORD_SEND,
        [WAIT_CHAN_RECV] = TRACE_WORD_RECV,      [WAIT_MUTEX] = TRACE_WORD_MUTEX,
        [WAIT_COND] = TRACE_WORD_COND,           [WAIT_SEM] = TRACE_WORD_SEM,
        [WAIT_WAITGROUP] = TRACE_WORD_WAITGROUP, [WAIT_SELECT] = TRACE_WORD_SELECT,
        [WAIT_RWLOCK] = TRACE_WORD_RWLOCK,       [WAIT_ONCE] = TRACE_WORD_ONCE,
        [WAIT_BARRIER] = TRACE_WORD_BARRIER,     [WAIT_SLEEP] = TRACE_WORD_SLEEP,
        [WAIT_READ] = TRACE_WORD_READ,           [WAIT_WRITE] = TRACE_WORD_WRITE,
        [WAIT_BLOCKING] = TRACE_WORD_BLOCKING,
    };
    enum trace_kind kind = wait >= WAIT_READ ? TRACE_BLOCK : TRACE_STOP;
    trace_record(kind, number_of(task), 0, words[wait]);
}

void task_waits(struct task *task, enum wait wait)
{
    // relaxed: a note, read by dumps alone
    store_relaxed(&task->wait, (uint8_t)wait);
    if (unlikely(trace_is_on())) {
        trace_wait(task, wait);
    }
}

void task_runs(struct task *task)
{
    // relaxed, both: a note, written by the caller only
    enum wait wait = load_relaxed(&task->wait);
    store_relaxed(&task->wait, (uint8_t)WAIT_NOTHING);
    trace_event(wait >= WAIT_READ ? TRACE_UNBLOCK : TRACE_START, number_of(task), 0, NULL);
}

void task_each(void (*visit)(const struct task *task, void *arg), void *arg)
{
    uint32_t used = slots_used(&tasks);
    for (uint32_t index = 0; index < used; index++) {
        struct task *task = slots_lock_index(&tasks, index);
        if (task != NULL) {
            visit(task, arg);
            slots_unlock(task);
        }
    }
}

struct task *task_lock(sy_task handle)
{
    return slots_lock(&tasks, handle.id);
}

void task_set_limit(uint32_t max_tasks)
{
    slots_set_limit(&tasks, max_tasks);
}

/* Step 2. Runs when the body returns, and when it leaves through pthread_exit. */
static void end_task(void *arg)
{
    struct task *task = arg;
    current = NULL;
    trace_event(TRACE_STOP, number_of(task), 0, TRACE_WORD_END);
    trace_thread_ends();
    pthread_mutex_lock(&task->slot.lock);
    task->ended = true;
    if (task->detached) {
        slots_free(&tasks, task);
    } else {
        slots_unlock(task);
    }
    run_task_ended();
}

/* The last that a task does as such. */
static void leave_runtime(struct task *task, const void *result)
{
    if (task->locals != NULL) {
        local_end(&task->locals);
    }
    if (task->member != NULL) {
        scope_member_end(task->member, (int)(intptr_t)result);
    }
}

static void *thread_body(void *arg)
{
    struct task *task = arg;
    void *result = NULL;
    current = task;
    trace_event(TRACE_START, number_of(task), 0, NULL);
    pthread_cleanup_push(end_task, task);
    result = task->fn(task->arg);
    leave_runtime(task, result);
    pthread_cleanup_pop(1);
    return result;
}

/* Step 1, with the record locked. */
static int start_thread(struct task *task, enum task_role role)
{
    const pthread_attr_t *attributes = run_attributes(role == TASK_DETACHED);
    run_task_begins();
    if (pthread_create(&task->thread, attributes, thread_body, task) != 0) {
        run_task_refused();
        return -EAGAIN;
    }
    trace_event(TRACE_CREATE, number_of(task), number_of(current), NULL);
    return 0;
}

static void fill_record(struct task *task, sy_task_fn fn, void *arg, enum task_role role)
{
    task->ended = false;
    task->detached = role == TASK_DETACHED;
    task->joining = role == TASK_MAIN;
    task->name[0] = '\0';
    task->handle = (sy_task){slots_id(task)};
    task->fn = fn;
    task->arg = arg;
    task->member = NULL;
    task->locals = NULL;
    task->random = handle_number(task->handle.id) * UINT32_C(2654435761); /* not 0: it is odd */
    sem_init(&task->wake, 0, 0);
    // relaxed: the task does not run yet; a dump finds it under the record's lock
    store_relaxed(&task->wait, (uint8_t)WAIT_NOTHING);
}

int task_create(sy_task *handle, sy_task_fn fn, void *arg, enum task_role role)
{
    void *object = NULL;
    int status = slots_take(&tasks, &object);
    if (status != 0) {
        return status;
    }
    struct task *task = object;
    fill_record(task, fn, arg, role);
    *handle = task->handle; /* before the child runs, which may look at it */
    status = start_thread(task, role);
    if (status != 0) {
        *handle = (sy_task){0};
        slots_free(&tasks, task);
        return status;
    }
    slots_unlock(task);
    return 0;
}

int sy_spawn(sy_task *task, sy_task_fn fn, void *arg)
{
    task_require("sy_spawn");
    if (task == NULL || fn == NULL) {
        return -EINVAL;
    }
    return task_create(task, fn, arg, TASK_JOINABLE);
}

int sy_go(sy_task_fn fn, void *arg)
{
    sy_task unused;
    task_require("sy_go");
    if (fn == NULL) {
        return -EINVAL;
    }
    return task_create(&unused, fn, arg, TASK_DETACHED);
}

/* Step 3, first half: makes the caller the joiner. */
static int claim_join(sy_task handle, struct task **claimed)
{
    struct task *task = slots_lock(&tasks, handle.id);
    if (task == NULL) {
        return -ESRCH;
    }
    int status = task->detached || task->joining ? -EINVAL : 0;
    if (status == 0) {
        task->joining = true;
        *claimed = task;
    }
    slots_unlock(task);
    return status;
}

struct thread_join {
    pthread_t thread;
    void **result;
};

static int join_until(void *arg, sy_time limit)
{
    const struct thread_join *join = arg;
    return thread_join_by(join->thread, join->result, limit);
}

/* Step 3, second half. caller NULL: sy_run. */
static int join_claimed(struct task *caller, struct task *task, void **result, sy_time deadline)
{
    /* Not under the lock: nobody writes `thread` any more, nobody else frees the slot. */
    struct thread_join join = {task->thread, result};
    int status = caller == NULL ? join_until(&join, deadline)
                                : cancel_wait(caller, join_until, &join, deadline);
    pthread_mutex_lock(&task->slot.lock);
    if (status == 0) {
        slots_free(&tasks, task);
    } else {
        task->joining = false;
        slots_unlock(task);
    }
    return status;
}

static int join_by(sy_task handle, void **result, sy_time deadline, struct task *caller)
{
    struct task *task = NULL;
    if (handle.id == caller->handle.id) {
        return -EDEADLK;
    }
    int status = claim_join(handle, &task);
    if (status != 0) {
        return status;
    }
    task_waits(caller, WAIT_JOIN);
    status = join_claimed(caller, task, result, deadline);
    task_runs(caller);
    return status;
}

void *task_join_main(sy_task main_task)
{
    void *result = NULL;
    struct task *task = slots_lock(&tasks, main_task.id); /* there: nobody else may free it */
    slots_unlock(task);
    join_claimed(NULL, task, &result, SY_FOREVER);
    return result;
}

int sy_join(sy_task task, void **result)
{
    return join_by(task, result, SY_FOREVER, task_require("sy_join"));
}

int sy_join_until(sy_task task, void **result, sy_time deadline)
{
    return join_by(task, result, deadline, task_require("sy_join_until"));
}

/* Step 4. */
int sy_detach(sy_task handle)
{
    task_require("sy_detach");
    struct task *task = slots_lock(&tasks, handle.id);
    if (task == NULL) {
        return -ESRCH;
    }
    if (task->detached || task->joining) {
        slots_unlock(task);
        return -EINVAL;
    }
    task->detached = true;
    pthread_detach(task->thread);
    if (task->ended) {
        slots_free(&tasks, task);
    } else {
        slots_unlock(task);
    }
    return 0;
}

void task_reap_all(void)
{
    uint32_t used = slots_in_use(&tasks) == 0 ? 0 : slots_used(&tasks);
    for (uint32_t index = 0; index < used; index++) {
        struct task *task = slots_lock_index(&tasks, index);
        if (task != NULL) {
            pthread_join(task->thread, NULL);
            slots_free(&tasks, task);
        }
    }
}

void sy_yield(void)
{
    const struct task *task = task_require("sy_yield");
    trace_event(TRACE_STOP, number_of(task), 0, TRACE_WORD_YIELD);
    sched_yield();
    trace_event(TRACE_START, number_of(task), 0, NULL);
}

sy_task sy_self(void)
{
    const struct task *task = task_current();
    return task == NULL ? (sy_task){0} : task->handle;
}

void sy_exit(void *result)
{
    leave_runtime(task_require("sy_exit"), result);
    pthread_exit(result);
}

int sy_task_get_name(sy_task handle, char *buffer, size_t bytes)
{
    task_require("sy_task_get_name");
    if (buffer == NULL) {
        return -EINVAL;
    }
    if (bytes < SY_NAME_BYTES) {
        return -ERANGE;
    }
    struct task *task = task_lock(handle);
    if (task == NULL) {
        return -ESRCH;
    }
    memcpy(buffer, task->name, SY_NAME_BYTES);
    slots_unlock(task);
    return 0;
}

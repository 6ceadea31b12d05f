/* run.c - sy_run: the runtime's beginning and end.
 *
 * The main task gets a thread of its own, made like that of every other task: so stack_bytes,
 * sy_exit and the name work for it as for the others, and the caller of sy_run stays a foreign
 * thread that only waits.
 *
 * How sy_run knows that all tasks have ended:
 *  1. `alive` counts tasks from before their thread is made until their body is over. A task is
 *     made by one that is alive, so once the count is 0 it stays 0.
 *  2. The ending task that takes it to 0 takes `lock` and signals `none_alive`.
 *  3. sy_run waits under `lock` until the count is 0. The waker's lock in 2 cannot fall between the
 *     look and the sleep, so the signal is not lost.
 * After 2 a thread runs libc's code only, on libc's memory: lock, condition and task records are
 * static or type-stable and never freed, so it does not matter that it may still be on its way out
 * when sy_run returns. A detached thread's stack and identity go when the kernel ends it, as
 * pthread_detach promises; all others have been joined.
 */
#include "run.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include <switchyard/task.h>

#include "base/atomic.h"
#include "base/sigpipe.h"
#include "base/trace.h"
#include "chan.h"
#include "descriptor.h"
#include "task.h"
#include "timer_chan.h"

#define PROCS_MAX 256
#define WORKERS_MAX (1u << 20)
#define TASKS_MAX (1u << 26)
#define TASKS_DEFAULT (1u << 22)
#define STACK_BYTES_MIN ((size_t)16 << 10)
#define STACK_BYTES_MAX ((size_t)1 << 30)

/* libc takes the thread's descriptor and thread-local storage out of the stack that it is asked
 * for: 4.4 KiB with glibc 2.36 on x86-64 (2026-11). stack_bytes is what the task may use. */
#define STACK_OVERHEAD_BYTES ((size_t)8 << 10)

static struct {
    /* atomic: */
    _Atomic bool running;
    _Atomic uint64_t spawned;
    _Atomic uint64_t ended;
    _Atomic uint64_t alive;
    /* immutable while tasks run: */
    pthread_attr_t joinable;
    pthread_attr_t detached;
    /* `none_alive` is signalled under `lock`: */
    pthread_mutex_t lock;
    pthread_cond_t none_alive;
} run = {.lock = PTHREAD_MUTEX_INITIALIZER, .none_alive = PTHREAD_COND_INITIALIZER};

struct main_call {
    int (*fn)(void *arg);
    void *arg;
};

const pthread_attr_t *run_attributes(bool detached)
{
    return detached ? &run.detached : &run.joinable;
}

void run_task_begins(void)
{
    // relaxed: a count for statistics
    fetch_add_relaxed(&run.spawned, 1);
    // relaxed: the caller is alive, so the count cannot reach 0 before this; what the new thread
    // does is ordered after it by pthread_create
    fetch_add_relaxed(&run.alive, 1);
}

void run_task_refused(void)
{
    // relaxed: as in run_task_begins; for the main task nobody else is there
    fetch_add_relaxed(&run.spawned, -1);
    fetch_add_relaxed(&run.alive, -1);
}

void run_task_ended(void)
{
    // relaxed: a count for statistics; a joiner sees it because it joined
    fetch_add_relaxed(&run.ended, 1);
    // acq_rel: pairs with itself and with the acquire in await_all, so that whoever sees 0 sees
    // all that the tasks have done
    if (fetch_add_acq_rel(&run.alive, -1) != 1) {
        return;
    }
    pthread_mutex_lock(&run.lock);
    pthread_cond_signal(&run.none_alive);
    pthread_mutex_unlock(&run.lock);
}

uint64_t run_tasks_spawned(void)
{
    return load_relaxed(&run.spawned); // relaxed: a snapshot of a count
}

uint64_t run_tasks_ended(void)
{
    return load_relaxed(&run.ended); // relaxed: a snapshot of a count
}

static void await_all(void)
{
    pthread_mutex_lock(&run.lock);
    // acquire: pairs with the release of the last run_task_ended
    while (load_acquire(&run.alive) != 0) {
        pthread_cond_wait(&run.none_alive, &run.lock);
    }
    pthread_mutex_unlock(&run.lock);
}

static bool outside(uint64_t value, uint64_t least, uint64_t most)
{
    return value != 0 && (value < least || value > most);
}

static int check_config(const struct sy_config *config)
{
    bool bad = outside(config->procs, 1, PROCS_MAX) || outside(config->max_tasks, 1, TASKS_MAX) ||
               outside(config->stack_bytes, STACK_BYTES_MIN, STACK_BYTES_MAX) ||
               config->stack_policy > SY_STACK_HIBERNATE || config->cold_after < 0 ||
               config->cold_after > SY_COLD_AFTER_MAX ||
               outside(config->max_workers, 1, WORKERS_MAX);
    return bad ? -EINVAL : 0;
}

/* What to ask libc for, so that stack_bytes can be used. */
static size_t stack_request(size_t stack_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t least = (size_t)PTHREAD_STACK_MIN;
    size_t bytes = stack_bytes + STACK_OVERHEAD_BYTES;
    bytes = bytes < least ? least : bytes;
    return (bytes + page - 1) / page * page;
}

/* Cannot fail: the sizes are in range, and glibc's attributes need no memory. */
static void make_attributes(size_t stack_bytes)
{
    pthread_attr_init(&run.joinable);
    pthread_attr_init(&run.detached);
    pthread_attr_setdetachstate(&run.detached, PTHREAD_CREATE_DETACHED);
    if (stack_bytes != 0) {
        pthread_attr_setstacksize(&run.joinable, stack_request(stack_bytes));
        pthread_attr_setstacksize(&run.detached, stack_request(stack_bytes));
    }
}

/* The masks of signals that are set here are those of all tasks: threads inherit them. */
static void *run_main(void *arg)
{
    const struct main_call *call = arg;
    struct sigpipe before; /* not put back: the mask ends with the thread */
    sigpipe_block(&before);
    descriptor_thread_begins();
    return (void *)(intptr_t)call->fn(call->arg);
}

static int run_all(struct main_call *call)
{
    sy_task main_task;
    int status = task_create(&main_task, run_main, call, TASK_MAIN);
    if (status != 0) {
        return status;
    }
    int result = (int)(intptr_t)task_join_main(main_task);
    await_all();
    timer_end_run(); /* before the channels go, on which timers send */
    task_reap_all();
    descriptor_end_run();
    trace_reset();
    chan_free_all();
    return result;
}

int sy_run(const struct sy_config *config, int (*main_fn)(void *arg), void *arg)
{
    static const struct sy_config defaults = {0};
    const struct sy_config *chosen = config == NULL ? &defaults : config;
    struct main_call call = {.fn = main_fn, .arg = arg};
    if (main_fn == NULL || check_config(chosen) != 0) {
        return -EINVAL;
    }
    // acquire: pairs with the release below, so that this run finds what the last one left
    if (exchange_acquire(&run.running, true)) {
        return -EBUSY;
    }
    // relaxed: no task is there yet
    store_relaxed(&run.spawned, 0);
    store_relaxed(&run.ended, 0);
    make_attributes(chosen->stack_bytes);
    task_set_limit(chosen->max_tasks == 0 ? TASKS_DEFAULT : chosen->max_tasks);
    int result = run_all(&call);
    pthread_attr_destroy(&run.joinable);
    pthread_attr_destroy(&run.detached);
    // release: pairs with the acquire above
    store_release(&run.running, false);
    return result;
}

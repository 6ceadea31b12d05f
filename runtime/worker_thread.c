/* worker_thread.c - the OS threads behind workers: made when needed, up to max_workers, kept while
 * there may be use for them, and let go when too many sleep (watch.c). */
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <switchyard/time.h>

#include "base/trace.h"
#include "overflow.h"
#include "scheduler.h"

#define WORKER_STACK_BYTES                                                                         \
    ((size_t)256 << 10)                       /* scheduler code and signal frames, no user code    \
                                               */
#define SIGNAL_STACK_BYTES ((size_t)64 << 10) /* the overflow report and its backtrace */

static __thread struct worker *worker_of_thread;

/* Out of line: after a switch the task may be on another thread, and the compiler shall not keep
 * the address of this thread's. */
__attribute__((noinline)) struct worker *worker_self(void)
{
    __asm__ volatile("" : : : "memory");
    return worker_of_thread;
}

/* Only the sanitizers ask for it. */
static void find_own_stack(struct worker *worker)
{
    pthread_attr_t attributes;
    void *bottom = NULL;
    if (SANITIZE_SWITCH_RETURNS && pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &bottom, &worker->stack_bytes);
        pthread_attr_destroy(&attributes);
        worker->stack_bottom = bottom;
    }
}

int worker_init(struct worker *worker, struct proc *proc)
{
    void *memory = mmap(NULL, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) {
        return -ENOMEM;
    }
    *worker = (struct worker){.proc = proc, .spinning = proc != NULL, .signal_stack = memory};
    worker->random = (uint32_t)((uintptr_t)worker >> 6) | 1; /* not 0; differs between workers */
    return 0;
}

void worker_destroy(struct worker *worker)
{
    munmap(worker->signal_stack, SIGNAL_STACK_BYTES);
}

void worker_begin(struct worker *worker)
{
    stack_t stack = {.ss_sp = worker->signal_stack, .ss_size = SIGNAL_STACK_BYTES};
    sanitize_thread_begin(&worker->context.fiber);
    find_own_stack(worker);
    sigaltstack(&stack, &worker->old_signal_stack); /* cannot fail: the arguments are valid */
    worker_of_thread = worker;
    sigpipe_block(&worker->old_sigpipe);
}

void worker_end(struct worker *worker)
{
    sigaltstack(&worker->old_signal_stack, NULL);
    worker_of_thread = NULL;
    sigpipe_restore(&worker->old_sigpipe);
}

/* A worker that was started without a proc joins the sleepers, and waits for one. */
static bool wait_for_proc(struct worker *worker)
{
    bool over = false;
    spin_lock(&scheduler.lock);
    scheduler.watch_starting = false;
    over = scheduler.over;
    if (!over) {
        scheduler_add_sleeper(worker);
    }
    spin_unlock(&scheduler.lock);
    return !over && scheduler_sleep(worker);
}

/* A worker that retires frees itself: nobody knows it any more. */
static void end_retired(struct worker *worker)
{
    pthread_detach(pthread_self());
    worker_destroy(worker);
    free(worker);
}

static void *thread_main(void *argument)
{
    struct worker *worker = argument;
    worker_begin(worker);
    if (worker->proc != NULL) {
        worker_assign(worker);
    }
    if (worker->proc != NULL || wait_for_proc(worker)) {
        worker_loop(worker);
    }
    proc_assign(NULL);
    worker_end(worker);
    trace_thread_ends();
    /* relaxed: the owner reads its own token */
    if (load_relaxed(&worker->token) == TOKEN_RETIRE) {
        end_retired(worker);
    }
    return NULL;
}

/* Counts one more thread. False at the limit. */
static bool hire(void)
{
    spin_lock(&scheduler.lock);
    bool room = scheduler.workers_live < scheduler.max_workers;
    scheduler.workers_live += room;
    spin_unlock(&scheduler.lock);
    return room;
}

static void dismiss(void)
{
    spin_lock(&scheduler.lock);
    scheduler.workers_live--;
    spin_unlock(&scheduler.lock);
}

/* 0 or -EAGAIN. */
static int start_thread(struct worker *worker)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes); /* cannot fail in glibc */
    pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
    int error = pthread_create(&worker->thread, &attributes, thread_main, worker);
    pthread_attr_destroy(&attributes);
    return error == 0 ? 0 : -EAGAIN;
}

static struct worker *worker_new(struct proc *proc)
{
    struct worker *worker =
        aligned_alloc(CACHE_LINE, (sizeof *worker + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
    if (worker != NULL && worker_init(worker, proc) != 0) {
        free(worker);
        worker = NULL;
    }
    return worker;
}

/* From here on it can be joined, or retire. */
static void enlist(struct worker *worker)
{
    spin_lock(&scheduler.lock);
    worker->next_worker = scheduler.workers;
    scheduler.workers = worker;
    worker->enlisted = true;
    spin_unlock(&scheduler.lock);
}

void worker_strike_off(struct worker *worker)
{
    struct worker **link = &scheduler.workers;
    while (*link != worker) {
        link = &(*link)->next_worker;
    }
    *link = worker->next_worker;
}

int worker_start(struct proc *proc)
{
    if (!hire()) {
        return -EAGAIN;
    }
    struct worker *worker = worker_new(proc);
    if (worker == NULL) {
        dismiss();
        return -ENOMEM;
    }
    if (proc != NULL) {
        proc->worker = worker;
    }
    int error = start_thread(worker);
    if (error != 0) {
        dismiss();
        worker_destroy(worker);
        free(worker);
        return error;
    }
    enlist(worker);
    fetch_add_relaxed(&scheduler.workers_started, 1); /* relaxed: a statistic */
    return 0;
}

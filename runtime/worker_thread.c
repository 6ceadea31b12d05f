/* worker_thread.c - the OS threads behind workers: made when needed, up to max_workers, kept while
 * there may be use for them, and let go when too many sleep (idle.c).
 *
 * The memory of a worker outlives its thread until the end of the run: who has told it something
 * may still look whether it polls (idle_rouse). So structs are recycled as they are, and a late
 * look leads to a wake-up too many. A thread that retires is joined by the next one that does. */
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <switchyard/time.h>

#include "base/trace.h"
#include "overflow.h"
#include "scheduler.h"
#include "segment.h"

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

struct task *worker_task(void)
{
    const struct proc *proc = proc_self();
    if (likely(proc != &proc_nobody)) {
        return proc->current;
    }
    const struct worker *worker = worker_self();
    return worker != NULL ? worker->blocking_task : NULL;
}

/* The sanitizers ask for it, and the report of an overflow. */
static void find_own_stack(struct worker *worker)
{
    pthread_attr_t attributes;
    void *bottom = NULL;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &bottom, &worker->stack_bytes);
        pthread_attr_destroy(&attributes);
        worker->stack_bottom = bottom;
    }
}

int worker_init(struct worker *worker, struct proc *proc)
{
    void *memory = mmap(NULL, PROXY_STACK_BYTES + SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE,
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
    munmap(worker->signal_stack, PROXY_STACK_BYTES + SIGNAL_STACK_BYTES);
}

void worker_begin(struct worker *worker)
{
    stack_t stack = {.ss_sp = (char *)worker->signal_stack + PROXY_STACK_BYTES,
                     .ss_size = SIGNAL_STACK_BYTES};
    /* relaxed, both: sysmon acts on what it finds */
    store_relaxed(&worker->thread_id, gettid());
    store_relaxed(&worker->stack_limit, segment_limit_word());
    sanitize_thread_begin(worker->context.fiber);
    find_own_stack(worker);
    sigaltstack(&stack, &worker->old_signal_stack); /* cannot fail: the arguments are valid */
    worker_of_thread = worker;
    sigpipe_block(&worker->old_sigpipe);
}

void worker_end(struct worker *worker)
{
    sigaltstack(&worker->old_signal_stack, NULL);
    segment_forget_limit(); /* sysmon poisons it no more */
    worker_of_thread = NULL;
    sigpipe_restore(&worker->old_sigpipe);
}

/* A worker that was started without a proc joins the sleepers, and waits for one. */
static bool wait_for_proc(struct worker *worker)
{
    bool over = false;
    spin_lock(&scheduler.lock);
    scheduler.sleeper_starting = false;
    over = scheduler.over;
    if (!over) {
        scheduler_add_sleeper(worker);
    }
    spin_unlock(&scheduler.lock);
    return !over && scheduler_sleep(worker);
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

static struct worker *take_spare(void)
{
    spin_lock(&scheduler.lock);
    struct worker *worker = scheduler.spare;
    if (worker != NULL) {
        scheduler.spare = worker->next_worker;
    }
    spin_unlock(&scheduler.lock);
    return worker;
}

static void keep_spare(struct worker *worker)
{
    spin_lock(&scheduler.lock);
    worker->next_worker = scheduler.spare;
    scheduler.spare = worker;
    spin_unlock(&scheduler.lock);
}

static struct worker *worker_new(struct proc *proc)
{
    size_t bytes = (sizeof(struct worker) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    struct worker *worker = take_spare();
    if (worker == NULL) {
        worker = aligned_alloc(CACHE_LINE, bytes);
    }
    if (worker != NULL && worker_init(worker, proc) != 0) {
        keep_spare(worker);
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

struct worker *worker_leave(struct worker *worker)
{
    struct worker *before = scheduler.retired;
    struct worker **link = &scheduler.workers;
    while (*link != worker) {
        link = &(*link)->next_worker;
    }
    *link = worker->next_worker;
    worker->next_worker = NULL;
    scheduler.retired = worker;
    scheduler.workers_live--;
    return before;
}

void worker_reap(struct worker *retired)
{
    while (retired != NULL) {
        struct worker *next = retired->next_worker;
        pthread_join(retired->thread, NULL);
        worker_destroy(retired);
        keep_spare(retired);
        retired = next;
    }
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
        spin_lock(&scheduler.lock); /* sysmon looks at it */
        proc->worker = worker;
        spin_unlock(&scheduler.lock);
    }
    int error = start_thread(worker);
    if (error != 0) {
        dismiss();
        worker_destroy(worker);
        keep_spare(worker);
        return error;
    }
    enlist(worker);
    fetch_add_relaxed(&scheduler.workers_started, 1); /* relaxed: a statistic */
    return 0;
}

/* A worker that lives, or one that has retired and was not reaped. */
static struct worker *take_worker(void)
{
    spin_lock(&scheduler.lock);
    struct worker **list = scheduler.workers != NULL ? &scheduler.workers : &scheduler.retired;
    struct worker *worker = *list;
    if (worker != NULL) {
        *list = worker->next_worker;
        worker->next_worker = NULL;
    }
    spin_unlock(&scheduler.lock);
    return worker;
}

void workers_join(void)
{
    struct worker *worker = NULL;
    /* One may start another until it ends itself, so the lists are looked at after each join. */
    while ((worker = take_worker()) != NULL) {
        worker_reap(worker);
    }
    while ((worker = take_spare()) != NULL) {
        free(worker);
    }
}

/* worker.c - see worker.h. What a worker does between tasks, on its own stack:
 *   1. fires due timers
 *   2. takes a task: every RUNQ_TICKS-th time the global queue first, else own queue, global queue
 *   3. steals: half of a victim's ring, starting at a random victim
 *   4. gives its proc up and sleeps (scheduler.h)
 */
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <switchyard/time.h>

#include "overflow.h"
#include "park.h"
#include "scheduler.h"
#include "timer.h"
#include "watch.h"

#define AGING (10 * SY_MILLISECOND)
#define WORKER_STACK_BYTES                                                                         \
    ((size_t)256 << 10)                       /* scheduler code and signal frames, no user code    \
                                               */
#define SIGNAL_STACK_BYTES ((size_t)64 << 10) /* the overflow report and its backtrace */

/* --- finding work ------------------------------------------------------------------------- */

/* Every RUNQ_TICKS-th choice. Starves nobody: each of the places that runq_choose takes from only
 * when the ones before it are empty comes first in a third of the looks. */
static struct task *take_in_turn(struct proc *proc)
{
    struct task *task = NULL;
    for (uint32_t turn = 0; turn < 3 && task == NULL; turn++) {
        switch ((proc->looks + turn) % 3) {
        case 0:
            task = scheduler_take_global(proc);
            break;
        case 1:
            task = ring_pop_oldest(&proc->runq.woken);
            break;
        default:
            task = runq_pop_spawned(&proc->runq);
            break;
        }
    }
    proc->looks++;
    return task;
}

/* Once in AGING the oldest spawned task goes before the newest ones. */
static struct task *take_aged(struct proc *proc)
{
    if (proc->now - proc->aged_at < AGING) {
        return NULL;
    }
    proc->aged_at = proc->now;
    return ring_pop_oldest(&proc->runq.spawned);
}

/* Step 2, in the section; NULL if there is nothing here. */
static struct task *take_own(struct proc *proc)
{
    struct task *task = NULL;
    bool look = proc->runq.ticks_left == 0;
    proc->runq.ticks_left = RUNQ_TICKS;
    if (look) {
        task = take_aged(proc);
        task = task != NULL ? task : take_in_turn(proc);
    }
    task = task != NULL ? task : runq_choose(&proc->runq);
    return task != NULL ? task : scheduler_take_global(proc);
}

/* Half of the victim's rings, or what it holds back for too long. The victim is seized. Tasks whose
 * lock is biased to the victim lose the bias here, where it costs nothing. */
static uint32_t take_from(struct proc *victim, struct task **batch)
{
    uint32_t count = ring_take_half(&victim->runq.woken, batch);
    count += ring_take_half(&victim->runq.spawned, batch + count);
    /* relaxed throughout: the victim is seized; slots_stale is only a hint */
    bool stale = load_relaxed(&victim->slots_stale) != 0 &&
                 load_relaxed(&victim->switches) == load_relaxed(&victim->watched_switches);
    if (count == 0 && stale) {
        count = runq_take_held_back(&victim->runq, batch);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (load_relaxed(&batch[i]->lock.owner) == victim) {
            store_release(&batch[i]->lock.owner, NULL); /* release: as revoke in lock.c */
        }
    }
    return count;
}

static bool steal_from(struct proc *thief, struct proc *victim)
{
    struct task *batch[RING_SLOTS];
    /* relaxed: a hint, to seize only who has something */
    if (runq_offered(&victim->runq) == 0 && load_relaxed(&victim->slots_stale) == 0) {
        return false;
    }
    proc_seize(victim);
    uint32_t count = take_from(victim, batch);
    proc_release(victim);
    if (count == 0) {
        return false;
    }
    struct proc *proc = proc_enter();
    for (uint32_t i = 0; i < count; i++) {
        ring_push(runq_ring_for(&proc->runq, batch[i]), batch[i]); /* fits: the rings were empty */
    }
    counter_add(&thief->steals, 1);
    counter_add(&thief->tasks_stolen, count);
    proc_leave(proc);
    if (count > 1) {
        scheduler_notify(); /* idle-goers could not see them meanwhile */
    }
    return true;
}

static uint32_t next_random(struct worker *worker)
{
    /* xorshift32: Marsaglia, "Xorshift RNGs" (2003) */
    uint32_t x = worker->random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    worker->random = x;
    return x;
}

/* Step 3, outside of sections. */
static bool steal(struct worker *worker)
{
    uint32_t procs = scheduler.procs;
    uint32_t first = next_random(worker) % procs;
    for (uint32_t i = 0; i < procs; i++) {
        struct proc *victim = &scheduler.all[(first + i) % procs];
        if (victim != worker->proc && steal_from(worker->proc, victim)) {
            return true;
        }
    }
    return false;
}

/* The next task, in the section of the worker's proc; NULL when the program is over. */
static struct task *find(struct worker *worker)
{
    for (;;) {
        sy_time now = sy_now();
        timer_fire(now);
        struct proc *proc = proc_enter();
        proc->now = now;
        struct task *task = take_own(proc);
        if (task != NULL) {
            return task;
        }
        proc_leave(proc);
        if (steal(worker)) {
            continue;
        }
        if (!scheduler_idle(worker)) {
            return NULL;
        }
    }
}

void worker_loop(struct worker *worker)
{
    for (;;) {
        struct task *task = find(worker);
        if (task == NULL) {
            return;
        }
        task->state = TASK_RUNNING;
        if (worker->spinning) {
            scheduler_found(worker);
        }
        task_switch(worker->proc, &worker->context, task);
    }
}

/* --- threads ------------------------------------------------------------------------------ */

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
    worker->random = (uint32_t)(uintptr_t)worker >> 6 | 1; /* not 0; differs between workers */
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
}

void worker_end(struct worker *worker)
{
    sigaltstack(&worker->old_signal_stack, NULL);
}

/* A worker that was started without a proc joins the sleepers, and waits for one. */
static bool wait_for_proc(struct worker *worker)
{
    bool over = false;
    spin_lock(&scheduler.lock);
    scheduler.watch_starting = false;
    over = scheduler.over;
    if (!over) {
        worker->next_idle = scheduler.sleepers;
        scheduler.sleepers = worker;
        watch_take(worker);
    }
    spin_unlock(&scheduler.lock);
    return !over && watch_sleep(worker) == TOKEN_PROC;
}

static void *thread_main(void *argument)
{
    struct worker *worker = argument;
    worker_begin(worker);
    if (worker->proc != NULL || wait_for_proc(worker)) {
        proc_assign(worker->proc);
        worker_loop(worker);
    }
    proc_assign(NULL);
    worker_end(worker);
    return NULL;
}

int worker_start(struct proc *proc)
{
    pthread_attr_t attributes;
    struct worker *worker =
        aligned_alloc(CACHE_LINE, (sizeof *worker + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
    if (worker == NULL) {
        return -ENOMEM;
    }
    if (worker_init(worker, proc) != 0) {
        free(worker);
        return -ENOMEM;
    }
    if (proc != NULL) {
        proc->worker = worker;
    }
    pthread_attr_init(&attributes); /* cannot fail in glibc */
    pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
    int error = pthread_create(&worker->thread, &attributes, thread_main, worker);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        worker_destroy(worker);
        free(worker);
        return -EAGAIN;
    }
    fetch_add_relaxed(&scheduler.workers_started, 1); /* relaxed: a statistic */
    spin_lock(&scheduler.lock);
    worker->next_worker = scheduler.workers;
    scheduler.workers = worker;
    spin_unlock(&scheduler.lock);
    return 0;
}

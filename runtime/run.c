/* run.c - starts and ends the runtime. The calling thread becomes the first worker; the others are
 * made when there is work for them, and have all ended when sy_run returns. */
#include <errno.h>
#include <stdlib.h>

#include <switchyard/task.h>

#include "base/topology.h"
#include "chan.h"
#include "global.h"
#include "overflow.h"
#include "park.h"
#include "scheduler.h"
#include "stack.h"
#include "sysmon.h"
#include "timer.h"
#include "worker.h"

#define MAX_TASKS_DEFAULT ((uint32_t)1 << 22)
#define GENERATIONS_A_RUN ((uint32_t)1 << 20)
#define MAX_TASKS_MAX ((uint32_t)1 << 26)
#define MAX_WORKERS_DEFAULT 10000
#define MAX_WORKERS_MAX ((uint32_t)1 << 20)

/* Type-stable for the whole process: a lock in the program's static storage may be biased to a
 * proc of an earlier sy_run, which can still be seized. */
static struct proc procs[PROCS_MAX];

static _Atomic uint32_t running;

struct main_call {
    int (*fn)(void *arg);
    void *arg;
};

static struct main_call main_call;

static void *run_main(void *arg)
{
    const struct main_call *call = arg;
    return (void *)(intptr_t)call->fn(call->arg);
}

/* SWITCHYARD_PROCS if it is a number in range, else the usable CPUs. */
static uint32_t default_procs(void)
{
    const char *text = getenv("SWITCHYARD_PROCS");
    char *end = NULL;
    if (text != NULL) {
        long number = strtol(text, &end, 10);
        if (end != text && *end == '\0' && number >= 1 && number <= PROCS_MAX) {
            return (uint32_t)number;
        }
        sy_fatal("SWITCHYARD_PROCS must be a number from 1 to %d", PROCS_MAX);
    }
    uint32_t cpus = topology_usable_cpus();
    return cpus < PROCS_MAX ? cpus : PROCS_MAX;
}

/* The configuration with its defaults filled in, or -EINVAL. */
static int complete(const struct sy_config *given, struct sy_config *config)
{
    *config = given != NULL ? *given : (struct sy_config){0};
    if (config->procs == 0) {
        config->procs = default_procs();
    }
    if (config->max_tasks == 0) {
        config->max_tasks = MAX_TASKS_DEFAULT;
    }
    if (config->max_workers == 0) {
        config->max_workers = MAX_WORKERS_DEFAULT;
    }
    if (config->stack_bytes == 0) {
        config->stack_bytes = STACK_BYTES_DEFAULT;
    }
    if (config->procs > PROCS_MAX || config->max_tasks > MAX_TASKS_MAX ||
        config->max_workers > MAX_WORKERS_MAX || config->stack_bytes < STACK_BYTES_MIN ||
        config->stack_bytes > STACK_BYTES_MAX) {
        return -EINVAL;
    }
    return 0;
}

/* 0 or -ENOMEM, with nothing left behind. */
static int try_memory(size_t stack_bytes, uint32_t max_tasks)
{
    int error = task_pool_init(stack_bytes, max_tasks);
    if (error != 0) {
        return error;
    }
    error = timer_init(max_tasks + POOL_BATCH);
    if (error != 0) {
        goto no_timers;
    }
    error = global_init(max_tasks + POOL_BATCH);
    if (error != 0) {
        goto no_global;
    }
    error = chan_pool_init();
    if (error == 0) {
        return 0;
    }
    global_destroy();
no_global:
    timer_destroy();
no_timers:
    task_pool_destroy();
    return error;
}

/* Where the address space is limited, room for fewer tasks leaves room for the rest. */
static int init_memory(const struct sy_config *config)
{
    int error = -ENOMEM;
    uint32_t max_tasks = config->max_tasks;
    while (error == -ENOMEM && max_tasks > 0) {
        error = try_memory(config->stack_bytes, max_tasks);
        max_tasks /= 2;
    }
    return error;
}

static void destroy_memory(void)
{
    chan_pool_destroy();
    global_destroy();
    timer_destroy();
    task_pool_destroy();
}

/* All procs idle but the first, which the calling thread's worker gets. */
static void init_scheduler(const struct sy_config *config, struct worker *worker)
{
    uint32_t count = config->procs;
    scheduler = (struct scheduler){
        .procs = count, .all = procs, .max_workers = config->max_workers, .workers_live = 1};
    for (uint32_t i = count; i-- > 0;) {
        proc_init(&procs[i], i);
        if (i > 0) {
            procs[i].next_idle = scheduler.idle_first;
            scheduler.idle_first = &procs[i];
        }
    }
    store_relaxed(&scheduler.idle_procs, count - 1); /* relaxed: no other worker yet */
    scheduler_update_watch();
    procs[0].worker = worker;
    worker->proc = &procs[0];
}

/* A worker may start another until it ends itself, so the list is looked at after each join. */
static void join_workers(void)
{
    for (;;) {
        spin_lock(&scheduler.lock);
        struct worker *worker = scheduler.workers;
        if (worker != NULL) {
            scheduler.workers = worker->next_worker;
        }
        spin_unlock(&scheduler.lock);
        if (worker == NULL) {
            return;
        }
        pthread_join(worker->thread, NULL);
        worker_destroy(worker);
        free(worker);
    }
}

/* Everything is in place: runs the program. */
static int run_program(struct worker *worker)
{
    if (task_create_first(&procs[0], run_main, &main_call) != 0) {
        return -ENOMEM; /* not even one stack, or no guard for it */
    }
    overflow_install();
    sysmon_start();
    proc_assign(&procs[0]);
    worker_loop(worker);
    proc_assign(NULL);
    sysmon_stop(); /* it may start workers */
    join_workers();
    overflow_remove();
    return (int)(intptr_t)task_first_result();
}

static int start(const struct sy_config *config)
{
    static struct worker first;
    int error = init_memory(config);
    if (error != 0) {
        return error;
    }
    error = worker_init(&first, NULL);
    if (error == 0) {
        worker_begin(&first);
        init_scheduler(config, &first);
        error = run_program(&first);
        worker_end(&first);
        worker_destroy(&first);
    }
    destroy_memory();
    return error;
}

int sy_run(const struct sy_config *given, int (*main_fn)(void *arg), void *arg)
{
    struct sy_config config;
    uint32_t no = 0;
    if (main_fn == NULL || complete(given, &config) != 0) {
        return -EINVAL;
    }
    /* acquire: pairs with the release below; this run sees the end of the one before */
    if (!cas_acquire(&running, &no, 1)) {
        return -EBUSY;
    }
    pool_first_generation += GENERATIONS_A_RUN;
    main_call = (struct main_call){.fn = main_fn, .arg = arg};
    proc_choose_fences();
    int result = start(&config);
    store_release(&running, 0); /* release: pairs with the acquire above */
    return result;
}

/* run.c - starts and ends the runtime. The calling thread becomes the first worker; the others are
 * made when there is work for them, and have all ended when sy_run returns. */
#include <errno.h>
#include <stdlib.h>

#include <switchyard/task.h>

#include "base/topology.h"
#include "base/trace.h"
#include "chan.h"
#include "distance.h"
#include "dump.h"
#include "giveback.h"
#include "global.h"
#include "hibernate.h"
#include "hibernate_signal.h"
#include "netpoll.h"
#include "overflow.h"
#include "park.h"
#include "preempt_signal.h"
#include "procs.h"
#include "quit.h"
#include "schedtrace.h"
#include "segment_pool.h"
#include "settings.h"
#include "slice.h"
#include "stack.h"
#include "stack_policy.h"
#include "sysmon.h"
#include "task_pool.h"
#include "tune.h"
#include "worker.h"

#define MAX_TASKS_DEFAULT ((uint32_t)1 << 22)
#define TIMERS_MAX ((uint32_t)1 << 22)
#define DISTANCE_MATTERS 2 /* procs: with two there is only one victim */
#define GENERATIONS_A_RUN ((uint32_t)1 << 20)
#define MAX_TASKS_MAX ((uint32_t)1 << 26)
#define MAX_WORKERS_DEFAULT 10000
#define MAX_WORKERS_MAX ((uint32_t)1 << 20)

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
        config->stack_bytes > STACK_BYTES_MAX || config->stack_policy > SY_STACK_HIBERNATE ||
        config->cold_after < 0 || config->cold_after > SY_COLD_AFTER_MAX) {
        return -EINVAL;
    }
    return 0;
}

/* 0 or -ENOMEM, with nothing left behind. */
static int try_memory(const struct sy_config *config, uint32_t max_tasks, uint32_t timers)
{
    int error = task_pool_init(config->stack_bytes, max_tasks);
    if (error != 0) {
        return error;
    }
    error = procs_init(config->procs, (size_t)max_tasks + POOL_BATCH + timers);
    if (error != 0) {
        goto no_procs;
    }
    scheduler.timers_max = timers;
    error = global_init(max_tasks + POOL_BATCH);
    if (error != 0) {
        goto no_global;
    }
    error = chan_pool_init();
    if (error != 0) {
        goto no_chans;
    }
    error = netpoll_init();
    if (error == 0) {
        return 0;
    }
    chan_pool_destroy();
no_chans:
    global_destroy();
no_global:
    procs_destroy();
no_procs:
    task_pool_destroy();
    return error;
}

/* Where the address space is limited, room for fewer tasks leaves room for the rest. */
static int init_memory(const struct sy_config *config)
{
    int error = -ENOMEM;
    uint32_t max_tasks = config->max_tasks;
    uint32_t timers = TIMERS_MAX;
    while (error == -ENOMEM && max_tasks > 0) {
        error = try_memory(config, max_tasks, timers);
        max_tasks /= 2;
        timers /= 2;
    }
    return error;
}

static void destroy_memory(void)
{
    distance_destroy();
    netpoll_destroy();
    chan_pool_destroy();
    global_destroy();
    procs_destroy();
    task_pool_destroy();
    segment_pool_trim();
}

static void init_scheduler(const struct sy_config *config, struct worker *worker)
{
    bool through = (tune_off & TUNE_NOHANDOFF) != 0;
    store_relaxed(&scheduler.ticks, through ? 1 : RUNQ_TICKS); /* relaxed: no other worker yet */
    scheduler.max_workers = config->max_workers;
    scheduler.workers_live = 1;
    scheduler_set_duty(DUTY_OFFER, (tune_off & TUNE_NORUNNEXT) != 0);
    scheduler_set_duty(DUTY_THAW, hibernate.slots != NULL);
    procs_start(worker);
    if (config->procs > DISTANCE_MATTERS && (tune_off & TUNE_NONEAREST) == 0) {
        distance_init();
    }
}

/* Everything is in place: runs the program. */
static int run_program(struct worker *worker)
{
    if (task_create_first(worker->proc, run_main, &main_call) != 0) {
        return -ENOMEM; /* not even one stack, or no guard for it */
    }
    overflow_install();
    hibernate_install();
    preempt_signal_install();
    slice_start();
    schedtrace_start();
    giveback_start();
    quit_install();
    sysmon_start(); /* which may make a worker that runs the first task before this one does */
    worker_assign(worker);
    worker_loop(worker);
    proc_assign(NULL);
    quit_remove();
    sysmon_stop(); /* it may start workers */
    workers_join();
    giveback_stop();
    trace_reset();
    preempt_signal_remove();
    hibernate_remove();
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
        if (settings.leaks) {
            dump_leaks();
        }
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
    tune_read();
    settings_read();
    int result = stack_policy_choose(&config);
    if (result == 0) {
        result = start(&config);
    }
    store_release(&running, 0); /* release: pairs with the acquire above */
    return result;
}

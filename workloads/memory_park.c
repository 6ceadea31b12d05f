/* memory.park - what a task costs that exists and waits.
 *
 * Each of `tasks` tasks waits to receive from one channel. The memory ledger is taken before they
 * are created, when all wait, and when all have ended ("before", "parked", "after"); one sample a
 * process, whatever --epochs says, for later epochs would find the memory in place already.
 *
 * Metric: `rss`, `page_table`, `kernel_stack`, `slab`, `virtual`, B a task = (parked - before) /
 *         tasks; `mappings`, the same in 1; `total`, B = rss + page_table + kernel_stack + slab.
 *         Kernel stacks and slab are counted by the kernel for the whole machine only: other
 *         processes add noise of some 100 KiB, in either direction, which matters with few tasks.
 *         What the workload needs itself (8 bytes a task, one channel) is there and touched
 *         "before", and so not counted.
 * Work:   tasks.
 * Proof:  the channel is closed, each task wakes to that once and returns its own number; the
 *         checksum is over the sum of the numbers that the joins delivered.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "trial.h"

/* For the last tasks to get from "here I am" to sleep, and for the machine to calm down. */
#define SETTLE (20 * SY_MILLISECOND)

struct car_park {
    uint64_t tasks;
    sy_task *handles;
    sy_chan gate;
    sy_waitgroup on_the_way;
};

/* The only thing on a task's stack is its number, and what the runtime puts there. */
static struct car_park *car_park;

static void *park(void *arg)
{
    sy_waitgroup_done(&car_park->on_the_way);
    int woken = sy_chan_recv(car_park->gate, NULL);
    return woken == 0 ? arg : NULL;
}

/* Stores in *made how many tasks were made; fewer than all if the system refused one. */
static int fill(struct trial *trial, uint64_t *made)
{
    sy_waitgroup_add(&car_park->on_the_way, (int32_t)car_park->tasks);
    for (*made = 0; *made < car_park->tasks; (*made)++) {
        uintptr_t number = *made + 1;
        int status = sy_spawn(&car_park->handles[*made], park, (void *)number);
        if (status < 0) {
            sy_waitgroup_add(&car_park->on_the_way, -(int32_t)(car_park->tasks - *made));
            return trial_refused(trial, *made, status);
        }
    }
    return 0;
}

static uint64_t leave(uint64_t made)
{
    uint64_t sum = 0;
    sy_chan_close(car_park->gate);
    for (uint64_t i = 0; i < made; i++) {
        void *result = NULL;
        sy_join(car_park->handles[i], &result);
        sum += (uintptr_t)result;
    }
    return sum;
}

static double per_task(uint64_t before, uint64_t parked, uint64_t tasks)
{
    return ((double)parked - (double)before) / (double)tasks;
}

static void hand_in(struct trial *trial, const struct ledger *before, const struct ledger *parked)
{
    uint64_t n = car_park->tasks;
    double rss = per_task(before->rss_bytes, parked->rss_bytes, n);
    double page_table = per_task(before->page_table_bytes, parked->page_table_bytes, n);
    double kernel_stack = per_task(before->kernel_stack_bytes, parked->kernel_stack_bytes, n);
    double slab = per_task(before->slab_bytes, parked->slab_bytes, n);
    trial_sample(trial, "rss", "B", rss);
    trial_sample(trial, "page_table", "B", page_table);
    trial_sample(trial, "kernel_stack", "B", kernel_stack);
    trial_sample(trial, "slab", "B", slab);
    trial_sample(trial, "total", "B", rss + page_table + kernel_stack + slab);
    trial_sample(trial, "virtual", "B", per_task(before->virtual_bytes, parked->virtual_bytes, n));
    trial_sample(trial, "mappings", "1", per_task(before->mappings, parked->mappings, n));
}

static int park_all(struct trial *trial)
{
    uint64_t n = car_park->tasks;
    uint64_t made = 0;
    sy_sleep(SETTLE);
    const struct ledger *before = trial_memory(trial, "before");
    int status = fill(trial, &made);
    sy_waitgroup_wait(&car_park->on_the_way);
    sy_sleep(SETTLE);
    const struct ledger *parked = trial_memory(trial, "parked");
    uint64_t sum = leave(made);
    trial_memory(trial, "after");
    if (status < 0) {
        return status;
    }
    if (sum != n * (n + 1) / 2) {
        return trial_fail(trial, -EPROTO, "the tasks' numbers add up to %llu",
                          (unsigned long long)sum);
    }
    hand_in(trial, before, parked);
    trial_work(trial, &(struct workload_work){.tasks = n, .checksum = sum});
    return 0;
}

static int run(struct trial *trial)
{
    struct car_park here = {.tasks = (uint64_t)trial_param(trial, "tasks")};
    car_park = &here;
    here.handles = malloc(here.tasks * sizeof *here.handles);
    if (here.handles == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %llu handles",
                          (unsigned long long)here.tasks);
    }
    for (uint64_t i = 0; i < here.tasks; i++) {
        here.handles[i] = (sy_task){.id = i}; /* touched: in memory before "before" */
    }
    int status = sy_chan_new(&here.gate, 0, 0);
    if (status < 0) {
        trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    } else {
        status = park_all(trial);
        sy_chan_free(here.gate);
    }
    free(here.handles);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 10000, 1, INT64_C(1) << 25, "tasks", "tasks that wait at the same time"}, {0}};

const struct workload memory_park = {
    .name = "memory.park",
    .summary = "Memory that waiting tasks hold, by who holds it",
    .params = params,
    .run = run,
};

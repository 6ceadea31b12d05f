/* memory.cold - what a task costs that has waited for long, and what it takes to wake it.
 *
 * As memory.park, but the tasks are left alone until the runtime has done with them what it does to
 * tasks that wait long: until the count of hibernated stacks has stood still for 300 ms. Then one
 * after the other is woken, and says how long that took.
 *
 * Metric: `rss`, `page_table`, `kernel_stack`, `slab`, `total`, B a task, as memory.park.
 *         `wake`, ns: from before the send that wakes a task until the task has returned from its
 *         receive. The waker then waits for it, so it holds a switch.
 * Work:   tasks, and two messages for each task that is woken.
 * Proof:  the tasks' numbers, as memory.park; and that each task that was to be woken was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "trial.h"

#define SETTLE (20 * SY_MILLISECOND)
#define LOOK (50 * SY_MILLISECOND)
#define LOOKS_ALIKE 6
#define LOOKS_MAX 2000

struct cold_room {
    uint64_t tasks;
    uint64_t wakes;
    sy_task *handles;
    sy_chan gate;  /* brings the time at which its task is woken */
    sy_chan done;  /* how long that took */
    sy_chan leave; /* closed at the end */
    sy_waitgroup on_the_way;
};

/* On a task's stack there is only what a wait needs. */
static struct cold_room *cold_room;

static void tell(sy_time since)
{
    sy_time took = sy_now() - since;
    sy_chan_send(cold_room->done, &took);
    sy_chan_recv(cold_room->leave, NULL);
}

static void *wait_long(void *arg)
{
    sy_time woken = 0;
    sy_waitgroup_done(&cold_room->on_the_way);
    if (sy_chan_recv(cold_room->gate, &woken) == 1) {
        tell(woken);
    }
    return arg;
}

static int fill(struct trial *trial, uint64_t *made)
{
    sy_waitgroup_add(&cold_room->on_the_way, (int32_t)cold_room->tasks);
    for (*made = 0; *made < cold_room->tasks; (*made)++) {
        uintptr_t number = *made + 1;
        int status = sy_spawn(&cold_room->handles[*made], wait_long, (void *)number);
        if (status < 0) {
            sy_waitgroup_add(&cold_room->on_the_way, -(int32_t)(cold_room->tasks - *made));
            return trial_refused(trial, *made, status);
        }
    }
    return 0;
}

/* Until nothing becomes colder. */
static void let_cool(void)
{
    struct sy_stats stats;
    uint64_t cooled = 0;
    int alike = 0;
    for (int look = 0; look < LOOKS_MAX && alike < LOOKS_ALIKE; look++) {
        sy_sleep(LOOK);
        sy_stats_read(&stats);
        alike = stats.stacks_cooled == cooled ? alike + 1 : 0;
        cooled = stats.stacks_cooled;
    }
}

static int wake_some(struct trial *trial)
{
    for (uint64_t i = 0; i < cold_room->wakes; i++) {
        sy_time took = -1;
        sy_time now = sy_now();
        int status = sy_chan_send(cold_room->gate, &now);
        if (status < 0 || sy_chan_recv(cold_room->done, &took) != 1 || took < 0) {
            return trial_fail(trial, -EPROTO, "a task was not woken");
        }
        trial_latency(trial, "wake", (uint64_t)took);
    }
    return 0;
}

static uint64_t join_all(uint64_t made)
{
    uint64_t sum = 0;
    sy_chan_close(cold_room->gate);
    sy_chan_close(cold_room->leave);
    for (uint64_t i = 0; i < made; i++) {
        void *result = NULL;
        sy_join(cold_room->handles[i], &result);
        sum += (uintptr_t)result;
    }
    return sum;
}

static double per_task(uint64_t before, uint64_t cold)
{
    return ((double)cold - (double)before) / (double)cold_room->tasks;
}

static void hand_in(struct trial *trial, const struct ledger *before, const struct ledger *cold)
{
    double rss = per_task(before->rss_bytes, cold->rss_bytes);
    double page_table = per_task(before->page_table_bytes, cold->page_table_bytes);
    double kernel_stack = per_task(before->kernel_stack_bytes, cold->kernel_stack_bytes);
    double slab = per_task(before->slab_bytes, cold->slab_bytes);
    trial_sample(trial, "rss", "B", rss);
    trial_sample(trial, "page_table", "B", page_table);
    trial_sample(trial, "kernel_stack", "B", kernel_stack);
    trial_sample(trial, "slab", "B", slab);
    trial_sample(trial, "total", "B", rss + page_table + kernel_stack + slab);
}

static int cool_and_wake(struct trial *trial)
{
    uint64_t n = cold_room->tasks;
    uint64_t made = 0;
    sy_sleep(SETTLE);
    const struct ledger *before = trial_memory(trial, "before");
    int status = fill(trial, &made);
    sy_waitgroup_wait(&cold_room->on_the_way);
    let_cool();
    const struct ledger *cold = trial_memory(trial, "cold");
    if (status == 0) {
        status = wake_some(trial);
    }
    uint64_t sum = join_all(made);
    trial_memory(trial, "after");
    if (status < 0) {
        return status;
    }
    if (sum != n * (n + 1) / 2) {
        return trial_fail(trial, -EPROTO, "the tasks' numbers add up to %llu",
                          (unsigned long long)sum);
    }
    hand_in(trial, before, cold);
    trial_work(trial, &(struct workload_work){
                          .tasks = n, .messages = 2 * cold_room->wakes, .checksum = sum});
    return 0;
}

static int open_gates(struct cold_room *here)
{
    int status = sy_chan_new(&here->gate, sizeof(sy_time), 0);
    status = status == 0 ? sy_chan_new(&here->done, sizeof(sy_time), 0) : status;
    return status == 0 ? sy_chan_new(&here->leave, 0, 0) : status;
}

static int run(struct trial *trial)
{
    struct cold_room here = {.tasks = (uint64_t)trial_param(trial, "tasks"),
                             .wakes = (uint64_t)trial_param(trial, "wakes")};
    here.wakes = here.wakes < here.tasks ? here.wakes : here.tasks;
    cold_room = &here;
    here.handles = malloc(here.tasks * sizeof *here.handles);
    if (here.handles == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %llu handles",
                          (unsigned long long)here.tasks);
    }
    for (uint64_t i = 0; i < here.tasks; i++) {
        here.handles[i] = (sy_task){.id = i}; /* touched: in memory before "before" */
    }
    int status = open_gates(&here);
    if (status < 0) {
        trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    } else {
        status = cool_and_wake(trial);
    }
    sy_chan_free(here.gate);
    sy_chan_free(here.done);
    sy_chan_free(here.leave);
    free(here.handles);
    return status;
}

static void configure(const struct trial *trial, struct sy_config *config)
{
    config->stack_policy = (uint32_t)trial_param(trial, "policy");
}

static const struct workload_param params[] = {
    {"tasks", 10000, 1, INT64_C(1) << 25, "tasks", "tasks that wait at the same time"},
    {"wakes", 1000, 0, INT64_C(1) << 25, "tasks", "of these, how many are woken one by one"},
    {"policy", SY_STACK_HIBERNATE, SY_STACK_LAZY, SY_STACK_HIBERNATE, "1",
     "green stacks: 1 lazy, 2 fixed, 3 hibernate"},
    {0}};

const struct workload memory_cold = {
    .name = "memory.cold",
    .summary = "Memory that tasks hold which have waited for long, and the time to wake one",
    .params = params,
    .configure = configure,
    .run = run,
};

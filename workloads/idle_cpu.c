/* idle.cpu - the CPU time of a process in which everybody waits.
 *
 * `tasks` tasks wait to receive from one channel. Then as many tasks as procs compute until all of
 * them run at once, so that each proc has a worker: what these do when there is no more work is
 * what is asked for. Then the first task sleeps, once for each epoch.
 *
 * Metric: `cpu`, us = CPU time, user and system, that the process took while its first task slept
 *         for `ms`, scaled to a second: microseconds a second, by getrusage(2) right before and
 *         after the sleep. The cost of falling asleep and waking up once is in it, and that of one
 *         getrusage, which walks all threads: with many of them, it is most of the figure.
 * Work:   tasks (those that wait; those that compute not included).
 * Proof:  the channel is closed, each task wakes to that once and returns its own number; the
 *         checksum is over the sum of the numbers that the joins delivered. The tasks that compute
 *         have met within 5 s. The first task slept for at least `ms`.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/atomic.h"
#include "jobs.h"

#define SETTLE (50 * SY_MILLISECOND) /* for the last tasks and workers to get to sleep */
#define PATIENCE (5 * SY_SECOND)
#define MEET_ITERATIONS 5000 /* some 10 us */
#define PROCS_MAX 256

struct waiting_room {
    uint64_t tasks;
    sy_time sleep;
    sy_task *handles;
    sy_chan door;
    sy_waitgroup on_the_way;
    uint32_t procs;
    _Atomic uint32_t arrived; /* tasks that compute, so that each proc has a worker */
};

static struct waiting_room room;

static void *wait_at_door(void *number)
{
    sy_waitgroup_done(&room.on_the_way);
    return sy_chan_recv(room.door, NULL) == 0 ? number : NULL;
}

/* Stores in *made how many tasks were made; fewer than all if the system refused one. */
static int fill(struct trial *trial, uint64_t *made)
{
    for (*made = 0; *made < room.tasks; (*made)++) {
        uintptr_t number = *made + 1;
        sy_waitgroup_add(&room.on_the_way, 1);
        int status = sy_spawn(&room.handles[*made], wait_at_door, (void *)number);
        if (status < 0) {
            sy_waitgroup_done(&room.on_the_way);
            return trial_refused(trial, *made, status);
        }
    }
    sy_waitgroup_wait(&room.on_the_way);
    return 0;
}

static uint64_t empty(uint64_t made)
{
    uint64_t sum = 0;
    sy_chan_close(room.door);
    for (uint64_t i = 0; i < made; i++) {
        void *result = NULL;
        sy_join(room.handles[i], &result);
        sum += (uintptr_t)result;
    }
    return sum;
}

/* Computes until all that are expected compute at the same time. Returns arg, or NULL if it lost
 * patience. */
static void *meet(void *arg)
{
    sy_time give_up = sy_now() + PATIENCE;
    fetch_add_relaxed(&room.arrived, 1); // relaxed: a count, nothing is handed over by it
    do {
        jobs_compute(1, MEET_ITERATIONS);
        if (load_relaxed(&room.arrived) >= room.procs) { // relaxed: the same
            return arg;
        }
    } while (sy_now() < give_up);
    return NULL;
}

static int start_workers(struct trial *trial)
{
    static sy_task tasks[PROCS_MAX];
    uint32_t made = 0;
    uint32_t met = 0;
    int status = 0;
    for (; made < room.procs && status == 0; made += status == 0) {
        status = sy_spawn(&tasks[made], meet, tasks);
    }
    if (status < 0) {
        trial_refused(trial, room.tasks + made, status);
        fetch_add_relaxed(&room.arrived, room.procs); // relaxed: see meet; lets them go
    }
    for (uint32_t i = 0; i < made; i++) {
        void *result = NULL;
        sy_join(tasks[i], &result);
        met += result != NULL;
    }
    if (met < room.procs) {
        return trial_fail(trial, -EAGAIN, "the %u procs never worked all at once", room.procs);
    }
    return 0;
}

static int64_t cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * SY_SECOND +
           ((int64_t)usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * SY_MICROSECOND;
}

static int run_epoch(struct trial *trial, void *state)
{
    (void)state;
    sy_time begin = sy_now();
    int64_t before = cpu_ns();
    sy_sleep(room.sleep);
    int64_t spent = cpu_ns() - before;
    if (sy_now() - begin < room.sleep) {
        return trial_fail(trial, -EPROTO, "the first task woke too early");
    }
    double seconds = (double)room.sleep / (double)SY_SECOND;
    trial_sample(trial, "cpu", "us", (double)spent / (double)SY_MICROSECOND / seconds);
    return 0;
}

static int idle(struct trial *trial)
{
    uint64_t made = 0;
    int status = fill(trial, &made);
    status = status < 0 ? status : start_workers(trial);
    if (status == 0) {
        sy_sleep(SETTLE);
        status = trial_each_epoch(trial, run_epoch, NULL);
    }
    uint64_t sum = empty(made);
    if (status < 0) {
        return status;
    }
    if (sum != room.tasks * (room.tasks + 1) / 2) {
        return trial_fail(trial, -EPROTO, "the tasks' numbers add up to %llu",
                          (unsigned long long)sum);
    }
    trial_work(trial, &(struct workload_work){.tasks = room.tasks, .checksum = sum});
    return 0;
}

static int run(struct trial *trial)
{
    room.tasks = (uint64_t)trial_param(trial, "tasks");
    room.procs = trial_procs(trial);
    room.sleep = trial_param(trial, "ms") * SY_MILLISECOND;
    room.handles = calloc(room.tasks, sizeof *room.handles);
    if (room.handles == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for the handles");
    }
    int status = sy_chan_new(&room.door, 0, 0);
    if (status < 0) {
        trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    } else {
        status = idle(trial);
        sy_chan_free(room.door);
    }
    free(room.handles);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 1000, 1, 10000000, "tasks", "tasks that wait meanwhile"},
    {"ms", 1000, 1, 1000000, "ms", "sleep of the first task, an epoch"},
    {0}};

const struct workload idle_cpu = {
    .name = "idle.cpu",
    .summary = "CPU time of a process that does nothing",
    .params = params,
    .run = run,
};

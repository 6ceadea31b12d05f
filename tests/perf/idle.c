/* idle.c - CPU time of a green process with 4 procs and 4 workers in which nothing runs.
 * Prints microseconds of CPU per second. Method: 4 tasks that block their workers in the kernel
 * make the runtime start all of them; then main sleeps for SECONDS, and getrusage tells what that
 * cost. */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#define WORKERS 4
#define SECONDS 3

static int64_t cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * SY_SECOND +
           ((int64_t)usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * SY_MICROSECOND;
}

static void *block_worker(void *arg)
{
    usleep(100000); /* blocks the thread on purpose */
    return arg;
}

static int measure(void *arg)
{
    sy_task tasks[2 * WORKERS];
    struct sy_stats stats;
    (void)arg;
    for (int i = 0; i < 2 * WORKERS; i++) {
        sy_spawn(&tasks[i], block_worker, NULL);
    }
    for (int i = 0; i < 2 * WORKERS; i++) {
        sy_join(tasks[i], NULL);
    }
    sy_sleep(100 * SY_MILLISECOND);
    int64_t before = cpu_ns();
    sy_sleep(SECONDS * SY_SECOND);
    int64_t spent = cpu_ns() - before;
    sy_stats_read(&stats);
    printf("%.1f us of CPU per second, %llu workers\n",
           (double)spent / (double)(SECONDS * SY_MICROSECOND),
           (unsigned long long)stats.workers_started);
    return 0;
}

int main(void)
{
    struct sy_config config = {.procs = WORKERS};
    return sy_run(&config, measure, NULL);
}

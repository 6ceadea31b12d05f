/* jobs.c - see jobs.h. */
#include "jobs.h"

#include <errno.h>

/* Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (2003): no compiler shortens it. */
uint64_t jobs_compute(uint64_t seed, uint64_t iterations)
{
    uint64_t x = seed;
    for (uint64_t i = 0; i < iterations; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    return x;
}

uint64_t jobs_expected(const struct job *jobs, uint64_t count)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        sum += jobs_compute(jobs[i].seed, jobs[i].iterations);
    }
    return sum;
}

/* The result travels in the pointer, so that no two jobs write to one cache line. */
_Static_assert(sizeof(void *) == sizeof(uint64_t), "a job's result does not fit a pointer");

static void *run_job(void *arg)
{
    const struct job *job = arg;
    return (void *)(uintptr_t)jobs_compute(job->seed, job->iterations);
}

static uint64_t join_jobs(const struct job *jobs, uint64_t count)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        void *result = NULL;
        sy_join(jobs[i].task, &result);
        sum += (uintptr_t)result;
    }
    return sum;
}

int jobs_run(struct trial *trial, struct job *jobs, uint64_t count, uint64_t *sum)
{
    uint64_t made = 0;
    int status = 0;
    for (; made < count && status == 0; made += status == 0) {
        status = sy_spawn(&jobs[made].task, run_job, &jobs[made]);
    }
    if (status < 0) {
        trial_refused(trial, made, status);
    }
    *sum = join_jobs(jobs, made);
    return status;
}

int jobs_epoch(struct trial *trial, struct job *jobs, uint64_t count, uint64_t expected)
{
    uint64_t sum = 0;
    sy_time begin = sy_now();
    int status = jobs_run(trial, jobs, count, &sum);
    sy_time elapsed = sy_now() - begin;
    if (status < 0) {
        return status;
    }
    if (sum != expected) {
        return trial_fail(trial, -EPROTO, "the jobs' results add up to %llx, not %llx",
                          (unsigned long long)sum, (unsigned long long)expected);
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_work(trial, &(struct workload_work){.tasks = count, .checksum = sum});
    return 0;
}

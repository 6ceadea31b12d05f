/* jobs.h - CPU-bound tasks of known length, for the workloads that ask how well procs are used.
 *
 * The length of a job is a count of iterations, never a time: each is a few register operations
 * that depend on the ones before, so that a job touches no memory and disturbs no other.
 */
#ifndef SWITCHYARD_JOBS_H
#define SWITCHYARD_JOBS_H

#include "trial.h"

/* 2.0 ns an iteration on a virtual Xeon of the Sapphire Rapids class, 2026-11. */
uint64_t jobs_compute(uint64_t seed, uint64_t iterations);

struct job {
    uint64_t seed; /* not 0 */
    uint64_t iterations;
    sy_task task; /* jobs_run's */
};

/* The sum of what all of them compute, one after the other on the caller: what jobs_run must
 * arrive at. */
uint64_t jobs_expected(const struct job *jobs, uint64_t count);

/* Spawns a task for each job, in their order, and joins them in the same order. Stores the sum of
 * what they computed in *sum. Returns 0, or what trial_fail returned. May switch. */
int jobs_run(struct trial *trial, struct job *jobs, uint64_t count, uint64_t *sum);

/* An epoch of nothing but jobs: runs them, checks the sum, hands in the time from the first spawn
 * to the last join as `total` (ms), and the work: tasks, and the sum as checksum. */
int jobs_epoch(struct trial *trial, struct job *jobs, uint64_t count, uint64_t expected);

#endif

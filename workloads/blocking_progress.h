/* blocking_progress.h - how much CPU-bound tasks achieve beside tasks that block in the kernel.
 *
 * Each phase has as many CPU-bound tasks as procs, of a fixed length. In the disturbed phases as
 * many other tasks are in blocking calls all the time. Work is equal in all phases, so the times of
 * the phases tell the progress.
 */
#ifndef SWITCHYARD_BLOCKING_PROGRESS_H
#define SWITCHYARD_BLOCKING_PROGRESS_H

#include "trial.h"

#define PROGRESS_ROUNDS_MAX 100

struct progress_plan {
    uint32_t procs;
    uint32_t rounds;   /* of an undisturbed and a disturbed phase; 0 ... PROGRESS_ROUNDS_MAX */
    uint64_t chunks;   /* of each CPU-bound task; it yields after each */
    uint64_t expected; /* what one of them computes; progress_expected */
};

/* What a CPU-bound task of so many chunks computes. */
uint64_t progress_expected(uint64_t chunks);

/* Runs the phases and hands in `progress` and `blocked` (blocking_mix.c). Returns 0, or what
 * trial_fail returned. May switch. */
int progress_run(struct trial *trial, const struct progress_plan *plan);

#endif

/* gate_build.h - one of the two builds that the gate compares, and running its worker. */
#ifndef SWITCHYARD_HARNESS_GATE_BUILD_H
#define SWITCHYARD_HARNESS_GATE_BUILD_H

#include "cpus.h"
#include "gate_cells.h"
#include "trial.h"

#define GATE_WORKER "switchyard-green"
/* The same worker with a yield that takes longer (workloads/delay_yield.c). */
#define GATE_DELAYED_WORKER "switchyard-green-delayed"

#define GATE_WORDS_BYTES 128

struct gate_build {
    const char *role;    /* "base", "head", for messages */
    int64_t delay_steps; /* of the delayed worker's yield (SWITCHYARD_DELAY); -1: no such worker */
    struct catalogue catalogue;
    char clocks_off[GATE_WORDS_BYTES];     /* tune words for exact counts (exact_words.c) */
    char clocks_unknown[GATE_WORDS_BYTES]; /* and those of them that the worker does not know */
};

/* Asks the worker of that name in the folder for its workloads. -errno and one line in error. */
int gate_build_load(const char *role, const char *folder, const char *worker,
                    struct gate_build *build, char error[RESULT_ERROR_BYTES]);
void gate_build_destroy(struct gate_build *build);

/* How a process of the gate runs. */
struct gate_run {
    int64_t count; /* operations: the cell's count parameter */
    int epochs;
    int warmup;
    size_t padding_bytes;
    const char *tune;           /* see struct trial_request; or NULL */
    const char *const *wrapper; /* the same */
};

/* Can the build do it? It cannot if it lacks the workload or one of the parameters. */
bool gate_build_has(const struct gate_build *build, const struct gate_cell *cell);

/* One fresh process on one CPU. 0 and a report of a trial that was ok, to be destroyed; else -EINTR
 * (interrupted), -EPROTO (the trial failed) or another -errno, with one line in error. */
int gate_build_run(const struct gate_build *build, const struct gate_cell *cell,
                   const struct gate_run *run, const struct cpus *cpus, struct trial_report *report,
                   char error[RESULT_ERROR_BYTES]);

/* The median of the cell's metric in a report; NAN if it is not there. */
double gate_cell_time(const struct gate_cell *cell, const struct trial_report *report);

/* How many operations the report's process did, in all its epochs; NAN if it does not say. */
double gate_cell_operations(const struct gate_cell *cell, const struct trial_report *report);

#endif

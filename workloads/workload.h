/* workload.h - what a workload is, and how it hands back what it measured.
 *
 * A workload is written once against <switchyard/switchyard.h>; its one object file is linked into
 * both workers. The worker's main (main.c) parses the command line, calls run() as the first task
 * of sy_run, and prints the trial as one JSON object (docs/protocol.md).
 */
#ifndef SWITCHYARD_WORKLOAD_H
#define SWITCHYARD_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <switchyard/switchyard.h>

/* A number that the command line may set: --param name=value. */
struct workload_param {
    const char *name;
    int64_t value; /* the default */
    int64_t min;
    int64_t max;
    const char *unit;
    const char *help;
};

/* The work that a trial did. The harness compares two back ends only if all of it is equal. */
struct workload_work {
    uint64_t tasks;    /* tasks created by the workload */
    uint64_t messages; /* elements passed through channels */
    uint64_t switches; /* hand-overs from one task to another that the workload enforces */
    uint64_t checksum; /* over the results that the workload computed */
};

struct trial; /* one run of one workload: parameters in, samples and work out (trial.h) */

struct workload {
    const char *name;                    /* family.name */
    const char *summary;                 /* one sentence */
    const struct workload_param *params; /* ended by a row whose name is NULL */
    bool green_only;                     /* the baseline answers "skipped" */
    /* Adds to the configuration that the command line asked for; may be NULL. Before the run. */
    void (*configure)(const struct trial *trial, struct sy_config *config);
    /* Runs as a task. Returns 0, or a negative errno with a reason set by trial_fail. */
    int (*run)(struct trial *trial);
};

/* All workloads, ended by NULL. */
extern const struct workload *const workload_registry[];

#endif

/* trial.h - one trial of one cell: what is asked of a worker, and what came of it. */
#ifndef SWITCHYARD_HARNESS_TRIAL_H
#define SWITCHYARD_HARNESS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "result.h"
#include "runner.h"

struct trial_request {
    const char *backend;
    const char *worker; /* path of the program */
    const char *workload;
    int procs; /* 0: the runtime's own default */
    int epochs;
    int warmup;
    const char *tune;           /* NULL: none */
    const char *trace;          /* file for the trace of the schedule; NULL: none */
    const char *const *wrapper; /* program and words that run the worker, ended by NULL; or NULL */
    const struct param_value *params;
    size_t params_count;
};

/* What a worker measured of one metric: samples, or a histogram. */
struct metric_report {
    char *name;
    char *unit;
    double *samples;
    size_t samples_count;
    struct bucket *histogram; /* sorted by low */
    size_t histogram_count;
    bool restored; /* from a results file (restore.h): the median is known, and the histogram may
                      be that of all trials, or missing */
    double median;
};

struct trial_report {
    enum trial_status status;
    char *reason;                  /* NULL when ok */
    char *note;                    /* the worker's remark on a trial that is ok, or NULL */
    bool interrupted;              /* the user stopped it: it is no trial */
    struct metric_report *metrics; /* also of a trial that failed half-way */
    size_t metrics_count;
    json_t *work;
    json_t *counters;
    json_t *rusage;
    json_t *memory;
    int64_t elapsed_ns;
    unsigned disturbances; /* 1 << enum disturbance_cause */
};

/* Reads what a worker printed, strictly: anything that is not what was asked for makes the trial
 * "bad_output", with a reason that says what and where. */
void trial_parse(const char *text, size_t bytes, const struct trial_request *request,
                 struct trial_report *report);

/* Where and under which limits a trial runs. */
struct trial_place {
    hwloc_topology_t topology;
    hwloc_const_cpuset_t cpus;
    size_t padding_bytes;
    struct run_limits limits;
};

/* Runs a fresh worker. 0 whatever became of it, or -errno if it could not be started at all. */
int trial_run(const struct trial_request *request, const struct trial_place *place,
              struct trial_report *report);

void trial_report_destroy(struct trial_report *report);

#endif

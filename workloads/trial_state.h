/* trial_state.h - what a trial is made of, for the worker itself: the workloads see only trial.h.
 */
#ifndef SWITCHYARD_TRIAL_STATE_H
#define SWITCHYARD_TRIAL_STATE_H

#include "histogram.h"
#include "ledger.h"
#include "trial.h"

#define TRIAL_PARAMS_MAX 8
#define TRIAL_METRICS_MAX 8
#define TRIAL_SENTENCE_BYTES 320

struct trial_metric {
    const char *name;
    const char *unit;
    double *samples; /* room for one an epoch */
    size_t sample_count;
    struct histogram *latencies; /* NULL until the first latency */
};

struct trial {
    /* what is asked for: set before the run */
    const struct workload *workload;
    int64_t params[TRIAL_PARAMS_MAX]; /* in the order of workload->params */
    uint32_t epochs;
    uint32_t warmups;
    struct sy_config config;
    const char *tune; /* SWITCHYARD_TUNE, or NULL */
    int trace_file;   /* where the trace of the measured epochs goes; -1: none is recorded */

    /* what came out */
    bool warming_up; /* samples and work are dropped meanwhile */
    int error;       /* 0, or the negative errno of the first failure */
    char reason[TRIAL_SENTENCE_BYTES];
    char note[TRIAL_SENTENCE_BYTES];
    struct trial_metric metrics[TRIAL_METRICS_MAX];
    size_t metric_count;
    sy_time shortest_ns; /* of the measured epochs; 0: none was measured */
    struct workload_work work;
    struct ledger ledgers[TRIAL_LEDGERS];
    size_t ledger_count;
    struct sy_stats counters; /* when the workload ended */
    int64_t trace_events;     /* written to trace_file */
};

/* Frees what the metrics hold. */
void trial_release(struct trial *trial);

#endif

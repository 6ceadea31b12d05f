/* gate_time.h - layer B of the gate: times of two builds, in pairs that ran side by side.
 *
 * A *turn* of a metric is one fresh process of each *arm*, one after the other: base, control and
 * head. Control is base once more, so what is computed from (base, control) as from (base, head)
 * must say "no difference"; if it does not, the machine is not to be trusted. Two turns make a
 * block: the order of the arms is random in the first and reversed in the second (ABBA), so that
 * drift falls out. All metrics take turns in a random order. Before each process the reference loop
 * runs, in the harness: it must be as fast beside head as beside base.
 */
#ifndef SWITCHYARD_HARNESS_GATE_TIME_H
#define SWITCHYARD_HARNESS_GATE_TIME_H

#include "disturbance.h"
#include "gate_build.h"
#include "paired.h"
#include "rng.h"

enum gate_arm { ARM_BASE, ARM_CONTROL, ARM_HEAD, ARMS };

/* What the turns of one metric gave; equal indices are one turn. */
struct gate_series {
    double *times[ARMS];      /* ns an operation, the median of a process's epochs */
    double *references[ARMS]; /* ns a step of the reference loop, before the process */
    size_t turns;
    size_t room;
    size_t rejected; /* turns left out because a process of theirs was disturbed */
    size_t causes[DISTURBANCES];
};

/* What a series says. */
struct gate_estimate {
    size_t turns;           /* from which the next two are */
    struct paired raw_head; /* as head and control, before the adjustment */
    struct paired raw_control;
    struct paired head;    /* head / base; its sign_p is adjusted for the metrics judged with it */
    struct paired control; /* base / base, likewise */
    struct paired reference; /* the loop beside head / beside base */
    enum verdict verdict;
    char reason[COMPARE_REASON_BYTES]; /* "" if the verdict says it all */
};

struct gate_metric {
    const struct gate_cell *cell;
    int64_t count;            /* operations an epoch, calibrated; the same in all arms */
    double calibration_ns[2]; /* what an operation took base in the two calibrations that agreed */
    double delta;
    struct gate_series series;
    struct gate_series fresh; /* measured to confirm that it differs; no turns if it was not */
    struct gate_estimate first;
    struct gate_estimate confirmation;
    enum verdict verdict; /* the word that counts */
    char reason[COMPARE_REASON_BYTES];
};

struct gate_time {
    const struct gate_build *base;
    const struct gate_build *head;
    const struct cpus *cpus;
    struct rng rng;
    int64_t until_ns; /* CLOCK_MONOTONIC: no turn begins later */
    struct gate_metric *metrics;
    size_t metrics_count;
};

/* Measures and judges all metrics until each is decided or time is up. -EINTR, or another -errno
 * with one line in error. */
int gate_time_run(struct gate_time *gate, char error[RESULT_ERROR_BYTES]);

/* The parts, for the measure of sensitivity: calibrates all metrics; then turns of one metric until
 * the series has `turns` of them, or -ETIME. */
int gate_time_calibrate(struct gate_time *gate, char error[RESULT_ERROR_BYTES]);
int gate_time_turns(struct gate_time *gate, size_t metric, struct gate_series *series, size_t turns,
                    char error[RESULT_ERROR_BYTES]);

/* Adds a turn that was measured elsewhere. */
void gate_series_add(struct gate_series *series, const double times[ARMS],
                     const double references[ARMS]);
void gate_series_destroy(struct gate_series *series);
void gate_time_destroy(struct gate_time *gate);

#endif

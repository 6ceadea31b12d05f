/* gate_time.c - see gate_time.h. */
#include "gate_time.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "calibrate.h"
#include "gate_judge.h"
#include "reference.h"
#include "signals.h"

#define SECOND_NS ((int64_t)1000000000)
#define EPOCHS 5
#define WARMUPS 1
/* Up to a page of environment moves the stack by as much. */
#define PADDING_BYTES 4096
/* Turns that are added to a metric before it is judged again. */
#define MORE_TURNS 10
#define CALIBRATIONS_MOST 10

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

static const struct gate_build *build_of(const struct gate_time *gate, int arm)
{
    return arm == ARM_HEAD ? gate->head : gate->base;
}

/* --- One process ----------------------------------------------------------------------------- */

static int run_arm(struct gate_time *gate, const struct gate_metric *metric, int arm, double *time,
                   unsigned *disturbances, char error[RESULT_ERROR_BYTES])
{
    struct gate_run run = {.count = metric->count,
                           .epochs = EPOCHS,
                           .warmup = WARMUPS,
                           .padding_bytes = rng_below(&gate->rng, PADDING_BYTES)};
    struct trial_report report;
    int status =
        gate_build_run(build_of(gate, arm), metric->cell, &run, gate->cpus, &report, error);
    if (status < 0) {
        return status;
    }
    *time = gate_cell_time(metric->cell, &report);
    *disturbances = report.disturbances;
    trial_report_destroy(&report);
    if (!(*time > 0)) {
        snprintf(error, RESULT_ERROR_BYTES, "%s of %s measured no time in %s",
                 metric->cell->workload, build_of(gate, arm)->role, metric->cell->metric);
        return -EPROTO;
    }
    return 0;
}

/* --- Calibration ----------------------------------------------------------------------------- */

/* How long an epoch of base takes, and an operation. */
static int time_base(struct gate_time *gate, const struct gate_metric *metric, double *epoch_ns,
                     double *operation_ns, char error[RESULT_ERROR_BYTES])
{
    struct gate_run run = {.count = metric->cell->least, .epochs = EPOCHS, .warmup = WARMUPS};
    struct trial_report report;
    int status = gate_build_run(gate->base, metric->cell, &run, gate->cpus, &report, error);
    if (status < 0) {
        return status;
    }
    *operation_ns = gate_cell_time(metric->cell, &report);
    *epoch_ns = *operation_ns * gate_cell_operations(metric->cell, &report) / EPOCHS;
    trial_report_destroy(&report);
    if (!(*epoch_ns > 0)) {
        snprintf(error, RESULT_ERROR_BYTES, "%s of base: no time and no work to calibrate by",
                 metric->cell->workload);
        return -EPROTO;
    }
    return 0;
}

/* Until two measurements in a row agree; the machine may have been busy in one. */
static int calibrate(struct gate_time *gate, struct gate_metric *metric, double wanted_ns,
                     char error[RESULT_ERROR_BYTES])
{
    const struct gate_cell *cell = metric->cell;
    const struct catalogue_workload *workload =
        catalogue_find(&gate->base->catalogue, cell->workload);
    double *times = metric->calibration_ns;
    double epochs[2];
    int status = time_base(gate, metric, &epochs[0], &times[0], error);
    for (int i = 0; i < CALIBRATIONS_MOST && status == 0; i++) {
        epochs[1] = epochs[0];
        times[1] = times[0];
        status = time_base(gate, metric, &epochs[0], &times[0], error);
        if (status == 0 && calibrate_agree(epochs[0], epochs[1])) {
            break;
        }
    }
    if (status == 0) {
        metric->count = calibrate_count(cell->least, fmin(epochs[0], epochs[1]), wanted_ns,
                                        catalogue_param(workload, cell->count)->max);
    }
    return status;
}

int gate_time_calibrate(struct gate_time *gate, char error[RESULT_ERROR_BYTES])
{
    double wanted_ns = calibrate_epoch_ns_here();
    int status = 0;
    for (size_t i = 0; i < gate->metrics_count && status == 0; i++) {
        status = calibrate(gate, &gate->metrics[i], wanted_ns, error);
    }
    return status;
}

/* --- Turns ----------------------------------------------------------------------------------- */

static void shuffle(size_t *items, size_t count, struct rng *rng)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = rng_below(rng, (uint32_t)i);
        size_t item = items[i - 1];
        items[i - 1] = items[other];
        items[other] = item;
    }
}

static void note_disturbance(struct gate_series *series, unsigned causes)
{
    series->rejected++;
    for (int i = 0; i < DISTURBANCES; i++) {
        series->causes[i] += causes >> i & 1;
    }
}

static int take_turn(struct gate_time *gate, const struct gate_metric *metric,
                     struct gate_series *series, const size_t order[ARMS],
                     char error[RESULT_ERROR_BYTES])
{
    double times[ARMS];
    double references[ARMS];
    unsigned all = 0;
    for (int i = 0; i < ARMS; i++) {
        int arm = (int)order[i];
        unsigned disturbances = 0;
        references[arm] = reference_step_ns(gate->cpus);
        int status = run_arm(gate, metric, arm, &times[arm], &disturbances, error);
        if (status < 0) {
            return status;
        }
        all |= disturbances;
    }
    if (all != 0) {
        note_disturbance(series, all);
    } else {
        gate_series_add(series, times, references);
    }
    return 0;
}

/* Two turns, the second in the reverse order of the first. */
static int take_block(struct gate_time *gate, const struct gate_metric *metric,
                      struct gate_series *series, char error[RESULT_ERROR_BYTES])
{
    size_t order[ARMS] = {ARM_BASE, ARM_CONTROL, ARM_HEAD};
    shuffle(order, ARMS, &gate->rng);
    int status = signals_interrupted() ? -EINTR : take_turn(gate, metric, series, order, error);
    size_t reversed[ARMS] = {order[2], order[1], order[0]};
    return status == 0 ? take_turn(gate, metric, series, reversed, error) : status;
}

int gate_time_turns(struct gate_time *gate, size_t metric, struct gate_series *series, size_t turns,
                    char error[RESULT_ERROR_BYTES])
{
    int status = 0;
    while (status == 0 && series->turns < turns) {
        status = now_ns() < gate->until_ns ? take_block(gate, &gate->metrics[metric], series, error)
                                           : -ETIME;
    }
    return status;
}

/* --- All metrics ----------------------------------------------------------------------------- */

static struct gate_series *series_of(struct gate_metric *metric, enum gate_stage stage)
{
    return stage == GATE_FIRST ? &metric->series : &metric->fresh;
}

static bool is_wanted(const struct gate_metric *metric, enum gate_stage stage, size_t turns)
{
    const struct gate_series *series = stage == GATE_FIRST ? &metric->series : &metric->fresh;
    return (stage == GATE_FIRST || gate_is_hit(metric)) && gate_is_open(metric, stage) &&
           series->turns < turns;
}

/* A block of each open metric that has fewer turns, in a random order. Sets *any if there was one.
 */
static int walk(struct gate_time *gate, enum gate_stage stage, size_t turns, int64_t until_ns,
                bool *any, char error[RESULT_ERROR_BYTES])
{
    size_t order[64];
    size_t count = 0;
    int status = 0;
    for (size_t i = 0; i < gate->metrics_count && count < 64; i++) {
        if (is_wanted(&gate->metrics[i], stage, turns)) {
            order[count++] = i;
        }
    }
    shuffle(order, count, &gate->rng);
    *any = count > 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        struct gate_metric *metric = &gate->metrics[order[i]];
        status = now_ns() < until_ns ? take_block(gate, metric, series_of(metric, stage), error)
                                     : -ETIME;
    }
    return status;
}

/* One stage to its end: everything decided, or time up. */
static int run_stage(struct gate_time *gate, enum gate_stage stage, int64_t until_ns,
                     char error[RESULT_ERROR_BYTES])
{
    int status = 0;
    bool open = true;
    for (size_t turns = PAIRED_LEAST; open && status == 0; turns += MORE_TURNS) {
        bool any = true;
        open = false;
        while (any && status == 0) {
            status = walk(gate, stage, turns, until_ns, &any, error);
            open = open || any;
        }
        gate_judge(gate->metrics, gate->metrics_count, stage);
    }
    return status == -ETIME ? 0 : status;
}

int gate_time_run(struct gate_time *gate, char error[RESULT_ERROR_BYTES])
{
    int64_t start = now_ns();
    /* A third of the time is kept for confirming. */
    int64_t first_until = start + (gate->until_ns - start) / 3 * 2;
    int status = gate_time_calibrate(gate, error);
    if (status == 0) {
        status = run_stage(gate, GATE_FIRST, first_until, error);
    }
    if (status == 0) {
        status = run_stage(gate, GATE_CONFIRMATION, gate->until_ns, error);
    }
    gate_conclude(gate->metrics, gate->metrics_count);
    return status;
}

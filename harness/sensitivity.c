/* sensitivity.c - see sensitivity.h. */
#include "sensitivity.h"

#include <time.h>

#define SECOND_NS ((int64_t)1000000000)

const double sensitivity_sizes[SENSITIVITY_SIZES] = {0.10, 0.07, 0.05, 0.04, 0.03, 0.02};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* One gate run with its own budget. */
static int run_round(struct gate *gate, struct gate_metric *metric, char error[RESULT_ERROR_BYTES])
{
    struct gate_time time = {.base = &gate->base,
                             .head = &gate->head,
                             .cpus = &gate->cpus,
                             .rng = gate->time.rng,
                             .until_ns = now_ns() + gate->options.budget_ns,
                             .metrics = metric,
                             .metrics_count = 1};
    int status = gate_time_run(&time, error);
    gate->time.rng = time.rng;
    return status;
}

int sensitivity_try(struct gate *gate, struct sensitivity_step *step,
                    char error[RESULT_ERROR_BYTES])
{
    double ratios[SENSITIVITY_ROUNDS];
    int status =
        gate_inject_steps(&gate->base, &gate->cpus, step->share, &gate->head.delay_steps, error);
    step->rounds = step->found = 0;
    while (status == 0 && step->rounds < SENSITIVITY_ROUNDS &&
           step->rounds - step->found <= SENSITIVITY_ROUNDS - SENSITIVITY_WANTED) {
        struct gate_metric metric = {.cell = &gate_cells[0], .delta = gate->options.threshold};
        status = run_round(gate, &metric, error);
        ratios[step->rounds++] = metric.first.head.ratio.value;
        step->found += metric.verdict == VERDICT_REGRESSED;
        gate_series_destroy(&metric.series);
        gate_series_destroy(&metric.fresh);
    }
    step->ratio = stats_median(ratios, (size_t)step->rounds);
    return status;
}

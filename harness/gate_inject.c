/* gate_inject.c - how long the delay of `gate --inject` must be. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gate.h"
#include "reference.h"

/* As workloads/delay_yield.c: one yield of so many is delayed. */
#define PERIOD 1024
#define PROCESSES 9
#define EPOCHS 5
#define EPOCH_COUNT 100000

static const struct gate_cell *yield_cell(void)
{
    for (size_t i = 0; i < gate_cells_count; i++) {
        if (strcmp(gate_cells[i].workload, "switch.yield") == 0) {
            return &gate_cells[i];
        }
    }
    return NULL;
}

int gate_inject_steps(const struct gate_build *build, const struct cpus *cpus, double share,
                      int64_t *steps, char error[RESULT_ERROR_BYTES])
{
    double yield_ns = INFINITY; /* the fastest: what disturbs only makes slower */
    double step_ns = INFINITY;
    const struct gate_cell *cell = yield_cell();
    struct gate_run run = {.count = EPOCH_COUNT, .epochs = EPOCHS, .warmup = 1};
    if (cell == NULL || !gate_build_has(build, cell)) {
        snprintf(error, RESULT_ERROR_BYTES, "%s has no switch.yield to slow down", build->role);
        return -EINVAL;
    }
    for (int i = 0; i < PROCESSES; i++) {
        struct trial_report report;
        step_ns = fmin(step_ns, reference_step_ns(cpus));
        int status = gate_build_run(build, cell, &run, cpus, &report, error);
        if (status < 0) {
            return status;
        }
        yield_ns = fmin(yield_ns, gate_cell_time(cell, &report));
        trial_report_destroy(&report);
    }
    *steps = (int64_t)ceil(share * yield_ns * PERIOD / step_ns);
    return 0;
}

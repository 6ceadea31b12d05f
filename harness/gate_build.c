/* gate_build.c - see gate_build.h. */
#include "gate_build.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define SECOND_NS ((int64_t)1000000000)
#define DEADLINE_S 120

int gate_build_load(const char *role, const char *folder, const char *worker,
                    struct gate_build *build, char error[RESULT_ERROR_BYTES])
{
    char problem[RESULT_ERROR_BYTES];
    char *path = alloc_format("%s/%s", folder, worker);
    build->role = role;
    build->delay_steps = -1;
    int status = catalogue_load("green", path, &build->catalogue, problem);
    if (status == -ENOENT) {
        snprintf(error, RESULT_ERROR_BYTES, "--%s %.200s: there is no %s", role, folder, worker);
    } else if (status < 0) {
        snprintf(error, RESULT_ERROR_BYTES, "--%s: %.400s", role, problem);
    }
    free(path);
    return status;
}

void gate_build_destroy(struct gate_build *build)
{
    catalogue_destroy(&build->catalogue);
}

bool gate_build_has(const struct gate_build *build, const struct gate_cell *cell)
{
    const struct catalogue_workload *workload = catalogue_find(&build->catalogue, cell->workload);
    struct param_value *params =
        workload != NULL ? gate_cell_params(cell, workload, cell->few) : NULL;
    bool has = params != NULL;
    free(params);
    return has;
}

/* The worker inherits it. */
static void set_delay(int64_t steps)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)steps);
    if (steps < 0) {
        unsetenv("SWITCHYARD_DELAY");
    } else {
        setenv("SWITCHYARD_DELAY", text, 1);
    }
}

static int check_report(const struct gate_build *build, const struct gate_cell *cell,
                        struct trial_report *report, char error[RESULT_ERROR_BYTES])
{
    int status = 0;
    if (report->interrupted) {
        status = -EINTR;
        snprintf(error, RESULT_ERROR_BYTES, "interrupted");
    } else if (report->status != TRIAL_OK) {
        status = -EPROTO;
        snprintf(error, RESULT_ERROR_BYTES, "%s of %s: %s: %.300s", cell->workload, build->role,
                 trial_status_name(report->status), report->reason != NULL ? report->reason : "");
    }
    if (status < 0) {
        trial_report_destroy(report);
    }
    return status;
}

int gate_build_run(const struct gate_build *build, const struct gate_cell *cell,
                   const struct gate_run *run, const struct cpus *cpus, struct trial_report *report,
                   char error[RESULT_ERROR_BYTES])
{
    const struct catalogue_workload *workload = catalogue_find(&build->catalogue, cell->workload);
    struct param_value *params = gate_cell_params(cell, workload, run->count);
    hwloc_cpuset_t one = cpus_take(cpus, 1);
    struct trial_request request = {.backend = build->catalogue.backend,
                                    .worker = build->catalogue.worker,
                                    .workload = cell->workload,
                                    .procs = 1,
                                    .epochs = run->epochs,
                                    .warmup = run->warmup,
                                    .tune = run->tune,
                                    .wrapper = run->wrapper,
                                    .params = params,
                                    .params_count = workload->params_count};
    struct trial_place place = {
        .topology = cpus->topology,
        .cpus = one,
        .padding_bytes = run->padding_bytes,
        .limits = {.deadline_ns = DEADLINE_S * SECOND_NS, .output_bytes = RUNNER_OUTPUT_BYTES}};
    set_delay(build->delay_steps);
    int status = trial_run(&request, &place, report);
    if (status < 0) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: %s",
                 run->wrapper != NULL ? run->wrapper[0] : build->catalogue.worker,
                 strerror(-status));
    } else {
        status = check_report(build, cell, report, error);
    }
    hwloc_bitmap_free(one);
    free(params);
    return status;
}

double gate_cell_time(const struct gate_cell *cell, const struct trial_report *report)
{
    for (size_t i = 0; i < report->metrics_count; i++) {
        const struct metric_report *metric = &report->metrics[i];
        if (strcmp(metric->name, cell->metric) == 0 && metric->samples_count > 0) {
            return stats_median(metric->samples, metric->samples_count);
        }
    }
    return NAN;
}

double gate_cell_operations(const struct gate_cell *cell, const struct trial_report *report)
{
    const json_t *count = json_object_get(report->work, cell->work);
    return json_is_integer(count) ? (double)json_integer_value(count) : NAN;
}

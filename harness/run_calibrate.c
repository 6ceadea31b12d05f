/* run_calibrate.c - see run_calibrate.h. */
#include "run_calibrate.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "calibrate.h"
#include "signals.h"

/* Pairs of trials that may disagree before the last is believed. */
#define TRIALS_MOST 10

static bool is_set(const struct selection *selection, const char *name)
{
    for (size_t i = 0; i < selection->sweeps_count; i++) {
        if (strcmp(selection->sweeps[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The parameter that multiplies the work of an epoch, or NULL. */
static const struct catalogue_param *count_of(const struct selection *selection,
                                              const struct catalogue_workload *workload)
{
    static const char *const names[] = {"rounds", "items"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct catalogue_param *param = catalogue_param(workload, names[i]);
        if (param != NULL && !is_set(selection, names[i])) {
            return param;
        }
    }
    return NULL;
}

static int64_t *value_of(const struct cell *cell, const char *name)
{
    for (size_t i = 0; i < cell->params_count; i++) {
        if (strcmp(cell->params[i].name, name) == 0) {
            return &cell->params[i].value;
        }
    }
    return NULL;
}

/* The shortest epoch of one trial; NAN if it failed or did not say. */
static int time_epoch(const struct session *session, const struct cell *cell, double *epoch_ns)
{
    struct trial_report report;
    int status = signals_interrupted() ? -EINTR : session_trial(session, cell, 0, &report);
    if (status < 0) {
        return status;
    }
    const json_t *length = json_object_get(report.counters, "epoch_ns");
    bool told = report.status == TRIAL_OK && json_number_value(length) > 0;
    *epoch_ns = told ? json_number_value(length) : NAN;
    status = report.interrupted ? -EINTR : 0;
    trial_report_destroy(&report);
    return status;
}

/* Until two trials in a row agree; the machine may have been busy in one. */
static int time_cell(const struct session *session, const struct cell *cell, double *epoch_ns)
{
    double before = NAN;
    int status = time_epoch(session, cell, epoch_ns);
    for (int i = 1; i < TRIALS_MOST && status == 0 && !isnan(*epoch_ns); i++) {
        before = *epoch_ns;
        status = time_epoch(session, cell, epoch_ns);
        if (status == 0 && calibrate_agree(before, *epoch_ns)) {
            *epoch_ns = fmin(before, *epoch_ns);
            break;
        }
    }
    return status;
}

/* The shortest of the unit's cells; NAN if one of them cannot tell. */
static int time_unit(const struct session *session, size_t unit, double *epoch_ns)
{
    int status = 0;
    double shortest = INFINITY;
    for (size_t i = 0; i < session->plan->cells_count && status == 0 && !isnan(shortest); i++) {
        if (session->plan->cells[i].unit == unit) {
            double length = NAN;
            status = time_cell(session, &session->plan->cells[i], &length);
            shortest = isnan(length) ? NAN : fmin(shortest, length);
        }
    }
    *epoch_ns = shortest;
    return status;
}

static void set_unit(struct plan *plan, size_t unit, const char *name, int64_t value)
{
    for (size_t i = 0; i < plan->cells_count; i++) {
        if (plan->cells[i].unit == unit) {
            *value_of(&plan->cells[i], name) = value;
        }
    }
}

static int calibrate_unit(const struct session *session, const struct cell *cell,
                          const struct catalogue_param *param, double wanted_ns, json_t *told)
{
    double epoch_ns = NAN;
    int status = time_unit(session, cell->unit, &epoch_ns);
    if (status < 0 || !(epoch_ns < wanted_ns)) {
        return status;
    }
    int64_t from = *value_of(cell, param->name);
    int64_t to = calibrate_count(from, epoch_ns, wanted_ns, param->max);
    set_unit(session->plan, cell->unit, param->name, to);
    fprintf(stderr, "%s: an epoch lasts %.3g ms: %s raised from %lld to %lld\n",
            cell->workload->name, epoch_ns / 1e6, param->name, (long long)from, (long long)to);
    json_array_append_new(told,
                          json_pack("{s:I, s:s, s:I, s:I, s:f}", "unit", (json_int_t)cell->unit,
                                    "param", param->name, "from", (json_int_t)from, "to",
                                    (json_int_t)to, "epoch_ns", epoch_ns));
    return 0;
}

int run_calibrate(const struct session *session, const struct selection *selection, json_t **told)
{
    double wanted_ns = calibrate_epoch_ns_here();
    int status = 0;
    *told = json_array();
    for (size_t unit = 0; unit < session->plan->units && status == 0; unit++) {
        const struct cell *cell = session->plan->cells;
        while (cell->unit != unit) {
            cell++;
        }
        const struct catalogue_param *param = count_of(selection, cell->workload);
        status = param != NULL ? calibrate_unit(session, cell, param, wanted_ns, *told) : 0;
    }
    return status;
}

static bool is_possible(const struct cell *cell, const char *name, json_int_t value)
{
    const struct catalogue_param *param =
        name != NULL ? catalogue_param(cell->workload, name) : NULL;
    return param != NULL && value >= param->min && value <= param->max;
}

int run_calibrate_again(struct plan *plan, const json_t *told)
{
    for (size_t i = 0; i < json_array_size(told); i++) {
        const json_t *change = json_array_get(told, i);
        json_int_t unit = json_integer_value(json_object_get(change, "unit"));
        json_int_t value = json_integer_value(json_object_get(change, "to"));
        const char *name = json_string_value(json_object_get(change, "param"));
        for (size_t k = 0; k < plan->cells_count; k++) {
            const struct cell *cell = &plan->cells[k];
            if ((json_int_t)cell->unit == unit && !is_possible(cell, name, value)) {
                return -EINVAL;
            }
        }
        set_unit(plan, (size_t)unit, name, value);
    }
    return 0;
}

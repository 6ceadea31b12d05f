/* plan_print.c - see plan_print.h. */
#include "plan_print.h"

#include <errno.h>

#include <jansson.h>

#include "progress.h"

#define SECOND_NS 1e9

static bool is_done(const struct plan_about *about, const struct step *step)
{
    return about->finished > 0 && about->done(about->with, step);
}

static int64_t estimate_ns(const struct plan *plan, const struct plan_about *about)
{
    int64_t total = 0;
    for (size_t i = 0; i < plan->steps_count; i++) {
        if (!is_done(about, &plan->steps[i])) {
            total += plan->cells[plan->steps[i].cell].estimate_ns;
        }
    }
    return about->budget_ns > 0 && total > about->budget_ns ? about->budget_ns : total;
}

void plan_print_summary(FILE *stream, const struct plan *plan, const struct plan_about *about)
{
    char duration[32];
    size_t left = plan->steps_count - about->finished;
    progress_duration(estimate_ns(plan, about), duration, sizeof duration);
    fprintf(stream, "%zu trial%s of %zu cell%s, seed %llu, about %s", left, left == 1 ? "" : "s",
            plan->cells_count, plan->cells_count == 1 ? "" : "s", (unsigned long long)about->seed,
            duration);
    if (about->finished > 0) {
        fprintf(stream, " (%zu of %zu trials are finished)", about->finished, plan->steps_count);
    }
    fputc('\n', stream);
}

void plan_print_steps(FILE *stream, const struct plan *plan, const struct plan_about *about)
{
    for (size_t i = 0; i < plan->steps_count; i++) {
        const struct cell *cell = &plan->cells[plan->steps[i].cell];
        if (is_done(about, &plan->steps[i])) {
            continue;
        }
        fprintf(stream, "%d %s %s procs=%d", plan->steps[i].trial, cell->workload->name,
                cell->catalogue->backend, cell->procs);
        for (size_t k = 0; k < cell->params_count; k++) {
            fprintf(stream, " %s=%lld", cell->params[k].name, (long long)cell->params[k].value);
        }
        fprintf(stream, "%s%s epochs=%d\n", cell->tune != NULL ? " tune=" : "",
                cell->tune != NULL ? cell->tune : "", cell->epochs);
    }
}

static json_t *step_json(const struct plan *plan, const struct step *step)
{
    const struct cell *cell = &plan->cells[step->cell];
    json_t *params = json_object();
    for (size_t i = 0; i < cell->params_count; i++) {
        json_object_set_new(params, cell->params[i].name, json_integer(cell->params[i].value));
    }
    return json_pack("{s:i, s:s, s:s, s:i, s:s?, s:o, s:i, s:f}", "trial", step->trial, "workload",
                     cell->workload->name, "backend", cell->catalogue->backend, "procs",
                     cell->procs, "tune", cell->tune, "params", params, "epochs", cell->epochs,
                     "estimate_s", (double)cell->estimate_ns / SECOND_NS);
}

int plan_print_json(FILE *stream, const struct plan *plan, const struct plan_about *about)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < plan->steps_count; i++) {
        if (!is_done(about, &plan->steps[i])) {
            json_array_append_new(steps, step_json(plan, &plan->steps[i]));
        }
    }
    json_t *root = json_pack(
        "{s:I, s:I, s:I, s:I, s:f, s:o, s:o}", "trials", (json_int_t)plan->steps_count, "finished",
        (json_int_t)about->finished, "cells", (json_int_t)plan->cells_count, "seed",
        (json_int_t)about->seed, "estimate_s", (double)estimate_ns(plan, about) / SECOND_NS,
        "budget_s",
        about->budget_ns > 0 ? json_real((double)about->budget_ns / SECOND_NS) : json_null(),
        "steps", steps);
    int status = json_dumpf(root, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) == 0 ? 0 : -EIO;
    fputc('\n', stream);
    json_decref(root);
    return status;
}

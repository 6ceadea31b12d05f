/* wrong_run.c - see wrong_run.h. */
#include "wrong_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plot_text.h"
#include "signals.h"
#include "trial.h"

/* Up to a page of environment moves the stack by as much. */
#define PADDING_BYTES 4096

/* One mistake being made. */
struct making {
    struct wrong_session *session;
    const struct wrong_kind *kind;
    json_t *values[WAYS][SIDES]; /* arrays of numbers */
    char *unit;
    char *problem; /* of the first trial that failed */
    bool stopped;
};

/* One process that is to be started. */
struct slot {
    int way;
    int side;
};

static int trials_of(const struct wrong_session *session, const struct wrong_kind *kind)
{
    return session->trials > 0 ? session->trials : kind->trials;
}

int wrong_processes(const struct wrong_session *session, const struct wrong_kind *kind)
{
    return trials_of(session, kind) * SIDES * (kind->one_process ? 1 : WAYS);
}

static const struct catalogue *catalogue_of(const struct making *making, int side)
{
    const char *backend = side == 0 || making->kind->a_then_b ? "green" : "pthread";
    const struct workers *workers = making->session->workers;
    for (size_t i = 0; i < workers->count; i++) {
        if (strcmp(workers->catalogues[i].backend, backend) == 0) {
            return &workers->catalogues[i];
        }
    }
    return NULL;
}

static double mean_of(const struct metric_report *metric)
{
    double sum = 0;
    double count = 0;
    for (size_t i = 0; i < metric->samples_count; i++) {
        sum += metric->samples[i];
        count++;
    }
    for (size_t i = 0; i < metric->histogram_count; i++) {
        sum += (double)metric->histogram[i].low * (double)metric->histogram[i].count;
        count += (double)metric->histogram[i].count;
    }
    return sum / count;
}

static double median_of(const struct metric_report *metric)
{
    return metric->histogram_count > 0
               ? stats_histogram_percentile(metric->histogram, metric->histogram_count, 50)
               : stats_median(metric->samples, metric->samples_count);
}

static void fail(struct making *making, const char *reason)
{
    if (making->problem == NULL) {
        making->problem = alloc_copy(reason);
    }
}

/* Takes the one number that this way of measuring makes of a process. */
static void take(struct making *making, const struct trial_report *report, struct slot slot)
{
    const struct wrong_way *way =
        slot.way == WAY_RIGHT ? &making->kind->right : &making->kind->wrong;
    for (size_t i = 0; i < report->metrics_count; i++) {
        const struct metric_report *metric = &report->metrics[i];
        if (strcmp(metric->name, way->metric) == 0) {
            double value = way->mean ? mean_of(metric) : median_of(metric);
            json_t *number = isfinite(value) && value != 0 ? json_real(value) : NULL;
            if (number == NULL) {
                fail(making, "a process gave no number");
            } else {
                json_array_append_new(making->values[slot.way][slot.side], number);
            }
            making->unit = making->unit == NULL ? alloc_copy(metric->unit) : making->unit;
            return;
        }
    }
    fail(making, "a worker does not report the metric");
}

static void keep(struct making *making, const struct trial_report *report, struct slot slot)
{
    if (report->interrupted) {
        making->stopped = true;
    } else if (report->status != TRIAL_OK) {
        fail(making, report->reason != NULL ? report->reason : "a trial failed");
    } else if (making->kind->one_process) {
        take(making, report, (struct slot){WAY_RIGHT, slot.side});
        take(making, report, (struct slot){WAY_WRONG, slot.side});
    } else {
        take(making, report, slot);
    }
}

/* Room for WRONG_PARAMS. Nobody changes the names. */
static size_t copy_params(const struct wrong_kind *kind, struct param_value *params)
{
    size_t count = 0;
    while (count < WRONG_PARAMS && kind->params[count].name != NULL) {
        params[count].name = (char *)(uintptr_t)kind->params[count].name;
        params[count].value = kind->params[count].value;
        count++;
    }
    return count;
}

static void run_slot(struct making *making, struct slot slot)
{
    struct wrong_session *session = making->session;
    const struct wrong_kind *kind = making->kind;
    const struct wrong_way *way = slot.way == WAY_RIGHT ? &kind->right : &kind->wrong;
    const struct catalogue *catalogue = catalogue_of(making, slot.side);
    if (catalogue == NULL || making->problem != NULL || making->stopped) {
        return;
    }
    struct param_value params[WRONG_PARAMS];
    size_t params_count = copy_params(kind, params);
    hwloc_cpuset_t cpus = cpus_take(session->cpus, way->unpinned ? 0 : 1);
    struct trial_request request = {.backend = catalogue->backend,
                                    .worker = catalogue->worker,
                                    .workload = kind->workload,
                                    .procs = 1,
                                    .epochs = way->epochs,
                                    .warmup = way->warmup,
                                    .params = params,
                                    .params_count = params_count};
    struct trial_place place = {.topology = session->cpus->topology,
                                .cpus = cpus,
                                .padding_bytes = rng_below(&session->rng, PADDING_BYTES),
                                .limits = session->limits};
    struct trial_report report;
    int status = trial_run(&request, &place, &report);
    if (status < 0) {
        fprintf(stderr, "switchyard run: %s: %s\n", request.worker, strerror(-status));
        making->stopped = true;
    } else {
        keep(making, &report, slot);
        trial_report_destroy(&report);
    }
    making->stopped = making->stopped || signals_interrupted();
    hwloc_bitmap_free(cpus);
}

/* Ways and sides by turns: in a random order, then in the reverse one. */
static void run_by_turns(struct making *making, const struct slot *slots, size_t count)
{
    size_t order[WAYS * SIDES] = {0, 1, 2, 3};
    for (int trial = 0; trial < trials_of(making->session, making->kind); trial++) {
        for (size_t i = count; trial % 2 == 0 && i > 1; i--) { /* Fisher and Yates */
            size_t other = rng_below(&making->session->rng, (uint32_t)i);
            size_t kept = order[i - 1];
            order[i - 1] = order[other];
            order[other] = kept;
        }
        for (size_t i = 0; i < count; i++) {
            run_slot(making, slots[trial % 2 == 0 ? order[i] : order[count - 1 - i]]);
        }
    }
}

static void run_one_after_the_other(struct making *making)
{
    for (int side = 0; side < SIDES; side++) {
        for (int trial = 0; trial < trials_of(making->session, making->kind); trial++) {
            run_slot(making, (struct slot){WAY_WRONG, side});
        }
    }
}

static void run_all(struct making *making)
{
    static const struct slot all[] = {
        {WAY_RIGHT, 0}, {WAY_RIGHT, 1}, {WAY_WRONG, 0}, {WAY_WRONG, 1}};
    bool right_only = making->kind->one_process || making->kind->a_then_b;
    if (making->kind->a_then_b) {
        run_one_after_the_other(making);
    }
    run_by_turns(making, all, right_only ? SIDES : SIDES * WAYS);
}

static json_t *report(const struct making *making)
{
    const struct wrong_kind *kind = making->kind;
    json_t *params = json_object();
    for (size_t i = 0; i < WRONG_PARAMS && kind->params[i].name != NULL; i++) {
        json_object_set_new(params, kind->params[i].name, json_integer(kind->params[i].value));
    }
    return json_pack("{ss ss so ss? ss? s[OO] s[OO]}", "kind", kind->name, "workload",
                     kind->workload, "params", params, "unit",
                     making->unit != NULL ? making->unit : "", "problem", making->problem, "right",
                     making->values[WAY_RIGHT][0], making->values[WAY_RIGHT][1], "wrong",
                     making->values[WAY_WRONG][0], making->values[WAY_WRONG][1]);
}

json_t *wrong_make(struct wrong_session *session, const struct wrong_kind *kind)
{
    struct making making = {.session = session, .kind = kind};
    for (int way = 0; way < WAYS; way++) {
        for (int side = 0; side < SIDES; side++) {
            making.values[way][side] = json_array();
        }
    }
    run_all(&making);
    json_t *lesson = making.stopped ? NULL : report(&making);
    for (int way = 0; way < WAYS; way++) {
        for (int side = 0; side < SIDES; side++) {
            json_decref(making.values[way][side]);
        }
    }
    free(making.unit);
    free(making.problem);
    return lesson;
}

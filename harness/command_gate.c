/* command_gate.c - `switchyard gate`: options, builds, lock, pairs, verdict. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "child.h"
#include "commands.h"
#include "gate.h"
#include "gate_judge.h"
#include "history.h"
#include "lock.h"
#include "plot_file.h"
#include "signals.h"
#include "sysinfo.h"
#include "target.h"

#define SECOND_NS ((int64_t)1000000000)

static int complain(const char *text, int status)
{
    fprintf(stderr, "switchyard gate: %s\n", text);
    return status;
}

/* The exit status for a -errno that was told in error. */
static int failed(int status, const char *error)
{
    if (status == -EINTR) {
        return EXIT_INTERRUPTED;
    }
    return complain(error, status == -EINVAL || status == -ENOENT ? EXIT_USAGE : EXIT_INTERNAL);
}

int gate_status(const struct gate *gate)
{
    bool inconclusive = false;
    bool counted = gate->exact.rows_count > 0 && gate->exact_skipped[0] == '\0';
    if (exact_layer_count_of(&gate->exact, VERDICT_REGRESSED) > 0) {
        return EXIT_REGRESSION;
    }
    for (size_t i = 0; i < gate->time.metrics_count; i++) {
        enum verdict verdict = gate->time.metrics[i].verdict;
        if (verdict == VERDICT_REGRESSED) {
            return EXIT_REGRESSION;
        }
        inconclusive = inconclusive || verdict == VERDICT_INCONCLUSIVE;
    }
    if (inconclusive) {
        return EXIT_INCONCLUSIVE;
    }
    return counted || gate->time.metrics_count > 0 ? EXIT_FINE : EXIT_SKIPPED;
}

/* --- Builds ---------------------------------------------------------------------------------- */

static int load_injected(struct gate *gate, char *error)
{
    const struct gate_options *options = &gate->options;
    int status = gate_build_load("base", options->base, GATE_DELAYED_WORKER, &gate->base, error);
    if (status < 0) {
        return status;
    }
    gate->base.delay_steps = 0; /* both sides have the same yield but for the delay */
    status = gate_build_load("head", options->base, GATE_DELAYED_WORKER, &gate->head, error);
    return status < 0 ? status
                      : gate_inject_steps(&gate->base, &gate->cpus, options->inject,
                                          &gate->head.delay_steps, error);
}

static int load_builds(struct gate *gate, char *error)
{
    const struct gate_options *options = &gate->options;
    int status = 0;
    if (options->inject > 0) {
        return load_injected(gate, error);
    }
    if (options->base != NULL) {
        status = gate_build_load("base", options->base, GATE_WORKER, &gate->base, error);
    }
    return status < 0 ? status
                      : gate_build_load("head", options->head, GATE_WORKER, &gate->head, error);
}

/* --- Cells ----------------------------------------------------------------------------------- */

static int refuse_nothing(const struct gate *gate, char *error)
{
    if (gate->options.only != NULL) {
        snprintf(error, RESULT_ERROR_BYTES,
                 "nothing to compare: no workload of the gate matches \"%.100s\"",
                 gate->options.only);
    } else {
        snprintf(error, RESULT_ERROR_BYTES, "nothing to compare: no workload of the gate is in %s",
                 gate->options.update ? "the build" : "both builds");
    }
    return -EINVAL;
}

/* What is counted: of base, so that a workload that head lost is missed; written anew, of head. The
 * rows of a baseline file come with it. */
static int select_counts(struct gate *gate, char *error)
{
    const struct gate_options *options = &gate->options;
    if (options->baseline != NULL && !options->update) {
        return 0;
    }
    exact_layer_select(&gate->exact, options->update ? &gate->head : &gate->base, options->only);
    return gate->exact.rows_count > 0 ? 0 : refuse_nothing(gate, error);
}

static int make_metrics(struct gate *gate, char *error)
{
    struct gate_time *time = &gate->time;
    const struct gate_options *options = &gate->options;
    for (size_t i = 0; i < gate_cells_count; i++) {
        const struct gate_cell *cell = &gate_cells[i];
        if ((options->only != NULL && fnmatch(options->only, cell->workload, 0) != 0) ||
            !gate_build_has(&gate->base, cell) || !gate_build_has(&gate->head, cell)) {
            continue;
        }
        time->metrics = alloc_append(time->metrics, time->metrics_count, sizeof *time->metrics);
        time->metrics[time->metrics_count].cell = cell;
        time->metrics[time->metrics_count++].delta = options->threshold;
    }
    return time->metrics_count > 0 ? 0 : refuse_nothing(gate, error);
}

/* --- Times ----------------------------------------------------------------------------------- */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* A machine whose A/A runs differ by more than the threshold gets a larger one. */
static int widen_thresholds(struct gate *gate, char *error)
{
    struct history history;
    char machine[17];
    if (gate->options.history == NULL) {
        return 0;
    }
    int status = history_load(gate->options.history, &history, error);
    if (status < 0) {
        return status;
    }
    history_machine(gate->context, machine);
    for (size_t i = 0; i < gate->time.metrics_count; i++) {
        double *logs = NULL;
        struct gate_metric *metric = &gate->time.metrics[i];
        size_t count = history_controls(&history, machine, metric->cell->workload, &logs);
        metric->delta = paired_delta(logs, count, gate->options.threshold);
        free(logs);
    }
    history_destroy(&history);
    return 0;
}

static int run_time(struct gate *gate, char *error)
{
    gate->time.base = &gate->base;
    gate->time.head = &gate->head;
    gate->time.cpus = &gate->cpus;
    gate->time.rng = (struct rng){gate->options.seed};
    gate->time.until_ns = now_ns() + gate->options.budget_ns;
    return gate_time_run(&gate->time, error);
}

/* --- All of it ------------------------------------------------------------------------------- */

static void print_findings(const struct gate *gate, const char *json)
{
    if (gate->options.json) {
        printf("%s\n", json);
    } else if (gate->options.update && gate->exact_skipped[0] == '\0') {
        printf("%s written: %zu operations\n", gate->options.baseline, gate->exact.rows_count);
    } else {
        gate_print(stdout, gate);
    }
}

/* That the JSON cannot be saved hides no regression. */
static int tell(const struct gate *gate)
{
    int status = 0;
    int verdict = gate_status(gate);
    json_t *root = gate_json(gate);
    char *text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    json_decref(root);
    if (text == NULL) {
        return complain("the findings cannot be written as JSON", EXIT_INTERNAL);
    }
    print_findings(gate, text);
    if (gate->options.out != NULL) {
        status = file_write(gate->options.out, text, strlen(text));
    }
    free(text);
    if (status < 0) {
        fprintf(stderr, "switchyard gate: %s: %s\n", gate->options.out, target_problem(status));
        return verdict == EXIT_REGRESSION ? verdict : EXIT_INTERNAL;
    }
    return verdict;
}

static int check_target(const char *path, char *error)
{
    int status = path != NULL ? target_check(path) : 0;
    if (status < 0) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: %s", path, target_problem(status));
        return -EINVAL;
    }
    return 0;
}

/* All that can be wrong with what the user named, before minutes of counting. */
static int prepare(struct gate *gate, char *error)
{
    const struct gate_options *options = &gate->options;
    int status = check_target(options->out, error);
    if (status == 0 && options->update) {
        status = check_target(options->baseline, error);
    }
    if (status == 0) {
        status = load_builds(gate, error);
    }
    if (status == 0 && options->exact) {
        status = select_counts(gate, error);
    }
    if (status == 0 && options->time) {
        status = make_metrics(gate, error);
    }
    if (status == 0 && options->time) {
        status = widen_thresholds(gate, error);
    }
    return status;
}

static int measure(struct gate *gate)
{
    char error[RESULT_ERROR_BYTES] = "";
    int status = prepare(gate, error);
    if (status == 0 && gate->options.exact) {
        status = gate_count(gate, error);
    }
    if (status == 0 && gate->options.time) {
        status = run_time(gate, error);
    }
    return status < 0 ? failed(status, error) : tell(gate);
}

int command_gate(int argc, char **argv)
{
    struct gate gate = {.exact_skipped = ""};
    gate_options_parse(argc, argv, &gate.options);
    signals_install();
    child_adopt_orphans();
    int status = cpus_init(&gate.cpus);
    if (status < 0) {
        return complain("the machine's topology cannot be read", EXIT_INTERNAL);
    }
    status = lock_machine(!gate.options.no_wait);
    gate.context = sysinfo_collect(&gate.cpus);
    if (status < 0) {
        status = status == -EINTR ? EXIT_INTERRUPTED : EXIT_INTERNAL;
    } else {
        status = measure(&gate);
    }
    json_decref(gate.context);
    gate_time_destroy(&gate.time);
    exact_layer_destroy(&gate.exact);
    gate_build_destroy(&gate.base);
    gate_build_destroy(&gate.head);
    cpus_destroy(&gate.cpus);
    return status;
}

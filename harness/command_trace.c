/* command_trace.c - `switchyard trace`: runs a workload once on each back end, and makes one
 * timeline of what the schedulers recorded. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "child.h"
#include "commands.h"
#include "cpus.h"
#include "lock.h"
#include "plan.h"
#include "signals.h"
#include "target.h"
#include "trace_chrome.h"
#include "trace_options.h"
#include "trial.h"
#include "workers.h"

struct tracing {
    struct trace_options options;
    struct cpus cpus;
    struct workers workers;
    struct plan plan;
    char target[PATH_MAX]; /* of --out */
    char *temporary;       /* what becomes it */
    struct chrome_writer writer;
};

static int complain(const char *text)
{
    fprintf(stderr, "switchyard trace: %s\n", text);
    return EXIT_USAGE;
}

/* --- One back end ---------------------------------------------------------------------------- */

static int run_worker(const struct tracing *tracing, const struct cell *cell, const char *text,
                      struct trial_report *report)
{
    hwloc_cpuset_t cpus = cpus_take(&tracing->cpus, (size_t)cell->procs);
    struct trial_request request = {.backend = cell->catalogue->backend,
                                    .worker = cell->catalogue->worker,
                                    .workload = cell->workload->name,
                                    .procs = cell->procs,
                                    .epochs = cell->epochs,
                                    .warmup = 0,
                                    .tune = cell->tune,
                                    .trace = text,
                                    .params = cell->params,
                                    .params_count = cell->params_count};
    struct trial_place place = {.topology = tracing->cpus.topology,
                                .cpus = cpus,
                                .limits = {.deadline_ns = tracing->options.deadline_ns,
                                           .output_bytes = RUNNER_OUTPUT_BYTES}};
    int status = trial_run(&request, &place, report);
    if (status < 0) {
        fprintf(stderr, "switchyard trace: %s: %s\n", request.worker, strerror(-status));
    }
    hwloc_bitmap_free(cpus);
    return status;
}

/* What is not in the file, so that nobody takes it for the whole. */
static void tell_losses(const struct trace *trace, const struct timeline *timeline)
{
    if (trace->lost > 0) {
        fprintf(stderr, "switchyard trace: %s: the %llu oldest events were overwritten\n",
                trace->backend, (unsigned long long)trace->lost);
    }
    if (timeline->parts_left_out > 0) {
        fprintf(stderr,
                "switchyard trace: %s: the last %zu of %zu events are left out (see --parts)\n",
                trace->backend, timeline->parts_left_out, trace->events_count);
    }
    if (timeline->rows_left_out > 0) {
        fprintf(stderr, "switchyard trace: %s: %zu of %zu workers are left out (see --rows)\n",
                trace->backend, timeline->rows_left_out, trace->workers_count);
    }
    if (timeline->unfit > 0) {
        fprintf(stderr, "switchyard trace: %s: %zu events fit nothing before them\n",
                trace->backend, timeline->unfit);
    }
}

static int convert(struct tracing *tracing, const struct cell *cell, const char *text)
{
    struct trace trace;
    struct timeline timeline;
    char error[RESULT_ERROR_BYTES];
    int status = trace_load(text, &trace, error);
    if (status == 0 && strcmp(trace.backend, cell->catalogue->backend) != 0) {
        snprintf(error, sizeof error, "the trace of %s is of \"%s\"", cell->catalogue->backend,
                 trace.backend);
        trace_destroy(&trace);
        status = -EINVAL;
    }
    if (status < 0) {
        complain(error);
        return status;
    }
    timeline_build(&trace, tracing->options.rows, tracing->options.parts, &timeline);
    chrome_add(&tracing->writer, cell, &trace, &timeline);
    tell_losses(&trace, &timeline);
    printf("%s: %zu workers, %zu tasks, %zu events, %zu steals\n", trace.backend,
           trace.workers_count, timeline.tasks, trace.events_count, timeline.steals);
    timeline_destroy(&timeline);
    trace_destroy(&trace);
    return 0;
}

static int trace_cell(struct tracing *tracing, const struct cell *cell)
{
    struct trial_report report;
    char *text = alloc_format("%s.%s.txt", tracing->temporary, cell->catalogue->backend);
    int status = run_worker(tracing, cell, text, &report);
    if (status == 0) {
        if (report.interrupted) {
            status = -EINTR;
        } else if (report.status != TRIAL_OK) {
            fprintf(stderr, "switchyard trace: %s on %s: %s: %s\n", cell->workload->name,
                    cell->catalogue->backend, trial_status_name(report.status), report.reason);
            status = -ECHILD;
        } else {
            status = convert(tracing, cell, text);
        }
        trial_report_destroy(&report);
    }
    unlink(text);
    free(text);
    return status;
}

/* --- All of them ----------------------------------------------------------------------------- */

static int plan_trace(struct tracing *tracing, char *error)
{
    const struct selection *selection = &tracing->options.selection;
    if (selection->procs[0] == 0) {
        snprintf(error, RESULT_ERROR_BYTES, "--procs 0: a trace needs a number");
        return -EINVAL;
    }
    if ((size_t)selection->procs[0] > tracing->cpus.count) {
        snprintf(error, RESULT_ERROR_BYTES, "--procs %d: only %zu CPUs may be used",
                 selection->procs[0], tracing->cpus.count);
        return -EINVAL;
    }
    int status = plan_build(selection, 1, tracing->workers.catalogues, tracing->workers.count, 1,
                            &tracing->plan, error);
    if (status == 0 && tracing->plan.cells_count > selection->backends_count) {
        snprintf(error, RESULT_ERROR_BYTES, "one workload, and one value for each parameter");
        status = -EINVAL;
    }
    for (size_t i = 0; i < tracing->plan.cells_count && status == 0; i++) {
        struct cell *cell = &tracing->plan.cells[i];
        bool green = strcmp(cell->catalogue->backend, "green") == 0;
        cell->tune = green ? alloc_copy(tracing->options.tune) : NULL;
    }
    return status;
}

static int prepare(struct tracing *tracing)
{
    char error[RESULT_ERROR_BYTES] = "";
    const struct selection *selection = &tracing->options.selection;
    int status = workers_load(&tracing->options.workers, selection->backends,
                              selection->backends_count, &tracing->workers, error);
    if (status == 0) {
        status = plan_trace(tracing, error);
    }
    if (status == 0) {
        status = target_resolve(tracing->options.out, tracing->target);
        if (status < 0) {
            snprintf(error, sizeof error, "%.300s: %s", tracing->options.out,
                     target_problem(status));
        }
    }
    if (status == -EINTR) {
        return EXIT_INTERRUPTED;
    }
    return status < 0 ? complain(error) : EXIT_FINE;
}

static int trace_all(struct tracing *tracing)
{
    int first_failure = 0;
    for (size_t i = 0; i < tracing->plan.cells_count && first_failure != -EINTR; i++) {
        int status = signals_interrupted() ? -EINTR : trace_cell(tracing, &tracing->plan.cells[i]);
        first_failure = status < 0 && first_failure != -EINTR ? status : first_failure;
    }
    return first_failure;
}

/* Closes the file and puts it into its place if it is worth it. */
static int finish_file(struct tracing *tracing, FILE *out)
{
    int status = ferror(out) ? -EIO : 0;
    errno = 0;
    if (fclose(out) != 0) {
        status = errno != 0 ? -errno : -EIO;
    }
    if (status == 0 && tracing->writer.processes > 0 &&
        rename(tracing->temporary, tracing->target) < 0) {
        status = -errno;
    }
    if (status < 0) {
        fprintf(stderr, "switchyard trace: %s: %s\n", tracing->options.out, target_problem(status));
    }
    return status;
}

static int write_file(struct tracing *tracing)
{
    FILE *out = fopen(tracing->temporary, "we");
    if (out == NULL) {
        fprintf(stderr, "switchyard trace: %s: %s\n", tracing->options.out, strerror(errno));
        return EXIT_USAGE;
    }
    chrome_begin(&tracing->writer, out);
    int status = trace_all(tracing);
    chrome_end(&tracing->writer);
    int finished = finish_file(tracing, out);
    if (tracing->writer.processes > 0 && finished == 0) {
        printf("trace: %s (open it with https://ui.perfetto.dev)\n", tracing->options.out);
    } else {
        unlink(tracing->temporary);
    }
    if (status == -EINTR) {
        fprintf(stderr, "switchyard trace: interrupted\n");
        return EXIT_INTERRUPTED;
    }
    return status < 0 || finished < 0 ? EXIT_INTERNAL : EXIT_FINE;
}

static int lock_and_trace(struct tracing *tracing)
{
    int status = lock_machine(true);
    if (status < 0) {
        return status == -EINTR ? EXIT_INTERRUPTED : EXIT_INTERNAL;
    }
    tracing->temporary = alloc_format("%s.%d.tmp", tracing->target, (int)getpid());
    status = write_file(tracing);
    free(tracing->temporary);
    return status;
}

int command_trace(int argc, char **argv)
{
    struct tracing tracing = {.temporary = NULL};
    signals_install();
    child_adopt_orphans();
    int status = cpus_init(&tracing.cpus);
    if (status < 0) {
        fprintf(stderr, "switchyard trace: the machine's topology: %s\n", strerror(-status));
        return EXIT_INTERNAL;
    }
    trace_options_parse(argc, argv, tracing.cpus.count, &tracing.options);
    status = prepare(&tracing);
    if (status == EXIT_FINE) {
        status = lock_and_trace(&tracing);
    }
    plan_destroy(&tracing.plan);
    workers_destroy(&tracing.workers);
    cpus_destroy(&tracing.cpus);
    trace_options_destroy(&tracing.options);
    return status;
}

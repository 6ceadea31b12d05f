/* trial.c - see trial.h. Every way in which a worker can end has its status here. */
#include "trial.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "disturbance.h"

/* Program, --workload NAME, --procs P, --epochs K, --warmup W, --tune WORDS, --trace FILE, and the
 * ending NULL. */
#define FIXED_ARGUMENTS 14

static size_t count_words(const char *const *words)
{
    size_t count = 0;
    while (words != NULL && words[count] != NULL) {
        count++;
    }
    return count;
}

static char **make_arguments(const struct trial_request *request)
{
    size_t wrapper_words = count_words(request->wrapper);
    char **argv =
        alloc_array(wrapper_words + FIXED_ARGUMENTS + 2 * request->params_count, sizeof *argv);
    size_t used = 0;
    while (used < wrapper_words) {
        argv[used] = alloc_copy(request->wrapper[used]);
        used++;
    }
    argv[used++] = alloc_copy(request->worker);
    argv[used++] = alloc_copy("--workload");
    argv[used++] = alloc_copy(request->workload);
    argv[used++] = alloc_copy("--procs");
    argv[used++] = alloc_format("%d", request->procs);
    argv[used++] = alloc_copy("--epochs");
    argv[used++] = alloc_format("%d", request->epochs);
    argv[used++] = alloc_copy("--warmup");
    argv[used++] = alloc_format("%d", request->warmup);
    if (request->tune != NULL) {
        argv[used++] = alloc_copy("--tune");
        argv[used++] = alloc_copy(request->tune);
    }
    if (request->trace != NULL) {
        argv[used++] = alloc_copy("--trace");
        argv[used++] = alloc_copy(request->trace);
    }
    for (size_t i = 0; i < request->params_count; i++) {
        const struct param_value *param = &request->params[i];
        argv[used++] = alloc_copy("--param");
        argv[used++] = alloc_format("%s=%lld", param->name, (long long)param->value);
    }
    return argv;
}

static void free_arguments(char **argv)
{
    for (size_t i = 0; argv[i] != NULL; i++) {
        free(argv[i]);
    }
    free(argv);
}

static void judge_exit(const struct run_outcome *outcome, const struct trial_request *request,
                       struct trial_report *report)
{
    if (outcome->code == 0) {
        trial_parse(outcome->output, outcome->output_bytes, request, report);
        return;
    }
    report->status = TRIAL_FAILED;
    report->reason =
        alloc_format("exit status %d: %s", outcome->code,
                     outcome->complaint[0] != '\0' ? outcome->complaint : "nothing on stderr");
}

static void judge(const struct run_outcome *outcome, const struct trial_request *request,
                  const struct run_limits *limits, struct trial_report *report)
{
    const char *abbreviation = NULL;
    switch (outcome->end) {
    case RUN_EXITED:
        judge_exit(outcome, request, report);
        break;
    case RUN_SIGNALLED:
        abbreviation = sigabbrev_np(outcome->code);
        report->status = TRIAL_SIGNAL;
        report->reason =
            alloc_format("SIG%s%s%s", abbreviation != NULL ? abbreviation : "?",
                         outcome->complaint[0] != '\0' ? ": " : "", outcome->complaint);
        break;
    case RUN_TIMEOUT:
        report->status = TRIAL_TIMEOUT;
        report->reason = alloc_format("killed after %.3g s", (double)limits->deadline_ns / 1e9);
        break;
    case RUN_FLOOD:
        report->status = TRIAL_BAD_OUTPUT;
        report->reason = alloc_format("printed more than %zu MiB", limits->output_bytes >> 20);
        break;
    case RUN_OOM:
        report->status = TRIAL_OOM;
        report->reason =
            outcome->code == 0
                ? alloc_format("killed for using more than %zu MiB", limits->memory_bytes >> 20)
                : alloc_copy("killed by the kernel: the machine was out of memory");
        break;
    case RUN_INTERRUPTED:
        report->interrupted = true;
        break;
    }
}

/* How often the kernel took the CPU away. Threads that give it up by sched_yield are counted among
 * these by Linux, so of OS threads it is not known. */
static long long involuntary_switches(const struct trial_report *report, const char *backend)
{
    const json_t *count = json_object_get(report->rusage, "involuntary_switches");
    return json_is_integer(count) && strcmp(backend, "green") == 0 ? json_integer_value(count) : -1;
}

static unsigned disturbances(const struct trial_request *request, const struct trial_place *place,
                             const struct run_outcome *outcome, struct disturbance_mark before,
                             const struct trial_report *report)
{
    struct disturbance_facts facts = {
        .elapsed_ns = (double)outcome->elapsed_ns,
        .cpus = place->cpus != NULL ? (unsigned)hwloc_bitmap_weight(place->cpus) : 0,
        .involuntary_switches = involuntary_switches(report, request->backend),
        .waited_ns = outcome->waited_ns,
        .migrations = outcome->migrations,
        .before = before,
        .after = place->cpus != NULL ? disturbance_mark(place->cpus) : before};
    return disturbance_judge(&facts);
}

int trial_run(const struct trial_request *request, const struct trial_place *place,
              struct trial_report *report)
{
    struct run_outcome outcome;
    char **argv = make_arguments(request);
    struct child_setup setup = {.argv = argv,
                                .topology = place->topology,
                                .cpus = place->cpus,
                                .padding_bytes = place->padding_bytes};
    struct disturbance_mark before = {-1, -1};
    *report = (struct trial_report){.status = TRIAL_OK};
    if (place->cpus != NULL) {
        before = disturbance_mark(place->cpus);
    }
    int status = runner_run(&setup, &place->limits, &outcome);
    if (status == 0) {
        judge(&outcome, request, &place->limits, report);
        report->elapsed_ns = outcome.elapsed_ns;
        report->disturbances = disturbances(request, place, &outcome, before, report);
        run_outcome_destroy(&outcome);
    }
    free_arguments(argv);
    return status;
}

/* command_run.c - `switchyard run`: options, workers, plan, lock, trials, summary. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "calibrate.h"
#include "child.h"
#include "commands.h"
#include "lock.h"
#include "options.h"
#include "plan_print.h"
#include "rejection.h"
#include "restore.h"
#include "result_quality.h"
#include "resume.h"
#include "run_calibrate.h"
#include "run_plan.h"
#include "session.h"
#include "signals.h"
#include "switch_code.h"
#include "sysinfo.h"
#include "table.h"
#include "target.h"
#include "textfile.h"
#include "workers.h"

/* Share of the free memory that a worker may use, and a bound if nothing is known. */
#define MEMORY_SHARE_PERCENT 80
#define MEMORY_BYTES_UNKNOWN ((int64_t)4 << 30)

/* Everything that a run needs, in the order in which it is made. */
struct run {
    struct run_options options;
    struct cpus cpus;
    struct workers workers;
    struct plan plan;
    json_t *context;
    struct recorder *recorder;
    int64_t budget_ns;
    struct results *before;    /* the interrupted run that goes on, or NULL */
    char **arguments;          /* of its command line */
    struct session_time spent; /* by it */
    json_t *calibrated;        /* what --calibrate changed (run_calibrate.h), or NULL */
    bool has_go;
    char no_go[RESULT_ERROR_BYTES]; /* why --with-go has no worker */
};

static int complain(const char *text)
{
    fprintf(stderr, "switchyard run: %s\n", text);
    return EXIT_USAGE;
}

static int complain_about(const char *file, const char *text)
{
    fprintf(stderr, "switchyard run: %s: cannot be resumed: %s\n", file, text);
    return EXIT_USAGE;
}

static int check_output(const char *out, char *error)
{
    int status = target_check(out);
    if (status < 0) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: %s", out, target_problem(status));
    }
    return status;
}

/* A run without Go is a run, too: its table says what is missing. */
static int add_go(struct run *run)
{
    int status = workers_add_go(&run->workers, run->no_go);
    run->has_go = status == 0;
    return status == -EINTR ? status : 0;
}

static int prepare(struct run *run)
{
    char error[RESULT_ERROR_BYTES] = "";
    const struct selection *selection = &run->options.selection;
    if (run->options.with_go && run->options.experiment != NULL) {
        return complain("--with-go needs --workload 'go.*': the default and the quick experiment "
                        "have none of Go's benchmarks");
    }
    int status = workers_load(&run->options.workers, selection->backends, selection->backends_count,
                              &run->workers, error);
    if (status == 0 && run->options.with_go) {
        status = add_go(run);
    }
    if (status == 0) {
        status = run_plan(&run->options, &run->cpus, &run->workers, &run->plan, error);
        run->budget_ns = run_budget_ns(&run->options);
    }
    if (status == 0 && !run->options.dry_run) {
        status = check_output(run->options.out, error);
    }
    if (status == -EINTR) {
        return EXIT_INTERRUPTED;
    }
    return status < 0 ? complain(error) : EXIT_FINE;
}

static bool recorded(const void *recorder, const struct step *step)
{
    return recorder_has(recorder, step);
}

static struct plan_about about_plan(const struct run *run)
{
    return (struct plan_about){.seed = run->options.seed,
                               .budget_ns = run->budget_ns,
                               .finished = recorder_trials(run->recorder),
                               .done = recorded,
                               .with = run->recorder};
}

static int print_plan(const struct run *run)
{
    struct plan_about about = about_plan(run);
    if (!run->options.dry_run) {
        plan_print_summary(stderr, &run->plan, &about);
        return EXIT_FINE;
    }
    if (run->options.json) {
        return plan_print_json(stdout, &run->plan, &about) == 0 ? EXIT_FINE : EXIT_INTERNAL;
    }
    plan_print_summary(stderr, &run->plan, &about);
    plan_print_steps(stdout, &run->plan, &about);
    return EXIT_FINE;
}

/* What the switch of the worker that is measured consists of; null without a green one. */
static json_t *read_switch(const struct run *run)
{
    for (size_t i = 0; i < run->workers.count; i++) {
        if (strcmp(run->workers.catalogues[i].backend, "green") == 0) {
            return switch_code_read(run->workers.catalogues[i].worker, "sy_switch");
        }
    }
    return json_null();
}

/* Null unless Go was asked for; else whether it is there. */
static json_t *describe_go(const struct run *run)
{
    if (!run->options.with_go) {
        return json_null();
    }
    return json_pack("{s:b, s:o}", "available", run->has_go, "reason",
                     run->has_go ? json_null() : json_string(run->no_go));
}

/* What this run is, or would be if it were not resumed. */
static int make_context(struct run *run, int argc, char **argv, char *error)
{
    json_t *command = json_array();
    json_array_append_new(command, json_string("switchyard"));
    json_array_append_new(command, json_string("run"));
    for (int i = 1; i < argc; i++) {
        json_array_append_new(command, json_string(argv[i]));
    }
    run->context = sysinfo_collect(&run->cpus);
    json_object_set_new(run->context, "seed", json_integer((json_int_t)run->options.seed));
    json_object_set_new(run->context, "planned_trials",
                        json_integer((json_int_t)run->plan.steps_count));
    json_object_set_new(run->context, "command", command);
    json_object_set_new(run->context, "go", describe_go(run));
    json_object_set_new(run->context, "experiment",
                        run->options.experiment != NULL ? json_string(run->options.experiment)
                                                        : json_null());
    json_object_set_new(run->context, "switch_code", read_switch(run));
    json_object_set_new(run->context, "least_epoch_ns", json_real(calibrate_least_ns_here()));
    json_object_set_new(run->context, "calibrated",
                        run->calibrated != NULL ? json_incref(run->calibrated) : json_null());
    return resume_identify(run->context, &run->plan, &run->workers, run->options.warmup, error);
}

static void use_context(struct run *run, json_t *context)
{
    json_decref(run->context);
    run->context = context;
}

/* The recorder, with what an interrupted run has measured. */
static int make_recorder(struct run *run, char *error)
{
    int status = run->before != NULL ? resume_check(run->before, run->context, error) : 0;
    if (status == 0 && run->before != NULL) {
        use_context(run, resume_context(run->before, run->context));
        run->spent = resume_spent(run->before);
    }
    run->recorder = recorder_new(&run->plan, run->context, run->options.seed);
    if (status == 0 && run->before != NULL) {
        status = restore_trials(run->before, &run->plan, run->recorder, error);
    }
    return status;
}

static int64_t memory_cap(const struct run_options *options)
{
    long long kibibytes = textfile_value_number("/proc/meminfo", "MemAvailable", 0);
    if (options->memory_bytes > 0) {
        return options->memory_bytes;
    }
    return kibibytes > 0 ? kibibytes * 1024 / 100 * MEMORY_SHARE_PERCENT : MEMORY_BYTES_UNKNOWN;
}

static void print_summary(const struct run *run, bool complete)
{
    struct recorder *recorder = run->recorder;
    size_t trials = recorder_trials(recorder);
    size_t good = recorder_count(recorder, TRIAL_OK) + recorder_count(recorder, TRIAL_SKIPPED);
    if (trials == 0) {
        return;
    }
    table_print(stdout, recorder_results(recorder, complete), table_wants_colour(stdout));
    if (good < trials) {
        printf("%zu of %zu trials failed: their rows say why\n", trials - good, trials);
    }
    quality_print(stdout, recorder_results(recorder, complete));
    printf("results: %s\n", run->options.out);
}

static int exit_status(const struct recorder *recorder, int status)
{
    size_t trials = recorder_trials(recorder);
    if (status == -EINTR) {
        fprintf(stderr, "switchyard run: interrupted; %zu finished trials are kept\n", trials);
        return EXIT_INTERRUPTED;
    }
    if (status < 0) {
        return EXIT_INTERNAL;
    }
    size_t good = recorder_count(recorder, TRIAL_OK) + recorder_count(recorder, TRIAL_SKIPPED);
    if (trials > 0 && good == 0) {
        fprintf(stderr, "switchyard run: every trial failed\n");
        return EXIT_INTERNAL;
    }
    bool skipped = trials > 0 && recorder_count(recorder, TRIAL_SKIPPED) == trials;
    return skipped ? EXIT_SKIPPED : EXIT_FINE;
}

static int64_t repeats_ns(const struct run *run)
{
    return run->options.keep_disturbed
               ? 0
               : rejection_allowance_ns(run->budget_ns, plan_estimate_ns(&run->plan, 0));
}

static struct session session_of(struct run *run)
{
    return (struct session){.plan = &run->plan,
                            .cpus = &run->cpus,
                            .recorder = run->recorder,
                            .context = run->context,
                            .out = run->options.out,
                            .warmup = run->options.warmup,
                            .seed = run->options.seed,
                            .deadline_ns = run->options.deadline_ns,
                            .memory_bytes = memory_cap(&run->options),
                            .budget_ns = run->budget_ns,
                            .repeats_ns = repeats_ns(run),
                            .spent = run->spent};
}

static int measure(struct run *run)
{
    struct session session = session_of(run);
    int status = session_run(&session);
    print_summary(run, status == 0);
    return exit_status(run->recorder, status);
}

/* A run that goes on has the counts that it began with. */
static int calibrate(struct run *run)
{
    struct session session = session_of(run);
    if (!run->options.calibrate || run->options.dry_run) {
        return EXIT_FINE;
    }
    if (run->before != NULL) {
        run->calibrated = json_incref(json_object_get(run->before->context, "calibrated"));
        return run_calibrate_again(&run->plan, run->calibrated) < 0
                   ? complain_about(run->options.resume, "its calibration is of another plan")
                   : EXIT_FINE;
    }
    int status = run_calibrate(&session, &run->options.selection, &run->calibrated);
    return status == -EINTR ? EXIT_INTERRUPTED : status < 0 ? EXIT_INTERNAL : EXIT_FINE;
}

/* Alone on the machine, so that the context tells how it is while we measure. */
static int lock(const struct run *run)
{
    int status = run->options.dry_run ? 0 : lock_machine(!run->options.no_wait);
    if (status == -EINTR) {
        return EXIT_INTERRUPTED;
    }
    return status < 0 ? EXIT_INTERNAL : EXIT_FINE;
}

static int plan_and_run(struct run *run, int argc, char **argv)
{
    char error[RESULT_ERROR_BYTES] = "";
    int status = prepare(run);
    if (status == EXIT_FINE) {
        status = lock(run);
    }
    if (status == EXIT_FINE) {
        status = calibrate(run);
    }
    if (status != EXIT_FINE) {
        return status;
    }
    if (make_context(run, argc, argv, error) < 0 || make_recorder(run, error) < 0) {
        return run->before != NULL ? complain_about(run->options.resume, error) : complain(error);
    }
    status = print_plan(run);
    return status == EXIT_FINE && !run->options.dry_run ? measure(run) : status;
}

/* Loads the run that shall go on; sets *nothing if it has ended. */
static int load_before(struct run *run, bool *nothing)
{
    char error[RESULT_ERROR_BYTES];
    *nothing = false;
    if (run->options.resume == NULL) {
        run->options.out = run->options.out != NULL ? run->options.out : "results.json";
        return EXIT_FINE;
    }
    if (results_load(run->options.resume, &run->before, error) < 0) {
        return complain(error);
    }
    if (run->before->complete) {
        printf("%s: the run is complete: there is nothing to resume\n", run->options.resume);
        *nothing = true;
        return EXIT_FINE;
    }
    return resume_options(run->before, &run->options, &run->arguments, error) < 0 ? complain(error)
                                                                                  : EXIT_FINE;
}

static void destroy(struct run *run)
{
    if (run->recorder != NULL) {
        recorder_free(run->recorder);
    }
    json_decref(run->context);
    json_decref(run->calibrated);
    plan_destroy(&run->plan);
    workers_destroy(&run->workers);
    cpus_destroy(&run->cpus);
    options_destroy_run(&run->options);
    resume_free_arguments(run->arguments);
    results_free(run->before);
}

int command_run(int argc, char **argv)
{
    struct run run = {.budget_ns = 0};
    bool nothing;
    options_parse_run(argc, argv, &run.options);
    signals_install();
    child_adopt_orphans();
    if (run.options.wrong != NULL) {
        int made = command_wrong(&run.options);
        options_destroy_run(&run.options);
        return made;
    }
    int status = cpus_init(&run.cpus);
    if (status < 0) {
        fprintf(stderr, "switchyard run: the machine's topology: %s\n", strerror(-status));
        return EXIT_INTERNAL;
    }
    status = load_before(&run, &nothing);
    if (status == EXIT_FINE && !nothing) {
        status = plan_and_run(&run, argc, argv);
    }
    destroy(&run);
    return status;
}

/* trace_options.c - see trace_options.h. */
#include "trace_options.h"

#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "commands.h"
#include "option_parts.h"

#define SECOND_NS ((int64_t)1000000000)
#define DAY_SECONDS 86400
#define DEFAULT_DEADLINE_S 60
#define DEFAULT_ROWS 64
/* About 20 MB of JSON, which Perfetto opens at once. */
#define DEFAULT_PARTS 150000
#define PARTS_MAX 10000000
#define EPOCHS_MAX 100000

enum key {
    KEY_BACKEND = 'b',
    KEY_OUT = 'o',
    KEY_PARAM = 'p',
    KEY_PROCS = 256,
    KEY_TUNE,
    KEY_EPOCHS,
    KEY_ROWS,
    KEY_PARTS,
    KEY_DEADLINE,
};

static const struct argp_option trace_table[] = {
    {"backend", KEY_BACKEND, "NAME[,NAME]", 0, "green, pthread (default both)", 1},
    {"procs", KEY_PROCS, "P", 0, "CPUs that the workers are pinned to (default all)", 1},
    {"param", KEY_PARAM, "NAME=V", 0, "Value of a parameter (repeatable)", 1},
    {"tune", KEY_TUNE, "WORD[,WORD]", 0,
     "Techniques of the green runtime to switch off, as in SWITCHYARD_TUNE", 1},
    {"epochs", KEY_EPOCHS, "K", 0, "Epochs (default 1; there is no warm-up)", 1},
    {"deadline", KEY_DEADLINE, "S", 0, "Seconds after which a worker is killed (default 60)", 1},
    {"out", KEY_OUT, "FILE", 0, "Where the timeline goes (default trace.json)", 2},
    {"rows", KEY_ROWS, "N", 0, "Workers shown, the first that ran (default 64)", 2},
    {"parts", KEY_PARTS, "N", 0,
     "Spans, arrows and marks kept of each back end, the earliest (default 150000)", 2},
    {0}};

/* The one workload; several would share one picture. */
static void add_workload(const struct argp_state *state, struct trace_options *options,
                         const char *name)
{
    if (options->selection.globs_count > 0) {
        option_refuse(state, "argument", name);
    }
    option_expect(state, selection_add_globs(&options->selection, name), "workload", name);
}

static void check(const struct argp_state *state, const struct trace_options *options)
{
    if (options->selection.globs_count == 0) {
        fprintf(stderr, "%s: which workload? see switchyard list\n", state->name);
        exit(EXIT_USAGE);
    }
    if (options->selection.procs_count > 1) {
        fprintf(stderr, "%s: one number of procs, please\n", state->name);
        exit(EXIT_USAGE);
    }
}

/* The words are checked as `switchyard run` does. */
static void set_tune(const struct argp_state *state, struct trace_options *options,
                     const char *words)
{
    struct selection probe = {.globs = NULL};
    option_expect(state, selection_add_tune(&probe, words), "--tune", words);
    options->tune = probe.tunes[0] != NULL ? words : NULL;
    selection_destroy(&probe);
}

static error_t parse_amount(int key, const char *text, const struct argp_state *state)
{
    struct trace_options *options = state->input;
    switch (key) {
    case KEY_EPOCHS:
        options->selection.epochs = (int)option_number(state, "--epochs", text, 1, EPOCHS_MAX);
        return 0;
    case KEY_ROWS:
        options->rows = (size_t)option_number(state, "--rows", text, 1, PARTS_MAX);
        return 0;
    case KEY_PARTS:
        options->parts = (size_t)option_number(state, "--parts", text, 1, PARTS_MAX);
        return 0;
    case KEY_DEADLINE:
        options->deadline_ns = option_number(state, "--deadline", text, 1, DAY_SECONDS) * SECOND_NS;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct trace_options *options = state->input;
    struct selection *selection = &options->selection;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->workers;
        return 0;
    case KEY_BACKEND:
        option_expect(state, selection_add_backends(selection, text), "--backend", text);
        return 0;
    case KEY_PROCS:
        option_expect(state, selection_add_procs(selection, text), "--procs", text);
        return 0;
    case KEY_PARAM:
        option_sweep(state, selection, text);
        return 0;
    case KEY_TUNE:
        set_tune(state, options, text);
        return 0;
    case KEY_OUT:
        options->out = text;
        return 0;
    case ARGP_KEY_ARG:
        add_workload(state, options, text);
        return 0;
    case ARGP_KEY_END:
        check(state, options);
        return 0;
    default:
        return parse_amount(key, text, state);
    }
}

static const struct argp trace_argp = {
    .options = trace_table,
    .parser = parse_option,
    .args_doc = "WORKLOAD",
    .doc =
        "Run a workload once on each back end, and write what their schedulers did as Chrome trace "
        "events: open the file with https://ui.perfetto.dev. `switchyard plot` draws it as a "
        "figure if it is trace.json beside the results."
        "\vA trace shows when each task ran on which thread, who woke it, and who stole it. "
        "Recording takes time: look at it, but do not quote its figures.\n\n"
        "Examples:\n"
        "  switchyard trace steal.imbalance --procs 2\n"
        "  switchyard trace switch.chan -b green -p rounds=100 --out t.json\n\n"
        "Exit status: 0 done, 1 a back end gave no trace (the file has the others), 2 usage, 130 "
        "interrupted.",
    .children = option_workers,
};

void trace_options_parse(int argc, char **argv, size_t cpus_count, struct trace_options *options)
{
    struct selection *selection = &options->selection;
    *options = (struct trace_options){.out = "trace.json",
                                      .rows = DEFAULT_ROWS,
                                      .parts = DEFAULT_PARTS,
                                      .deadline_ns = DEFAULT_DEADLINE_S * SECOND_NS};
    selection->trials = 1;
    selection->epochs = 1;
    options_parse(&trace_argp, argc, argv, options);
    if (selection->procs_count == 0) {
        char *procs = alloc_format("%zu", cpus_count);
        selection_add_procs(selection, procs);
        free(procs);
    }
    if (selection->backends_count == 0) {
        selection_add_backends(selection, "green,pthread");
    }
}

void trace_options_destroy(struct trace_options *options)
{
    selection_destroy(&options->selection);
}

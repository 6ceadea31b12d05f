/* options.c - see options.h, and argp in the C library's manual. */
#include "options.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "commands.h"
#include "option_parts.h"
#include "option_shared.h"
#include "wrong.h"
#include "wrong_file.h"

#define SECOND_NS ((int64_t)1000000000)
#define DAY_SECONDS 86400
#define COUNT_MAX 100000
#define DEFAULT_TRIALS 5
#define DEFAULT_EPOCHS 10
#define DEFAULT_DEADLINE_S 60
/* A guess for cells of which nothing is known yet. */
#define DEFAULT_ESTIMATE_NS (SECOND_NS / 2)

enum key {
    KEY_WORKLOAD = 'w',
    KEY_BACKEND = 'b',
    KEY_PARAM = 'p',
    KEY_OUT = 'o',
    KEY_DRY_RUN = 'n',
    KEY_PROCS = 256,
    KEY_TUNE,
    KEY_TRIALS,
    KEY_EPOCHS,
    KEY_WARMUP,
    KEY_DEADLINE,
    KEY_MEMORY,
    KEY_QUICK,
    KEY_DEFAULT,
    KEY_RESUME,
    KEY_WRONG,
    KEY_WITH_GO,
    KEY_CALIBRATE,
    KEY_KEEP_DISTURBED,
};

static const struct argp_option run_options[] = {
    {NULL, 0, NULL, 0, "What to run (if nothing is said: --default)", 1},
    {"quick", KEY_QUICK, NULL, 0, "The quick experiment: everything once over in a minute", 1},
    {"default", KEY_DEFAULT, NULL, 0, "The default experiment: what the report needs", 1},
    {"workload", KEY_WORKLOAD, "GLOB[,GLOB]", 0, "Workloads by name, * and ? allowed (repeatable)",
     1},
    {"backend", KEY_BACKEND, "NAME[,NAME]", 0, "green, pthread (default both)", 1},
    {"param", KEY_PARAM, "NAME=V[,V]", 0,
     "Values of a parameter; of several, every combination (repeatable)", 1},
    {"procs", KEY_PROCS, "P[,P]", 0,
     "CPUs that a trial is pinned to (default 1; 0: all, and the runtime chooses its procs)", 1},
    {"tune", KEY_TUNE, "WORD[,WORD]", 0,
     "Techniques of the green runtime to switch off, as in SWITCHYARD_TUNE; none: none "
     "(repeatable: each setting is measured)",
     1},
    {"wrong", KEY_WRONG, "KIND", 0,
     "Make a mistake of measuring beside the right way, and show what it would have said: "
     "unpinned, cold, mean, rss, a-then-b, or all; written to wrong.json, for the report",
     1},
    {"with-go", KEY_WITH_GO, NULL, 0,
     "Run Go's own benchmarks beside the workloads go.*, with the go command", 1},
    {NULL, 0, NULL, 0, "How often", 2},
    {"trials", KEY_TRIALS, "N", 0, "Processes for each cell (default 5)", 2},
    {"epochs", KEY_EPOCHS, "K", 0, "Epochs that each process measures (default 10)", 2},
    {"warmup", KEY_WARMUP, "W", 0, "Epochs before that, not measured (default 1)", 2},
    {"calibrate", KEY_CALIBRATE, NULL, 0,
     "With --workload: raise rounds or items, equally on all back ends, until an epoch lasts 2 ms",
     2},
    {"keep-disturbed", KEY_KEEP_DISTURBED, NULL, 0,
     "Do not repeat trials that the host or a quota disturbed, only mark them", 2},
    SHARED_SEED("Of the order and of the intervals (default: a random one)", 2),
    {NULL, 0, NULL, 0, "Limits", 3},
    {"deadline", KEY_DEADLINE, "S", 0, "Seconds after which a trial is killed (default 60)", 3},
    {"memory", KEY_MEMORY, "MIB", 0,
     "Memory above which a trial is killed (default 80 % of what is free)", 3},
    SHARED_BUDGET("Seconds for all; every cell has one trial, and further ones as they fit", 3),
    {NULL, 0, NULL, 0, "How", 4},
    {"out", KEY_OUT, "FILE", 0, "Where the results go (default results.json)", 4},
    {"resume", KEY_RESUME, "FILE", 0,
     "Go on with the interrupted run that wrote FILE: its plan and seed, only the missing trials "
     "(with --out the result goes elsewhere)",
     4},
    {"dry-run", KEY_DRY_RUN, NULL, 0,
     "Only print the plan: each trial in its order, and how long all will take", 4},
    SHARED_JSON("With --dry-run: the plan as JSON", 4),
    SHARED_NO_WAIT(4),
    {0}};

static const struct argp_option show_options[] = {SHARED_JSON("Print JSON", 1), {0}};

static void choose_experiment(const struct argp_state *state, struct run_options *options,
                              const char *name)
{
    if (options->experiment != NULL && strcmp(options->experiment, name) != 0) {
        fprintf(stderr, "%s: --quick and --default exclude each other\n", state->name);
        exit(EXIT_USAGE);
    }
    options->experiment = name;
}

/* Options that make the selection. */
static error_t parse_selection(int key, const char *text, const struct argp_state *state)
{
    struct run_options *options = state->input;
    struct selection *selection = &options->selection;
    switch (key) {
    case KEY_WORKLOAD:
        option_expect(state, selection_add_globs(selection, text), "--workload", text);
        return 0;
    case KEY_BACKEND:
        option_expect(state, selection_add_backends(selection, text), "--backend", text);
        return 0;
    case KEY_PARAM:
        option_sweep(state, selection, text);
        return 0;
    case KEY_PROCS:
        option_expect(state, selection_add_procs(selection, text), "--procs", text);
        return 0;
    case KEY_TUNE:
        option_expect(state, selection_add_tune(selection, text), "--tune", text);
        return 0;
    case KEY_QUICK:
        choose_experiment(state, options, "quick");
        return 0;
    case KEY_DEFAULT:
        choose_experiment(state, options, "default");
        return 0;
    case KEY_WRONG:
        if (strcmp(text, "all") != 0 && wrong_find(text) == NULL) {
            option_refuse(state, "--wrong (unpinned, cold, mean, rss, a-then-b, all)", text);
        }
        options->wrong = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Options with one number. */
static error_t parse_amount(int key, const char *text, const struct argp_state *state)
{
    struct run_options *options = state->input;
    switch (key) {
    case KEY_CALIBRATE:
        options->calibrate = true;
        return 0;
    case KEY_KEEP_DISTURBED:
        options->keep_disturbed = true;
        return 0;
    case KEY_TRIALS:
        options->trials = (int)option_number(state, "--trials", text, 1, COUNT_MAX);
        return 0;
    case KEY_EPOCHS:
        options->epochs = (int)option_number(state, "--epochs", text, 1, COUNT_MAX);
        return 0;
    case KEY_WARMUP:
        options->warmup = (int)option_number(state, "--warmup", text, 0, COUNT_MAX);
        return 0;
    case KEY_DEADLINE:
        options->deadline_ns = option_number(state, "--deadline", text, 1, DAY_SECONDS) * SECOND_NS;
        return 0;
    case KEY_MEMORY:
        options->memory_bytes = option_number(state, "--memory", text, 1, INT64_MAX >> 20) << 20;
        return 0;
    default:
        return option_shared(
            key, text, state,
            &(struct shared_options){.seed = &options->seed, .budget_ns = &options->budget_ns});
    }
}

/* The plan and its limits are those of the run that is resumed. */
static void check_resume(const struct argp_state *state, const struct run_options *options)
{
    if (options->planned) {
        fprintf(stderr,
                "%s: --resume takes the plan and its limits from the file: beside it only --out, "
                "--dry-run, --json, --no-wait, --green and --pthread\n",
                state->name);
        exit(EXIT_USAGE);
    }
}

static void check_run(const struct argp_state *state, struct run_options *options)
{
    const struct selection *selection = &options->selection;
    bool selected = selection->globs_count > 0 || selection->sweeps_count > 0 ||
                    selection->procs_count > 0 || selection->tunes_count > 0;
    if (options->json && !options->dry_run) {
        option_refuse_because(state, "--json is for --dry-run");
    }
    if (options->calibrate && selection->globs_count == 0) {
        fprintf(stderr, "%s: --calibrate needs --workload: experiments have fixed counts\n",
                state->name);
        exit(EXIT_USAGE);
    }
    if (options->resume != NULL) {
        check_resume(state, options);
        return;
    }
    if (options->experiment != NULL && selected) {
        fprintf(stderr, "%s: --%s excludes --workload, --param, --procs and --tune\n", state->name,
                options->experiment);
        exit(EXIT_USAGE);
    }
    if (selected && selection->globs_count == 0) {
        fprintf(stderr, "%s: --param, --procs and --tune need --workload\n", state->name);
        exit(EXIT_USAGE);
    }
    if (options->wrong != NULL && (selected || options->experiment != NULL ||
                                   selection->backends_count > 0 || options->epochs > 0)) {
        fprintf(stderr, "%s: --wrong chooses its own workloads, back ends and epochs\n",
                state->name);
        exit(EXIT_USAGE);
    }
    if (options->out == NULL) {
        options->out = options->wrong != NULL ? WRONG_FILE : "results.json";
    }
    if (!selected && options->experiment == NULL) {
        options->experiment = "default";
    }
}

static error_t parse_run(int key, char *text, struct argp_state *state)
{
    struct run_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->workers;
        return 0;
    case KEY_OUT:
        options->out = text;
        return 0;
    case KEY_DRY_RUN:
        options->dry_run = true;
        return 0;
    case KEY_WITH_GO:
        options->with_go = true;
        return 0;
    case ARGP_KEY_ARG:
        option_refuse(state, "argument", text);
    case ARGP_KEY_END:
        check_run(state, options);
        return 0;
    case KEY_RESUME:
        options->resume = text;
        return 0;
    default:
        break;
    }
    struct shared_options shared = {.json = &options->json, .no_wait = &options->no_wait};
    if (option_shared(key, text, state, &shared) == 0) {
        return 0;
    }
    error_t status = parse_selection(key, text, state);
    status = status == ARGP_ERR_UNKNOWN ? parse_amount(key, text, state) : status;
    options->planned |= status == 0;
    return status;
}

static error_t parse_show(int key, char *text, struct argp_state *state)
{
    struct show_options *options = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        option_refuse(state, "argument", text);
    default:
        return option_shared(key, text, state, &(struct shared_options){.json = &options->json});
    }
}

static error_t parse_list(int key, char *text, struct argp_state *state)
{
    struct show_options *options = state->input;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = &options->workers;
        return 0;
    }
    return parse_show(key, text, state);
}

static const struct argp run_argp = {
    .options = run_options,
    .parser = parse_run,
    .doc = "Run workloads on both back ends, each trial in a fresh process, and write results.json."
           "\vEvery combination of workload, back end, procs, setting and parameters is a cell. A "
           "block "
           "runs one trial of each cell, in a random order; so many blocks are run as there are "
           "trials, and a cell's interval is over its trials.\n\n"
           "Examples:\n"
           "  switchyard run --quick --out r.json\n"
           "  switchyard run -w 'switch.*' -b green -p rounds=1000,100000 --trials 10\n"
           "  switchyard run -w steal.imbalance --procs 2 --tune none --tune nosteal\n"
           "  switchyard run --default --dry-run       what would be run, and for how long\n"
           "  switchyard run --resume r.json           after Ctrl-C, or worse\n\n"
           "Exit status: 0 done (also if cells failed: their rows say so), 1 every trial failed or "
           "the results could not be written, 2 usage, 77 everything "
           "was skipped, 130 interrupted (finished trials are kept).",
    .children = option_workers,
};

static const struct argp list_argp = {
    .options = show_options,
    .parser = parse_list,
    .doc =
        "Show the workloads and their parameters."
        "\vFor each parameter its default, its range and its unit; --param of run and trace sets "
        "it.\n\n"
        "Examples:\n"
        "  switchyard list\n"
        "  switchyard list --json | jq '.[] | select(.green_only) | .name'",
    .children = option_workers,
};

static const struct argp env_argp = {
    .options = show_options,
    .parser = parse_show,
    .doc = "Show the machine and what disturbs measurements on it."
           "\vThe same goes into every results file as its context. Each warning names a cause of "
           "noise and how to take it away; a quiet machine has none.\n\n"
           "Examples:\n"
           "  switchyard env\n"
           "  switchyard env --json | jq .warnings",
};

static struct run_options run_defaults(void)
{
    return (struct run_options){
        .warmup = 1, .seed = option_random_seed(), .deadline_ns = DEFAULT_DEADLINE_S * SECOND_NS};
}

static void complete_selection(struct run_options *options)
{
    struct selection *selection = &options->selection;
    selection->trials = options->trials > 0 ? options->trials : DEFAULT_TRIALS;
    selection->epochs = options->epochs > 0 ? options->epochs : DEFAULT_EPOCHS;
    selection->estimate_ns = DEFAULT_ESTIMATE_NS;
    if (selection->procs_count == 0) {
        selection_add_procs(selection, "1");
    }
}

void options_parse_run(int argc, char **argv, struct run_options *options)
{
    *options = run_defaults();
    options_parse(&run_argp, argc, argv, options);
    complete_selection(options);
}

void options_parse_recorded_run(int argc, char **argv, struct run_options *options)
{
    selection_destroy(&options->selection);
    *options = run_defaults();
    options_parse_recorded(&run_argp, argc, argv, options);
    complete_selection(options);
}

void options_parse_list(int argc, char **argv, struct show_options *options)
{
    *options = (struct show_options){.json = false};
    options_parse(&list_argp, argc, argv, options);
}

void options_parse_env(int argc, char **argv, struct show_options *options)
{
    *options = (struct show_options){.json = false};
    options_parse(&env_argp, argc, argv, options);
}

void options_destroy_run(struct run_options *options)
{
    selection_destroy(&options->selection);
}

/* gate_options.c - the command line of `switchyard gate`. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "gate.h"
#include "option_parts.h"
#include "option_shared.h"

#define SECOND_NS ((int64_t)1000000000)
#define BUDGET_S 300

enum {
    KEY_BASE = 'b',
    KEY_HEAD = 'd',
    KEY_OUT = 'o',
    KEY_BASELINE = 256,
    KEY_UPDATE,
    KEY_LAYER,
    KEY_ONLY,
    KEY_INJECT,
    KEY_THRESHOLD,
    KEY_HISTORY,
};

static const struct argp_option option_table[] = {
    {NULL, 0, NULL, 0, "What is compared", 1},
    {"base", KEY_BASE, "DIR", 0, "Folder with the " GATE_WORKER " of before", 1},
    {"head", KEY_HEAD, "DIR", 0, "Folder with that of now", 1},
    {"inject", KEY_INJECT, "PERCENT", 0,
     "Instead of --head: base with a yield that is this much slower. Shows what the gate finds", 1},
    {"baseline", KEY_BASELINE, "FILE", 0,
     "Instead of --base: compare the exact counts of head with those in the file", 1},
    {"update", KEY_UPDATE, NULL, 0, "Write head's counts to the baseline file", 1},
    {"only", KEY_ONLY, "GLOB", 0, "Only the workloads whose names match", 1},
    {NULL, 0, NULL, 0, "How", 2},
    {"layer", KEY_LAYER, "NAME", 0, "exact (counts), time (pairs), or both (default)", 2},
    {"threshold", KEY_THRESHOLD, "PERCENT", 0,
     "Differences in time up to this count as none (default 2; more if past A/A runs differed "
     "more)",
     2},
    {"history", KEY_HISTORY, "FILE", 0, "Past A/A runs (switchyard history add), for the threshold",
     2},
    SHARED_BUDGET("Seconds for the pairs (default 300)", 2),
    SHARED_SEED("Of the order (default: a random one)", 2),
    SHARED_NO_WAIT(2),
    {NULL, 0, NULL, 0, "Output", 3},
    SHARED_JSON("Print JSON instead of tables", 3),
    {"out", KEY_OUT, "FILE", 0, "Write the JSON there, too", 3},
    {0}};

static void set_layers(const struct argp_state *state, struct gate_options *options,
                       const char *text)
{
    options->exact = strcmp(text, "time") != 0;
    options->time = strcmp(text, "exact") != 0;
    if (options->exact && options->time && strcmp(text, "both") != 0) {
        option_refuse(state, "--layer", text);
    }
}

/* Which of the options exclude each other, and which are missing. */
static void check(const struct argp_state *state, struct gate_options *options)
{
    if (options->baseline != NULL) {
        if (options->base != NULL || options->inject > 0) {
            option_refuse_because(state, "--baseline excludes --base and --inject");
        }
        if (options->only != NULL) {
            option_refuse_because(state, "--baseline is of all workloads: it excludes --only");
        }
        options->time = false;
    } else if (options->update) {
        option_refuse_because(state, "--update needs --baseline FILE");
    } else if (options->base == NULL) {
        option_refuse_because(state, "which builds? --base DIR --head DIR, please");
    }
    if (options->inject > 0 && options->head != NULL) {
        option_refuse_because(state, "--inject excludes --head");
    }
    if (options->inject <= 0 && options->head == NULL) {
        option_refuse_because(state, "which build? --head DIR, please");
    }
    if (options->baseline != NULL && !options->exact) {
        option_refuse_because(state, "--baseline has only counts: --layer time excludes it");
    }
}

static error_t parse_how(int key, char *text, struct argp_state *state)
{
    struct gate_options *options = state->input;
    switch (key) {
    case KEY_LAYER:
        set_layers(state, options, text);
        return 0;
    case KEY_THRESHOLD:
        options->threshold = option_percent(state, "--threshold", text, 0, 1000);
        return 0;
    case KEY_HISTORY:
        options->history = text;
        return 0;
    case KEY_OUT:
        options->out = text;
        return 0;
    case ARGP_KEY_ARG:
        option_refuse(state, "argument", text);
    case ARGP_KEY_END:
        check(state, options);
        return 0;
    default:
        return option_shared(key, text, state,
                             &(struct shared_options){.json = &options->json,
                                                      .no_wait = &options->no_wait,
                                                      .seed = &options->seed,
                                                      .budget_ns = &options->budget_ns});
    }
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct gate_options *options = state->input;
    switch (key) {
    case KEY_BASE:
        options->base = text;
        return 0;
    case KEY_HEAD:
        options->head = text;
        return 0;
    case KEY_BASELINE:
        options->baseline = text;
        return 0;
    case KEY_UPDATE:
        options->update = true;
        return 0;
    case KEY_ONLY:
        options->only = text;
        return 0;
    case KEY_INJECT:
        options->inject = option_percent(state, "--inject", text, 0.1, 1000);
        return 0;
    default:
        return parse_how(key, text, state);
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "--base DIR --head DIR\n--base DIR --inject PERCENT\n"
                "--baseline FILE --head DIR [--update]",
    .doc = "Has the green runtime become slower between two builds? First exact counts for one "
           "operation (instructions by callgrind, system calls, kernel switches): more than 0.2 % "
           "more is a regression. Then times, in pairs of processes that run side by side, with "
           "base against itself as the control; a difference has to be found twice."
           "\vExamples:\n"
           "  switchyard gate --base old/bin --head new/bin --out gate.json\n"
           "  switchyard gate --base old/bin --head new/bin --layer exact --only 'switch.*'\n"
           "  switchyard gate --base build/release/bin --inject 5%\n"
           "  switchyard gate --baseline ci/baseline.json --head build/release/bin --update\n\n"
           "Exit status: 0 nothing regressed, 1 internal error, 2 wrong usage, 3 something "
           "regressed, 4 something is inconclusive, 77 skipped: nothing could be compared here. "
           "docs/ci.md shows the gate in continuous integration.",
};

void gate_options_parse(int argc, char **argv, struct gate_options *options)
{
    *options = (struct gate_options){.threshold = 0.02,
                                     .budget_ns = BUDGET_S * SECOND_NS,
                                     .seed = option_random_seed(),
                                     .exact = true,
                                     .time = true};
    options_parse(&parser, argc, argv, options);
}

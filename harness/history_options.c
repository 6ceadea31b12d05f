/* history_options.c - see history_options.h. */
#include "history_options.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "option_parts.h"
#include "option_shared.h"

enum { KEY_FILE = 'f', KEY_OUT = 'o', KEY_ONLY = 256, KEY_ACK };

static const struct argp_option option_table[] = {
    {"file", KEY_FILE, "FILE", 0, "The history (default history.jsonl)", 1},
    {"only", KEY_ONLY, "GLOB", 0, "plot, check: only metrics whose names match", 1},
    {"acknowledged", KEY_ACK, "FILE", 0,
     "check, plot: changes that somebody has looked at, a line each: REVISION METRIC: REASON", 1},
    {"out", KEY_OUT, "DIR", 0, "plot: where the figure goes (default figures)", 1},
    SHARED_JSON("check: print JSON", 1),
    {0}};

struct parsing {
    struct history_options *options;
    bool has_action;
};

static void take_argument(struct parsing *parsing, const char *text, const struct argp_state *state)
{
    static const char *const actions[] = {"add", "plot", "check"};
    if (parsing->has_action) {
        if (parsing->options->action != HISTORY_ADD || parsing->options->source != NULL) {
            option_refuse(state, "argument", text);
        }
        parsing->options->source = text;
        return;
    }
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, actions[i]) == 0) {
            parsing->options->action = (enum history_action)i;
            parsing->has_action = true;
            return;
        }
    }
    fprintf(stderr, "%s: \"%s\": add, plot or check, please\n", state->name, text);
    exit(EXIT_USAGE);
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct parsing *parsing = state->input;
    struct history_options *options = parsing->options;
    switch (key) {
    case KEY_FILE:
        options->file = text;
        return 0;
    case KEY_ONLY:
        options->only = text;
        return 0;
    case KEY_ACK:
        options->ack = text;
        return 0;
    case KEY_OUT:
        options->out = text;
        return 0;
    case ARGP_KEY_ARG:
        take_argument(parsing, text, state);
        return 0;
    case ARGP_KEY_END:
        if (!parsing->has_action) {
            option_refuse_because(state, "what shall be done? add, plot or check, please");
        }
        if (options->action == HISTORY_ADD && options->source == NULL) {
            option_refuse_because(state, "which results file or gate JSON shall be added?");
        }
        return 0;
    default:
        return option_shared(key, text, state, &(struct shared_options){.json = &options->json});
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "add RESULTS.json\nplot\ncheck",
    .doc = "Keeps what was measured in a file of JSON Lines, a line each time. `add` appends a "
           "results file, or the JSON of `switchyard gate --out`. `check` looks for changes: "
           "E-divisive with a t test (p < 0.001) in windows of 50; times only within one machine, "
           "ratios across. `plot` draws the metric with the most values."
           "\vExamples:\n"
           "  switchyard history add r.json\n"
           "  switchyard history check --acknowledged ci/acknowledged.txt\n"
           "  switchyard history plot --only 'switch.yield *'\n\n"
           "Exit status: 0 fine, 1 internal error, 2 wrong usage or a file that is not what it "
           "should be, 3 (check) a change to the worse that nobody acknowledged.",
};

void history_options_parse(int argc, char **argv, struct history_options *options)
{
    struct parsing parsing = {.options = options};
    *options = (struct history_options){.file = "history.jsonl", .out = "figures"};
    options_parse(&parser, argc, argv, &parsing);
}

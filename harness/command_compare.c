/* command_compare.c - `switchyard compare BASE.json HEAD.json`. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compare.h"
#include "compare_machine.h"
#include "option_parts.h"
#include "option_shared.h"

enum { KEY_PAIRED = 256, KEY_ACROSS, KEY_INCOMPLETE, KEY_ONLY };

struct arguments {
    struct compare_names names;
    struct compare_options options;
    bool across_machines;
    bool incomplete;
    bool json;
};

static const struct argp_option option_table[] = {
    {"threshold", 't', "PERCENT", 0, "differences up to this count as none (default: 2)", 0},
    {"paired", KEY_PAIRED, NULL, 0,
     "trials with the same number ran next to each other: compare each with its partner", 0},
    {"only", KEY_ONLY, "GLOB", 0, "only these, by WORKLOAD or WORKLOAD/METRIC", 0},
    {"across-machines", KEY_ACROSS, NULL, 0, "compare although machine or build differ", 0},
    {"incomplete", KEY_INCOMPLETE, NULL, 0, "compare although a run did not finish", 0},
    SHARED_JSON("print JSON instead of a table", 0),
    {NULL, 0, NULL, 0, NULL, 0},
};

static void take_file(struct arguments *arguments, const char *path, const struct argp_state *state)
{
    if (arguments->names.head != NULL) {
        argp_error(state, "two results files, please: \"%s\" is a third one", path);
    } else if (arguments->names.base != NULL) {
        arguments->names.head = path;
    } else {
        arguments->names.base = path;
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 't':
        arguments->options.threshold = option_percent(state, "--threshold", argument, 0, 1000);
        return 0;
    case KEY_PAIRED:
        arguments->options.paired = true;
        return 0;
    case KEY_ONLY:
        arguments->options.only = argument;
        return 0;
    case KEY_ACROSS:
        arguments->across_machines = true;
        return 0;
    case KEY_INCOMPLETE:
        arguments->incomplete = true;
        return 0;
    case ARGP_KEY_ARG:
        take_file(arguments, argument, state);
        return 0;
    case ARGP_KEY_END:
        if (arguments->names.head == NULL) {
            argp_error(state, "which two results files?");
        }
        return 0;
    default:
        return option_shared(key, argument, state,
                             &(struct shared_options){.json = &arguments->json});
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "BASE.json HEAD.json",
    .doc = "Compares two results files, one row for each metric of each cell that both have: the "
           "ratio head / base, its 95 % interval, and the verdict."
           "\vA row has regressed if its whole interval is worse than the threshold, and is the "
           "same if "
           "the whole interval is within it; else it is inconclusive, and more trials may tell. "
           "Files of other machines, and rows whose work differs, are not compared.\n\n"
           "Examples:\n"
           "  switchyard compare base.json head.json\n"
           "  switchyard compare --only 'switch.*' --threshold 5% base.json head.json\n"
           "  switchyard compare --json base.json head.json | jq .exit_status\n\n"
           "Exit status: 0 nothing regressed, 1 internal error, 2 wrong usage or files that must "
           "not be compared, 3 something regressed, 4 something is inconclusive.",
};

static int complain(const char *name, const char *what)
{
    fprintf(stderr, "switchyard compare: %s: %s\n", name, what);
    return EXIT_USAGE;
}

/* One line that names every difference; the values of long ones are left to --json. */
static void tell_machines(const json_t *machines, const char *hint)
{
    size_t index;
    json_t *difference;
    fprintf(stderr, "switchyard compare: the machines or builds differ:");
    json_array_foreach(machines, index, difference)
    {
        const char *what = json_string_value(json_object_get(difference, "what"));
        char *base = json_dumps(json_object_get(difference, "base"), JSON_ENCODE_ANY);
        char *head = json_dumps(json_object_get(difference, "head"), JSON_ENCODE_ANY);
        fprintf(stderr, "%s %s (%.60s, %.60s)", index > 0 ? "," : "", what,
                base != NULL ? base : "?", head != NULL ? head : "?");
        free(base);
        free(head);
    }
    fprintf(stderr, "%s\n", hint);
}

static int check_complete(const struct arguments *arguments, const char *name,
                          const struct results *results)
{
    if (results->complete || arguments->incomplete) {
        return EXIT_FINE;
    }
    return complain(name, "the run did not finish (--incomplete compares it nevertheless)");
}

static int check_machines(const struct arguments *arguments, const json_t *machines)
{
    if (json_array_size(machines) == 0) {
        return EXIT_FINE;
    }
    tell_machines(machines, arguments->across_machines
                                ? ""
                                : "; --across-machines compares them nevertheless");
    return arguments->across_machines ? EXIT_FINE : EXIT_USAGE;
}

static int compare(const struct arguments *arguments, const struct results *base,
                   const struct results *head, const json_t *machines)
{
    struct comparison *comparison = compare_new(base, head, &arguments->options);
    int status = compare_status(comparison);
    if (comparison->rows_count == 0) {
        status = complain(arguments->names.head, "has no row in common with base");
    } else if (!arguments->json) {
        compare_print(stdout, comparison);
    } else if (compare_print_json(stdout, comparison, &arguments->names, machines) < 0) {
        status = EXIT_INTERNAL;
    }
    compare_free(comparison);
    return status;
}

static int check_and_compare(const struct arguments *arguments, const struct results *base,
                             const struct results *head)
{
    int status = check_complete(arguments, arguments->names.base, base);
    if (status == EXIT_FINE) {
        status = check_complete(arguments, arguments->names.head, head);
    }
    if (status != EXIT_FINE) {
        return status;
    }
    json_t *machines = compare_machines(base->context, head->context);
    status = check_machines(arguments, machines);
    if (status == EXIT_FINE) {
        status = compare(arguments, base, head, machines);
    }
    json_decref(machines);
    return status;
}

int command_compare(int argc, char **argv)
{
    struct arguments arguments = {.options = {.threshold = 0.02}};
    struct results *base = NULL;
    struct results *head = NULL;
    char error[RESULT_ERROR_BYTES];
    int status = EXIT_USAGE;
    options_parse(&parser, argc, argv, &arguments);
    if (results_load(arguments.names.base, &base, error) < 0 ||
        results_load(arguments.names.head, &head, error) < 0) {
        fprintf(stderr, "switchyard compare: %s\n", error);
    } else {
        status = check_and_compare(&arguments, base, head);
    }
    results_free(base);
    results_free(head);
    return status;
}

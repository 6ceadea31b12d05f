/* command_export.c - `switchyard export`: results in the format of another tool. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "export.h"
#include "near.h"
#include "option_parts.h"
#include "plot_file.h"
#include "results_argument.h"
#include "target.h"

enum { KEY_BIGGER = 256 };

struct arguments {
    const char *results;
    const char *out; /* NULL: stdout */
    const struct export_format *format;
    bool bigger;
};

static const struct argp_option option_table[] = {
    {"format", 'f', "FORMAT", 0,
     "gbench, github, bmf, gobench, csv, markdown or hyperfine (see docs/export.md)", 0},
    {"output", 'o', "FILE", 0, "write there (default: the standard output)", 0},
    {"bigger", KEY_BIGGER, NULL, 0, "github: the metrics of which more is better, not the others",
     0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static void refuse_format(const struct argp_state *state, const char *name)
{
    char hint[NEAR_BYTES];
    struct near near = near_begin(name);
    export_offer_names(&near);
    argp_error(state, "unknown format \"%s\": one of %s, please%s", name, export_names(),
               near_hint(&near, "", hint));
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'f':
        arguments->format = export_find(argument);
        if (arguments->format == NULL) {
            refuse_format(state, argument);
        }
        return 0;
    case 'o':
        arguments->out = argument;
        return 0;
    case KEY_BIGGER:
        arguments->bigger = true;
        return 0;
    case ARGP_KEY_SUCCESS:
        if (arguments->format == NULL) {
            argp_error(state, "which --format? One of %s", export_names());
        } else if (arguments->bigger && strcmp(arguments->format->name, "github") != 0) {
            argp_error(state, "--bigger is for --format github only");
        }
        return 0;
    default:
        return results_argument(key, argument, state, &arguments->results);
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "RESULTS.json",
    .doc = "Writes a results file in the format of another tool. What the format cannot express is "
           "left out, and told on stderr."
           "\vdocs/export.md says what each format holds, and which program reads it.\n\n"
           "Examples:\n"
           "  switchyard export -f csv r.json -o r.csv\n"
           "  switchyard export -f gobench r.json -o r.txt && benchstat r.txt",
};

static int deliver(const struct arguments *arguments, const char *text, size_t size)
{
    if (arguments->out == NULL) {
        fwrite(text, 1, size, stdout); /* main looks whether it arrived */
        return EXIT_FINE;
    }
    int status = file_write(arguments->out, text, size);
    if (status < 0) {
        fprintf(stderr, "switchyard export: %s: %s\n", arguments->out, target_problem(status));
        return status == -EISDIR ? EXIT_USAGE : EXIT_INTERNAL;
    }
    return EXIT_FINE;
}

/* First all of it into memory, so that no half file is written. */
static int export_results(const struct arguments *arguments, const struct results *results)
{
    char *text = NULL;
    size_t size = 0;
    struct export export = {.results = results,
                            .out = open_memstream(&text, &size),
                            .notes = stderr,
                            .bigger = arguments->bigger};
    if (export.out == NULL) {
        fprintf(stderr, "switchyard export: %s\n", strerror(errno));
        return EXIT_INTERNAL;
    }
    if (!results->complete) {
        fprintf(stderr, "switchyard export: %s: the run did not finish\n", arguments->results);
    }
    int status = arguments->format->write(&export);
    if (fclose(export.out) != 0 || status < 0) {
        fprintf(stderr, "switchyard export: the text could not be made\n");
        free(text);
        return EXIT_INTERNAL;
    }
    status = deliver(arguments, text, size);
    free(text);
    return status;
}

int command_export(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct results *results;
    char error[RESULT_ERROR_BYTES];
    options_parse(&parser, argc, argv, &arguments);
    if (results_load(arguments.results, &results, error) < 0) {
        fprintf(stderr, "switchyard export: %s\n", error);
        return EXIT_USAGE;
    }
    int status = export_results(&arguments, results);
    results_free(results);
    return status;
}

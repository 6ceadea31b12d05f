/* report.c - `switchyard report`: writes the report of a results file, as a lesson. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "option_parts.h"
#include "plot_file.h"
#include "plot_text.h"
#include "report_path.h"
#include "report_sections.h"
#include "results_argument.h"
#include "results_trace.h"
#include "target.h"

struct report_options {
    const char *results;
    const char *out;     /* NULL: report.md next to the results */
    const char *figures; /* NULL: "figures" next to the results */
};

static const struct argp_option option_table[] = {
    {"out", 'o', "FILE", 0, "write the report there (default: report.md next to the results)", 0},
    {"figures", 'f', "DIR", 0, "where the figures are (default: figures next to the results)", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct report_options *options = state->input;
    switch (key) {
    case 'o':
        options->out = argument;
        return 0;
    case 'f':
        options->figures = argument;
        return 0;
    default:
        return results_argument(key, argument, state, &options->results);
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "RESULTS.json",
    .doc = "Writes the report of a results file as Markdown, with the figures that were drawn."
           "\vEvery number and every verdict is computed from the file. Draw the figures first.\n\n"
           "Examples:\n"
           "  switchyard plot r.json && switchyard report r.json\n"
           "  switchyard report r.json --out REPORT.md --figures docs/figures",
};

/* The report, from the first section to the last. */
static int (*const sections[])(const struct report *report) = {
    report_question, report_method, report_claims,  report_surprises, report_wrong,
    report_figures,  report_switch, report_summary, report_failures,  report_limits,
};

static int write_report(struct report *report, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    int error = 0;
    report->out = open_memstream(&text, &size);
    if (report->out == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < sizeof sections / sizeof sections[0] && error == 0; i++) {
        error = sections[i](report);
    }
    if (fclose(report->out) != 0 && error == 0) {
        error = -ENOMEM;
    }
    if (error == 0) {
        error = file_write(path, text, size);
    }
    free(text);
    return error;
}

int command_report(int argc, char **argv)
{
    struct report_options options = {0};
    struct results *results;
    char error[RESULT_ERROR_BYTES];
    char out[PATH_MAX];
    char figures[PATH_MAX];
    char link[PATH_MAX];
    struct lessons *lessons = NULL;
    error[0] = '\0';
    options_parse(&parser, argc, argv, &options);
    if (results_load(options.results, &results, error) < 0 ||
        results_attach_trace(results, options.results, error) < 0 ||
        ((lessons = wrong_load_beside(options.results, error)) == NULL && error[0] != '\0')) {
        fprintf(stderr, "switchyard report: %s\n", error);
        results_free(results);
        return EXIT_USAGE;
    }
    path_beside(out, sizeof out, options.results, "report.md");
    path_beside(figures, sizeof figures, options.results, "figures");
    const char *path = options.out == NULL ? out : options.out;
    const char *slash = strrchr(options.results, '/');
    struct report report = {
        .results = results,
        .source = slash == NULL ? options.results : slash + 1,
        .figures = options.figures == NULL ? figures : options.figures,
        .link = link,
        .lessons = lessons,
    };
    path_relative(link, sizeof link, path, report.figures);
    int status = write_report(&report, path);
    results_free(results);
    wrong_free(lessons);
    if (status < 0) {
        fprintf(stderr, "switchyard report: %s: %s\n", path, target_problem(status));
        return status == -EISDIR ? EXIT_USAGE : EXIT_INTERNAL;
    }
    printf("%s\n", path);
    return EXIT_FINE;
}

/* plot.c - `switchyard plot`: draws every figure for which the results hold the data. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "plot_draw.h"
#include "plot_figure.h"
#include "plot_text.h"
#include "result.h"

struct plot_options {
    const char *results;
    const char *folder; /* NULL: "figures" next to the results */
};

static const struct argp_option option_table[] = {
    {"out", 'o', "DIR", 0, "write the figures there (default: figures next to the results)", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct plot_options *options = state->input;
    switch (key) {
    case 'o':
        options->folder = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (options->results != NULL) {
            argp_error(state, "one results file, please: \"%s\" is a second one", argument);
        }
        options->results = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->results == NULL) {
            argp_error(state, "which results file?");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "RESULTS.json",
    .doc = "Draws the figures of a results file as SVG and PNG, each with its data and script.",
};

static int complain(const char *message)
{
    fprintf(stderr, "switchyard plot: %s\n", message);
    return EXIT_INTERNAL;
}

/* Draws one figure, or says why there is nothing to draw. */
static int plot_figure(const struct figure *figure, const struct results *results,
                       const char *source, const char *scripts, const char *folder)
{
    struct figure_text text;
    char error[DRAW_ERROR_BYTES];
    char *data;
    size_t size;
    int status = figure_prepare(figure, results, source, &text, &data, &size);
    if (status == -ENODATA) {
        printf("not drawn  %s: %s\n", figure->name, text.absent);
        return EXIT_FINE;
    }
    if (status < 0) {
        return complain(strerror(-status));
    }
    status = draw_write(figure, scripts, folder, data, size, error);
    free(data);
    if (status == 0) {
        status = draw_run(figure, &text, folder, error);
    }
    if (status < 0) {
        return complain(error);
    }
    printf("%s/%s.svg\n%s/%s.png\n", folder, figure->name, folder, figure->name);
    return EXIT_FINE;
}

static int plot_all(const struct results *results, const char *source, const char *folder)
{
    char scripts[PATH_MAX];
    if (draw_find_scripts(scripts, sizeof scripts) < 0) {
        char message[PATH_MAX + 64];
        text_format(message, sizeof message, "no plot scripts in %s (see SWITCHYARD_PLOTS)",
                    scripts);
        return complain(message);
    }
    int status = draw_make_folder(folder);
    if (status < 0) {
        char message[PATH_MAX + 64];
        text_format(message, sizeof message, "%s: %s", folder, strerror(-status));
        return complain(message);
    }
    for (size_t i = 0; i < FIGURES; i++) {
        int exit_status = plot_figure(figures[i], results, source, scripts, folder);
        if (exit_status != EXIT_FINE) {
            return exit_status;
        }
    }
    return EXIT_FINE;
}

int command_plot(int argc, char **argv)
{
    struct plot_options options = {0};
    struct results *results;
    char error[RESULT_ERROR_BYTES];
    char folder[PATH_MAX];
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&parser, argc, argv, 0, NULL, &options);
    if (results_load(options.results, &results, error) < 0) {
        fprintf(stderr, "switchyard plot: %s\n", error);
        return EXIT_USAGE;
    }
    const char *slash = strrchr(options.results, '/');
    const char *source = slash == NULL ? options.results : slash + 1;
    text_format(folder, sizeof folder, "%.*sfigures", (int)(source - options.results),
                options.results);
    int status = plot_all(results, source, options.folder == NULL ? folder : options.folder);
    results_free(results);
    return status;
}

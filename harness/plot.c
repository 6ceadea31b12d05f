/* plot.c - `switchyard plot`: draws every figure for which the results hold the data. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "option_parts.h"
#include "plot_draw.h"
#include "plot_figure.h"
#include "plot_text.h"
#include "result.h"
#include "results_argument.h"
#include "results_trace.h"

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
    default:
        return results_argument(key, argument, state, &options->results);
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "RESULTS.json",
    .doc =
        "Draws the figures of a results file as SVG and PNG, each with its data and script."
        "\vOnly figures for which the results hold the data are drawn; the others are named, with "
        "what they lack. The same results give the same bytes. With trace.json beside the "
        "results the timelines are drawn, too.\n\n"
        "Examples:\n"
        "  switchyard plot r.json\n"
        "  switchyard plot r.json --out /tmp/figures",
};

static int complain(const char *message)
{
    fprintf(stderr, "switchyard plot: %s\n", message);
    return EXIT_INTERNAL;
}

/* Where from and where to. */
struct job {
    const struct results *results;
    const char *source; /* name of the results file */
    const char *scripts;
    const char *folder;
};

/* Writes the data and script of a figure, or says why there is nothing to draw. What an earlier
 * run left of this figure is taken away first: it must not stand beside other figures. */
static int write_figure(const struct job *job, const struct figure *figure,
                        struct figure_text *text, bool *drawable)
{
    char error[DRAW_ERROR_BYTES];
    char *data;
    size_t size;
    *drawable = false;
    draw_remove(figure, job->folder);
    int status = figure_prepare(figure, job->results, job->source, text, &data, &size);
    if (status == -ENODATA) {
        printf("not drawn  %s: %s\n", figure->name, text->absent);
        return EXIT_FINE;
    }
    if (status < 0) {
        return complain(strerror(-status));
    }
    status = draw_write(figure, job->scripts, job->folder, data, size, error);
    free(data);
    if (status < 0) {
        return complain(error);
    }
    *drawable = true;
    return EXIT_FINE;
}

static int draw_figure(const struct job *job, const struct figure *figure,
                       const struct figure_text *text)
{
    char error[DRAW_ERROR_BYTES];
    if (draw_run(figure, text, job->folder, error) < 0) {
        return complain(error);
    }
    printf("%s/%s.svg\n%s/%s.png\n", job->folder, figure->name, job->folder, figure->name);
    return EXIT_FINE;
}

/* All data first: without gnuplot they can be drawn elsewhere. */
static int draw_all(const struct job *job)
{
    static struct figure_text texts[FIGURES]; /* too large for the stack */
    bool drawable[FIGURES];
    int status = EXIT_FINE;
    for (size_t i = 0; i < FIGURES && status == EXIT_FINE; i++) {
        status = write_figure(job, figures[i], &texts[i], &drawable[i]);
    }
    for (size_t i = 0; i < FIGURES && status == EXIT_FINE; i++) {
        status = drawable[i] ? draw_figure(job, figures[i], &texts[i]) : EXIT_FINE;
    }
    return status;
}

static int plot_all(const struct results *results, const char *source, const char *folder)
{
    char scripts[PATH_MAX];
    char message[PATH_MAX + 64];
    struct job job = {results, source, scripts, folder};
    if (draw_find_scripts(scripts, sizeof scripts) < 0) {
        text_format(message, sizeof message, "no plot scripts in %s (see SWITCHYARD_PLOTS)",
                    scripts);
        return complain(message);
    }
    int status = draw_make_folder(folder);
    if (status < 0) {
        text_format(message, sizeof message, "%s: %s", folder, strerror(-status));
        return complain(message);
    }
    return draw_all(&job);
}

int command_plot(int argc, char **argv)
{
    struct plot_options options = {0};
    struct results *results;
    char error[RESULT_ERROR_BYTES];
    char folder[PATH_MAX];
    options_parse(&parser, argc, argv, &options);
    if (results_load(options.results, &results, error) < 0 ||
        results_attach_trace(results, options.results, error) < 0) {
        fprintf(stderr, "switchyard plot: %s\n", error);
        results_free(results);
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

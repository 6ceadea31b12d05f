/* plot_figure.c - the list of figures, and what all of them share. */
#include "plot_figure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plot_context.h"
#include "plot_text.h"

enum {
    TITLE_WIDTH = 92, /* characters that fit the width of the drawing */
    SUBTITLE_WIDTH = 124,
    FOOTER_WIDTH = 165,
    SPREAD_MAX = 64,
    SPREAD_ROUNDS = 200,
};

const struct figure *const figures[FIGURES] = {
    &figure_ratio,     &figure_create,         &figure_anatomy,
    &figure_ablation,  &figure_tail,           &figure_histogram,
    &figure_time,      &figure_ring,           &figure_pairs,
    &figure_ledger,    &figure_memory,         &figure_policy,
    &figure_deep,      &figure_echo,           &figure_blocking,
    &figure_lateness,  &figure_preempt,        &figure_speedup,
    &figure_crossover, &figure_timeline_green, &figure_timeline_pthread,
};

int figure_absent(struct figure_text *text, const char *reason)
{
    text_format(text->absent, sizeof text->absent, "%s", reason);
    return -ENODATA;
}

const char *backend_words(const char *backend)
{
    if (strcmp(backend, "green") == 0) {
        return "green threads";
    }
    return strcmp(backend, "pthread") == 0 ? "OS threads" : backend;
}

void figure_block(FILE *data, const char *name, const char *columns)
{
    fprintf(data, "\n\n# %s\n# %s\n", name, columns);
}

/* A line of the text block, wrapped into two rows: the second may be empty. An empty field would
 * be no string to gnuplot, so it is a space. */
static void write_wrapped(FILE *data, const char *name, const char *string, size_t width)
{
    char line[FIGURE_TEXT_BYTES];
    text_clean(line, sizeof line, string);
    size_t length = text_width(line);
    const char *rest = text_wrap(line, length > width ? (length + width) / 3 : width);
    fprintf(data, "%s 1\t%s\n", name, line[0] == '\0' ? " " : line);
    fprintf(data, "%s 2\t%s\n", name, rest[0] == '\0' ? " " : rest);
}

/* Strings from the results may have come into the texts. */
void figure_clean_texts(struct figure_text *text)
{
    struct figure_text raw = *text;
    text_clean(text->title, sizeof text->title, raw.title);
    text_clean(text->subtitle, sizeof text->subtitle, raw.subtitle);
    text_clean(text->alt, sizeof text->alt, raw.alt);
    text_clean(text->absent, sizeof text->absent, raw.absent);
}

/* style.gp reads these rows by their place. */
void figure_write_text(FILE *data, const struct figure_text *text, const json_t *context,
                       const char *command)
{
    char footer[FIGURE_TEXT_BYTES];
    fprintf(data, "# text\n# name\tvalue\n");
    fprintf(data, "height\t%d\n", text->height);
    write_wrapped(data, "title", text->title, TITLE_WIDTH);
    write_wrapped(data, "subtitle", text->subtitle, SUBTITLE_WIDTH);
    fprintf(data, "frame\t%.6g\t%.6g\t%.6g\t%.6g\n", text->frame.left, text->frame.right,
            text->frame.bottom, text->frame.top);
    context_provenance(context, footer, sizeof footer);
    text_append(footer, sizeof footer, " · redraw: switchyard %s", command);
    write_wrapped(data, "footer", footer, FOOTER_WIDTH);
}

int figure_prepare(const struct figure *figure, const struct results *results, const char *source,
                   struct figure_text *text, char **data, size_t *size)
{
    char *body = NULL;
    size_t body_size = 0;
    memset(text, 0, sizeof *text);
    *data = NULL;
    FILE *stream = open_memstream(&body, &body_size);
    if (stream == NULL) {
        return -ENOMEM;
    }
    int error = figure->prepare(results, text, stream);
    if (fclose(stream) != 0 && error == 0) {
        error = -ENOMEM;
    }
    figure_clean_texts(text);
    if (error == 0) {
        stream = open_memstream(data, size);
        if (stream == NULL) {
            free(body);
            return -ENOMEM;
        }
        char command[FIGURE_TEXT_BYTES];
        text_format(command, sizeof command, "plot %s", source);
        figure_write_text(stream, text, results->context, command);
        fwrite(body, 1, body_size, stream);
        error = fclose(stream) == 0 ? 0 : -ENOMEM;
    }
    free(body);
    return error;
}

/* Indices of the positions in ascending order (insertion sort: there are few). */
static void order_positions(const double *positions, size_t count, size_t *order)
{
    for (size_t i = 0; i < count; i++) {
        size_t j = i;
        while (j > 0 && positions[order[j - 1]] > positions[i]) {
            order[j] = order[j - 1];
            j--;
        }
        order[j] = i;
    }
}

void figure_spread(double *positions, size_t count, double gap)
{
    size_t order[SPREAD_MAX];
    if (count > SPREAD_MAX) {
        return;
    }
    order_positions(positions, count, order);
    for (int round = 0; round < SPREAD_ROUNDS; round++) {
        for (size_t i = 1; i < count; i++) {
            double *below = &positions[order[i - 1]];
            double *above = &positions[order[i]];
            double lacking = gap - (*above - *below);
            if (lacking > 0) {
                *below -= lacking / 2;
                *above += lacking / 2;
            }
        }
    }
}

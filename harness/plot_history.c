/* plot_history.c - one metric over the entries of the history: values with their intervals, the
 * level between changes, and the changes. See plot_history.h. */
#include "plot_history.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plot_draw.h"
#include "plot_figure.h"
#include "plot_text.h"

/* More labels than this would stand on each other. */
#define TICS_MOST 8
#define REVISION_CHARACTERS 12

static const struct figure figure_history = {
    .name = "has_it_become_slower",
    .question = "Has it become slower?",
};

static const struct history_series *longest(const struct history_table *table)
{
    const struct history_series *best = &table->series[0];
    for (size_t i = 1; i < table->series_count; i++) {
        if (table->series[i].points_count > best->points_count) {
            best = &table->series[i];
        }
    }
    return best;
}

/* --- Blocks ---------------------------------------------------------------------------------- */

static double low_of(const struct history_value *value)
{
    return isfinite(value->low) ? value->low : value->value;
}

static double high_of(const struct history_value *value)
{
    return isfinite(value->high) ? value->high : value->value;
}

static void write_points(FILE *data, const struct history_series *series)
{
    figure_block(data, "green", "entry\tvalue\tlow\thigh");
    for (size_t i = 0; i < series->points_count; i++) {
        const struct history_value *value = series->points[i].value;
        fprintf(data, "%zu\t%.6g\t%.6g\t%.6g\n", i + 1, value->value, low_of(value),
                high_of(value));
    }
}

/* A horizontal line over each level: its first entry, its last, its median. */
static void write_levels(FILE *data, const struct history_series *series)
{
    size_t begin = 0;
    figure_block(data, "fit", "begin\tend\tmedian");
    for (size_t i = 0; i <= series->changes_count; i++) {
        size_t end = i < series->changes_count ? series->changes[i].at : series->points_count;
        double *values = alloc_array(end - begin, sizeof *values);
        for (size_t k = begin; k < end; k++) {
            values[k - begin] = series->points[k].value->value;
        }
        fprintf(data, "%.1f\t%.1f\t%.6g\n", (double)begin + 0.6, (double)end + 0.4,
                stats_median(values, end - begin));
        free(values);
        begin = end;
    }
}

/* Labels take turns at three heights, so that neighbours do not touch. */
static void write_changes(FILE *data, const struct history_series *series,
                          const struct acknowledgements *list, const struct frame *frame)
{
    figure_block(data, "marks", "entry\theight\ttext");
    for (size_t i = 0; i < series->changes_count; i++) {
        const struct change *change = &series->changes[i];
        const char *reason = acknowledged(list, series, change);
        char label[FIGURE_TEXT_BYTES];
        char clean[FIGURE_TEXT_BYTES];
        text_format(label, sizeof label, "%+.1f %%%s%s", 100 * (change->after / change->before - 1),
                    reason != NULL ? ": " : "", reason != NULL ? reason : "");
        text_clean(clean, sizeof clean, label);
        fprintf(data, "%.1f\t%.6g\t%s\n", (double)change->at + 0.5,
                frame->top - (frame->top - frame->bottom) * (0.04 + 0.05 * (double)(i % 3)), clean);
    }
}

static void write_names(FILE *data, const struct history_series *series)
{
    size_t step = (series->points_count + TICS_MOST - 1) / TICS_MOST;
    figure_block(data, "names", "entry\trevision");
    for (size_t i = 0; i < series->points_count; i += step) {
        char clean[FIGURE_TEXT_BYTES];
        text_clean(clean, sizeof clean, series->points[i].entry->revision);
        fprintf(data, "%zu\t%.*s\n", i + 1, REVISION_CHARACTERS, clean);
    }
}

/* --- Texts ----------------------------------------------------------------------------------- */

static void frame_of(const struct history_series *series, struct frame *frame)
{
    double low = INFINITY;
    double high = -INFINITY;
    for (size_t i = 0; i < series->points_count; i++) {
        low = fmin(low, low_of(series->points[i].value));
        high = fmax(high, high_of(series->points[i].value));
    }
    double room = fmax(high - low, fabs(high) * 0.01 + 1e-9);
    *frame = (struct frame){0.4, (double)series->points_count + 0.6, low - 0.1 * room,
                            high + 0.3 * room};
}

static void write_title(const struct history_series *series, struct figure_text *text)
{
    size_t count = series->changes_count;
    if (count == 0) {
        text_format(text->title, sizeof text->title, "%s has not changed in %zu measurements",
                    series->name, series->points_count);
        return;
    }
    const struct change *last = &series->changes[count - 1];
    double percent = 100 * (last->after / last->before - 1);
    text_format(text->title, sizeof text->title, "%s changed by %+.1f %% at revision %s, %s",
                series->name, percent, series->points[last->at].entry->revision,
                history_is_worse(series, last) ? "to the worse" : "to the better");
    if (count > 1) {
        text_append(text->title, sizeof text->title, "; %zu changes in all", count);
    }
}

static void write_texts(const struct history_series *series, struct figure_text *text)
{
    write_title(series, text);
    text_format(text->subtitle, sizeof text->subtitle,
                "%zu measurements, %s, in %s. Points: medians with 95 %% intervals; lines: the "
                "median of each level; a level begins where E-divisive with a t test finds p < "
                "0.001 in windows of %d",
                series->points_count,
                series->machine != NULL ? "of one machine and build" : "of all machines",
                series->unit, CHANGES_WINDOW);
    text_format(text->alt, sizeof text->alt,
                "Points with intervals against the measurements in their order, and a line for the "
                "median of each level. %s.",
                text->title);
    text->height = 520;
}

/* As a context of results, for the footer. */
static json_t *context_of(const struct history_entry *entry)
{
    json_t *context = json_object();
    json_t *cpu = json_object();
    json_object_set(cpu, "model", json_object_get(entry->about, "cpu.model"));
    json_object_set(cpu, "count", json_object_get(entry->about, "cpu.count"));
    json_object_set_new(context, "cpu", cpu);
    json_object_set(context, "kernel", json_object_get(entry->about, "kernel"));
    json_object_set(context, "compiler", json_object_get(entry->about, "compiler"));
    json_object_set_new(context, "revision", json_string(entry->revision));
    json_object_set_new(context, "time", json_string(entry->time));
    return context;
}

static int prepare(const struct history_series *series, const struct acknowledgements *list,
                   const char *source, struct figure_text *text, char **data, size_t *size)
{
    const struct history_entry *last = series->points[series->points_count - 1].entry;
    char command[FIGURE_TEXT_BYTES];
    FILE *stream = open_memstream(data, size);
    if (stream == NULL) {
        return -ENOMEM;
    }
    frame_of(series, &text->frame);
    write_texts(series, text);
    figure_clean_texts(text);
    text_format(command, sizeof command, "history plot --file %s", source);
    json_t *context = context_of(last);
    figure_write_text(stream, text, context, command);
    json_decref(context);
    write_points(stream, series);
    write_levels(stream, series);
    write_changes(stream, series, list, &text->frame);
    write_names(stream, series);
    return fclose(stream) == 0 ? 0 : -ENOMEM;
}

int plot_history(const struct history_table *table, const struct acknowledgements *list,
                 const char *source, const char *folder, char error[RESULT_ERROR_BYTES])
{
    static struct figure_text text; /* too large for the stack */
    char scripts[PATH_MAX];
    char *data = NULL;
    size_t size = 0;
    const char *slash = strrchr(source, '/');
    memset(&text, 0, sizeof text);
    if (draw_find_scripts(scripts, sizeof scripts) < 0) {
        text_format(error, RESULT_ERROR_BYTES, "no plot scripts in %.300s (see SWITCHYARD_PLOTS)",
                    scripts);
        return -ENOENT;
    }
    int status = draw_make_folder(folder);
    if (status < 0) {
        text_format(error, RESULT_ERROR_BYTES, "%.300s: %s", folder, strerror(-status));
        return status;
    }
    status = prepare(longest(table), list, slash != NULL ? slash + 1 : source, &text, &data, &size);
    if (status == 0) {
        status = draw_write(&figure_history, scripts, folder, data, size, error);
    }
    if (status == 0) {
        status = draw_run(&figure_history, &text, folder, error);
    }
    free(data);
    if (status == 0) {
        printf("%s/%s.svg\n%s/%s.png\n", folder, figure_history.name, folder, figure_history.name);
    }
    return status;
}

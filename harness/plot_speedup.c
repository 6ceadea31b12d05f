/* plot_speedup.c - how much faster is CPU-bound work on more processors? */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define WORKLOAD "speedup"
#define METRIC "total"

enum {
    GREEN,
    PTHREAD,
    BACKENDS,
};

/* Times become speed-ups over one proc, trial by trial. Without one proc there is nothing. */
static void divide(struct size_sweep *sweep)
{
    const struct sweep_point *one = sweep_at(sweep, 1);
    const struct result_row *base = one == NULL ? NULL : one->row;
    size_t kept = 0;
    for (size_t i = 0; i < sweep->points_count && base != NULL; i++) {
        struct sweep_point point = sweep->points[i];
        point.y = result_ratio(base, point.row);
        if (isfinite(point.y.value)) {
            sweep->points[kept++] = point;
        }
    }
    sweep->points_count = kept;
}

static const struct sweep_point *last_of(const struct size_sweep *sweep)
{
    return sweep->points_count == 0 ? NULL : &sweep->points[sweep->points_count - 1];
}

static void write_title(const struct size_sweep *sweeps, struct figure_text *text)
{
    size_t told = 0;
    for (int b = 0; b < BACKENDS; b++) {
        const struct sweep_point *last = last_of(&sweeps[b]);
        if (last == NULL || last->n < 2) {
            continue;
        }
        if (told++ == 0) {
            text_format(text->title, sizeof text->title,
                        "On %s processors %s are %s as fast as on one", text_count(last->n).s,
                        backend_words(sweeps[b].backend), text_ratio(last->y.value).s);
        } else {
            text_append(text->title, sizeof text->title, ", %s %s",
                        backend_words(sweeps[b].backend), text_ratio(last->y.value).s);
        }
        if (told == 2 && last->n != last_of(&sweeps[GREEN])->n) {
            text_append(text->title, sizeof text->title, " on %s", text_count(last->n).s);
        }
    }
    if (told == 0) {
        text_format(text->title, sizeof text->title,
                    "Measured on one processor only: no speed-up to tell");
    }
}

static void write_texts(const struct size_sweep *sweeps, struct figure_text *text)
{
    char processes[64];
    sweep_processes(sweeps, BACKENDS, processes, sizeof processes);
    write_title(sweeps, text);
    text_format(text->subtitle, sizeof text->subtitle,
                WORKLOAD
                ", %s. Point: median of the ratios of processes of one block; bar: its 95 %% "
                "bootstrap interval; grey: the ideal",
                processes);
    sweep_tell_failures(sweeps, BACKENDS, text->subtitle, sizeof text->subtitle);
    text_format(text->alt, sizeof text->alt,
                "Line chart: how many times faster CPU-bound tasks are done, against the number of "
                "processors, beside the ideal line. %s.",
                text->title);
    text->height = 560;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct size_sweep sweeps[BACKENDS];
    double low;
    double high;
    double most = 1;
    sweep_collect_by(results, WORKLOAD, "green", 0, METRIC, "procs", &sweeps[GREEN]);
    sweep_collect_by(results, WORKLOAD, "pthread", 0, METRIC, "procs", &sweeps[PTHREAD]);
    for (int b = 0; b < BACKENDS; b++) {
        divide(&sweeps[b]);
        most = sweeps[b].points_count > 0 ? fmax(most, last_of(&sweeps[b])->n) : most;
    }
    if (!sweep_range(sweeps, BACKENDS, &low, &high)) {
        return figure_absent(text, "the results hold no run of " WORKLOAD " on one proc");
    }
    text->frame = (struct frame){.left = 0.8,
                                 .right = most + 0.35 * (most - 0.8),
                                 .bottom = 0,
                                 .top = fmax(most, high) * 1.15};
    figure_block(data, "ideal", "procs\tspeed-up");
    fprintf(data, "1\t1\n%.0f\t%.0f\n", most, most);
    sweep_write_points(data, &sweeps[GREEN]);
    sweep_write_points(data, &sweeps[PTHREAD]);
    double heights[BACKENDS];
    figure_block(data, "labels", "procs\ty\tlabel");
    for (int b = 0; b < BACKENDS; b++) {
        heights[b] = sweeps[b].points_count > 0 ? last_of(&sweeps[b])->y.value : -text->frame.top;
    }
    figure_spread(heights, BACKENDS, text->frame.top * 0.06);
    for (int b = 0; b < BACKENDS; b++) {
        if (sweeps[b].points_count > 0) {
            fprintf(data, "%.0f\t%.6g\t%s\n", last_of(&sweeps[b])->n, heights[b], sweeps[b].label);
        }
    }
    write_texts(sweeps, text);
    return 0;
}

const struct figure figure_speedup = {
    .name = "do_more_processors_do_more_work",
    .question = "Do tasks that only compute get done faster on more processors?",
    .how_to_read =
        "Equal tasks that compute and never wait. On the grey line P processors do P times the "
        "work of one. What a point lies below it is lost to the scheduler, to unevenly filled "
        "processors at the end, or to whatever else the machine does.",
    .threat = "Two processors of one core, or of a shared machine, do less than twice the work of "
              "one whatever the scheduler does: compare the two lines with each other.",
    .prepare = prepare,
};

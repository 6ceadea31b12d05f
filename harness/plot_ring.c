/* plot_ring.c - does a switch get slower when there are more tasks? The sweep of switch.ring. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_context.h"
#include "plot_figure.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define WORKLOAD "switch.ring"
#define METRIC "switch"

enum {
    GREEN,
    PTHREAD,
    BACKENDS,
    CACHE_LINE_BYTES = 64,
};

struct cache {
    const char *path; /* in the context */
    const char *name;
};

static const struct cache caches[] = {
    {"cpu.l1d_bytes", "L1d"},
    {"cpu.l2_bytes", "L2"},
    {"cpu.l3_bytes", "L3"},
};

/* A task that is switched to touches at least one line of its own. So beyond size / line tasks a
 * cache cannot hold what a round touches, whatever the layout: the mark is an upper bound. */
static size_t write_caches(FILE *data, const struct results *results, double most_tasks)
{
    size_t written = 0;
    for (size_t i = 0; i < sizeof caches / sizeof caches[0]; i++) {
        double bytes = context_number(results->context, caches[i].path);
        double tasks = bytes / CACHE_LINE_BYTES;
        if (!(bytes > 0) || tasks > most_tasks) {
            continue;
        }
        if (written++ == 0) {
            figure_block(data, "caches", "tasks\tlabel");
        }
        fprintf(data, "%.0f\t%s %s KiB\n", tasks, caches[i].name, text_count(bytes / 1024).s);
    }
    return written;
}

/* Adds to the title what happened between the first and the last point. */
static bool add_trend(const struct size_sweep *sweep, bool first_of_title, struct figure_text *text)
{
    if (sweep->points_count < 2) {
        return false;
    }
    const struct sweep_point *first = &sweep->points[0];
    const struct sweep_point *last = &sweep->points[sweep->points_count - 1];
    text_append(text->title, sizeof text->title, "%s %s with %s %s, %s with %s",
                first_of_title ? "A switch takes" : ";", text_ns(first->y.value).s,
                text_count(first->n).s, backend_words(sweep->backend), text_ns(last->y.value).s,
                text_count(last->n).s);
    return true;
}

/* Not all sizes go round equally often: the plan chooses it by size. */
static void add_rounds(const struct results *results, struct figure_text *text)
{
    size_t position = 0;
    int64_t least = INT64_MAX;
    int64_t most = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, WORKLOAD, NULL, 0, NULL)) != NULL) {
        int64_t rounds;
        if (result_param(row, "rounds", &rounds)) {
            least = rounds < least ? rounds : least;
            most = rounds > most ? rounds : most;
        }
    }
    if (least < most) {
        text_append(text->subtitle, sizeof text->subtitle,
                    ". The sizes use different rounds (%s – %s)", text_count((double)least).s,
                    text_count((double)most).s);
    }
}

static void write_texts(const struct size_sweep *sweeps, int procs, size_t cache_marks,
                        struct figure_text *text)
{
    char processes[64];
    bool green = add_trend(&sweeps[GREEN], true, text);
    bool pthread = add_trend(&sweeps[PTHREAD], !green, text);
    if (!green && !pthread) {
        text_format(text->title, sizeof text->title,
                    "The cost of a switch with one ring size only: no trend to tell");
    }
    sweep_processes(sweeps, BACKENDS, processes, sizeof processes);
    text_format(text->subtitle, sizeof text->subtitle,
                WORKLOAD ", %d proc%s, %s. Point: median per hop; bar: 95 %% bootstrap interval%s",
                procs, procs == 1 ? "" : "s", processes,
                cache_marks > 0 ? "; dashed: beyond it not even one 64-byte line of each task fits"
                                : "");
    text_format(
        text->alt, sizeof text->alt,
        "Line chart, both axes logarithmic: time of one hop round a ring against the number "
        "of tasks in the ring. %s.",
        text->title);
    text->height = 560;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct size_sweep sweeps[BACKENDS];
    double low;
    double high;
    int procs = results_min_procs(results, WORKLOAD);
    sweep_collect(results, WORKLOAD, "green", procs, METRIC, &sweeps[GREEN]);
    sweep_collect(results, WORKLOAD, "pthread", procs, METRIC, &sweeps[PTHREAD]);
    if (!sweep_range(sweeps, BACKENDS, &low, &high)) {
        return figure_absent(text, "the results hold no run of " WORKLOAD " that was ok");
    }
    double most = 0;
    for (size_t s = 0; s < BACKENDS; s++) {
        size_t count = sweeps[s].points_count;
        most = count > 0 ? fmax(most, sweeps[s].points[count - 1].n) : most;
    }
    text->frame = sweep_frame(sweeps, BACKENDS);
    sweep_write_points(data, &sweeps[GREEN]);
    sweep_write_points(data, &sweeps[PTHREAD]);
    sweep_write_labels(data, sweeps, BACKENDS, &text->frame);
    sweep_write_failures(data, sweeps, BACKENDS, &text->frame, 1);
    write_texts(sweeps, procs, write_caches(data, results, most), text);
    add_rounds(results, text);
    return 0;
}

const struct figure figure_ring = {
    .name = "do_more_tasks_slow_the_switch",
    .question = "Does a switch get slower when there are more tasks to switch between?",
    .how_to_read =
        "N tasks pass a token round a ring. Both axes are logarithmic. As long as what a round "
        "touches fits a cache the line is flat; where it no longer fits the line bends up (a "
        "\"knee\"). The dashed lines are upper bounds for the knees: beyond them a cache cannot "
        "hold even one line of each task. A task touches several lines, so expect the knee before "
        "that.",
    .threat = "The tasks touch nothing but their own stack and queue entry. Real tasks bring a "
              "working set, and its cache misses can cost more than the switch itself.",
    .prepare = prepare,
};

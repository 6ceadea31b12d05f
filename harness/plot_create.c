/* plot_create.c - what does it cost to create a task and join it again, and how many will the
 * system give? The sweep of create.batch, and the refusals of create.limit. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define WORKLOAD "create.batch"
#define METRIC "create"
#define COLD_METRIC "create_cold"
#define LIMIT_WORKLOAD "create.limit"

enum {
    GREEN,
    PTHREAD,
    BACKENDS,
    GREEN_COLD = BACKENDS, /* the first batch of a process: stacks that were never used */
    PTHREAD_COLD,
    SWEEPS,
};

/* Did create.limit end because the system refused one more, and not at the limit that it was told?
 */
static bool was_refused(const struct result_row *row)
{
    int64_t told;
    return row->status == TRIAL_OK && row->median > 0 && result_param(row, "max", &told) &&
           row->median < (double)told;
}

/* Where create.limit found an end of what the system gives, that is a refusal too. */
static void add_limit(const struct results *results, struct size_sweep *sweep)
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, LIMIT_WORKLOAD, sweep->backend, 0, "tasks")) !=
           NULL) {
        if (was_refused(row)) {
            sweep_add_failure(sweep, row->median,
                              row->note == NULL ? "the next one was refused" : row->note);
        }
    }
}

/* The largest number of tasks that both managed; 0 if there is none. */
static double largest_common(const struct size_sweep *sweeps)
{
    for (size_t i = sweeps[GREEN].points_count; i > 0; i--) {
        double n = sweeps[GREEN].points[i - 1].n;
        if (sweep_at(&sweeps[PTHREAD], n) != NULL) {
            return n;
        }
    }
    return 0;
}

static void write_title(const struct size_sweep *sweeps, struct figure_text *text)
{
    double n = largest_common(sweeps);
    if (n > 0) {
        double green = sweep_at(&sweeps[GREEN], n)->y.value;
        double pthread = sweep_at(&sweeps[PTHREAD], n)->y.value;
        text_format(text->title, sizeof text->title,
                    "%s at a time, a green thread costs %s to create and join, an OS thread %s: %s",
                    text_count(n).s, text_ns(green).s, text_ns(pthread).s,
                    text_ratio(pthread / green).s);
        return;
    }
    const struct size_sweep *only =
        sweeps[GREEN].points_count > 0 ? &sweeps[GREEN] : &sweeps[PTHREAD];
    const struct sweep_point *last = &only->points[only->points_count - 1];
    text_format(text->title, sizeof text->title, "%s at a time, %s costs %s", text_count(last->n).s,
                only == &sweeps[GREEN] ? "a green thread" : "an OS thread",
                text_ns(last->y.value).s);
}

static void write_refusals(const struct size_sweep *sweeps, struct figure_text *text)
{
    for (size_t s = 0; s < BACKENDS; s++) {
        for (size_t i = 0; i < sweeps[s].failures_count; i++) {
            text_append(text->alt, sizeof text->alt, " Failed: %s, %s tasks, %s.",
                        backend_words(sweeps[s].backend), text_count(sweeps[s].failures[i].n).s,
                        sweeps[s].failures[i].reason);
        }
    }
}

static void write_texts(const struct size_sweep *sweeps, int procs, struct figure_text *text)
{
    char processes[64];
    bool failed = sweeps[GREEN].failures_count + sweeps[PTHREAD].failures_count > 0;
    bool cold = sweeps[GREEN_COLD].points_count + sweeps[PTHREAD_COLD].points_count > 0;
    sweep_processes(sweeps, BACKENDS, processes, sizeof processes);
    write_title(sweeps, text);
    text_format(
        text->subtitle, sizeof text->subtitle,
        WORKLOAD ", %d proc%s, %s. Point: median per task; bar: 95 %% bootstrap interval%s%s",
        procs, procs == 1 ? "" : "s", processes,
        cold ? "; dashed: the first batch of a process" : "",
        failed ? "; cross: so many existed when the next was refused, or so many failed" : "");
    text_format(text->alt, sizeof text->alt,
                "Line chart, both axes logarithmic: cost per task of creating and joining N tasks, "
                "against N. %s.",
                text->title);
    write_refusals(sweeps, text);
    text->height = 560;
}

/* Its failures are those of the whole process, and so told already. */
static void collect_cold(const struct results *results, const char *backend, int procs,
                         struct size_sweep *sweep)
{
    bool green = strcmp(backend, "green") == 0;
    sweep_collect(results, WORKLOAD, backend, procs, COLD_METRIC, sweep);
    sweep->failures_count = 0;
    sweep->block = green ? "cold_green" : "cold_pthread";
    sweep->label = green ? "green threads, first use" : "OS threads, first use";
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct size_sweep sweeps[SWEEPS];
    double low;
    double high;
    int procs = results_min_procs(results, WORKLOAD);
    sweep_collect(results, WORKLOAD, "green", procs, METRIC, &sweeps[GREEN]);
    sweep_collect(results, WORKLOAD, "pthread", procs, METRIC, &sweeps[PTHREAD]);
    collect_cold(results, "green", procs, &sweeps[GREEN_COLD]);
    collect_cold(results, "pthread", procs, &sweeps[PTHREAD_COLD]);
    if (!sweep_range(sweeps, BACKENDS, &low, &high)) {
        return figure_absent(text, "the results hold no run of " WORKLOAD " that was ok");
    }
    add_limit(results, &sweeps[GREEN]);
    add_limit(results, &sweeps[PTHREAD]);
    write_texts(sweeps, procs, text);
    text->frame = sweep_frame(sweeps, SWEEPS);
    for (int i = 0; i < SWEEPS; i++) {
        sweep_write_points(data, &sweeps[i]);
    }
    sweep_write_labels(data, sweeps, SWEEPS, &text->frame);
    sweep_write_failures(data, sweeps, BACKENDS, &text->frame, 1);
    return 0;
}

const struct figure figure_create = {
    .name = "what_does_it_cost_to_create_n_tasks",
    .question = "What does it cost to create a task and join it, when N are alive at once, and "
                "where does it end?",
    .how_to_read =
        "Both axes are logarithmic. A flat line means that the cost of one task does not depend on "
        "how many there are; a line that falls means that a fixed cost is shared by more of them; "
        "one that rises means that tasks get in each other's way (caches, the kernel's tables). A "
        "cross stands at the number that existed when the next was refused (create.limit) or at an "
        "N "
        "that failed, with the reason. The dashed green line falls at first because the first task "
        "has a batch of 64 stacks prepared at once: with N = 1 that one pays for all 64.",
    .threat =
        "The tasks do nothing, so this is the least that a task can cost. The solid lines are "
        "batches after the first, for which both sides recycle what they can; the dashed line "
        "is the first batch of each process, one sample a process.",
    .prepare = prepare,
};

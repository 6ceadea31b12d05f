/* plot_blocking.c - how much work is left when part of it blocks? Throughput of blocking.mix. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_pair.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define WORKLOAD "blocking.mix"
#define METRIC "throughput"
#define PARAM "share"

enum {
    GREEN,
    PTHREAD,
    BACKENDS,
};

/* The first and the last share that both did, with equal work. */
static void write_title(const struct size_sweep *sweeps, struct figure_text *text)
{
    size_t told = 0;
    double last = sweep_largest_common(&sweeps[GREEN], &sweeps[PTHREAD]);
    for (size_t i = 0; i < sweeps[GREEN].points_count; i++) {
        const struct sweep_point *green = &sweeps[GREEN].points[i];
        const struct sweep_point *pthread = sweep_at(&sweeps[PTHREAD], green->n);
        if (pthread == NULL || (told > 0 && green->n != last)) {
            continue;
        }
        struct interval ratio = pair_ratio(green->row, pthread->row);
        if (!isfinite(ratio.value)) {
            continue;
        }
        text_append(text->title, sizeof text->title,
                    told++ == 0 ? "Green threads do %s the work of OS threads if %.0f %% of it are "
                                  "blocking calls"
                                : ", %s if %.0f %% are",
                    text_ratio(ratio.value).s, green->n);
    }
    if (told == 0) {
        text_format(
            text->title, sizeof text->title,
            "Throughput beside blocking calls: the two sides have no equal work to compare");
    }
}

/* The share of CPU-bound work that goes on beside blocking calls. */
static void add_progress(const struct results *results, int procs, struct figure_text *text)
{
    const char *before = ". CPU-bound tasks beside blocking calls achieve ";
    static const char *const backends[BACKENDS] = {"green", "pthread"};
    for (int b = 0; b < BACKENDS; b++) {
        size_t position = 0;
        const struct result_row *row =
            results_next(results, &position, WORKLOAD, backends[b], procs, "progress");
        if (row != NULL && row->status == TRIAL_OK) {
            text_append(text->subtitle, sizeof text->subtitle, "%s%s %% (%s)", before,
                        text_significant(row->median).s, backend_words(backends[b]));
            before = ", ";
        }
    }
}

static void write_texts(const struct results *results, const struct size_sweep *sweeps, int procs,
                        struct figure_text *text)
{
    char processes[64];
    sweep_processes(sweeps, BACKENDS, processes, sizeof processes);
    write_title(sweeps, text);
    text_format(text->subtitle, sizeof text->subtitle,
                WORKLOAD ", %d proc%s, %s. Point: median; bar: 95 %% bootstrap interval", procs,
                procs == 1 ? "" : "s", processes);
    add_progress(results, procs, text);
    sweep_tell_failures(sweeps, BACKENDS, text->subtitle, sizeof text->subtitle);
    text_format(text->alt, sizeof text->alt,
                "Line chart, operations a second on a logarithmic axis against the share of "
                "operations that block in the kernel. %s.",
                text->title);
    text->height = 560;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct size_sweep sweeps[BACKENDS];
    double low;
    double high;
    int procs = results_min_procs(results, WORKLOAD);
    sweep_collect_by(results, WORKLOAD, "green", procs, METRIC, PARAM, &sweeps[GREEN]);
    sweep_collect_by(results, WORKLOAD, "pthread", procs, METRIC, PARAM, &sweeps[PTHREAD]);
    if (!sweep_range(sweeps, BACKENDS, &low, &high)) {
        return figure_absent(text, "the results hold no run of " WORKLOAD " that was ok");
    }
    /* The axis is the share, 0 to 100 %; on its right is room for the labels. */
    text->frame = (struct frame){.left = -4, .right = 122, .bottom = low / 2, .top = high * 2};
    sweep_write_points(data, &sweeps[GREEN]);
    sweep_write_points(data, &sweeps[PTHREAD]);
    sweep_write_labels(data, sweeps, BACKENDS, &text->frame);
    write_texts(results, sweeps, procs, text);
    return 0;
}

const struct figure figure_blocking = {
    .name = "how_much_work_is_left_beside_blocking_calls",
    .question = "How much work is left when part of it blocks in the kernel?",
    .how_to_read =
        "Each task does the same operations: some compute for a few microseconds, the others sleep "
        "in a system call. From left to right more of them block. The kernel takes a blocked "
        "thread off the processor by itself; the green runtime has to notice the call and hand the "
        "proc to another worker. Where the lines meet, that costs as much as it saves.",
    .threat =
        "A call that sleeps takes no processor time, and so hides what it costs to make it; real "
        "calls (name resolution, files) do some work in the kernel. All calls have one length.",
    .prepare = prepare,
};

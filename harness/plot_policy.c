/* plot_policy.c - what does a task hold that has waited for long, by how its stack takes memory? */
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define WORKLOAD "memory.cold"

enum { GREEN_LAZY, GREEN_FIXED, GREEN_HIBERNATE, THREADS, WAYS };

static const char *const labels[WAYS] = {"green threads, lazy stacks",
                                         "green threads, fixed stacks",
                                         "green threads that hibernate", "OS threads"};

static int way_of(const struct result_row *row)
{
    int64_t policy = 0;
    if (strcmp(row->backend, "green") != 0) {
        return THREADS;
    }
    return result_param(row, "policy", &policy) && policy >= 1 && policy <= 3 ? (int)policy - 1
                                                                              : WAYS;
}

/* Of each way the row with the most tasks. */
static void collect(const struct results *results, const struct result_row *found[WAYS])
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, WORKLOAD, NULL, 0, "total")) != NULL) {
        int way = way_of(row);
        if (way < WAYS && row->status == TRIAL_OK && row->median > 0 &&
            (found[way] == NULL || sweep_tasks(row) > sweep_tasks(found[way]))) {
            found[way] = row;
        }
    }
}

static void write_points(FILE *data, const struct result_row *const found[WAYS])
{
    figure_block(data, "points", "bytes\tlow\thigh\tplace\tcolour (1 green, 2 OS threads)\tlabel");
    for (int way = 0; way < WAYS; way++) {
        const struct result_row *row = found[way];
        if (row != NULL) {
            double low = row->ci_low > 0 ? row->ci_low : row->median;
            fprintf(data, "%.6g\t%.6g\t%.6g\t%d\t%d\t%s: %s per task (%s tasks)\n", row->median,
                    low, row->ci_high, WAYS - way, way == THREADS ? 2 : 1, labels[way],
                    text_bytes(row->median).s, text_count((double)sweep_tasks(row)).s);
        }
    }
}

static void write_title(const struct result_row *const found[WAYS], struct figure_text *text)
{
    const struct result_row *cold = found[GREEN_HIBERNATE];
    const struct result_row *other = found[GREEN_LAZY] != NULL ? found[GREEN_LAZY] : found[THREADS];
    if (cold != NULL && other != NULL) {
        text_format(text->title, sizeof text->title,
                    "A green thread that hibernates holds %s, one %s %s",
                    text_bytes(cold->median).s,
                    other == found[THREADS] ? "of the kernel's" : "with a lazy stack",
                    text_bytes(other->median).s);
        return;
    }
    for (int way = 0; way < WAYS; way++) {
        if (found[way] != NULL) {
            text_format(text->title, sizeof text->title, "Of %s each holds %s", labels[way],
                        text_bytes(found[way]->median).s);
        }
    }
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    const struct result_row *found[WAYS] = {NULL};
    double least = INFINITY;
    double most = 0;
    collect(results, found);
    for (int way = 0; way < WAYS; way++) {
        if (found[way] != NULL) {
            least = fmin(least, found[way]->median);
            most = fmax(most, found[way]->ci_high);
        }
    }
    if (most <= 0) {
        return figure_absent(text, "the results hold no run of " WORKLOAD " that was ok");
    }
    write_title(found, text);
    text_format(text->subtitle, sizeof text->subtitle,
                WORKLOAD ". RSS + page tables + kernel stacks + slab, each by the largest number "
                         "of tasks measured. Bar: 95 %% bootstrap interval");
    text_format(text->alt, sizeof text->alt,
                "Points on a logarithmic axis: bytes per task that has waited for long. %s.",
                text->title);
    text->height = 360;
    text->frame =
        (struct frame){.left = least / 2, .right = most * 4, .bottom = 0.4, .top = WAYS + 0.7};
    write_points(data, found);
    return 0;
}

const struct figure figure_policy = {
    .name = "what_does_a_waiting_task_hold",
    .question = "What does a task hold that has waited for long?",
    .how_to_read =
        "Further to the left is less memory. A fixed stack is committed as a whole when it is used "
        "first, a lazy one page by page; a task that hibernates keeps only the bytes in use, until "
        "it is woken or touched.",
    .threat =
        "The tasks wait in one shallow call: deeper ones keep more bytes, and those with more "
        "than 16 KiB in use do not hibernate. The kernel's part is measured machine-wide.",
    .prepare = prepare,
};

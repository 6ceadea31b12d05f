/* plot_memory.c - how much memory do N parked tasks hold? Totals and the fitted slope. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_footprint.h"
#include "plot_sweep.h"
#include "plot_text.h"

enum {
    GREEN,
    PTHREAD,
    BACKENDS,
};

static const char *const backends[BACKENDS] = {"green", "pthread"};

struct fit {
    struct size_sweep sweep; /* totals and failures against n */
    struct interval slope;   /* bytes per task */
    bool cut[SWEEP_POINTS];  /* of a point: its bar reaches to 0 or below, which has no place */
    size_t cuts;
    size_t left_out; /* sizes for which there is no room */
    size_t lost;     /* points that are themselves not above 0: noise */
};

/* A logarithmic axis has no place for 0 and below: a bar that reaches there is cut at the edge, and
 * a point that lies there is not drawn; the subtitle says so. */
static void add_point(struct fit *fit, double n, struct interval total, size_t processes)
{
    size_t at = fit->sweep.points_count;
    if (!(total.value > 0)) {
        fit->lost++;
        return;
    }
    fit->cut[at] = !(total.low > 0);
    if (fit->cut[at]) {
        fit->cuts++;
        total.low = total.value;
    }
    fit->sweep.points[at] = (struct sweep_point){.n = n, .y = total, .processes = processes};
    fit->sweep.points_count++;
}

/* Draws the cut bars down to the edge. */
static void lengthen_cut_bars(const struct fit *fit, struct size_sweep *sweep, double bottom)
{
    for (size_t i = 0; i < sweep->points_count; i++) {
        if (fit->cut[i]) {
            sweep->points[i].y.low = bottom;
        }
    }
}

static int measure(const struct results *results, const char *backend, struct fit *fit)
{
    struct footprint *footprint = footprint_new(results, backend);
    memset(fit, 0, sizeof *fit);
    if (footprint == NULL) {
        return -ENOMEM;
    }
    /* No metric has this name: only the failures are taken from the rows. */
    sweep_collect(results, FOOTPRINT_WORKLOAD, backend,
                  results_min_procs(results, FOOTPRINT_WORKLOAD), "", &fit->sweep);
    fit->slope = footprint_slope(footprint, FOOTPRINT_TOTAL);
    for (size_t i = 0; i < footprint->sizes_count; i++) {
        double n = footprint->sizes[i];
        struct interval total = footprint_at(footprint, n, FOOTPRINT_TOTAL);
        add_point(fit, n, total, footprint_processes(footprint, n));
    }
    fit->left_out = footprint->sizes_left_out;
    footprint_free(footprint);
    return 0;
}

/* The line that the slope stands for: slope × n, from the first to the last point. */
static void write_fit(FILE *data, const struct fit *fits)
{
    figure_block(data, "fit", "tasks\tbytes\tbackend (1 green, 2 OS threads)");
    for (int b = 0; b < BACKENDS; b++) {
        const struct size_sweep *sweep = &fits[b].sweep;
        if (sweep->points_count < 2) {
            continue;
        }
        double from = sweep->points[0].n;
        double to = sweep->points[sweep->points_count - 1].n;
        fprintf(data, "%.0f\t%.6g\t%d\n%.0f\t%.6g\t%d\n\n", from, from * fits[b].slope.value, b + 1,
                to, to * fits[b].slope.value, b + 1);
    }
}

/* The upper line has its label on its left, the lower one on its right: there is room. */
static void write_labels(FILE *data, const struct fit *fits)
{
    int upper = fits[PTHREAD].slope.value > fits[GREEN].slope.value ? PTHREAD : GREEN;
    figure_block(data, "labels", "tasks\tbytes\tlabel\tslope\tinterval\tside");
    for (int b = 0; b < BACKENDS; b++) {
        const struct size_sweep *sweep = &fits[b].sweep;
        if (sweep->points_count == 0) {
            continue;
        }
        const struct sweep_point *last = &sweep->points[sweep->points_count - 1];
        fprintf(data, "%.0f\t%.6g\t%s\t%s per task\t", last->n, last->y.value,
                backend_words(backends[b]), text_bytes(fits[b].slope.value).s);
        if (fits[b].slope.low < fits[b].slope.high) {
            fprintf(data, "(95 %%: %s – %s)", text_bytes(fits[b].slope.low).s,
                    text_bytes(fits[b].slope.high).s);
        } else {
            fputs("(no interval)", data);
        }
        fprintf(data, "\t%d\n", upper == b ? -1 : 1);
    }
}

static void write_title(const struct fit *fits, struct figure_text *text)
{
    double green = fits[GREEN].slope.value;
    double pthread = fits[PTHREAD].slope.value;
    if (isfinite(green) && isfinite(pthread)) {
        text_format(text->title, sizeof text->title,
                    "Each further parked green thread holds %s, each further OS thread %s",
                    text_bytes(green).s, text_bytes(pthread).s);
    } else {
        text_format(text->title, sizeof text->title, "Each further parked %s holds %s",
                    isfinite(green) ? "green thread" : "OS thread",
                    text_bytes(isfinite(green) ? green : pthread).s);
    }
}

/* What the logarithmic axis could not show. */
static void add_losses(const struct fit *fits, struct figure_text *text)
{
    size_t cuts = fits[GREEN].cuts + fits[PTHREAD].cuts;
    size_t lost = fits[GREEN].lost + fits[PTHREAD].lost;
    size_t left_out = fits[GREEN].left_out + fits[PTHREAD].left_out;
    if (left_out > 0) {
        text_append(text->subtitle, sizeof text->subtitle, "; sizes left out: %zu", left_out);
    }
    if (cuts > 0) {
        text_append(text->subtitle, sizeof text->subtitle,
                    "; cut at the edge because they reach 0 or below: %zu bar%s", cuts,
                    cuts == 1 ? "" : "s");
    }
    if (lost > 0) {
        text_append(text->subtitle, sizeof text->subtitle,
                    "; not drawn, no growth above the noise: %zu point%s", lost,
                    lost == 1 ? "" : "s");
    }
}

static void write_texts(const struct fit *fits, const struct size_sweep *sweeps,
                        struct figure_text *text)
{
    char processes[64];
    bool line = false;
    write_title(fits, text);
    for (int b = 0; b < BACKENDS; b++) {
        line = line || sweeps[b].points_count > 1;
    }
    sweep_processes(sweeps, BACKENDS, processes, sizeof processes);
    text_format(text->subtitle, sizeof text->subtitle,
                FOOTPRINT_WORKLOAD ", %s. RSS + page tables + kernel stacks + slab. Bar: 95 %% "
                                   "bootstrap interval%s",
                processes, line ? "; line: slope of least squares × N" : "");
    add_losses(fits, text);
    text_format(text->alt, sizeof text->alt,
                "Line chart, both axes logarithmic: memory held by N parked tasks against N. %s.",
                text->title);
    for (int b = 0; b < BACKENDS; b++) {
        if (isfinite(fits[b].slope.value)) {
            text_append(text->alt, sizeof text->alt, " Per task, %s: %s.",
                        backend_words(backends[b]), text_interval(fits[b].slope, "B").s);
        }
        for (size_t i = 0; i < sweeps[b].failures_count; i++) {
            text_append(text->alt, sizeof text->alt, " Failed: %s, %s tasks, %s.",
                        backend_words(backends[b]), text_count(sweeps[b].failures[i].n).s,
                        sweeps[b].failures[i].reason);
        }
    }
    text->height = 560;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct fit fits[BACKENDS];
    struct size_sweep sweeps[BACKENDS];
    double low;
    double high;
    for (int b = 0; b < BACKENDS; b++) {
        int error = measure(results, backends[b], &fits[b]);
        if (error != 0) {
            return error;
        }
        sweeps[b] = fits[b].sweep;
    }
    if (!sweep_range(sweeps, BACKENDS, &low, &high)) {
        return figure_absent(text, "the results hold no run of " FOOTPRINT_WORKLOAD
                                   " with a memory ledger");
    }
    write_texts(fits, sweeps, text);
    text->frame = sweep_frame(sweeps, BACKENDS);
    lengthen_cut_bars(&fits[GREEN], &sweeps[GREEN], text->frame.bottom);
    lengthen_cut_bars(&fits[PTHREAD], &sweeps[PTHREAD], text->frame.bottom);
    sweep_write_points(data, &sweeps[GREEN]);
    sweep_write_points(data, &sweeps[PTHREAD]);
    write_fit(data, fits);
    write_labels(data, fits);
    sweep_write_failures(data, sweeps, BACKENDS, &text->frame, 1);
    return 0;
}

const struct figure figure_memory = {
    .name = "how_much_memory_do_n_tasks_hold",
    .question = "How much memory do N parked tasks hold?",
    .how_to_read =
        "Both axes are logarithmic, so a fixed cost per task is a straight line of slope one and "
        "its height is the cost; points above the line on the left are a fixed cost that few tasks "
        "share. The bytes per task are the slope of the fitted line, not one division. A cross "
        "marks a number that could not be reached, with the reason.",
    .threat = "As for the ledger: the kernel's part is measured machine-wide, and at small N it is "
              "noise. The slope is ruled by the largest N.",
    .prepare = prepare,
};

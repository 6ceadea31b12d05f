/* plot_time.c - when are hops slow? Percentiles of hop latencies in slices of time. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_text.h"
#include "stats.h"

#define WORKLOAD "switch.time"

enum {
    GREEN,
    PTHREAD,
    BACKENDS,
    LEVELS = 5,
    SLICES_MAX = 500,
};

static const char *const backends[BACKENDS] = {"green", "pthread"};

static const struct {
    const char *metric;
    const char *label;
} levels[LEVELS] = {
    {"p50", "50 %"}, {"p90", "90 %"}, {"p99", "99 %"}, {"p999", "99.9 %"}, {"max", "slowest"}};

/* One process of a back end, slice by slice. */
struct series {
    const struct result_trial *trials[LEVELS];
    size_t slices;
    double slice_ms;
};

static const struct result_trial *first_good(const struct result_row *row)
{
    for (size_t i = 0; i < row->trials_count; i++) {
        if (row->trials[i].status == TRIAL_OK && row->trials[i].samples_count > 0) {
            return &row->trials[i];
        }
    }
    return NULL;
}

/* False if a level is missing. */
static bool collect(const struct results *results, const char *backend, struct series *series)
{
    *series = (struct series){.slices = SLICES_MAX};
    for (int level = 0; level < LEVELS; level++) {
        size_t position = 0;
        int64_t slice_us = 0;
        const struct result_row *row =
            results_next(results, &position, WORKLOAD, backend, 1, levels[level].metric);
        const struct result_trial *trial =
            row != NULL && row->status == TRIAL_OK ? first_good(row) : NULL;
        if (trial == NULL || !result_param(row, "slice_us", &slice_us)) {
            series->slices = 0;
            return false;
        }
        series->trials[level] = trial;
        series->slice_ms = (double)slice_us / 1000;
        series->slices =
            trial->samples_count < series->slices ? trial->samples_count : series->slices;
    }
    return true;
}

/* A slice's value as the colour scale takes it: a logarithm of 0 is nowhere. */
static double sample(const struct series *series, int level, size_t slice)
{
    return fmax(series->trials[level]->samples[slice], 1);
}

static void write_series(FILE *data, const struct series *series, const char *backend)
{
    figure_block(data, backend, "ms\tlevel\tns");
    for (size_t slice = 0; slice < series->slices; slice++) {
        for (int level = 0; level < LEVELS; level++) {
            fprintf(data, "%.6g\t%d\t%.6g\n", ((double)slice + 0.5) * series->slice_ms, level,
                    sample(series, level, slice));
        }
    }
}

/* The median over the slices. */
static double typical(const struct series *series, int level)
{
    return stats_median(series->trials[level]->samples, series->slices);
}

static void write_title(const struct series *all, struct figure_text *text)
{
    size_t told = 0;
    for (int b = 0; b < BACKENDS; b++) {
        if (all[b].slices > 0) {
            text_append(text->title, sizeof text->title, "%s of %s %s (the median hop %s)",
                        told++ == 0 ? "The slowest hop in a slice of time takes, typically," : ",",
                        backend_words(backends[b]), text_ns(typical(&all[b], LEVELS - 1)).s,
                        text_ns(typical(&all[b], 0)).s);
        }
    }
}

static void write_texts(const struct series *all, struct figure_text *text)
{
    const struct series *any = all[GREEN].slices > 0 ? &all[GREEN] : &all[PTHREAD];
    write_title(all, text);
    text_format(text->subtitle, sizeof text->subtitle,
                WORKLOAD
                ", one processor, one process of each kind, %zu slices of %s ms, one after "
                "the other. Colour: this share of the hops in the slice is at least this "
                "fast, on one scale for both",
                any->slices, text_significant(any->slice_ms).s);
    text_format(text->alt, sizeof text->alt,
                "Heat map of hop latencies over time, a panel for each back end: from bottom to "
                "top the median, 90 %%, 99 %%, 99.9 %% and the slowest hop of each slice. %s.",
                text->title);
    text->height = 560;
}

static void find_frame(const struct series *all, struct figure_text *text)
{
    double right = 0;
    for (int b = 0; b < BACKENDS; b++) {
        right = fmax(right, (double)all[b].slices * all[b].slice_ms);
    }
    text->frame = (struct frame){0, right, -0.5, LEVELS - 0.5};
}

static void write_scale(FILE *data, const struct series *all)
{
    double low = INFINITY;
    double high = 0;
    for (int b = 0; b < BACKENDS; b++) {
        for (size_t slice = 0; slice < all[b].slices; slice++) {
            low = fmin(low, sample(&all[b], 0, slice));
            high = fmax(high, sample(&all[b], LEVELS - 1, slice));
        }
    }
    figure_block(data, "scale", "least ns\tmost ns\tslice ms");
    fprintf(data, "%.6g\t%.6g\t%.6g\n", low, fmax(high, low * 10),
            fmax(all[0].slice_ms, all[1].slice_ms));
    figure_block(data, "levels", "level\tlabel");
    for (int level = 0; level < LEVELS; level++) {
        fprintf(data, "%d\t%s\n", level, levels[level].label);
    }
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct series all[BACKENDS];
    bool green = collect(results, backends[GREEN], &all[GREEN]);
    bool pthread = collect(results, backends[PTHREAD], &all[PTHREAD]);
    if (!green && !pthread) {
        return figure_absent(text, "the results hold no run of " WORKLOAD " that was ok");
    }
    for (int b = 0; b < BACKENDS; b++) {
        if (all[b].slices > 0) {
            write_series(data, &all[b], backends[b]);
        }
    }
    write_scale(data, all);
    find_frame(all, text);
    write_texts(all, text);
    return 0;
}

const struct figure figure_time = {
    .name = "when_are_hops_slow",
    .question = "When are hops slow?",
    .how_to_read =
        "From left to right time passes; each column is a slice of it. From bottom to top: what "
        "half of the hops in the slice stay below, then 90 %, 99 %, 99.9 %, and the slowest. Dark "
        "is slow. A row of dark columns at equal distances is a clock tick; a dark stretch in all "
        "rows is another program that took the processor, or a change of the clock rate.",
    .threat =
        "One process of each kind, and a few tenths of a second: a look, not a statistic. Between "
        "two slices new tasks are made, which takes time that is not shown. The fewer hops fit "
        "into a slice, the closer is its 99.9 % to its slowest.",
    .prepare = prepare,
};

/* plot_pairs.c - which CPUs are near each other? The hand-off between every pair of them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_context.h"
#include "plot_figure.h"
#include "plot_text.h"

#define WORKLOAD "handoff.pair"

enum {
    CPUS_MAX = 64,
    CELLS_MAX = CPUS_MAX * CPUS_MAX,
};

struct pairs_map {
    int cpus;                /* so many were measured, by their index */
    int numbers[CPUS_MAX];   /* the kernel's number of each index; -1: not known */
    int positions[CPUS_MAX]; /* where an index stands on the axes */
    const struct result_row *futex[CELLS_MAX]; /* first * CPUS_MAX + second */
    const struct result_row *line[CELLS_MAX];
};

static int compare_integers(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

/* A worker with P procs is pinned to the first P CPUs of the order, and counts them by number. */
static void find_numbers(const struct results *results, int procs, struct pairs_map *map)
{
    const json_t *order = context_at(results->context, "hwloc.pin_order");
    for (int i = 0; i < CPUS_MAX; i++) {
        map->numbers[i] = -1;
        map->positions[i] = i;
    }
    if (procs > CPUS_MAX || json_array_size(order) < (size_t)procs) {
        return;
    }
    for (int i = 0; i < procs; i++) {
        map->numbers[i] = (int)json_integer_value(json_array_get(order, (size_t)i));
    }
    qsort(map->numbers, (size_t)procs, sizeof map->numbers[0], compare_integers);
}

/* Neighbours in hwloc's order stand beside each other. */
static void find_positions(const struct results *results, struct pairs_map *map)
{
    size_t i;
    const json_t *number;
    int next = 0;
    const json_t *order = context_at(results->context, "hwloc.logical_order");
    int placed[CPUS_MAX];
    json_array_foreach(order, i, number)
    {
        for (int index = 0; index < map->cpus; index++) {
            if (map->numbers[index] == (int)json_integer_value(number) && next < map->cpus) {
                placed[next++] = index;
            }
        }
    }
    for (int position = 0; next == map->cpus && position < next; position++) {
        map->positions[placed[position]] = position;
    }
}

static void keep(struct pairs_map *map, const struct result_row *row)
{
    int64_t first = -1;
    int64_t second = -1;
    result_param(row, "first", &first);
    result_param(row, "second", &second);
    if (row->status != TRIAL_OK || row->metric == NULL || first < 0 || second < 0 ||
        first >= CPUS_MAX || second >= CPUS_MAX) {
        return;
    }
    bool futex = strcmp(row->metric, "futex") == 0;
    (futex ? map->futex : map->line)[first * CPUS_MAX + second] = row;
    int last = (int)(first > second ? first : second);
    map->cpus = last >= map->cpus ? last + 1 : map->cpus;
}

/* Of the back end that comes first in the results: the threads are the kernel's on both. */
static void collect(const struct results *results, struct pairs_map *map)
{
    size_t position = 0;
    const struct result_row *row = results_next(results, &position, WORKLOAD, NULL, 0, NULL);
    const char *backend = row == NULL ? NULL : row->backend;
    int procs = row == NULL ? 0 : row->procs;
    memset(map, 0, sizeof *map);
    position = 0;
    while (backend != NULL &&
           (row = results_next(results, &position, WORKLOAD, backend, procs, NULL)) != NULL) {
        keep(map, row);
    }
    find_numbers(results, procs, map);
    find_positions(results, map);
}

static void write_cells(FILE *data, const struct pairs_map *map)
{
    figure_block(data, "cells", "second\tfirst\tfutex ns\tlabel\tline");
    for (int i = 0; i < CELLS_MAX; i++) {
        const struct result_row *futex = map->futex[i];
        const struct result_row *line = map->line[i];
        if (futex != NULL) {
            fprintf(data, "%d\t%d\t%.6g\t%s\t%s\n", map->positions[i % CPUS_MAX],
                    map->positions[i / CPUS_MAX], futex->median, text_ns(futex->median).s,
                    line == NULL ? " " : text_ns(line->median).s);
        }
    }
    figure_block(data, "cpus", "position\tlabel");
    for (int i = 0; i < map->cpus; i++) {
        if (map->numbers[i] >= 0) {
            fprintf(data, "%d\tCPU %d\n", map->positions[i], map->numbers[i]);
        } else {
            fprintf(data, "%d\tno. %d\n", map->positions[i], i);
        }
    }
}

/* The fastest and the slowest, on one CPU or between two. */
struct extremes {
    double low;
    double high;
};

static struct extremes extremes_of(const struct result_row *const *cells, bool same)
{
    struct extremes found = {INFINITY, 0};
    for (int i = 0; i < CELLS_MAX; i++) {
        if (cells[i] != NULL && (i % CPUS_MAX == i / CPUS_MAX) == same) {
            found.low = fmin(found.low, cells[i]->median);
            found.high = fmax(found.high, cells[i]->median);
        }
    }
    return found;
}

static struct text_number range_text(struct extremes range)
{
    struct text_number text;
    struct text_number low = text_ns(range.low);
    struct text_number high = text_ns(range.high);
    if (strcmp(low.s, high.s) == 0) {
        text_format(text.s, sizeof text.s, "%s", low.s);
    } else {
        text_format(text.s, sizeof text.s, "%s – %s", low.s, high.s);
    }
    return text;
}

static void write_texts(const struct pairs_map *map, struct figure_text *text)
{
    struct extremes same = extremes_of(map->futex, true);
    struct extremes across = extremes_of(map->futex, false);
    struct extremes line = extremes_of(map->line, false);
    size_t processes = 0;
    for (int i = 0; i < CELLS_MAX; i++) {
        size_t trials = map->futex[i] == NULL ? 0 : map->futex[i]->trials_count;
        processes = trials > processes ? trials : processes;
    }
    text_format(text->title, sizeof text->title, "A hand-off by futex takes");
    if (same.high > 0) {
        text_append(text->title, sizeof text->title, " %s on one CPU", range_text(same).s);
    }
    if (across.high > 0) {
        text_append(text->title, sizeof text->title, "%s %s between two%s",
                    same.high > 0 ? " and" : "", range_text(across).s,
                    line.high > 0 ? ", where a cache line takes " : "");
    }
    if (line.high > 0) {
        text_append(text->title, sizeof text->title, "%s", range_text(line).s);
    }
    text_format(text->subtitle, sizeof text->subtitle,
                WORKLOAD
                ", two pinned OS threads, up to %zu processes a pair, CPUs in hwloc's "
                "order. Colour and large: median of a hop by futex; small: of a cache line "
                "on which the other thread spins",
                processes);
    text_format(text->alt, sizeof text->alt,
                "Heat map of %d by %d CPUs: the time of a hand-off from one to the other. %s.",
                map->cpus, map->cpus, text->title);
    text->height = 220 + 60 * (map->cpus < 4 ? 4 : map->cpus > 12 ? 12 : map->cpus);
    text->frame = (struct frame){-0.5, map->cpus - 0.5, -0.5, map->cpus - 0.5};
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct pairs_map *map = malloc(sizeof *map);
    if (map == NULL) {
        return -ENOMEM;
    }
    collect(results, map);
    int status = 0;
    if (!(extremes_of(map->futex, true).high > 0) && !(extremes_of(map->futex, false).high > 0)) {
        status = figure_absent(text, "the results hold no run of " WORKLOAD " that was ok");
    } else {
        write_cells(data, map);
        write_texts(map, text);
    }
    free(map);
    return status;
}

const struct figure figure_pairs = {
    .name = "which_cpus_are_near_each_other",
    .question = "Which CPUs are near each other?",
    .how_to_read =
        "A square is a pair of CPUs: a thread on one hands the turn to a thread on the other, and "
        "back. On the diagonal both are on the same CPU. Squares of one colour in a block are CPUs "
        "that share something, a cache or a package. What the kernel adds is the distance between "
        "the large number and the small one: waking a thread costs far more than sending it a "
        "cache line.",
    .threat =
        "An idle CPU falls asleep, the deeper the longer it waits, and waking it is most of a "
        "hand-off between two. On a virtual machine the hypervisor has its part in that, and what "
        "it calls a CPU may move. At most eight CPUs are measured by default.",
    .prepare = prepare,
};

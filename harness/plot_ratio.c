/* plot_ratio.c - how many times what a green thread costs does an OS thread cost? One row for
 * every metric that both back ends measured with equal work. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plot_figure.h"
#include "plot_pair.h"
#include "plot_text.h"

enum {
    ROW_HEIGHT = 24, /* pixels */
    FRAME_HEIGHT = 232,
    LEAST_HEIGHT = 330,
    LABEL_BYTES = 42, /* what fits on the left */
};

/* Who is cheaper, with 95 % certainty; none if a side is a single process. */
enum winner {
    WINNER_GREEN,
    WINNER_NONE,
    WINNER_PTHREAD,
};

static enum winner find_winner(const struct pair *pair)
{
    if (!row_has_interval(pair->green) || !row_has_interval(pair->pthread)) {
        return WINNER_NONE;
    }
    if (pair->ratio.low > 1) {
        return WINNER_GREEN;
    }
    return pair->ratio.high < 1 ? WINNER_PTHREAD : WINNER_NONE;
}

/* Largest ratio last: gnuplot's y grows upwards. */
static int compare_pairs(const void *a, const void *b)
{
    const struct pair *left = a;
    const struct pair *right = b;
    if (left->ratio.value != right->ratio.value) {
        return left->ratio.value < right->ratio.value ? -1 : 1;
    }
    return strcmp(left->label, right->label);
}

/* There is room for the number and "/s", not for what is counted: the row's name tells it. */
static struct text_number short_quantity(double value, const char *unit)
{
    size_t length = strlen(unit);
    if (length < 2 || strcmp(unit + length - 2, "/s") != 0) {
        return text_quantity(value, unit);
    }
    struct text_number number = text_count(value);
    text_append(number.s, sizeof number.s, "/s");
    return number;
}

static void write_rows(FILE *data, const struct pairs *pairs)
{
    static const char *const names[] = {"green_cheaper", "undecided", "threads_cheaper"};
    for (int winner = WINNER_GREEN; winner <= WINNER_PTHREAD; winner++) {
        bool opened = false;
        for (size_t i = 0; i < pairs->count; i++) {
            const struct pair *pair = &pairs->pairs[i];
            if ((int)find_winner(pair) != winner) {
                continue;
            }
            if (!opened) {
                figure_block(data, names[winner], "row\tratio\tlow\thigh");
                opened = true;
            }
            fprintf(data, "%zu\t%.6g\t%.6g\t%.6g\n", i + 1, pair->ratio.value, pair->ratio.low,
                    pair->ratio.high);
        }
    }
    figure_block(data, "labels", "row\tmetric\tratio\tgreen : OS threads");
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = &pairs->pairs[i];
        char label[LABEL_BYTES];
        text_format(label, sizeof label, "%s", pair->label);
        fprintf(data, "%zu\t%s%s\t%s\t%s : %s\n", i + 1, label,
                strlen(label) < strlen(pair->label) ? "…" : "", text_ratio(pair->ratio.value).s,
                short_quantity(pair->green->median, pair->unit).s,
                short_quantity(pair->pthread->median, pair->unit).s);
    }
}

/* The axis runs over whole powers of two, from at most 1/2 to at least 2. */
static struct frame find_frame(const struct pairs *pairs)
{
    struct frame frame = {.left = 0.5, .right = 2, .bottom = 0.3};
    for (size_t i = 0; i < pairs->count; i++) {
        frame.left = fmin(frame.left, pairs->pairs[i].ratio.low);
        frame.right = fmax(frame.right, pairs->pairs[i].ratio.high);
    }
    frame.left = exp2(floor(log2(frame.left)));
    frame.right = exp2(ceil(log2(frame.right)));
    frame.top = (double)pairs->count + 0.7;
    return frame;
}

/* Some of the pairs: those of one kind of quantity. */
struct group {
    const char *name;
    double *ratios;
    size_t count;
    size_t room;
    size_t wins[3]; /* by enum winner */
};

static void add_to_group(struct group *group, const struct pair *pair)
{
    group->ratios = alloc_grow(group->ratios, group->count, &group->room, sizeof *group->ratios);
    group->ratios[group->count++] = pair->ratio.value;
    group->wins[find_winner(pair)]++;
}

/* "in all 12 time metrics (median ratio 95.2×)"; the later groups leave words out. */
static void tell_group(const struct group *group, bool first, char *out, size_t size)
{
    if (group->wins[WINNER_GREEN] == group->count) {
        text_append(out, size, "in %s%zu %s", group->count == 1 ? "the " : "all ", group->count,
                    group->name);
    } else {
        text_append(out, size, "in %zu of %zu %s", group->wins[WINNER_GREEN], group->count,
                    group->name);
    }
    text_append(out, size, "%s (%s%s%s", group->count == 1 ? "" : "s",
                first && group->count > 1 ? "median " : "", first ? "ratio " : "",
                text_ratio(stats_median(group->ratios, group->count)).s);
    if (group->wins[WINNER_PTHREAD] > 0) {
        text_append(out, size, "; OS threads in %zu", group->wins[WINNER_PTHREAD]);
    }
    text_append(out, size, ")");
}

static void write_headline(const struct pairs *pairs, struct figure_text *text)
{
    struct group groups[] = {{.name = "time metric"}, {.name = "memory metric"}, {.name = "other"}};
    enum { GROUPS = sizeof groups / sizeof groups[0] };
    for (size_t i = 0; i < pairs->count; i++) {
        const char *unit = pairs->pairs[i].unit;
        size_t kind = unit_is_memory(unit) ? 1 : unit_is_time(unit) ? 0 : 2;
        add_to_group(&groups[kind], &pairs->pairs[i]);
    }
    text_format(text->title, sizeof text->title, "Green threads are cheaper ");
    size_t left = 0;
    bool first = true;
    for (size_t i = 0; i < GROUPS; i++) {
        left += groups[i].count > 0;
    }
    for (size_t i = 0; i < GROUPS; i++) {
        if (groups[i].count > 0) {
            text_append(text->title, sizeof text->title, "%s",
                        first ? "" : (left == 1 ? " and " : ", "));
            tell_group(&groups[i], first, text->title, sizeof text->title);
            first = false;
            left--;
        }
        free(groups[i].ratios);
    }
}

static void write_title(const struct pairs *pairs, struct figure_text *text)
{
    write_headline(pairs, text);
    text_format(text->alt, sizeof text->alt,
                "Forest plot of cost ratios, OS threads over green threads, on a logarithmic axis "
                "with a line at 1. %s. Smallest ratio: %s at %s. Largest: %s at %s.",
                text->title, text_ratio(pairs->pairs[0].ratio.value).s, pairs->pairs[0].label,
                text_ratio(pairs->pairs[pairs->count - 1].ratio.value).s,
                pairs->pairs[pairs->count - 1].label);
}

static void write_subtitle(const struct pairs *pairs, struct figure_text *text)
{
    text_format(text->subtitle, sizeof text->subtitle,
                "%zu metrics of equal work, %s. Point: median of the ratios of neighbouring runs; "
                "bar: 95 %% interval; grey: undecided, or one process",
                pairs->count, pairs->trials);
    if (pairs->repeated > 0) {
        text_append(text->subtitle, sizeof text->subtitle,
                    ". Not drawn: totals that repeat a ratio");
    }
    if (pairs->elsewhere > 0) {
        text_append(text->subtitle, sizeof text->subtitle,
                    ". crossover and preempt.hog: see their figures");
    }
    if (pairs->unequal > 0) {
        text_append(text->subtitle, sizeof text->subtitle,
                    ". Left out because the work differs: %zu", pairs->unequal);
    }
}

/* Where the cost by size or kind is the question there is a figure of its own: a row for each would
 * hide all others. */
static bool has_own_figure(const struct pair *pair)
{
    static const char *const workloads[] = {"crossover", "preempt.hog"};
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++) {
        if (strcmp(pair->green->workload, workloads[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct pairs *pairs = pairs_new(results);
    if (pairs == NULL) {
        return -ENOMEM;
    }
    pairs_leave_out(pairs, has_own_figure);
    if (pairs->count == 0) {
        pairs_free(pairs);
        return figure_absent(text, "no metric was measured on both back ends with equal work");
    }
    qsort(pairs->pairs, pairs->count, sizeof pairs->pairs[0], compare_pairs);
    write_title(pairs, text);
    write_subtitle(pairs, text);
    text->height = FRAME_HEIGHT + ROW_HEIGHT * (int)pairs->count;
    text->height = text->height < LEAST_HEIGHT ? LEAST_HEIGHT : text->height;
    text->frame = find_frame(pairs);
    write_rows(data, pairs);
    pairs_free(pairs);
    return 0;
}

const struct figure figure_ratio = {
    .name = "how_many_times_dearer_are_threads",
    .question = "How many times what a green thread costs does an OS thread cost?",
    .how_to_read =
        "Each row is one metric that both back ends measured while doing the same work. The point "
        "is the ratio OS threads / green threads on a logarithmic axis: right of the line at 1 "
        "green threads are cheaper, left of it OS threads are; a bar that crosses the line means "
        "that this run cannot tell. For metrics where more is better (units per second) the ratio "
        "is turned round, so that right always means that green threads do better. The medians of "
        "both stand on the right.",
    .threat =
        "Ratios of minimal operations exaggerate: in a program that also computes, the difference "
        "shrinks towards 1. All rows come from one machine, and a virtual machine makes kernel "
        "switches dearer than bare metal does.",
    .prepare = prepare,
};

/* plot_tail.c - how long can a switch take? The percentile curves of all hop latencies. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define HEADLINE "switch.chan"

enum {
    CURVES_MAX = 24,
    LABEL_BYTES = 96,
};

/* Points of a curve closer than this to the last one drawn are left out. */
static const double least_step_nines = 0.01;
static const double least_step_decades = 0.004;

/* So many hops have ten beyond 99.99 %: fewer would make the title rest on single ones. */
static const uint64_t enough_for_rare = 100000;

struct curve {
    const struct result_row *row;
    uint64_t total;   /* latencies */
    int backend;      /* 1 green, 2 OS threads: the colour */
    int workload;     /* from 1: the marker */
    double end_nines; /* the last point */
    double end_ns;
};

struct curves {
    struct curve curves[CURVES_MAX];
    size_t count;
};

static uint64_t histogram_total(const struct result_row *row)
{
    uint64_t total = 0;
    for (size_t i = 0; i < row->histogram_count; i++) {
        total += row->histogram[i].count;
    }
    return total;
}

/* The number of the workload among those collected so far, or the next free one. */
static int workload_number(const struct curves *curves, const char *workload)
{
    int next = 1;
    for (size_t i = 0; i < curves->count; i++) {
        if (strcmp(curves->curves[i].row->workload, workload) == 0) {
            return curves->curves[i].workload;
        }
        next = curves->curves[i].workload >= next ? curves->curves[i].workload + 1 : next;
    }
    return next;
}

/* Has this workload, back end and procs a curve already (of other parameters)? */
static bool is_collected(const struct curves *curves, const struct result_row *row)
{
    for (size_t i = 0; i < curves->count; i++) {
        if (strcmp(curves->curves[i].row->workload, row->workload) == 0 &&
            strcmp(curves->curves[i].row->backend, row->backend) == 0) {
            return true;
        }
    }
    return false;
}

static void collect(const struct results *results, struct curves *curves)
{
    size_t position = 0;
    const struct result_row *row;
    memset(curves, 0, sizeof *curves);
    while ((row = results_next(results, &position, NULL, NULL, 0, NULL)) != NULL) {
        uint64_t total = histogram_total(row);
        if (row->status != TRIAL_OK || total == 0 || curves->count == CURVES_MAX ||
            row->procs != results_min_procs(results, row->workload) || is_collected(curves, row)) {
            continue;
        }
        struct curve *curve = &curves->curves[curves->count];
        curve->row = row;
        curve->total = total;
        curve->backend = strcmp(row->backend, "green") == 0 ? 1 : 2;
        curve->workload = workload_number(curves, row->workload);
        curves->count++;
    }
}

/* The share of latencies at or below a bucket in nines: 1 is 90 %, 3 is 99.9 %. Half a latency is
 * taken off, so that the slowest one of n does not lie at infinity. */
static double to_nines(uint64_t at_or_below, uint64_t total)
{
    return -log10(1 - ((double)at_or_below - 0.5) / (double)total);
}

static void write_curve(FILE *data, struct curve *curve)
{
    uint64_t below = 0;
    double last_nines = -1;
    double last_ns = 0;
    for (size_t i = 0; i < curve->row->histogram_count; i++) {
        const struct bucket *bucket = &curve->row->histogram[i];
        double ns = fmax((double)bucket->low, 1);
        below += bucket->count;
        double nines = to_nines(below, curve->total);
        bool moved = last_ns == 0 || nines - last_nines >= least_step_nines ||
                     log10(ns / last_ns) >= least_step_decades;
        if (bucket->count == 0 || (!moved && i + 1 < curve->row->histogram_count)) {
            continue;
        }
        if (last_ns == 0) { /* the fastest hops, from the left edge on */
            fprintf(data, "0\t%.6g\t%d\n", ns, curve->backend);
        }
        fprintf(data, "%.4f\t%.6g\t%d\n", nines, ns, curve->backend);
        last_nines = nines;
        last_ns = ns;
    }
    curve->end_nines = last_nines;
    curve->end_ns = last_ns;
}

/* Markers at 50, 90, 99, 99.9 … %, as far as there are at least ten slower ones behind. */
static void write_marks(FILE *data, const struct curve *curve)
{
    static const double percentiles[] = {50, 90, 99, 99.9, 99.99, 99.999};
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++) {
        double beyond = (1 - percentiles[i] / 100) * (double)curve->total;
        if (beyond < 10) {
            return;
        }
        double ns = stats_histogram_percentile(curve->row->histogram, curve->row->histogram_count,
                                               percentiles[i]);
        fprintf(data, "%.4f\t%.6g\t%d\t%d\n", -log10(1 - percentiles[i] / 100), fmax(ns, 1),
                curve->backend, curve->workload);
    }
}

static struct frame find_frame(const struct curves *curves)
{
    struct frame frame = {.left = 0, .right = 1, .bottom = INFINITY, .top = 0};
    for (size_t i = 0; i < curves->count; i++) {
        const struct curve *curve = &curves->curves[i];
        frame.right = fmax(frame.right, curve->end_nines);
        frame.bottom = fmin(frame.bottom, fmax((double)curve->row->histogram[0].low, 1));
        frame.top = fmax(frame.top, curve->end_ns);
    }
    frame.right *= 1.3; /* room for the direct labels */
    frame.bottom /= 1.5;
    frame.top *= 2.5;
    return frame;
}

static void write_labels(FILE *data, const struct curves *curves, const struct frame *frame)
{
    double heights[CURVES_MAX];
    for (size_t i = 0; i < curves->count; i++) {
        heights[i] = log10(curves->curves[i].end_ns);
    }
    figure_spread(heights, curves->count, log10(frame->top / frame->bottom) * 0.045);
    figure_block(data, "labels", "nines\tns\tbackend\tlabel");
    for (size_t i = 0; i < curves->count; i++) {
        char workload[LABEL_BYTES];
        text_clean(workload, sizeof workload, curves->curves[i].row->workload);
        fprintf(data, "%.4f\t%.6g\t%d\t%s, %s\n", curves->curves[i].end_nines, pow(10, heights[i]),
                curves->curves[i].backend, workload, backend_words(curves->curves[i].row->backend));
    }
}

/* The curve of a workload (NULL: any) and back end. */
static const struct curve *find_curve(const struct curves *curves, const char *workload,
                                      int backend)
{
    for (size_t i = 0; i < curves->count; i++) {
        const struct curve *curve = &curves->curves[i];
        if (curve->backend == backend &&
            (workload == NULL || strcmp(curve->row->workload, workload) == 0)) {
            return curve;
        }
    }
    return NULL;
}

/* 99.99 % or 99.9 %. */
static double tail_ns(const struct curve *curve, bool rare)
{
    return rare ? stats_histogram_percentile(curve->row->histogram, curve->row->histogram_count,
                                             99.99)
                : curve->row->p999;
}

/* The title speaks of the headline workload, else of the first that has both sides. */
static void write_title(const struct curves *curves, struct figure_text *text)
{
    const struct curve *green = find_curve(curves, HEADLINE, 1);
    green = green != NULL ? green : find_curve(curves, NULL, 1);
    const struct curve *pthread =
        green == NULL ? NULL : find_curve(curves, green->row->workload, 2);
    char workload[LABEL_BYTES];
    if (green == NULL || pthread == NULL) {
        const struct result_row *row = curves->curves[0].row;
        text_clean(workload, sizeof workload, row->workload);
        text_format(text->title, sizeof text->title, "%s: 99.9 %% of the hops of %s end within %s",
                    workload, backend_words(row->backend), text_ns(row->p999).s);
        return;
    }
    bool rare = green->total >= enough_for_rare && pthread->total >= enough_for_rare;
    text_clean(workload, sizeof workload, green->row->workload);
    text_format(text->title, sizeof text->title,
                "%s: %s %% of the hops end within %s as green threads and %s as OS threads",
                workload, rare ? "99.99" : "99.9", text_ns(tail_ns(green, rare)).s,
                text_ns(tail_ns(pthread, rare)).s);
}

static void write_texts(const struct curves *curves, struct figure_text *text)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < curves->count; i++) {
        least = curves->curves[i].total < least ? curves->curves[i].total : least;
    }
    write_title(curves, text);
    text_format(
        text->subtitle, sizeof text->subtitle,
        "Each hop timed alone, at least %s hops a curve, from %zu process%s. Every value "
        "contains the cost of reading the clock. A marker has ten or more slower hops behind "
        "it",
        text_count((double)least).s, curves->curves[0].row->trials_count,
        curves->curves[0].row->trials_count == 1 ? "" : "es");
    text_format(text->alt, sizeof text->alt,
                "Percentile curves of hop latency: share of hops in nines across, nanoseconds on a "
                "logarithmic axis up. %s.",
                text->title);
    for (size_t i = 0; i < curves->count; i++) {
        const struct result_row *row = curves->curves[i].row;
        text_append(text->alt, sizeof text->alt, " %s, %s: median %s, 99 %% %s, 99.9 %% %s.",
                    row->workload, backend_words(row->backend), text_ns(row->p50).s,
                    text_ns(row->p99).s, text_ns(row->p999).s);
    }
    text->height = 620;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct curves curves;
    collect(results, &curves);
    if (curves.count == 0) {
        return figure_absent(text, "the results hold no latency histogram");
    }
    figure_block(data, "curves", "nines\tns\tbackend (1 green, 2 OS threads)");
    for (size_t i = 0; i < curves.count; i++) {
        write_curve(data, &curves.curves[i]);
        fputc('\n', data); /* one empty line ends a line of the drawing */
    }
    figure_block(data, "marks", "nines\tns\tbackend\tmarker");
    for (size_t i = 0; i < curves.count; i++) {
        write_marks(data, &curves.curves[i]);
    }
    text->frame = find_frame(&curves);
    write_labels(data, &curves, &text->frame);
    write_texts(&curves, text);
    return 0;
}

const struct figure figure_tail = {
    .name = "how_long_can_a_switch_take",
    .question = "How long does a switch take at worst, not only on average?",
    .how_to_read =
        "Read across how many of the hops were at least this fast: 90 %, 99 %, 99.9 %, … (each "
        "step is ten times rarer), and up how long they took. A curve that stays flat far to the "
        "right is predictable; a bend upwards is the rare slow hop that a user notices.",
    .threat = "Reading the clock twice costs as much as several green switches and is contained "
              "in each value, so the medians here are higher than those of the batches. On a "
              "virtual machine the hypervisor's own pauses are in the tail of both.",
    .prepare = prepare,
};

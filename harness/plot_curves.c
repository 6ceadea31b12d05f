/* plot_curves.c - see plot_curves.h. */
#include "plot_curves.h"

#include <math.h>
#include <string.h>

#include "plot_text.h"

/* Points of a curve closer than this to the last one drawn are left out. */
static const double least_step_nines = 0.01;
static const double least_step_decades = 0.004;

/* So many have ten beyond 99.99 %: fewer would make a title rest on single ones. */
static const uint64_t enough_for_rare = 100000;

static uint64_t histogram_total(const struct result_row *row)
{
    uint64_t total = 0;
    for (size_t i = 0; i < row->histogram_count; i++) {
        total += row->histogram[i].count;
    }
    return total;
}

bool curves_add(struct curves *curves, const struct result_row *row, int marker, const char *label)
{
    uint64_t total = histogram_total(row);
    if (row->status != TRIAL_OK || total == 0 || curves->count == CURVES_MAX) {
        curves->left_out += row->status == TRIAL_OK && total > 0 ? 1 : 0;
        return false;
    }
    struct curve *curve = &curves->curves[curves->count++];
    *curve = (struct curve){.row = row,
                            .total = total,
                            .backend = strcmp(row->backend, "green") == 0 ? 1 : 2,
                            .marker = marker};
    text_clean(curve->label, sizeof curve->label, label);
    return true;
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
                curve->backend, curve->marker);
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
        fprintf(data, "%.4f\t%.6g\t%d\t%s\n", curves->curves[i].end_nines, pow(10, heights[i]),
                curves->curves[i].backend, curves->curves[i].label);
    }
}

void curves_write(FILE *data, struct curves *curves, struct frame *frame)
{
    figure_block(data, "curves", "nines\tns\tbackend (1 green, 2 OS threads)");
    for (size_t i = 0; i < curves->count; i++) {
        write_curve(data, &curves->curves[i]);
        fputc('\n', data); /* one empty line ends a line of the drawing */
    }
    figure_block(data, "marks", "nines\tns\tbackend\tmarker");
    for (size_t i = 0; i < curves->count; i++) {
        write_marks(data, &curves->curves[i]);
    }
    *frame = find_frame(curves);
    write_labels(data, curves, frame);
}

bool curve_is_rare(const struct curve *curve)
{
    return curve->total >= enough_for_rare;
}

double curve_tail_ns(const struct curve *curve, bool rare)
{
    return rare ? stats_histogram_percentile(curve->row->histogram, curve->row->histogram_count,
                                             99.99)
                : curve->row->p999;
}

uint64_t curves_least(const struct curves *curves)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < curves->count; i++) {
        least = curves->curves[i].total < least ? curves->curves[i].total : least;
    }
    return least;
}

void curves_describe(const struct curves *curves, char *out, size_t size)
{
    for (size_t i = 0; i < curves->count; i++) {
        const struct result_row *row = curves->curves[i].row;
        text_append(out, size, " %s: median %s, 99 %% %s, 99.9 %% %s.", curves->curves[i].label,
                    text_ns(row->p50).s, text_ns(row->p99).s, text_ns(row->p999).s);
    }
}

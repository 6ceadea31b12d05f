/* plot_curves.h - percentile curves: what share of latencies was at least this fast. */
#ifndef SWITCHYARD_HARNESS_PLOT_CURVES_H
#define SWITCHYARD_HARNESS_PLOT_CURVES_H

#include "plot_figure.h"

enum {
    CURVES_MAX = 24,
    CURVE_LABEL_BYTES = 96,
};

struct curve {
    const struct result_row *row;
    uint64_t total; /* latencies */
    int backend;    /* 1 green, 2 OS threads: the colour */
    int marker;     /* from 1 */
    char label[CURVE_LABEL_BYTES];
    double end_nines; /* the last point */
    double end_ns;
};

struct curves {
    struct curve curves[CURVES_MAX];
    size_t count;
    size_t left_out; /* beyond CURVES_MAX */
};

/* Adds the row's histogram; false if it has none, is not ok, or if there are CURVES_MAX. */
bool curves_add(struct curves *curves, const struct result_row *row, int marker, const char *label);

/* Writes the blocks "curves", "marks" (at 50, 90, 99, … %, where ten slower ones are behind) and
 * "labels", and finds the frame: nines across, ns on a logarithmic axis up. */
void curves_write(FILE *data, struct curves *curves, struct frame *frame);

/* Are there enough latencies to speak of 99.99 %? */
bool curve_is_rare(const struct curve *curve);

/* The percentile 99.99 (rare) or 99.9. */
double curve_tail_ns(const struct curve *curve, bool rare);

/* The latencies of the curve that has the fewest. */
uint64_t curves_least(const struct curves *curves);

/* Appends median, 99 % and 99.9 % of each curve. */
void curves_describe(const struct curves *curves, char *out, size_t size);

#endif

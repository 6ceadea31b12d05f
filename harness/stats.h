/* stats.h - medians, percentiles, bootstrap intervals. No state: every answer follows from the
 * arguments, the seed included. */
#ifndef SWITCHYARD_HARNESS_STATS_H
#define SWITCHYARD_HARNESS_STATS_H

#include <stddef.h>
#include <stdint.h>

/* A 95 % interval around an estimate. All three are NAN if there was no value to estimate from;
 * low == high == value for a single process, from which nothing can be said about the spread. */
struct interval {
    double value;
    double low;
    double high;
};

/* One bucket of a latency histogram: count values that are at least low (ns). */
struct bucket {
    uint64_t low;
    uint64_t count;
};

/* How many values lie how far out: beyond the quartiles by more than 1.5 (mild) or 3 (severe) times
 * the distance between them (Tukey 1977). */
struct outliers {
    size_t low_severe;
    size_t low_mild;
    size_t high_mild;
    size_t high_severe;
};

/* All 0 below 4 values, which have no quartiles to speak of. */
struct outliers stats_outliers(const double *values, size_t count);

/* Sorts in ascending order; the values must be finite. */
void stats_sort(double *values, size_t count);

/* The median of any order of values; NAN if there are none. */
double stats_median(const double *values, size_t count);

/* The percentile (0 ... 100) by linear interpolation between the two nearest ranks (Hyndman and
 * Fan, type 7). The values must be sorted; NAN if there are none. */
double stats_percentile(const double *sorted, size_t count, double percentile);

/* The smallest bucket bound at or below which at least the percentage of the counts lies. The
 * buckets must be sorted by low; NAN if they are empty. */
double stats_histogram_percentile(const struct bucket *buckets, size_t count, double percentile);

/* The median of the values (one per process) and its 95 % interval by smoothed bootstrap over
 * processes (Efron 1979; Silverman and Young 1987): it covers 94 to 96 % from 5 values on. If all
 * values are positive, so are the limits. No width only if all values are equal. A NULL or empty
 * set gives NANs. */
struct interval stats_bootstrap_median(const double *values, size_t count, uint64_t seed);

/* The same of values that are logarithms already, or differences: of any sign. */
struct interval stats_bootstrap_median_of_logs(const double *logs, size_t count, uint64_t seed);

/* median(above) / median(below) of two independent sets and its 95 % interval, by the same
 * bootstrap of both sides. NANs if a side has no value, or one that is not positive. */
struct interval stats_bootstrap_ratio(const double *above, size_t above_count, const double *below,
                                      size_t below_count, uint64_t seed);

#endif

/* stats.c - see stats.h.
 *
 * The bootstrap resamples whole processes: samples within one process are correlated, and an
 * interval from them would be too narrow (measurement.md: the process is the unit of independence).
 */
#include "stats.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "rng.h"

/* Enough that the 2.5th percentile rests on 50 resamples. */
#define RESAMPLES 2000

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

void stats_sort(double *values, size_t count)
{
    if (count > 1) {
        qsort(values, count, sizeof *values, compare_doubles);
    }
}

double stats_percentile(const double *sorted, size_t count, double percentile)
{
    if (count == 0) {
        return NAN;
    }
    double rank = percentile / 100.0 * (double)(count - 1);
    size_t below = (size_t)rank;
    if (below + 1 >= count) {
        return sorted[count - 1];
    }
    double share = rank - (double)below;
    return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

static double median_of_scratch(double *scratch, size_t count)
{
    stats_sort(scratch, count);
    return stats_percentile(scratch, count, 50);
}

double stats_median(const double *values, size_t count)
{
    double *scratch = alloc_array(count, sizeof *scratch);
    for (size_t i = 0; i < count; i++) {
        scratch[i] = values[i];
    }
    double median = median_of_scratch(scratch, count);
    free(scratch);
    return median;
}

double stats_histogram_percentile(const struct bucket *buckets, size_t count, double percentile)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += buckets[i].count;
    }
    if (total == 0) {
        return NAN;
    }
    double wanted = percentile / 100.0 * (double)total;
    uint64_t seen = 0;
    size_t i = 0;
    for (; i + 1 < count; i++) {
        seen += buckets[i].count;
        if (seen > 0 && (double)seen >= wanted) {
            break;
        }
    }
    return (double)buckets[i].low;
}

/* --- The interval of a median ---------------------------------------------------------------- *
 *
 * A smoothed bootstrap. The plain one draws from the few values themselves: its medians are a few
 * of these again, and its interval jumps from one to the next (it covers 88 % for 7 values). Here
 * the values are joined by lines before it is drawn from them, and each median gets some noise. The
 * number of draws does not matter to the time: of n values from any continuous distribution the
 * median is at the quantile that a Beta((n + 1) / 2, (n + 1) / 2) tells.
 */

/* Of the noise: so many standard deviations / n^1.5. By simulation: it makes the intervals of
 * normal, log-normal and bimodal values cover 94 to 96 % from 5 on (tests/harness/test_stats.c). */
#define NOISE 4.25
/* Quartiles of a normal distribution are so many standard deviations apart. */
#define NORMAL_QUARTILES 1.349
/* And its standard deviation is so many mean deviations: sqrt(pi / 2). */
#define NORMAL_MEAN_DEVIATION 1.2533

/* In (0, 1). */
static double uniform(struct rng *rng)
{
    return ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;
}

/* Box and Muller 1958. */
static double normal(struct rng *rng)
{
    double radius = sqrt(-2 * log(uniform(rng)));
    return radius * cos(2 * M_PI * uniform(rng));
}

/* The quantile at which the median of count draws is: Beta((count + 1) / 2, (count + 1) / 2), by
 * Ulrich's formula for symmetric ones (Devroye 1986, IX.3.1). For an even count its two middle
 * draws are averaged by this, too. */
static double median_quantile(size_t count, struct rng *rng)
{
    double radius = sqrt(1 - pow(uniform(rng), 2.0 / (double)count));
    return 0.5 + 0.5 * radius * cos(2 * M_PI * uniform(rng));
}

/* The quantile of at least two sorted values that are joined by lines, each in the middle of its
 * share of 1 / count (Hazen 1914); beyond the outer two the lines go on. */
static double smooth_quantile(const double *sorted, size_t count, double quantile)
{
    double rank = quantile * (double)count - 0.5;
    size_t below = rank > 0 ? (size_t)rank : 0;
    below = below > count - 2 ? count - 2 : below;
    return sorted[below] + (rank - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* If the middle half of the values is equal: as if each of the others differed by as little as the
 * nearest of them, so that a single one far out does not count as far. 0 only if all are equal. */
static double mean_deviation(const double *sorted, size_t count)
{
    double median = stats_percentile(sorted, count, 50);
    double least = INFINITY;
    size_t others = 0;
    for (size_t i = 0; i < count; i++) {
        if (sorted[i] != median) {
            least = fmin(least, fabs(sorted[i] - median));
            others++;
        }
    }
    return others > 0 ? least * (double)others / (double)count : 0;
}

/* The standard deviation, by the middle of the values. */
static double spread(const double *sorted, size_t count)
{
    double quartiles = stats_percentile(sorted, count, 75) - stats_percentile(sorted, count, 25);
    return quartiles > 0 ? quartiles / NORMAL_QUARTILES
                         : NORMAL_MEAN_DEVIATION * mean_deviation(sorted, count);
}

/* RESAMPLES medians of so many values drawn from the sorted ones. */
static void draw_medians(const double *sorted, size_t count, struct rng *rng, double *medians)
{
    bool differ = sorted[0] < sorted[count - 1];
    double noise = differ ? NOISE * spread(sorted, count) / pow((double)count, 1.5) : 0;
    for (size_t i = 0; i < RESAMPLES; i++) {
        medians[i] = differ ? smooth_quantile(sorted, count, median_quantile(count, rng)) +
                                  noise * normal(rng)
                            : sorted[0];
    }
}

/* The middle 95 % of RESAMPLES estimates, which it sorts; the value is left to the caller. */
static struct interval middle_of(double *estimates)
{
    stats_sort(estimates, RESAMPLES);
    return (struct interval){.low = stats_percentile(estimates, RESAMPLES, 2.5),
                             .high = stats_percentile(estimates, RESAMPLES, 97.5)};
}

/* The limits of the interval; the median is left to the caller. */
static struct interval smoothed_interval(const double *sorted, size_t count, uint64_t seed)
{
    struct rng rng = {seed};
    double *medians = alloc_array(RESAMPLES, sizeof *medians);
    draw_medians(sorted, count, &rng, medians);
    struct interval interval = middle_of(medians);
    free(medians);
    return interval;
}

/* exp that stays a positive number. */
static double positive_exp(double value)
{
    return fmin(fmax(exp(value), DBL_TRUE_MIN), DBL_MAX);
}

/* On logarithms, which keeps it positive: the interval of 1 / x is that of x turned over. */
static struct interval positive_interval(double *sorted, size_t count, uint64_t seed)
{
    for (size_t i = 0; i < count; i++) {
        sorted[i] = log(sorted[i]);
    }
    struct interval interval = smoothed_interval(sorted, count, seed);
    return (struct interval){.low = positive_exp(interval.low),
                             .high = positive_exp(interval.high)};
}

static struct interval bootstrap_median(const double *values, size_t count, uint64_t seed,
                                        bool use_logs)
{
    if (count == 0) {
        return (struct interval){NAN, NAN, NAN};
    }
    double *sorted = alloc_array(count, sizeof *sorted);
    memcpy(sorted, values, count * sizeof *sorted);
    stats_sort(sorted, count);
    double median = stats_percentile(sorted, count, 50);
    struct interval interval = {median, median, median};
    if (sorted[0] < sorted[count - 1]) {
        interval = use_logs && sorted[0] > 0 ? positive_interval(sorted, count, seed)
                                             : smoothed_interval(sorted, count, seed);
    }
    free(sorted);
    return (struct interval){median, fmin(interval.low, median), fmax(interval.high, median)};
}

struct interval stats_bootstrap_median(const double *values, size_t count, uint64_t seed)
{
    return bootstrap_median(values, count, seed, true);
}

struct interval stats_bootstrap_median_of_logs(const double *logs, size_t count, uint64_t seed)
{
    return bootstrap_median(logs, count, seed, false);
}

/* --- The ratio of two sets ------------------------------------------------------------------- */

/* A median of draws scatters more than a median does. For one set the limits make up for that, for
 * the difference of two they do not: 97 to 98 % would be covered. So the limits come nearer to the
 * estimate by this factor, by simulation as NOISE is. */
#define RATIO_WIDTH 0.88

/* The medians' logarithms, drawn; false if there is no value, or one that is not positive. */
static bool draw_log_medians(const double *values, size_t count, struct rng *rng, double *medians)
{
    double *logs = alloc_array(count, sizeof *logs);
    bool positive = count > 0;
    for (size_t i = 0; i < count; i++) {
        positive = positive && values[i] > 0;
        logs[i] = log(values[i]);
    }
    if (positive) {
        stats_sort(logs, count);
        draw_medians(logs, count, rng, medians);
    }
    free(logs);
    return positive;
}

struct interval stats_bootstrap_ratio(const double *above, size_t above_count, const double *below,
                                      size_t below_count, uint64_t seed)
{
    struct interval ratio = {NAN, NAN, NAN};
    struct rng rng = {seed};
    double *top = alloc_array(RESAMPLES, sizeof *top);
    double *bottom = alloc_array(RESAMPLES, sizeof *bottom);
    if (draw_log_medians(above, above_count, &rng, top) &&
        draw_log_medians(below, below_count, &rng, bottom)) {
        for (size_t i = 0; i < RESAMPLES; i++) {
            top[i] -= bottom[i];
        }
        struct interval logs = middle_of(top);
        ratio.value = stats_median(above, above_count) / stats_median(below, below_count);
        double middle = log(ratio.value);
        double low = positive_exp(middle + RATIO_WIDTH * (logs.low - middle));
        double high = positive_exp(middle + RATIO_WIDTH * (logs.high - middle));
        ratio.low = fmin(low, ratio.value);
        ratio.high = fmax(high, ratio.value);
    }
    free(bottom);
    free(top);
    return ratio;
}

/* --- Outliers -------------------------------------------------------------------------------- */

struct outliers stats_outliers(const double *values, size_t count)
{
    struct outliers outliers = {0, 0, 0, 0};
    if (count < 4) {
        return outliers;
    }
    double *sorted = alloc_array(count, sizeof *sorted);
    memcpy(sorted, values, count * sizeof *sorted);
    stats_sort(sorted, count);
    double low = stats_percentile(sorted, count, 25);
    double high = stats_percentile(sorted, count, 75);
    double range = high - low;
    for (size_t i = 0; i < count; i++) {
        bool low_severe = sorted[i] < low - 3 * range;
        bool high_severe = sorted[i] > high + 3 * range;
        outliers.low_severe += low_severe;
        outliers.low_mild += !low_severe && sorted[i] < low - 1.5 * range;
        outliers.high_mild += !high_severe && sorted[i] > high + 1.5 * range;
        outliers.high_severe += high_severe;
    }
    free(sorted);
    return outliers;
}

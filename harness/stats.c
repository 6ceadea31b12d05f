/* stats.c - see stats.h.
 *
 * The bootstrap resamples whole processes: samples within one process are correlated, and an
 * interval from them would be too narrow (measurement.md: the process is the unit of independence).
 */
#include "stats.h"

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

/* What a resample is drawn from: values[i] is the ranks[i]-th of the sorted ones. */
struct pool {
    double *sorted;
    size_t *ranks;
    uint32_t *drawn; /* how often each of the sorted values is in the resample */
    size_t count;
};

/* The first place of the value among the sorted ones, which hold it. */
static size_t rank_of(const double *sorted, size_t count, double value)
{
    size_t low = 0;
    size_t high = count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sorted[middle] < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct pool pool_new(const double *values, size_t count)
{
    struct pool pool = {.sorted = alloc_array(count, sizeof *pool.sorted),
                        .ranks = alloc_array(count, sizeof *pool.ranks),
                        .drawn = alloc_array(count, sizeof *pool.drawn),
                        .count = count};
    for (size_t i = 0; i < count; i++) {
        pool.sorted[i] = values[i];
    }
    stats_sort(pool.sorted, count);
    for (size_t i = 0; i < count; i++) {
        pool.ranks[i] = rank_of(pool.sorted, count, values[i]);
    }
    return pool;
}

static void pool_free(struct pool *pool)
{
    free(pool->sorted);
    free(pool->ranks);
    free(pool->drawn);
}

/* Which of the sorted values is at a place (from 0) of the sorted resample. */
static size_t drawn_at(const struct pool *pool, size_t place)
{
    size_t i = 0;
    for (size_t passed = pool->drawn[0]; passed <= place; passed += pool->drawn[i]) {
        i++;
    }
    return i;
}

/* Of `count` values drawn with replacement. Counting them needs no sorting. */
static double resampled_median(struct pool *pool, struct rng *rng)
{
    size_t count = pool->count;
    memset(pool->drawn, 0, count * sizeof *pool->drawn);
    for (size_t i = 0; i < count; i++) {
        pool->drawn[pool->ranks[rng_below(rng, (uint32_t)count)]]++;
    }
    double lower = pool->sorted[drawn_at(pool, (count - 1) / 2)];
    double upper = count % 2 == 1 ? lower : pool->sorted[drawn_at(pool, count / 2)];
    return lower + 0.5 * (upper - lower);
}

static struct interval percentile_interval(double value, double *estimates, double tail)
{
    stats_sort(estimates, RESAMPLES);
    return (struct interval){.value = value,
                             .low = stats_percentile(estimates, RESAMPLES, tail),
                             .high = stats_percentile(estimates, RESAMPLES, 100 - tail)};
}

static struct interval bootstrap_median(const double *values, size_t count, uint64_t seed,
                                        double tail)
{
    if (count == 0) {
        return (struct interval){NAN, NAN, NAN};
    }
    struct rng rng = {seed};
    struct pool pool = pool_new(values, count);
    double *estimates = alloc_array(RESAMPLES, sizeof *estimates);
    for (size_t i = 0; i < RESAMPLES; i++) {
        estimates[i] = resampled_median(&pool, &rng);
    }
    pool_free(&pool);
    struct interval interval = percentile_interval(stats_median(values, count), estimates, tail);
    free(estimates);
    return interval;
}

struct interval stats_bootstrap_median(const double *values, size_t count, uint64_t seed)
{
    return bootstrap_median(values, count, seed, 2.5);
}

/* Student's 97.5 % point by the expansion of Abramowitz and Stegun 26.7.5: to 1 % from 4 degrees.
 */
static double student_point(double freedom)
{
    const double z = 1.959963984540054;
    double z2 = z * z;
    return z * (1 + (z2 + 1) / (4 * freedom) + ((5 * z2 + 16) * z2 + 3) / (96 * freedom * freedom) +
                (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * freedom * freedom * freedom));
}

struct interval stats_bootstrap_median_expanded(const double *values, size_t count, uint64_t seed)
{
    double n = (double)count;
    double point = count > 1 ? sqrt(n / (n - 1)) * student_point(n - 1) : 0;
    return bootstrap_median(values, count, seed, 50 * erfc(point * M_SQRT1_2));
}

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

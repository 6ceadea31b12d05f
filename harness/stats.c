/* stats.c - see stats.h.
 *
 * The bootstrap resamples whole processes: samples within one process are correlated, and an
 * interval from them would be too narrow (measurement.md: the process is the unit of independence).
 */
#include "stats.h"

#include <math.h>
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

/* The place of each value among all of them in their order. */
static size_t *places_of(const double *values, const double *sorted, size_t count)
{
    size_t *places = alloc_array(count, sizeof *places);
    size_t *used = alloc_array(count, sizeof *used); /* equal values get places side by side */
    for (size_t i = 0; i < count; i++) {
        size_t low = 0;
        size_t high = count - 1;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (sorted[middle] < values[i]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        places[i] = low + used[low]++;
    }
    free(used);
    return places;
}

/* The median of one resample: its values are counted by their places instead of sorted. */
static double resampled_median(const double *sorted, const size_t *places, uint32_t *times,
                               size_t count, struct rng *rng)
{
    for (size_t i = 0; i < count; i++) {
        times[i] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        times[places[rng_below(rng, (uint32_t)count)]]++;
    }
    size_t below = (count - 1) / 2; /* its rank; that of the other middle value is count / 2 */
    size_t at = 0;
    size_t seen = times[0];
    while (seen <= below) {
        seen += times[++at];
    }
    double low = sorted[at];
    while (seen <= count / 2) {
        seen += times[++at];
    }
    return count % 2 == 1 ? low : low + 0.5 * (sorted[at] - low);
}

static struct interval percentile_interval(double value, double *estimates)
{
    stats_sort(estimates, RESAMPLES);
    return (struct interval){.value = value,
                             .low = stats_percentile(estimates, RESAMPLES, 2.5),
                             .high = stats_percentile(estimates, RESAMPLES, 97.5)};
}

struct interval stats_bootstrap_median(const double *values, size_t count, uint64_t seed)
{
    if (count == 0) {
        return (struct interval){NAN, NAN, NAN};
    }
    struct rng rng = {seed};
    double *estimates = alloc_array(RESAMPLES, sizeof *estimates);
    double *sorted = alloc_array(count, sizeof *sorted);
    uint32_t *times = alloc_array(count, sizeof *times);
    memcpy(sorted, values, count * sizeof *sorted);
    stats_sort(sorted, count);
    size_t *places = places_of(values, sorted, count);
    for (size_t i = 0; i < RESAMPLES; i++) {
        estimates[i] = resampled_median(sorted, places, times, count, &rng);
    }
    struct interval interval = percentile_interval(stats_percentile(sorted, count, 50), estimates);
    free(places);
    free(times);
    free(sorted);
    free(estimates);
    return interval;
}

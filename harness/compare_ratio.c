/* compare_ratio.c - see compare_ratio.h. */
#include "compare_ratio.h"

#include <math.h>
#include <stdlib.h>

#include "alloc.h"
#include "rng.h"

/* As many as for the interval of one median (stats.c). */
#define RESAMPLES 2000

static double resampled_median(const double *values, size_t count, double *scratch, struct rng *rng)
{
    for (size_t i = 0; i < count; i++) {
        scratch[i] = values[rng_below(rng, (uint32_t)count)];
    }
    stats_sort(scratch, count);
    return stats_percentile(scratch, count, 50);
}

struct interval ratio_of_medians(const double *above, size_t above_count, const double *below,
                                 size_t below_count, uint64_t seed)
{
    if (above_count == 0 || below_count == 0) {
        return (struct interval){NAN, NAN, NAN};
    }
    struct rng rng = {seed};
    double *ratios = alloc_array(RESAMPLES, sizeof *ratios);
    double *scratch =
        alloc_array(above_count > below_count ? above_count : below_count, sizeof *scratch);
    for (size_t i = 0; i < RESAMPLES; i++) {
        double numerator = resampled_median(above, above_count, scratch, &rng);
        ratios[i] = numerator / resampled_median(below, below_count, scratch, &rng);
    }
    stats_sort(ratios, RESAMPLES);
    struct interval interval = {.value = stats_median(above, above_count) /
                                         stats_median(below, below_count),
                                .low = stats_percentile(ratios, RESAMPLES, 2.5),
                                .high = stats_percentile(ratios, RESAMPLES, 97.5)};
    free(scratch);
    free(ratios);
    return interval;
}

enum verdict ratio_verdict(struct interval ratio, bool more_is_better, double threshold)
{
    double low = more_is_better ? 1 / ratio.high : ratio.low;
    double high = more_is_better ? 1 / ratio.low : ratio.high;
    double limit = 1 + threshold;
    if (!isfinite(low) || !isfinite(high)) {
        return VERDICT_INCONCLUSIVE;
    }
    if (low > limit) {
        return VERDICT_REGRESSED;
    }
    if (high < 1 / limit) {
        return VERDICT_IMPROVED;
    }
    return low >= 1 / limit && high <= limit ? VERDICT_SAME : VERDICT_INCONCLUSIVE;
}

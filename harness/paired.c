/* paired.c - see paired.h. */
#include "paired.h"

#include <math.h>
#include <stdlib.h>

#include "alloc.h"
#include "compare_ratio.h"
#include "significance.h"

#define SIGN_LEVEL 0.05

struct paired paired_estimate(const double *logs, size_t count, uint64_t seed)
{
    struct interval log = stats_bootstrap_median_of_logs(logs, count, seed);
    return (struct paired){.ratio = {exp(log.value), exp(log.low), exp(log.high)},
                           .sign_p = sign_test(logs, count),
                           .pairs = count};
}

void paired_adjust(struct paired *metrics, size_t count)
{
    double *p = alloc_array(count, sizeof *p);
    for (size_t i = 0; i < count; i++) {
        p[i] = metrics[i].sign_p;
    }
    holm_adjust(p, count);
    for (size_t i = 0; i < count; i++) {
        metrics[i].sign_p = p[i];
    }
    free(p);
}

double paired_delta(const double *past_logs, size_t count, double least)
{
    if (count < PAIRED_PAST_LEAST) {
        return least;
    }
    double *sizes = alloc_array(count, sizeof *sizes);
    for (size_t i = 0; i < count; i++) {
        sizes[i] = fabs(past_logs[i]);
    }
    stats_sort(sizes, count);
    double low = stats_percentile(sizes, count, 25);
    double high = stats_percentile(sizes, count, 75);
    free(sizes);
    return fmax(least, expm1(high + 3 * (high - low)));
}

enum verdict paired_verdict(const struct paired *metric, double delta, bool more_is_better)
{
    if (metric->pairs < PAIRED_LEAST) {
        return VERDICT_INCONCLUSIVE;
    }
    enum verdict verdict = ratio_verdict(metric->ratio, more_is_better, delta);
    bool differs = verdict == VERDICT_REGRESSED || verdict == VERDICT_IMPROVED;
    return differs && metric->sign_p >= SIGN_LEVEL ? VERDICT_INCONCLUSIVE : verdict;
}

bool paired_is_precise(const struct paired *metric, double delta)
{
    return (log(metric->ratio.high) - log(metric->ratio.low)) / 2 < log1p(delta) / 2;
}

bool paired_excludes_one(const struct paired *metric)
{
    return metric->ratio.low > 1 || metric->ratio.high < 1;
}

/* compare_ratio.c - see compare_ratio.h. */
#include "compare_ratio.h"

#include <math.h>

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

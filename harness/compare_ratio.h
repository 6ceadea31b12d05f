/* compare_ratio.h - the ratio of two independent sets of processes, and what it means. */
#ifndef SWITCHYARD_HARNESS_COMPARE_RATIO_H
#define SWITCHYARD_HARNESS_COMPARE_RATIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compare.h"
#include "stats.h"

/* With fewer, no interval of a median can hold 95 %: of 2 sets of 4, the chance that one lies
 * wholly above or below the other is 2/70; of 6 pairs, that all point one way, 2/64. */
enum {
    COMPARE_PROCESSES_MIN = 4,
    COMPARE_PAIRS_MIN = 6,
};

/* median(above) / median(below) and its 95 % percentile-bootstrap interval (Efron 1979), both sides
 * resampled independently. All values must be > 0. NANs if a side has none. */
struct interval ratio_of_medians(const double *above, size_t above_count, const double *below,
                                 size_t below_count, uint64_t seed);

/* The verdict on head / base. It is symmetric: where head against base regressed, base against head
 * improved. */
enum verdict ratio_verdict(struct interval ratio, bool more_is_better, double threshold);

#endif

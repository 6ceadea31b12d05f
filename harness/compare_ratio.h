/* compare_ratio.h - what the ratio of two sets of processes means. */
#ifndef SWITCHYARD_HARNESS_COMPARE_RATIO_H
#define SWITCHYARD_HARNESS_COMPARE_RATIO_H

#include <stdbool.h>

#include "compare.h"
#include "stats.h"

/* With fewer, no interval of a median can hold 95 %: of 2 sets of 4, the chance that one lies
 * wholly above or below the other is 2/70; of 6 pairs, that all point one way, 2/64. */
enum {
    COMPARE_PROCESSES_MIN = 4,
    COMPARE_PAIRS_MIN = 6,
};

/* The verdict on head / base. It is symmetric: where head against base regressed, base against head
 * improved. */
enum verdict ratio_verdict(struct interval ratio, bool more_is_better, double threshold);

#endif

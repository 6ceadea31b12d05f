/* paired.h - the gate's statistics: is head slower than base, by pairs that ran side by side?
 *
 * A pair is one process of each build, one right after the other. Its value is ln(head / base), so
 * that swapping the builds only changes the sign. The question is about the median over pairs.
 */
#ifndef SWITCHYARD_HARNESS_PAIRED_H
#define SWITCHYARD_HARNESS_PAIRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compare.h"
#include "stats.h"

enum {
    PAIRED_LEAST = 20,     /* pairs below which nothing is said */
    PAIRED_PAST_LEAST = 8, /* past A/A runs below which they say nothing about this machine */
};

/* What the pairs of one metric say. */
struct paired {
    struct interval
        ratio;     /* exp(median), 95 % by seeded bootstrap over pairs; NANs without pairs */
    double sign_p; /* of the sign test; see paired_adjust */
    size_t pairs;
};

struct paired paired_estimate(const double *logs, size_t count, uint64_t seed);

/* Replaces the sign_p of all metrics of one question by Holm's. */
void paired_adjust(struct paired *metrics, size_t count);

/* The threshold: the larger of least and Q3 + 3 IQR of |ln ratio| of past A/A runs, as a share
 * (0.02: 2 %). */
double paired_delta(const double *past_logs, size_t count, double least);

/* Regressed or improved: the whole interval is beyond 1 + delta, or below 1 / (1 + delta), and the
 * signs agree (p < 0.05). Same: the whole interval is within. Else, or with too few pairs,
 * inconclusive. */
enum verdict paired_verdict(const struct paired *metric, double delta, bool more_is_better);

/* Is the interval so narrow that more pairs would not help? */
bool paired_is_precise(const struct paired *metric, double delta);

/* Does the interval exclude 1? Of an A/A control that says that the machine is not to be trusted.
 */
bool paired_excludes_one(const struct paired *metric);

#endif

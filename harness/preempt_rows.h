/* preempt_rows.h - the cells of preempt.hog: kinds of hogs, and mechanisms that are switched off.
 */
#ifndef SWITCHYARD_HARNESS_PREEMPT_ROWS_H
#define SWITCHYARD_HARNESS_PREEMPT_ROWS_H

#include "result.h"

#define PREEMPT_WORKLOAD "preempt.hog"
#define PREEMPT_METRIC "delay"

enum {
    PREEMPT_KINDS_MAX = 6,
    PREEMPT_VARIANTS = 5,
    PREEMPT_NONE = 4, /* the variant in which nothing preempts */
};

struct preempt_variant {
    const char *tune; /* NULL: nothing is switched off */
    const char *words;
};

extern const struct preempt_variant preempt_variants[PREEMPT_VARIANTS];

/* By the workload's parameter `kind`. */
extern const char *const preempt_kinds[PREEMPT_KINDS_MAX];

/* The first row of its delays on one proc that was ok; NULL if there is none. */
const struct result_row *preempt_row(const struct results *results, const char *backend, int kind,
                                     const char *tune);

/* "calls" */
const char *preempt_kind_of(const struct result_row *row);

#endif

/* plot_pair.h - metrics that both back ends measured while doing equal work. */
#ifndef SWITCHYARD_HARNESS_PLOT_PAIR_H
#define SWITCHYARD_HARNESS_PLOT_PAIR_H

#include "result.h"

enum {
    PAIR_LABEL_BYTES = 128,
};

struct pair {
    const struct result_row *green;
    const struct result_row *pthread;
    const char *unit;
    struct interval ratio; /* > 1: green does better, whichever way the unit counts */
    char label[PAIR_LABEL_BYTES];
};

struct pairs {
    struct pair *pairs; /* in the order of the results */
    size_t count;
    size_t room;      /* for so many */
    size_t unequal;   /* pairs left out because the work differs */
    size_t repeated;  /* pairs left out because they are the same ratio once more (see below) */
    size_t elsewhere; /* pairs taken away by pairs_leave_out */
    char trials[64];  /* "5 processes each", "3 – 5 processes each" */
};

/* `total` of a cell that also has `task` or `message` is the same ratio in another unit, for the
 * work is equal: it is left out. NULL: out of memory. */
struct pairs *pairs_new(const struct results *results);

/* Takes away those of which that is true; `elsewhere` counts them. */
void pairs_leave_out(struct pairs *pairs, bool (*is_elsewhere)(const struct pair *pair));
void pairs_free(struct pairs *pairs);

/* A single process has no interval: it speaks for nothing, and against nothing. */
bool row_has_interval(const struct result_row *row);

/* Is more better in this unit ("items/s", "tasks", "%")? */
bool unit_more_is_better(const char *unit);

/* Is it a duration? */
bool unit_is_time(const char *unit);

/* Is it an amount of memory, and not time or a count? */
bool unit_is_memory(const char *unit);

/* How many times better green does, with its interval. NANs if no ratio can be made: a side is not
 * ok, the work differs, the metric is not of the back end but of what runs beside it, a count ended
 * at the limit that it was told ("at least"), or the interval of a side is not wholly above 0
 * (noise around nothing, as of machine-wide memory). */
struct interval pair_ratio(const struct result_row *green, const struct result_row *pthread);

/* Did a count end at the limit that it was told ("at least")? */
bool row_ended_at_limit(const struct result_row *row);

/* "create.batch create, tasks=1,000, 2 procs": as much as tells the row from the others of its
 * workload. */
void row_label(const struct results *results, const struct result_row *row, char *out, size_t size);

#endif

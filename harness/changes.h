/* changes.h - where did a series of measurements change? E-divisive with a t test.
 *
 * Matteson and James (2014) find the point that divides a series into the two parts that differ
 * most (by the energy distance), and go on in each part. As in Hunter (Fleming et al. 2023), a t
 * test decides which divisions count: fast, and the same each time. A long series is looked at
 * in overlapping windows, so that old history does not drown a late change.
 */
#ifndef SWITCHYARD_HARNESS_CHANGES_H
#define SWITCHYARD_HARNESS_CHANGES_H

#include <stddef.h>

enum { CHANGES_WINDOW = 50 };

#define CHANGES_P 0.001
/* Exact counts hardly vary, so that a test finds any difference: less than 0.2 % is none. */
#define CHANGES_LEAST 0.002

struct change {
    size_t at;     /* the first value of the new level */
    double before; /* the median of the level before, and of the new one */
    double after;
    double p;
};

/* Finds all changes of a series, in order. Returns how many; free *changes. */
size_t changes_find(const double *values, size_t count, struct change **changes);

#endif

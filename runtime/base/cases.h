/* cases.h - the cases of a select, the same in both runtimes: are they valid, and in which order.
 */
#ifndef SWITCHYARD_BASE_CASES_H
#define SWITCHYARD_BASE_CASES_H

#include <switchyard/select.h>

#include "base/random.h"

/* 0 or -EINVAL. */
int cases_check(const struct sy_case *cases, size_t count);

/* Stores the numbers of the cases that are not of the zero handle, in the order of their channels'
 * slots. Returns how many. */
uint32_t cases_sort(const struct sy_case *cases, uint32_t count, uint64_t *order);

static inline void cases_number(uint64_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
    }
}

/* The i-th of a random order, for i from 0 on; after cases_number. Shuffles as it goes (Fisher and
 * Yates): each order is equally likely. */
static inline uint32_t cases_pick(uint64_t *order, uint32_t i, uint32_t count, uint32_t *random)
{
    uint32_t place = i + 1 < count ? i + random_below(random, count - i) : i;
    uint32_t index = (uint32_t)order[place];
    order[place] = order[i];
    return index;
}

#endif

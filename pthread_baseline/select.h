/* select.h - a select that waits, and its places in the lines of channels; see select.c. */
#ifndef SWITCHYARD_PTHREAD_SELECT_H
#define SWITCHYARD_PTHREAD_SELECT_H

#include <stdbool.h>

#include <switchyard/select.h>

#include "base/atomic.h"

struct line;
struct waiter;

struct select {
    _Atomic uint32_t claimed;    /* 0, then 1 for good: somebody decides how the wait ends */
    const struct waiter *served; /* written by the claimer, read after its post */
};

/* Claims it for the waiter that stands in for it; false if somebody else has. */
bool select_claim(struct select *select, const struct waiter *stand_in);

/* Those that were claimed leave the line: nobody waits through them any more. Under the channel's
 * lock. */
void select_drop_claimed(struct line *line);

#endif

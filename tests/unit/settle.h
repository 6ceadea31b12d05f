/* settle.h - waits until procs have retired. */
#ifndef SWITCHYARD_TEST_SETTLE_H
#define SWITCHYARD_TEST_SETTLE_H

#include <switchyard/task.h>

#include "scheduler.h"

/* Yields until so many procs are active: the ones above have gone. */
static inline void settle(uint32_t procs)
{
    while (load_relaxed(&scheduler.active) != procs) {
        sy_yield();
    }
}

#endif

/* crossing.h - calls that cross the boundary of a stack segment at a wanted place. For code that is
 * compiled with -fsplit-stack, in a task. */
#ifndef SWITCHYARD_TESTS_CROSSING_H
#define SWITCHYARD_TESTS_CROSSING_H

#include <stdint.h>

#include "offsets.h"

/* A crossing at each of so many places, CROSSING_STEP bytes apart. */
#define CROSSING_OFFSETS 150u
#define CROSSING_STEP 16u

/* What this thread's stack checks compare with. */
static inline uintptr_t crossing_limit(void)
{
    uintptr_t limit;
    __asm__ volatile("movq %%fs:%c1, %0" : "=r"(limit) : "i"(STACK_LIMIT_TLS));
    return limit;
}

/* Calls body(arg) with about offset * CROSSING_STEP bytes left above the limit of the slot or
 * segment that the caller is on, so that the first function needing more crosses. */
long crossing_at(uint32_t offset, long (*body)(long arg), long arg);

#endif

/* random.h - random numbers for choices that should be fair: not for statistics, nor secrets. */
#ifndef SWITCHYARD_BASE_RANDOM_H
#define SWITCHYARD_BASE_RANDOM_H

#include <stdint.h>

/* 0 ... limit - 1. *state is not 0, and changes. xorshift32: Marsaglia, "Xorshift RNGs" (2003);
 * scaled by a multiplication, as in Lemire, "Fast random integer generation in an interval" (2019):
 * for limits up to 2^16 no value is more likely by 2^-16 of its share. */
static inline uint32_t random_below(uint32_t *state, uint32_t limit)
{
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *state = x;
    return (uint32_t)((uint64_t)x * limit >> 32);
}

#endif

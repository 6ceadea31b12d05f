/* rng.h - a small seeded generator: the same seed gives the same order and the same intervals on
 * every machine, which rand(3) does not promise. */
#ifndef SWITCHYARD_HARNESS_RNG_H
#define SWITCHYARD_HARNESS_RNG_H

#include <stdint.h>

/* The state; any seed will do. */
struct rng {
    uint64_t state;
};

/* splitmix64 (Steele, Lea and Flood, OOPSLA 2014): 64 bits, period 2^64. */
static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* A number below bound (> 0), by multiplication (Lemire 2019); its bias of at most bound / 2^32 is
 * far below what a bootstrap or a shuffle can show. */
static inline uint32_t rng_below(struct rng *rng, uint32_t bound)
{
    return (uint32_t)(((rng_next(rng) >> 32) * bound) >> 32);
}

#endif

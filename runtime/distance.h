/* distance.h - how far two CPUs are apart, from hwloc. */
#ifndef SWITCHYARD_DISTANCE_H
#define SWITCHYARD_DISTANCE_H

#include <stdint.h>

/* Reads the topology; some milliseconds. Nothing to do on a machine where all pairs are alike.
 * Without it (or if it fails) all distances are 0. When no worker runs. */
void distance_init(void);
void distance_destroy(void);

/* Levels of the machine between the two CPUs, 0 ... distance_max() - 1: 0 if they are as near as
 * any two. */
uint32_t distance_between(uint32_t cpu, uint32_t other);

/* How many different distances there are, at least 1. */
uint32_t distance_levels(void);

/* The CPU that the calling thread runs on; a hint. */
uint32_t distance_cpu(void);

#endif

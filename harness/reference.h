/* reference.h - a loop that no change of the suite makes faster or slower: the machine's pulse. */
#ifndef SWITCHYARD_HARNESS_REFERENCE_H
#define SWITCHYARD_HARNESS_REFERENCE_H

#include "cpus.h"

/* Runs the loop, about a millisecond, on the CPU that a worker with one proc is pinned to. Answers
 * nanoseconds a step. This process's own affinity is as before afterwards. */
double reference_step_ns(const struct cpus *cpus);

#endif

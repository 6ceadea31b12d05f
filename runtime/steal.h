/* steal.h - an idle proc takes half of what another one has queued, at most 128 tasks of each kind.
 *
 * The victim is seized (proc.h), so there is no race for single tasks. Victims are tried from the
 * nearest on: by the distance of the CPUs that the two procs ran on last (distance.h), in random
 * order among equals. Source: Blumofe and Leiserson, "Scheduling multithreaded computations by work
 * stealing" (1999), random victims; nearest first: Caladan, Silk.
 */
#ifndef SWITCHYARD_STEAL_H
#define SWITCHYARD_STEAL_H

#include "worker.h"

/* Fills this worker's queue with another one's tasks; true if it got some. Outside of sections. */
bool steal(struct worker *worker);

#endif

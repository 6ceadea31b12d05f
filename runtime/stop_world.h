/* stop_world.h - makes all tasks stand still, to look at them.
 *
 *   1. one world is stopped at a time: a lock, which is taken outside of sections
 *   2. all procs but the caller's own are seized, as proc.h says, but one fence serves all of them:
 *      step a for each, step c once, step d for each. Step b is left out, so that the ticket need
 *      not be unique.
 *   3. the scheduler's lock is taken: no proc is added, none changes hands, no worker comes or goes
 *   4. procs that were added between 2 and 3 are seized as well: back to 2 with these
 *   5. the locks of all heaps of timers are taken, which are used outside of sections, too
 * The locks of 3 and 5 come after the seizing, since procs take them in their sections.
 *
 * From then on no task starts, stops, or calls the runtime; a task that computes goes on until it
 * does. What sleepers without proc poll is still made ready, and stays where it is.
 *
 * Whoever waits for another has a time limit: a proc that does not leave its section in time, or a
 * lock whose holder died, is gone on without, and the world is not whole.
 */
#ifndef SWITCHYARD_STOP_WORLD_H
#define SWITCHYARD_STOP_WORLD_H

#include <switchyard/time.h>

#include "proc.h"

struct world {
    const struct proc *own; /* the caller's, or NULL */
    uint32_t seen;          /* procs that were looked at */
    uint32_t stopped;       /* of these, how many are seized or the caller's own */
    bool whole;             /* nobody was gone on without */
    bool alone;             /* holds the lock of step 1 */
    bool locked;            /* holds the lock of step 3 */
    bool seized[PROCS_MAX];
    bool lagging[PROCS_MAX];  /* seized, but had not left its section in time */
    bool timeless[PROCS_MAX]; /* the lock of its heap is held */
};

/* Longer than the steps after it: both may be waiting for locks of each other's. */
#define WORLD_CLAIM_PATIENCE (5 * SY_SECOND)

/* In no section. own: the caller's proc, which then waits for step 1 as long as it takes; NULL for
 * a thread that is no worker. patience: how long to wait in each of the other steps. */
void world_stop(struct world *world, const struct proc *own, sy_time patience);
void world_start(struct world *world);

/* Step 1 alone, for good: by a process that is about to end, and whose world stands still. */
bool world_claim(sy_time patience);

#endif

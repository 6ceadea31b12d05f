/* patience.h - whether a worker that has run dry takes the tasks of others at once.
 *
 * Tasks that run for less than it takes to move them, and then wait for each other, are fastest on
 * one proc: spread over two they bring the same cache lines to and fro, the procs run dry by turns,
 * and each steals back what the other took (go.SelectSyncContended: a steal in every fifth
 * operation, which took 700 ns instead of 330 on one proc). So:
 *
 *   1. What a worker that has run dry takes from others is its loot (patience_loot). When it has
 *      run dry again it judges: a loot was poor if it was used up soon, by tasks that ran for less
 *      than PATIENCE_RUN each time. That doubles the worker's patience, and any other loot quarters
 *      it. Spawned tasks are work to share, and may spawn more: theirs is poor only if it lasted no
 *      longer than it took to steal it.
 *   2. A worker with patience that has run dry waits so long before it takes more (patience_wait),
 *      while a busy proc has tasks to offer, and switches. It looks seldom: each look takes the
 *      cache line of the run queue from the proc that it looks at.
 *   3. It does not wait, or ends its wait, when a proc with tasks to offer has not switched from
 *      one look to the next: something waits there behind a task that runs for longer. Nor when a
 *      timer is due, or while tasks wait for descriptors, of which it may be the one that polls.
 *
 * Progress: 2 delays a steal by PATIENCE_MOST, of tasks that come to run where they are, too. The
 * worker counts as busy or spinning meanwhile, and looks at all queues afterwards as it would have
 * at once: the wake protocol (scheduler.h) is as it was.
 * Owner of patience and the fields loot_...: the worker.
 */
#ifndef SWITCHYARD_PATIENCE_H
#define SWITCHYARD_PATIENCE_H

#include <switchyard/time.h>

#include "worker.h"

#define PATIENCE_LEAST SY_MICROSECOND
#define PATIENCE_MOST (64 * SY_MICROSECOND)
#define PATIENCE_RUN SY_MICROSECOND /* about what a steal costs */

/* A loot that lasts longer is good. */
#define PATIENCE_SOON (250 * SY_MICROSECOND)
#define PATIENCE_SOON_SPAWNED (5 * SY_MICROSECOND)

/* The worker has taken tasks of others; spawned: some of them have not run before, as far as is
 * known: of those from the global queue only the first is looked at. */
void patience_loot(struct worker *worker, sy_time now, bool spawned);

/* Step 1: the worker has run dry. */
void patience_judge(struct worker *worker, sy_time now);

/* Steps 2 and 3. Outside of sections. Returns the time afterwards. */
sy_time patience_wait(struct worker *worker, sy_time now);

#endif

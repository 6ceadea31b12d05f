/* procs.h - how many procs there are, and how that changes while they run.
 *
 * Procs are made in the order of their indices, and stay in scheduler.all until the run ends. The
 * ones below `limit` are active: busy or idle. The others are retired: no worker holds them, their
 * queues and heaps are empty, and they may still be seized, for locks may be biased to them. One
 * that was idle when it retired keeps the free slots in its caches: who finds no other looks there.
 *
 * Fewer (sy_set_procs)
 *   1. limit = the new number
 *   2. under the scheduler's lock: idle procs above it leave the idle list, retired
 *   3. the others are told: seized, and their next choice made to go to the scheduler context
 *   4. there, the worker sees that the index is above the limit: procs_retire gives all tasks to
 *      the global queue, free slots to the pools and timers to the heap of proc 0, and the worker
 *      sleeps as if it had found nothing; then steps 2 and 3 of the wake protocol
 * A proc in a blocking call comes to 4 when its task returns, or after sysmon has retaken it.
 * More: procs that are retired become idle ones; then new ones are made, published by `made`.
 * Source: Go, runtime/proc.go, procresize, which stops the world instead.
 */
#ifndef SWITCHYARD_PROCS_H
#define SWITCHYARD_PROCS_H

#include "scheduler.h"

/* Makes the first `count` procs of a run, with room for `timers` in the heap of each: 0, or -ENOMEM
 * with nothing left behind. */
int procs_init(uint32_t count, size_t timers);
void procs_destroy(void);

/* Gives the first proc to the worker, and puts the others on the idle list. Of a new scheduler. */
void procs_start(struct worker *worker);

/* True if the proc shall retire. */
static inline bool procs_is_surplus(const struct proc *proc)
{
    /* relaxed: step 3 comes after it, and what is seen too late is seen at the next choice */
    return unlikely(proc->index >= load_relaxed(&scheduler.limit));
}

/* How often all procs have switched so far: a sum of hints. */
uint64_t procs_switches(void);

/* Step 3, for the procs from this index on. In no section. */
void procs_hurry(uint32_t first);

/* Step 4. In the section of the worker's proc, which it ends. Sleeps until the worker has a proc
 * again; false when its thread shall end. */
bool procs_retire(struct worker *worker);

#endif

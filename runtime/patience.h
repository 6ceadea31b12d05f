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
 *      longer than it took to steal it, and they have a patience of their own.
 *   2. A worker with patience that has run dry waits so long before it takes more (patience_wait),
 *      while a busy proc has tasks to offer. It looks seldom: each look takes the cache line of the
 *      run queue from the proc that it looks at.
 *   3. A loot of woken tasks that lasts may still do harm: all tasks of a program may follow one of
 *      them to the thief (go.ChanPopular). So the worker also compares how often all procs together
 *      switched while it had its loot with how often they did while it last waited. A loot of short
 *      runs that slowed them quadruples its patience, and only such ones raise it above
 *      PATIENCE_SPIN, up to PATIENCE_MOST.
 *   4. In a longer wait the worker sleeps, for PATIENCE_NAP at a time. It goes on if each proc that
 *      had tasks to offer has switched once in PATIENCE_RUN since, on average, as otherwise tasks
 *      may wait there behind a longer run, and if the global queue was empty before or is now. It
 *      does not sleep while procs are idle and it is the one that spins, for whom others wake
 *      nobody.
 *   5. It does not wait, or ends its wait, when a timer is due; while tasks wait for descriptors,
 *      of which it may be the one that polls; when its proc shall retire; and when tasks wait that
 *      their proc may not come to: in one whose worker is in a blocking call, however short, or
 *      whose slots the watch has found stale.
 *
 * Progress: tasks that come to run where they are, too, are stolen later by PATIENCE_MOST. What 4
 * is about is seen within PATIENCE_SPIN and two naps, and what 5 is about within a look or a nap.
 * The worker counts as busy or spinning meanwhile, and looks at all queues afterwards as it would
 * have at once: the wake protocol (scheduler.h) is as it was. So is the end of the program, but for
 * a nap.
 * Switches are what 3 takes for progress. Tasks with a buffer between them switch less often where
 * they work side by side; their runs are longer then, and those above PATIENCE_MOVED_RUN are not
 * compared.
 */
#ifndef SWITCHYARD_PATIENCE_H
#define SWITCHYARD_PATIENCE_H

#include <switchyard/time.h>

#include "task.h"

struct worker;

#define PATIENCE_LEAST SY_MICROSECOND
#define PATIENCE_SPIN (64 * SY_MICROSECOND)
#define PATIENCE_MOST (8 * SY_MILLISECOND)
#define PATIENCE_NAP (250 * SY_MICROSECOND)
#define PATIENCE_RUN SY_MICROSECOND /* about what a steal costs */

/* A loot that lasts longer is good. */
#define PATIENCE_SOON (250 * SY_MICROSECOND)
#define PATIENCE_SOON_SPAWNED (5 * SY_MICROSECOND)

/* Step 3 compares runs of up to so long, as short ones take longer after a move, with waits that
 * lasted at least so long. */
#define PATIENCE_MOVED_RUN (2 * SY_MICROSECOND)
#define PATIENCE_MEASURED (10 * SY_MICROSECOND)

enum loot_kind { LOOT_WOKEN, LOOT_SPAWNED, LOOT_KINDS };

/* Begins as zero bytes. Owner of all: the worker. */
struct patience {
    sy_time waits[LOOT_KINDS]; /* how long it waits before it takes more of that kind */
    sy_time pace; /* in its last wait that was measured: see pace_of; 0: there was none yet */
    _Atomic uint32_t bed; /* futex word that nobody wakes: where it sleeps */

    /* What it took last. */
    sy_time loot_at; /* when; 0: nothing, or judged */
    enum loot_kind loot_kind;
    const struct proc *loot_proc; /* the worker's proc then */
    uint64_t loot_switches;       /* and that one's switches */
    uint64_t loot_all;            /* and those of all procs, if there is a pace to compare with */
};

/* The worker that holds proc has taken tasks of others: LOOT_SPAWNED if some of them have not run
 * before. Of those from the global queue only the first is looked at. */
void patience_loot(struct patience *patience, const struct proc *proc, sy_time now,
                   enum loot_kind kind);

static inline enum loot_kind loot_kind_of(const struct task *task)
{
    return task->state == TASK_SPAWNED ? LOOT_SPAWNED : LOOT_WOKEN;
}

/* Steps 1 and 3: the worker that holds proc has run dry. */
void patience_judge(struct patience *patience, const struct proc *proc, sy_time now);

/* Steps 2, 4 and 5: the worker has run dry. Outside of sections. Returns the time afterwards. */
sy_time patience_wait(struct worker *worker, sy_time now);

#endif

/* giveback.h - memory of stacks that is not needed goes back to the system, by sysmon.
 *
 *   - stacks of tasks that ended, beyond those in the caches of procs, when none was taken from the
 *     pool for a period (pool.h)
 *   - of all other stacks but those of running tasks: the pages below the stack pointer, when a
 *     task once went deep. Done while the world stands still (stop_world.h), in slices.
 *   - the pages of cold tasks (hibernate.h)
 *   - segments that are kept (segment_pool.h, a mebibyte at most), when the process comes to rest
 *
 * A tick of sysmon every GIVEBACK_PERIOD does this, while tasks run or something is left to do.
 * Then it rests, and an idle process is idle; the next worker that wakes up to run tasks stirs it.
 * Who went deep is not known: nobody pays for that when a stack grows. So the stacks are looked
 * through, a part in each tick, when the process has more memory than before, or had deep stacks
 * that were in use. */
#ifndef SWITCHYARD_GIVEBACK_H
#define SWITCHYARD_GIVEBACK_H

#include <switchyard/time.h>

#include "base/atomic.h"

#define GIVEBACK_PERIOD (100 * SY_MILLISECOND)

struct giveback {
    _Atomic uint32_t resting; /* 1: no tick until somebody stirs */
    _Atomic uint64_t stacks;  /* how many gave something back, each time */
};

extern struct giveback giveback;

/* Before the first tick. No worker runs. */
void giveback_start(void);

/* After the last tick. */
void giveback_stop(void);

/* Sysmon: does what is due; and when it wants to be called again, or SY_FOREVER. */
void giveback_tick(sy_time now);
sy_time giveback_next(void);

void giveback_stir_slow(void);

/* A worker goes from sleep, or from a blocking call, to work. */
static inline void giveback_stir(void)
{
    fence_seq_cst(); /* fewer procs idle or blocking, then resting: pairs with the fence in rest */
    /* relaxed: ordered by the fence */
    if (unlikely(load_relaxed(&giveback.resting) != 0)) {
        giveback_stir_slow();
    }
}

#endif

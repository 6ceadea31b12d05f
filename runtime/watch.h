/* watch.h - what the idle worker on watch does (scheduler.h, THE WATCH). */
#ifndef SWITCHYARD_WATCH_H
#define SWITCHYARD_WATCH_H

#include <switchyard/time.h>

#include "worker.h"

#define WATCH_PERIOD_MIN (50 * SY_MICROSECOND)
#define WATCH_PERIOD_MAX SY_MILLISECOND

/* True if the watch has found a task in a slot of the proc, which has not switched since, and it
 * still is there. */
static inline bool watch_found_stale(struct proc *proc)
{
    /* relaxed throughout: hints, or the proc is seized */
    return load_relaxed(&proc->slots_stale) != 0 && runq_holds_back(&proc->runq) &&
           load_relaxed(&proc->switches) == load_relaxed(&proc->watched_switches);
}

/* Under the scheduler's lock: a worker that goes to sleep takes the watch if nobody has it, if the
 * one who has it sleeps too long. */
void watch_take(struct worker *worker);

/* The time of a sleeper is up: if it is on watch, it looks around. True if it found work and has
 * taken an idle proc for it. *period: how long it sleeps next. */
bool watch_look(struct worker *worker, sy_time *period);

#endif

/* stats.c - sums of the procs' counters. */
#include <errno.h>
#include <string.h>

#include <switchyard/stats.h>

#include "giveback.h"
#include "hibernate.h"
#include "netpoll.h"
#include "proc.h"
#include "scheduler.h"
#include "stack.h"

const char *sy_backend(void)
{
    return "green";
}

int sy_stats_read(struct sy_stats *stats)
{
    if (stats == NULL) {
        return -EINVAL;
    }
    if (proc_self()->current == NULL) {
        return -ESRCH;
    }
    memset(stats, 0, sizeof *stats);
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        struct proc *proc = &scheduler.all[i];
        /* relaxed: a snapshot of independent counters */
        stats->tasks_spawned += load_relaxed(&proc->tasks_spawned);
        stats->tasks_ended += load_relaxed(&proc->tasks_ended);
        stats->switches += load_relaxed(&proc->switches);
        stats->parks += load_relaxed(&proc->parks);
        stats->steals += load_relaxed(&proc->steals);
        stats->tasks_stolen += load_relaxed(&proc->tasks_stolen);
        stats->seizes += load_relaxed(&proc->seizes);
        stats->blocking_calls += load_relaxed(&proc->blocking_calls);
    }
    stats->workers_retired = load_relaxed(&scheduler.workers_retired);
    stats->retakes = load_relaxed(&scheduler.retakes);
    stats->preempts_call = load_relaxed(&scheduler.preempts_call);
    stats->preempts_prologue = load_relaxed(&scheduler.preempts_prologue);
    stats->preempts_signal = load_relaxed(&scheduler.preempts_signal);
    netpoll_stats(stats);
    stats->timers_fired = load_relaxed(&scheduler.timers_fired);
    stats->worker_wakes = load_relaxed(&scheduler.worker_wakes);
    stats->worker_parks = load_relaxed(&scheduler.worker_parks);
    /* The thread that called sy_run is a worker, too. */
    stats->workers_started = load_relaxed(&scheduler.workers_started) + 1;
    stats->stacks_carved = task_slots();
    stats->stacks_cooled = load_relaxed(&hibernate.cooled);
    stats->stacks_warmed = load_relaxed(&hibernate.warmed);
    stats->stacks_returned = load_relaxed(&giveback.stacks);
    stats->procs = load_relaxed(&scheduler.limit);
    return 0;
}

/* patience.c - see patience.h. */
#include "patience.h"

#include "netpoll.h"
#include "scheduler.h"
#include "timer.h"
#include "tune.h"

#define LOOK_PAUSES 40 /* between two looks: about 1.5 us where a pause takes 40 ns */

void patience_loot(struct worker *worker, sy_time now, bool spawned)
{
    worker->loot_at = now;
    worker->loot_soon = spawned ? PATIENCE_SOON_SPAWNED : PATIENCE_SOON;
    worker->loot_switches = load_relaxed(&worker->proc->switches); /* relaxed: its own */
}

void patience_judge(struct worker *worker, sy_time now)
{
    if (worker->loot_at == 0) {
        return;
    }
    sy_time busy = now - worker->loot_at;
    /* relaxed: its own */
    uint64_t runs = load_relaxed(&worker->proc->switches) - worker->loot_switches;
    bool poor = busy < worker->loot_soon && busy < (sy_time)runs * PATIENCE_RUN;
    worker->loot_at = 0;
    if (!poor) {
        worker->patience /= 4;
    } else if (worker->patience < PATIENCE_MOST) {
        worker->patience = worker->patience > 0 ? 2 * worker->patience : PATIENCE_LEAST;
    }
}

/* A proc that has tasks to offer, or NULL. */
static struct proc *find_offerer(void)
{
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        if (runq_offered(&scheduler.all[i].runq) > 0) {
            return &scheduler.all[i];
        }
    }
    return NULL;
}

/* One look at the proc, and the pauses after it. */
static bool has_switched(struct proc *proc)
{
    /* relaxed, both: a hint */
    uint64_t before = load_relaxed(&proc->switches);
    for (uint32_t i = 0; i < LOOK_PAUSES; i++) {
        spin_pause();
    }
    return load_relaxed(&proc->switches) != before;
}

void patience_wait(struct worker *worker, sy_time now)
{
    sy_time until = now + worker->patience;
    if (worker->patience == 0 || (tune_off & TUNE_NOPATIENCE) != 0) {
        return;
    }
    while (now < until && timer_next() > now && !netpoll_waits()) {
        struct proc *offerer = find_offerer();
        if (offerer == NULL || !has_switched(offerer)) {
            return;
        }
        now = sy_now();
    }
}

/* patience.c - see patience.h. */
#include "patience.h"

#include "netpoll.h"
#include "scheduler.h"
#include "timer.h"
#include "tune.h"

#define LOOK_PAUSES 40 /* between two looks: about 1.5 us where a pause takes 40 ns */
#define NOTHING UINT64_MAX

void patience_loot(struct worker *worker, sy_time now, bool spawned)
{
    worker->loot_at = now;
    worker->loot_soon = spawned ? PATIENCE_SOON_SPAWNED : PATIENCE_SOON;
    worker->loot_proc = worker->proc;
    worker->loot_switches = load_relaxed(&worker->proc->switches); /* relaxed: its own */
}

static sy_time longer(sy_time patience)
{
    patience *= 2;
    if (patience < PATIENCE_LEAST) {
        return PATIENCE_LEAST;
    }
    return patience < PATIENCE_MOST ? patience : PATIENCE_MOST;
}

void patience_judge(struct worker *worker, sy_time now)
{
    sy_time busy = now - worker->loot_at;
    if (worker->loot_at == 0) {
        return;
    }
    worker->loot_at = 0;
    if (worker->loot_proc != worker->proc) {
        return; /* it was in a blocking call meanwhile, or set aside: nothing to judge by */
    }
    /* relaxed: its own */
    uint64_t runs = load_relaxed(&worker->proc->switches) - worker->loot_switches;
    bool poor = busy < worker->loot_soon && busy < (sy_time)runs * PATIENCE_RUN;
    worker->patience = poor ? longer(worker->patience) : worker->patience / 4;
}

/* Notes how often each proc has switched that has tasks to offer. False if there is none. */
static bool note_offers(uint64_t *switches, uint32_t procs)
{
    bool some = false;
    for (uint32_t i = 0; i < procs; i++) {
        struct proc *proc = &scheduler.all[i];
        bool offers = runq_offered(&proc->runq) > 0;
        switches[i] = offers ? load_relaxed(&proc->switches) : NOTHING; /* relaxed: a hint */
        some |= offers;
    }
    return some;
}

/* True if each of them has switched since. Procs that came later count from the next look on. */
static bool all_have_switched(const uint64_t *switches, uint32_t procs)
{
    for (uint32_t i = 0; i < procs; i++) {
        /* relaxed: a hint */
        if (load_relaxed(&scheduler.all[i].switches) == switches[i]) {
            return false;
        }
    }
    return true;
}

sy_time patience_wait(struct worker *worker, sy_time now)
{
    uint64_t switches[PROCS_MAX];
    sy_time until = now + worker->patience;
    bool moves = worker->patience > 0 && (tune_off & (TUNE_NOPATIENCE | TUNE_NOSTEAL)) == 0;
    while (moves && now < until && timer_next() > now && !netpoll_waits()) {
        uint32_t procs = scheduler_procs();
        if (!note_offers(switches, procs)) {
            break;
        }
        spin_pauses(LOOK_PAUSES);
        now = sy_now();
        moves = all_have_switched(switches, procs);
    }
    return now;
}

/* patience.c - see patience.h. */
#include "patience.h"

#include "base/futex.h"
#include "global.h"
#include "netpoll.h"
#include "procs.h"
#include "timer.h"
#include "tune.h"
#include "watch.h"

#define LOOK_PAUSES 40 /* between two looks: about 1.5 us where a pause takes 40 ns */
#define NOTHING UINT64_MAX

/* --- what a loot was worth -------------------------------------------------------------------- */

/* How long all procs together took for a switch; in 1/64 ns. */
static sy_time pace_of(sy_time time, uint64_t switches)
{
    return time * 64 / (sy_time)(switches + 1);
}

void patience_loot(struct patience *patience, const struct proc *proc, sy_time now,
                   enum loot_kind kind)
{
    patience->loot_at = now;
    patience->loot_kind = kind;
    patience->loot_proc = proc;
    patience->loot_switches = load_relaxed(&proc->switches); /* relaxed: its own */
    patience->loot_all = patience->pace > 0 ? procs_switches() : 0;
}

static sy_time longer(sy_time wait, sy_time most)
{
    wait *= 2;
    if (wait < PATIENCE_LEAST) {
        return PATIENCE_LEAST;
    }
    return wait < most ? wait : most;
}

/* Step 3: all procs together were slower than while the worker waited. */
static bool did_harm(const struct patience *patience, sy_time busy, sy_time runs)
{
    return patience->loot_kind == LOOT_WOKEN && patience->loot_all > 0 &&
           busy < runs * PATIENCE_MOVED_RUN &&
           pace_of(busy, procs_switches() - patience->loot_all) > patience->pace;
}

void patience_judge(struct patience *patience, const struct proc *proc, sy_time now)
{
    sy_time soon = patience->loot_kind == LOOT_SPAWNED ? PATIENCE_SOON_SPAWNED : PATIENCE_SOON;
    sy_time busy = now - patience->loot_at;
    if (patience->loot_at == 0) {
        return;
    }
    patience->loot_at = 0;
    if (patience->loot_proc != proc) {
        return; /* it was in a blocking call meanwhile, or set aside: nothing to judge by */
    }
    /* relaxed: its own */
    sy_time runs = (sy_time)(load_relaxed(&proc->switches) - patience->loot_switches);
    sy_time *wait = &patience->waits[patience->loot_kind];
    if (did_harm(patience, busy, runs)) {
        *wait = longer(2 * *wait, PATIENCE_MOST);
    } else if (busy < soon && busy < runs * PATIENCE_RUN) {
        *wait = longer(*wait, *wait > PATIENCE_SPIN ? *wait : PATIENCE_SPIN);
    } else {
        *wait /= 4;
    }
}

/* --- the wait --------------------------------------------------------------------------------- */

/* Step 5: tasks that wait for another worker. */
static bool needs_help(struct proc *proc)
{
    /* relaxed: hints */
    bool blocks = load_relaxed(&proc->blocking) != 0 && runq_has_tasks(&proc->runq);
    return blocks || watch_found_stale(proc);
}

/* How long the worker waits for what is offered now: for the kind that it takes sooner; 0 if
 * nothing is, or if something needs help. */
static sy_time wait_for_offers(const struct patience *patience)
{
    sy_time wait = SY_FOREVER;
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        struct proc *proc = &scheduler.all[i];
        if (needs_help(proc)) {
            return 0;
        }
        if (ring_length(&proc->runq.woken) > 0 && patience->waits[LOOT_WOKEN] < wait) {
            wait = patience->waits[LOOT_WOKEN];
        }
        if (ring_length(&proc->runq.spawned) > 0 && patience->waits[LOOT_SPAWNED] < wait) {
            wait = patience->waits[LOOT_SPAWNED];
        }
    }
    return wait != SY_FOREVER ? wait : 0;
}

static bool may_wait(const struct worker *worker, sy_time began, sy_time now)
{
    return now - began < wait_for_offers(&worker->patience) && timer_next() > now &&
           !netpoll_waits() && !procs_is_surplus(worker->proc);
}

/* Notes how often each proc has switched that has tasks to offer. */
static void note_offers(uint64_t *switches, uint32_t procs)
{
    for (uint32_t i = 0; i < procs; i++) {
        struct proc *proc = &scheduler.all[i];
        bool offers = runq_offered(&proc->runq) > 0;
        switches[i] = offers ? load_relaxed(&proc->switches) : NOTHING; /* relaxed: a hint */
    }
}

/* True if each of them has switched that often since. Procs that came later count from the next
 * time on. */
static bool all_have_switched(const uint64_t *switches, uint32_t procs, uint64_t times)
{
    for (uint32_t i = 0; i < procs; i++) {
        /* relaxed: a hint */
        uint64_t since = load_relaxed(&scheduler.all[i].switches) - switches[i];
        if (switches[i] != NOTHING && since < times) {
            return false;
        }
    }
    return true;
}

/* Step 4: sleeps once, but for no timer that is armed. False if the wait is over. */
static bool nap(struct patience *patience, sy_time *now)
{
    uint64_t switches[PROCS_MAX];
    uint32_t procs = scheduler_procs();
    bool overflows = global_length() > 0;
    sy_time from = *now;
    sy_time until = timer_next();
    until = until < from + PATIENCE_NAP ? until : from + PATIENCE_NAP;
    note_offers(switches, procs);
    /* relaxed, both: sysmon only wants to know whether somebody is going to come */
    fetch_add_relaxed(&scheduler.napping, 1);
    futex_wait(&patience->bed, 0, until);
    fetch_add_relaxed(&scheduler.napping, -1);
    *now = sy_now();
    overflows &= global_length() > 0;
    return !overflows &&
           all_have_switched(switches, procs, (uint64_t)((*now - from) / PATIENCE_RUN));
}

/* Step 4: others wake nobody for an idle proc, because of this worker. */
static bool is_relied_on(const struct worker *worker)
{
    return worker->spinning && load_relaxed(&scheduler.idle_procs) > 0; /* relaxed: a hint */
}

sy_time patience_wait(struct worker *worker, sy_time now)
{
    struct patience *patience = &worker->patience;
    sy_time began = now;
    bool goes_on = true;
    if ((tune_off & (TUNE_NOPATIENCE | TUNE_NOSTEAL)) != 0 ||
        patience->waits[LOOT_WOKEN] + patience->waits[LOOT_SPAWNED] == 0 ||
        !may_wait(worker, began, now)) {
        return now;
    }
    uint64_t all = procs_switches();
    do {
        if (now - began < PATIENCE_SPIN) {
            spin_pauses(LOOK_PAUSES);
            now = sy_now();
        } else {
            goes_on = !is_relied_on(worker) && nap(patience, &now);
        }
    } while (goes_on && may_wait(worker, began, now));
    if (now - began >= PATIENCE_MEASURED) {
        patience->pace = pace_of(now - began, procs_switches() - all);
    }
    return now;
}

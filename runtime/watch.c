/* watch.c - see watch.h and scheduler.h. */
#include "watch.h"

#include <errno.h>

#include <switchyard/time.h>

#include "global.h"
#include "idle.h"
#include "scheduler.h"
#include "slice.h"
#include "timer.h"
#include "tune.h"

/* A task in a slot whose proc switches nothing for that long waits behind one that computes: about
 * 15 us where a pause takes 40 ns, as long as it takes to seize such a proc. */
#define STALE_PAUSES 400

/* Under the lock: when the watch must look next, given its current period. */
static sy_time deadline_for(sy_time period)
{
    uint32_t idle = load_relaxed(&scheduler.idle_procs); /* relaxed: under the lock */
    if (idle == 0) {
        return SY_FOREVER; /* no proc to give to anybody; who goes idle takes the watch */
    }
    sy_time deadline = timer_next();
    if (idle < load_relaxed(&scheduler.active)) { /* relaxed: under the lock */
        sy_time poll = sy_now() + period;
        deadline = poll < deadline ? poll : deadline;
    }
    return deadline;
}

/* Under the lock: sets the deadline of the one on watch. Where there is nothing to watch it may be
 * far away; when that changes, a watch is due (scheduler_update_watch). */
static void set_deadline(struct worker *watcher, sy_time period)
{
    uint32_t idle = load_relaxed(&scheduler.idle_procs); /* relaxed, both: under the lock */
    watcher->watch_deadline = deadline_for(period);
    scheduler.watch_rests = idle == 0 || idle >= load_relaxed(&scheduler.active);
}

void watch_take(struct worker *worker)
{
    const struct worker *watcher = scheduler.watcher;
    if (watcher == NULL || watcher->watch_deadline > deadline_for(WATCH_PERIOD_MAX)) {
        scheduler.watcher = worker;
        scheduler.watches++;
        set_deadline(worker, WATCH_PERIOD_MIN);
    }
    scheduler_update_watch();
}

/* Wakes a sleeper to look again, unless it has been told something already. */
static void tell_look(struct worker *worker)
{
    uint32_t none = TOKEN_NONE;
    /* release: pairs with the sleeper's acquire */
    if (cas_release(&worker->token, &none, TOKEN_LOOK)) {
        idle_rouse(worker);
    }
}

/* Under the lock: a sleeper takes the watch at once, if one has it the same. NULL if there is no
 * sleeper. */
static struct worker *appoint(void)
{
    struct worker *worker = scheduler.watcher != NULL ? scheduler.watcher : scheduler.sleepers;
    if (worker != NULL) {
        scheduler.watcher = worker;
        scheduler.watches++;
        set_deadline(worker, WATCH_PERIOD_MIN);
        tell_look(worker); /* under the lock: the worker cannot end meanwhile */
    }
    return worker;
}

void scheduler_watch(void)
{
    bool start = false;
    spin_lock(&scheduler.lock);
    if (scheduler_has_duty(DUTY_WATCH) && !scheduler.over && appoint() == NULL) {
        start = sy_now() >= scheduler.refused_until;
        scheduler.sleeper_starting = start;
    }
    scheduler_update_watch();
    spin_unlock(&scheduler.lock);
    if (start && worker_start(NULL) != 0) {
        spin_lock(&scheduler.lock);
        scheduler.sleeper_starting = false;
        scheduler.refused_until = sy_now() + SY_SECOND;
        scheduler_update_watch();
        spin_unlock(&scheduler.lock);
    }
}

void scheduler_retime(sy_time deadline)
{
    if (scheduler_has_duty(DUTY_SLICE)) {
        slice_rouse();
    }
    if (scheduler_has_duty(DUTY_WATCH)) {
        scheduler_watch();
        return;
    }
    spin_lock(&scheduler.lock);
    struct worker *watcher = scheduler.watcher;
    /* relaxed: under the lock */
    if (watcher != NULL && watcher->watch_deadline > deadline &&
        load_relaxed(&scheduler.idle_procs) > 0) {
        watcher->watch_deadline = deadline;
        tell_look(watcher); /* under the lock: the worker cannot end meanwhile */
    }
    spin_unlock(&scheduler.lock);
}

/* True if the proc has switched this often still after some pauses, all of which it takes only if
 * it has. */
static bool computes(struct proc *proc, uint64_t switches)
{
    uint32_t pauses = 0;
    /* relaxed: a hint */
    while (load_relaxed(&proc->switches) == switches && pauses < STALE_PAUSES) {
        spin_pause();
        pauses++;
    }
    return pauses == STALE_PAUSES;
}

/* True if proc has work that an idle proc should take over. Notes what it saw. may_pause: to
 * find out. */
static bool proc_needs_help(struct proc *proc, bool may_pause)
{
    /* relaxed throughout: hints for a thief, which looks again when it has seized the proc */
    uint64_t switches = load_relaxed(&proc->switches);
    bool same = switches == load_relaxed(&proc->watched_switches);
    bool stale = runq_holds_back(&proc->runq) && (same || (may_pause && computes(proc, switches)));
    store_relaxed(&proc->watched_switches, switches);
    store_relaxed(&proc->slots_stale, stale);
    return stale || runq_offered(&proc->runq) > 0;
}

static bool look_around(void)
{
    bool help = timer_next() <= sy_now();
    bool steals = (tune_off & TUNE_NOSTEAL) == 0;
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        help |= proc_needs_help(&scheduler.all[i], steals && !help) && steals;
    }
    return help || global_length() > 0;
}

/* The watch's time is up. True if it found work and has taken an idle proc for it. */
bool watch_look(struct worker *worker, sy_time *period)
{
    bool taken = false;
    bool help = look_around();
    spin_lock(&scheduler.lock);
    /* relaxed: the owner reads its own token; it is told a proc only under the lock */
    if (scheduler.watcher == worker && load_relaxed(&worker->token) != TOKEN_PROC) {
        taken = help && scheduler_promote(worker);
        if (!taken) {
            *period = help ? WATCH_PERIOD_MIN : *period;
            set_deadline(worker, *period);
            *period = 2 * *period < WATCH_PERIOD_MAX ? 2 * *period : WATCH_PERIOD_MAX;
            scheduler_update_watch();
        }
    }
    spin_unlock(&scheduler.lock);
    return taken; /* and leaves a watch behind when it has found work: scheduler_found */
}

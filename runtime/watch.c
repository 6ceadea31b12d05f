/* watch.c - see watch.h and scheduler.h.
 *
 * A sleeper's token is written by the sleeper (back to NONE), by scheduler_wake_one and the end of
 * the program once it is off the list of sleepers, and as LOOK by whoever wants the watch to look
 * again. LOOK replaces only NONE, so it never hides a proc that was handed over.
 */
#include "watch.h"

#include <errno.h>

#include <switchyard/time.h>

#include "base/futex.h"
#include "dump.h"
#include "global.h"
#include "scheduler.h"
#include "timer.h"

#define PERIOD_MIN (50 * SY_MICROSECOND)
#define PERIOD_MAX (10 * SY_MILLISECOND)
#define RETIRE_AFTER SY_SECOND /* a spare worker sleeps that long before its thread ends */

/* Under the lock: when the watch must look next, given its current period. */
static sy_time deadline_for(sy_time period)
{
    uint32_t idle = load_relaxed(&scheduler.idle_procs); /* relaxed: under the lock */
    if (idle == 0) {
        return SY_FOREVER; /* no proc to give to anybody; who goes idle takes the watch */
    }
    sy_time deadline = timer_next();
    if (idle < scheduler.procs) {
        sy_time poll = sy_now() + period;
        deadline = poll < deadline ? poll : deadline;
    }
    return deadline;
}

void watch_take(struct worker *worker)
{
    if (scheduler.watcher == NULL || scheduler.watcher->watch_deadline > deadline_for(PERIOD_MAX)) {
        scheduler.watcher = worker;
        worker->watch_deadline = deadline_for(PERIOD_MIN);
    }
    scheduler_update_watch();
}

/* Wakes a sleeper to look again, unless it has been told something already. */
static void tell_look(struct worker *worker)
{
    uint32_t none = TOKEN_NONE;
    /* release: pairs with the sleeper's acquire */
    if (cas_release(&worker->token, &none, TOKEN_LOOK)) {
        futex_wake(&worker->token, 1);
    }
}

/* Under the lock: a sleeper takes the watch at once. NULL if there is no sleeper. */
static struct worker *appoint(void)
{
    struct worker *worker = scheduler.sleepers;
    if (worker != NULL) {
        scheduler.watcher = worker;
        worker->watch_deadline = deadline_for(PERIOD_MIN);
        tell_look(worker); /* under the lock: the worker cannot end meanwhile */
    }
    return worker;
}

void scheduler_watch(void)
{
    bool start = false;
    spin_lock(&scheduler.lock);
    if (scheduler_unwatched() && !scheduler.over && appoint() == NULL) {
        start = sy_now() >= scheduler.refused_until;
        scheduler.watch_starting = start;
    }
    scheduler_update_watch();
    spin_unlock(&scheduler.lock);
    if (start && worker_start(NULL) != 0) {
        spin_lock(&scheduler.lock);
        scheduler.watch_starting = false;
        scheduler.refused_until = sy_now() + SY_SECOND;
        scheduler_update_watch();
        spin_unlock(&scheduler.lock);
    }
}

void scheduler_retime(sy_time deadline)
{
    if (scheduler_unwatched()) {
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

/* True if proc has work that an idle proc should take over. Notes what it saw. */
static bool proc_needs_help(struct proc *proc)
{
    /* relaxed throughout: hints for a thief, which looks again when it has seized the proc */
    uint64_t switches = load_relaxed(&proc->switches);
    bool same = switches == load_relaxed(&proc->watched_switches);
    bool stale = same && runq_holds_back(&proc->runq);
    store_relaxed(&proc->watched_switches, switches);
    store_relaxed(&proc->slots_stale, stale);
    return stale || runq_offered(&proc->runq) > 0;
}

static bool look_around(void)
{
    bool help = timer_next() <= sy_now();
    for (uint32_t i = 0; i < scheduler.procs; i++) {
        help |= proc_needs_help(&scheduler.all[i]);
    }
    return help || global_length() > 0;
}

/* The watch's time is up. True if it found work and has taken an idle proc for it. */
static bool look(struct worker *worker, sy_time *period)
{
    bool taken = false;
    bool help = look_around();
    spin_lock(&scheduler.lock);
    /* relaxed: the owner reads its own token; it is told a proc only under the lock */
    if (scheduler.watcher == worker && load_relaxed(&worker->token) != TOKEN_PROC) {
        if (help) {
            worker->proc = scheduler_take_idle_proc(worker);
            taken = worker->proc != NULL;
        }
        if (taken) {
            scheduler_remove_sleeper(worker);
            fetch_add_seq_cst(&scheduler.spinning, 1); /* seq_cst: as scheduler_wake_one */
            worker->spinning = true;
            scheduler_update_watch();
        } else {
            *period = help ? PERIOD_MIN : *period;
            worker->watch_deadline = deadline_for(*period);
            *period = 2 * *period < PERIOD_MAX ? 2 * *period : PERIOD_MAX;
        }
    }
    spin_unlock(&scheduler.lock);
    return taken; /* and leaves a watch behind when it has found work: scheduler_found */
}

/* Everybody is idle and nothing can come: the end, or a deadlock. */
static void check_end(void)
{
    struct worker *sleepers = NULL;
    spin_lock(&scheduler.lock);
    /* relaxed: all under the lock, and no proc is busy that could change them */
    bool still = !scheduler.over && load_relaxed(&scheduler.idle_procs) == scheduler.procs &&
                 scheduler.blocked == 0 && global_length() == 0;
    bool ended =
        still && scheduler_live_tasks() == 0; /* timers that are still armed do not count */
    if (still && !ended && timer_next() == SY_FOREVER) {
        dump_deadlock();
    }
    if (ended) {
        scheduler.over = true;
        sleepers = scheduler.sleepers;
        scheduler.sleepers = NULL;
        scheduler.sleepers_count = 0;
        scheduler.watcher = NULL;
    }
    while (sleepers != NULL) {
        struct worker *worker = sleepers;
        sleepers = worker->next_idle;
        worker->sleeping = false;
        /* release: pairs with the sleeper's acquire */
        store_release(&worker->token, TOKEN_STOP);
        futex_wake(&worker->token, 1);
    }
    spin_unlock(&scheduler.lock);
}

/* Under the lock: more workers sleep than there are procs for them to take. */
static bool too_many_sleep(void)
{
    return scheduler.sleepers_count > scheduler.procs;
}

/* Under no lock: until when this sleeper may sleep. */
static sy_time sleep_deadline(const struct worker *worker)
{
    sy_time deadline = SY_FOREVER;
    spin_lock(&scheduler.lock);
    if (scheduler.watcher == worker) {
        deadline = worker->watch_deadline;
    } else if (worker->enlisted && too_many_sleep()) {
        deadline = sy_now() + RETIRE_AFTER;
    }
    spin_unlock(&scheduler.lock);
    return deadline;
}

/* Its time is up, and it is not on watch: true if it is one too many, and is off all lists now. */
static bool retire(struct worker *worker)
{
    spin_lock(&scheduler.lock);
    bool leaves =
        worker->sleeping && scheduler.watcher != worker && worker->enlisted && too_many_sleep();
    if (leaves) {
        scheduler_remove_sleeper(worker);
        worker_strike_off(worker);
        scheduler.workers_live--;
        store_relaxed(&worker->token, TOKEN_RETIRE);      /* relaxed: read by itself alone */
        fetch_add_relaxed(&scheduler.workers_retired, 1); /* relaxed: a statistic */
    }
    spin_unlock(&scheduler.lock);
    return leaves;
}

uint32_t watch_sleep(struct worker *worker)
{
    sy_time period = PERIOD_MIN;
    check_end();
    for (;;) {
        /* acquire: pairs with the release of whoever told us */
        uint32_t token = load_acquire(&worker->token);
        if (token == TOKEN_PROC || token == TOKEN_STOP) {
            return token;
        }
        if (token == TOKEN_LOOK) {
            cas_acquire(&worker->token, &token, TOKEN_NONE); /* acquire: as above */
            period = PERIOD_MIN;
            continue;
        }
        sy_time deadline = sleep_deadline(worker);
        bool expired =
            deadline <= sy_now() || futex_wait(&worker->token, TOKEN_NONE, deadline) == -ETIMEDOUT;
        if (expired && look(worker, &period)) {
            return TOKEN_PROC;
        }
        if (expired && retire(worker)) {
            return TOKEN_RETIRE;
        }
    }
}

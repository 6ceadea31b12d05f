/* retake.c - see retake.h. */
#include "retake.h"

#include <signal.h>

#include <switchyard/time.h>

#include "base/fatal.h"
#include "global.h"
#include "netpoll.h"
#include "scheduler.h"
#include "sysmon.h"
#include "timer.h"
#include "worker.h"

#define REFUSED_FOR (10 * SY_MILLISECOND) /* no new thread after one was refused */

#define NAPPED (SY_MILLISECOND) /* who napped so long ago has found a task, or none */

/* Sysmon's own. */
static sy_time refused_until;
static sy_time napped_at; /* when it last saw a worker nap */

/* The limit of the program, not of the system: that one only makes us wait. */
static _Noreturn void exhausted(void)
{
    sy_fatal("thread exhaustion\n    %u OS threads, all in blocking calls or running tasks; "
             "max_workers of struct sy_config raises the limit",
             scheduler.max_workers);
}

/* True if a task may be waiting for the proc, or for any. Else nothing is amiss when all threads
 * are in blocking calls. */
static bool is_missed(struct proc *proc)
{
    return runq_has_tasks(&proc->runq) || global_length() > 0 || timer_next() <= sy_now() ||
           netpoll_waits();
}

/* Under no lock. True if a thread is to be made: no worker sleeps by now, none is on its way to the
 * sleepers, and there may be one more. */
static bool announce_sleeper(struct proc *proc, sy_time now)
{
    /* relaxed: a hint. Who naps comes soon, to take tasks or to sleep (patience.h, 5); till then
     * its thread is not exhausted. */
    if (load_relaxed(&scheduler.napping) > 0) {
        napped_at = now;
    }
    spin_lock(&scheduler.lock);
    bool lacks = scheduler.sleepers == NULL && !scheduler.sleeper_starting;
    bool full = scheduler.workers_live >= scheduler.max_workers;
    bool makes = lacks && !full;
    scheduler.sleeper_starting |= makes;
    spin_unlock(&scheduler.lock);
    if (lacks && full && now - napped_at > NAPPED && is_missed(proc)) {
        exhausted();
    }
    return makes;
}

static int start_sleeper(void)
{
    sigset_t all;
    sysmon_begin_making(&all);
    int error = worker_start(NULL);
    sysmon_end_making(&all);
    return error;
}

/* It was announced. */
static void make_announced(void)
{
    if (start_sleeper() == 0) {
        return;
    }
    refused_until = sy_now() + REFUSED_FOR;
    spin_lock(&scheduler.lock);
    scheduler.sleeper_starting = false;
    scheduler_update_watch();
    spin_unlock(&scheduler.lock);
}

/* No worker sleeps: makes one, which will when sysmon looks again. For the sake of the proc. */
static void make_sleeper(struct proc *proc)
{
    sy_time now = sy_now();
    if (now >= refused_until && announce_sleeper(proc, now)) {
        make_announced();
    }
}

void retake_make_spare(void)
{
    if (sy_now() < refused_until) {
        return;
    }
    spin_lock(&scheduler.lock);
    /* relaxed: under the lock */
    bool makes = scheduler.sleepers_count <= load_relaxed(&scheduler.idle_procs) &&
                 !scheduler.sleeper_starting && scheduler.workers_live < scheduler.max_workers;
    scheduler.sleeper_starting |= makes;
    spin_unlock(&scheduler.lock);
    if (makes) {
        make_announced();
    }
}

/* Steps b and c of blocking.h. */
static void retake(struct proc *proc, uint32_t ticket)
{
    spin_lock(&scheduler.lock);
    struct worker *worker = scheduler_choose_heir(proc->worker);
    /* acquire: the proc, as its owner left it */
    bool taken = worker != NULL && cas_acq_rel(&proc->blocking, &ticket, 0);
    if (taken) {
        scheduler_give(proc, worker);
    }
    spin_unlock(&scheduler.lock);
    if (taken) {
        scheduler_tell(worker, TOKEN_PROC);
    } else if (worker == NULL) {
        make_sleeper(proc);
    }
}

/* False if the proc can be left to its call: it has no task to run, and others are idle that can
 * care for all else. */
static bool is_needed(struct proc *proc)
{
    /* relaxed: hints; looked at again after the next nap */
    return runq_has_tasks(&proc->runq) || load_relaxed(&scheduler.idle_procs) == 0;
}

/* Step a. True if the proc is in a blocking call that should be looked at soon. */
bool retake_look(struct proc *proc, sy_time now)
{
    /* relaxed: a hint; retake compares again */
    uint32_t ticket = load_relaxed(&proc->blocking);
    if (ticket == 0) {
        return false;
    }
    if (ticket != proc->blocking_seen) {
        proc->blocking_seen = ticket;
        proc->blocking_since = now;
        return true;
    }
    if (now - proc->blocking_since >= SYSMON_PATIENCE && is_needed(proc)) {
        retake(proc, ticket);
        return true;
    }
    return now - proc->blocking_since < SYSMON_PATIENCE;
}

bool retake_sees_new(void)
{
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        struct proc *proc = &scheduler.all[i];
        /* relaxed: ordered by the fence in nap */
        uint32_t ticket = load_relaxed(&proc->blocking);
        if (ticket != 0 && ticket != proc->blocking_seen) {
            return true;
        }
    }
    return false;
}

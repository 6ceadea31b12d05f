/* idle.c - see idle.h. */
#include "idle.h"

#include <errno.h>

#include <switchyard/time.h>

#include "base/futex.h"
#include "dump.h"
#include "global.h"
#include "hibernate.h"
#include "netpoll.h"
#include "scheduler.h"
#include "slice.h"
#include "timer.h"
#include "watch.h"

#define RETIRE_AFTER SY_SECOND /* a spare worker sleeps that long before its thread ends */

/* --- the end ---------------------------------------------------------------------------------- */

/* Tasks spawned minus tasks ended. Exact under the lock while all procs are idle. */
static uint64_t live_tasks(void)
{
    uint64_t live = 0;
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        /* relaxed: the lock orders them, each owner went idle under it */
        live += load_relaxed(&scheduler.all[i].tasks_spawned);
        live -= load_relaxed(&scheduler.all[i].tasks_ended);
    }
    return live;
}

/* Under the lock: everybody stops. */
static void stop_all(void)
{
    struct worker *sleepers = scheduler.sleepers;
    scheduler.over = true;
    scheduler.sleepers = NULL;
    scheduler.sleepers_count = 0;
    scheduler.watcher = NULL;
    while (sleepers != NULL) {
        struct worker *worker = sleepers;
        sleepers = worker->next_idle;
        worker->sleeping = false;
        scheduler_tell(worker, TOKEN_STOP);
    }
}

/* Everybody is idle and nothing can come: the end, or a deadlock. */
static void check_end(void)
{
    spin_lock(&scheduler.lock);
    /* relaxed: all under the lock, and no proc is busy that could change them */
    bool still = !scheduler.over &&
                 load_relaxed(&scheduler.idle_procs) == load_relaxed(&scheduler.active) &&
                 scheduler.blocked == 0 && global_length() == 0;
    bool ended = still && live_tasks() == 0; /* timers may be armed still */
    if (still && !ended && timer_next() == SY_FOREVER && !netpoll_waits()) {
        dump_deadlock();
    }
    if (ended) {
        stop_all();
    }
    spin_unlock(&scheduler.lock);
}

/* --- retiring --------------------------------------------------------------------------------- */

/* Under the lock: more workers sleep than there are procs for them to take. */
static bool too_many_sleep(void)
{
    /* relaxed: under the lock */
    return scheduler.sleepers_count > load_relaxed(&scheduler.active);
}

/* Its time is up, and it is not on watch: true if it is one too many, and is off all lists now. */
static bool retire(struct worker *worker)
{
    struct worker *before = NULL;
    spin_lock(&scheduler.lock);
    bool leaves =
        worker->sleeping && scheduler.watcher != worker && worker->enlisted && too_many_sleep();
    if (leaves) {
        scheduler_remove_sleeper(worker);
        before = worker_leave(worker);
        store_relaxed(&worker->token, TOKEN_RETIRE);      /* relaxed: read by itself alone */
        fetch_add_relaxed(&scheduler.workers_retired, 1); /* relaxed: a statistic */
    }
    spin_unlock(&scheduler.lock);
    worker_reap(before);
    return leaves;
}

/* --- sleeping --------------------------------------------------------------------------------- */

void idle_rouse(struct worker *worker)
{
    fence_seq_cst(); /* step 2: pairs with b */
    /* relaxed: ordered by the fence */
    if (load_relaxed(&worker->polling) != 0) {
        netpoll_break();
    } else {
        futex_wake(&worker->token, 1);
    }
}

/* Under no lock: until when this sleeper may sleep, and whether it polls. */
static sy_time sleep_deadline(struct worker *worker, bool *polls)
{
    sy_time deadline = SY_FOREVER;
    spin_lock(&scheduler.lock);
    if (scheduler.poller == NULL && netpoll_waits()) {
        scheduler.poller = worker;
        *polls = true;
    }
    if (scheduler.watcher == worker) {
        deadline = worker->watch_deadline;
    } else if (!*polls && worker->enlisted && too_many_sleep()) {
        deadline = sy_now() + RETIRE_AFTER;
    }
    spin_unlock(&scheduler.lock);
    return deadline;
}

/* Steps a to c. */
static void poll(struct worker *worker, sy_time deadline)
{
    store_relaxed(&worker->polling, 1); /* relaxed: the fence orders it */
    fence_seq_cst();                    /* step b: pairs with 2 */
    /* relaxed: ordered by the fence */
    if (load_relaxed(&worker->token) == TOKEN_NONE) {
        worker->polled = netpoll_poll(deadline);
    }
    store_relaxed(&worker->polling, 0); /* relaxed: a break too many only ends the next poll */
    spin_lock(&scheduler.lock);
    scheduler.poller = NULL;
    spin_unlock(&scheduler.lock);
}

/* Takes a proc for what was polled, unless the worker has been told something. True if it has. */
static bool take_proc(struct worker *worker)
{
    spin_lock(&scheduler.lock);
    bool taken = worker->sleeping && scheduler_promote(worker);
    spin_unlock(&scheduler.lock);
    return taken;
}

/* No proc is idle: the tasks go where any proc finds them. */
static void give_away(struct worker *worker)
{
    spin_lock(&scheduler.lock);
    while (worker->polled != NULL) {
        struct task *task = worker->polled;
        worker->polled = task->next;
        hibernate_wake(task);
        global_push(&task, 1);
    }
    slice_rouse_locked();
    spin_unlock(&scheduler.lock);
    scheduler_notify();
}

/* Sleeps once. True if its time was up. */
static bool sleep_once(struct worker *worker)
{
    bool polls = false;
    sy_time deadline = sleep_deadline(worker, &polls);
    if (!polls) {
        return deadline <= sy_now() ||
               futex_wait(&worker->token, TOKEN_NONE, deadline) == -ETIMEDOUT;
    }
    poll(worker, deadline);
    return worker->polled == NULL && deadline <= sy_now();
}

uint32_t idle_sleep(struct worker *worker)
{
    sy_time period = WATCH_PERIOD_MIN;
    check_end();
    for (;;) {
        /* acquire: pairs with the release of whoever told us */
        uint32_t token = load_acquire(&worker->token);
        if (token == TOKEN_PROC || token == TOKEN_STOP) {
            return token;
        }
        if (token == TOKEN_LOOK) {
            cas_acquire(&worker->token, &token, TOKEN_NONE); /* acquire: as above */
            period = WATCH_PERIOD_MIN;
            continue;
        }
        bool expired = sleep_once(worker);
        if (worker->polled != NULL) {
            if (take_proc(worker)) {
                return TOKEN_PROC;
            }
            give_away(worker);
        }
        if (expired && watch_look(worker, &period)) {
            return TOKEN_PROC;
        }
        if (expired && retire(worker)) {
            return TOKEN_RETIRE;
        }
    }
}

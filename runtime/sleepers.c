/* sleepers.c - the idle procs and the sleeping workers: two lists under the scheduler's lock, and
 * all that moves a proc or a worker onto them or off; see scheduler.h. */
#include "distance.h"
#include "idle.h"
#include "scheduler.h"
#include "slice.h"
#include "watch.h"
#include "worker.h"

#define HEIRS_ASKED 8 /* sleepers, of which there may be thousands */

void scheduler_add_idle_proc(struct proc *proc)
{
    proc->worker = NULL;
    proc->next_idle = scheduler.idle_first;
    scheduler.idle_first = proc;
    /* relaxed: under the lock; readers outside are ordered by the fences of the wake protocol */
    store_relaxed(&scheduler.idle_procs, load_relaxed(&scheduler.idle_procs) + 1);
}

struct proc *scheduler_take_idle_proc(struct worker *worker)
{
    struct proc *proc = scheduler.idle_first;
    if (proc == NULL) {
        return NULL;
    }
    scheduler.idle_first = proc->next_idle;
    proc->worker = worker;
    slice_rouse_locked();
    /* relaxed: under the lock; readers outside are ordered by the fences of the wake protocol */
    store_relaxed(&scheduler.idle_procs, load_relaxed(&scheduler.idle_procs) - 1);
    return proc;
}

void scheduler_add_sleeper(struct worker *worker)
{
    store_relaxed(&worker->token, TOKEN_NONE); /* relaxed: nobody tells before it is a sleeper */
    worker->next_idle = scheduler.sleepers;
    scheduler.sleepers = worker;
    scheduler.sleepers_count++;
    store_relaxed(&worker->cpu, distance_cpu()); /* relaxed: a hint; of the calling thread */
    worker->sleeping = true;
    watch_take(worker);
}

void scheduler_leave_proc(struct worker *worker)
{
    proc_assign(NULL);
    worker->proc = NULL;
    if (worker->spinning) {
        worker->spinning = false;
        fetch_add_seq_cst(&scheduler.spinning, -1); /* seq_cst: pairs with the publisher's fence */
    }
    scheduler_add_sleeper(worker);
}

void scheduler_remove_sleeper(struct worker *worker)
{
    struct worker **link = &scheduler.sleepers;
    scheduler.sleepers_count--;
    worker->sleeping = false;
    while (*link != worker) {
        link = &(*link)->next_idle;
    }
    *link = worker->next_idle;
    if (scheduler.watcher == worker) {
        scheduler.watcher = NULL;
    }
}

struct worker *scheduler_choose_sleeper(void)
{
    struct worker *worker = scheduler.sleepers;
    while (worker != NULL && (worker == scheduler.watcher || worker == scheduler.poller)) {
        worker = worker->next_idle; /* at most two steps */
    }
    return worker != NULL ? worker : scheduler.sleepers;
}

struct worker *scheduler_choose_heir(const struct worker *blocked)
{
    struct worker *worker = blocked != NULL ? scheduler.sleepers : NULL;
    for (uint32_t i = 0; i < HEIRS_ASKED && worker != NULL; i++) {
        /* relaxed: hints */
        bool same = load_relaxed(&worker->cpu) == load_relaxed(&blocked->cpu);
        if (same && worker != scheduler.watcher && worker != scheduler.poller) {
            return worker;
        }
        worker = worker->next_idle;
    }
    return scheduler_choose_sleeper();
}

/* Under the lock: it has a proc now. */
static void wake_up_spinning(struct worker *sleeper)
{
    scheduler_remove_sleeper(sleeper);
    sleeper->spinning = true;
    fetch_add_seq_cst(&scheduler.spinning, 1); /* seq_cst: as in scheduler_wake_one */
    scheduler_update_watch();
}

bool scheduler_promote(struct worker *sleeper)
{
    sleeper->proc = scheduler_take_idle_proc(sleeper);
    if (sleeper->proc == NULL) {
        return false;
    }
    wake_up_spinning(sleeper);
    return true;
}

void scheduler_give(struct proc *proc, struct worker *sleeper)
{
    scheduler.blocked++;
    fetch_add_relaxed(&scheduler.retakes, 1); /* relaxed: a statistic */
    scheduler_hand(proc, sleeper);
}

void scheduler_hand(struct proc *proc, struct worker *sleeper)
{
    proc->worker = sleeper;
    sleeper->proc = proc;
    wake_up_spinning(sleeper);
}

void scheduler_tell(struct worker *worker, uint32_t token)
{
    /* release: pairs with the acquire of the sleeper, which then reads what was handed to it */
    store_release(&worker->token, token);
    idle_rouse(worker);
}

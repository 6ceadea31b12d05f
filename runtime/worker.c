/* worker.c - see worker.h. What a worker does between tasks, on its own stack:
 *   1. fires due timers
 *   2. takes a task: every RUNQ_TICKS-th time the global queue first, else own queue, global queue
 *   3. steals: half of a victim's ring, starting at a random victim
 *   4. gives its proc up and sleeps (scheduler.h)
 */
#include "worker.h"

#include <switchyard/time.h>

#include "blocking.h"
#include "park.h"
#include "scheduler.h"
#include "timer.h"
#include "watch.h"

#define AGING (10 * SY_MILLISECOND)

/* --- finding work ------------------------------------------------------------------------- */

/* Every RUNQ_TICKS-th choice. Starves nobody: each of the places that runq_choose takes from only
 * when the ones before it are empty comes first in a third of the looks. */
static struct task *take_in_turn(struct proc *proc)
{
    struct task *task = NULL;
    for (uint32_t turn = 0; turn < 3 && task == NULL; turn++) {
        switch ((proc->looks + turn) % 3) {
        case 0:
            task = scheduler_take_global(proc);
            break;
        case 1:
            task = ring_pop_oldest(&proc->runq.woken);
            break;
        default:
            task = runq_pop_spawned(&proc->runq);
            break;
        }
    }
    proc->looks++;
    return task;
}

/* Once in AGING the oldest spawned task goes before the newest ones. */
static struct task *take_aged(struct proc *proc)
{
    if (proc->now - proc->aged_at < AGING) {
        return NULL;
    }
    proc->aged_at = proc->now;
    return ring_pop_oldest(&proc->runq.spawned);
}

/* Step 2, in the section; NULL if there is nothing here. */
static struct task *take_own(struct proc *proc)
{
    struct task *task = NULL;
    bool look = proc->runq.ticks_left == 0;
    proc->runq.ticks_left = RUNQ_TICKS;
    if (look) {
        task = take_aged(proc);
        task = task != NULL ? task : take_in_turn(proc);
    }
    task = task != NULL ? task : runq_choose(&proc->runq);
    return task != NULL ? task : scheduler_take_global(proc);
}

/* Half of the victim's rings, or what it holds back for too long. The victim is seized. Tasks whose
 * lock is biased to the victim lose the bias here, where it costs nothing. */
static uint32_t take_from(struct proc *victim, struct task **batch)
{
    uint32_t count = ring_take_half(&victim->runq.woken, batch);
    count += ring_take_half(&victim->runq.spawned, batch + count);
    /* relaxed throughout: the victim is seized; slots_stale is only a hint */
    bool stale = load_relaxed(&victim->slots_stale) != 0 &&
                 load_relaxed(&victim->switches) == load_relaxed(&victim->watched_switches);
    if (count == 0 && stale) {
        count = runq_take_held_back(&victim->runq, batch);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (load_relaxed(&batch[i]->lock.owner) == victim) {
            store_release(&batch[i]->lock.owner, NULL); /* release: as revoke in lock.c */
        }
    }
    return count;
}

static bool steal_from(struct proc *thief, struct proc *victim)
{
    struct task *batch[RING_SLOTS];
    /* relaxed: a hint, to seize only who has something */
    if (runq_offered(&victim->runq) == 0 && load_relaxed(&victim->slots_stale) == 0) {
        return false;
    }
    proc_seize(victim);
    uint32_t count = take_from(victim, batch);
    proc_release(victim);
    if (count == 0) {
        return false;
    }
    struct proc *proc = proc_enter();
    for (uint32_t i = 0; i < count; i++) {
        ring_push(runq_ring_for(&proc->runq, batch[i]), batch[i]); /* fits: the rings were empty */
    }
    counter_add(&thief->steals, 1);
    counter_add(&thief->tasks_stolen, count);
    proc_leave(proc);
    if (count > 1) {
        scheduler_notify(); /* idle-goers could not see them meanwhile */
    }
    return true;
}

static uint32_t next_random(struct worker *worker)
{
    /* xorshift32: Marsaglia, "Xorshift RNGs" (2003) */
    uint32_t x = worker->random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    worker->random = x;
    return x;
}

/* Step 3, outside of sections. */
static bool steal(struct worker *worker)
{
    uint32_t procs = scheduler.procs;
    uint32_t first = next_random(worker) % procs;
    for (uint32_t i = 0; i < procs; i++) {
        struct proc *victim = &scheduler.all[(first + i) % procs];
        if (victim != worker->proc && steal_from(worker->proc, victim)) {
            return true;
        }
    }
    return false;
}

/* The next task, in the section of the worker's proc; NULL when the program is over. */
static struct task *find(struct worker *worker)
{
    for (;;) {
        sy_time now = sy_now();
        timer_fire(now);
        struct proc *proc = proc_enter();
        proc->now = now;
        struct task *task = take_own(proc);
        if (task != NULL) {
            return task;
        }
        proc_leave(proc);
        if (steal(worker)) {
            continue;
        }
        if (!scheduler_idle(worker)) {
            return NULL;
        }
    }
}

void worker_loop(struct worker *worker)
{
    for (;;) {
        struct task *task = find(worker);
        if (task == NULL) {
            return;
        }
        task->state = TASK_RUNNING;
        if (worker->spinning) {
            scheduler_found(worker);
        }
        task_switch(worker->proc, &worker->context, task);
        if (worker->returned != NULL && !blocking_rejoin(worker)) {
            return;
        }
    }
}

/* steal.c - see steal.h. */
#include "steal.h"

#include "base/trace.h"
#include "distance.h"
#include "scheduler.h"
#include "tune.h"
#include "watch.h"

/* Half of each of the victim's rings, but at most a batch of each, or what it holds back for too
 * long. The victim is seized. Tasks whose lock is biased to the victim lose the bias here, where it
 * costs nothing. */
static uint32_t take_from(struct proc *victim, struct task **batch)
{
    uint32_t count = ring_take_half(&victim->runq.woken, batch);
    count += ring_take_half(&victim->runq.spawned, batch + count);
    if (count == 0 && watch_found_stale(victim)) {
        count = runq_take_held_back(&victim->runq, batch);
    }
    for (uint32_t i = 0; i < count; i++) {
        lock_share(victim, &batch[i]->lock);
    }
    return count;
}

static bool steal_from(struct worker *worker, struct proc *victim)
{
    struct proc *thief = worker->proc;
    struct task *batch[2 * RING_BATCH];
    /* a hint, to seize only who has something */
    if (runq_offered(&victim->runq) == 0 && !watch_found_stale(victim)) {
        return false;
    }
    proc_seize(victim);
    uint32_t count = take_from(victim, batch);
    proc_release(victim);
    if (count == 0) {
        return false;
    }
    /* woken ones come first */
    patience_loot(&worker->patience, thief, sy_now(), loot_kind_of(batch[count - 1]));
    struct proc *proc = proc_enter();
    for (uint32_t i = 0; i < count; i++) {
        ring_push(runq_ring_for(&proc->runq, batch[i]), batch[i]); /* fits: the rings were empty */
    }
    counter_add(&thief->steals, 1);
    counter_add(&thief->tasks_stolen, count);
    proc_leave(proc);
    trace_event(TRACE_STEAL, count, victim->index + 1, NULL); /* numbers begin at 1 */
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

/* Tries the victims at this distance from the CPU; from a random one on. */
static bool steal_at(struct worker *worker, uint32_t cpu, uint32_t distance)
{
    uint32_t procs = scheduler_procs();
    uint32_t first = next_random(worker) % procs;
    for (uint32_t i = 0; i < procs; i++) {
        struct proc *victim = &scheduler.all[(first + i) % procs];
        /* relaxed: a hint */
        bool near = distance_between(cpu, load_relaxed(&victim->cpu)) == distance;
        if (near && victim != worker->proc && steal_from(worker, victim)) {
            return true;
        }
    }
    return false;
}

bool steal(struct worker *worker)
{
    if ((tune_off & TUNE_NOSTEAL) != 0) {
        return false;
    }
    uint32_t cpu = distance_levels() > 1 ? distance_cpu() : 0;
    store_relaxed(&worker->proc->cpu, cpu); /* relaxed: a hint for others */
    for (uint32_t distance = 0; distance < distance_levels(); distance++) {
        if (steal_at(worker, cpu, distance)) {
            return true;
        }
    }
    return false;
}

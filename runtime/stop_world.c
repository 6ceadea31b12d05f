/* stop_world.c - see stop_world.h. */
#include "stop_world.h"

#include <string.h>

#include <switchyard/time.h>

#include "scheduler.h"

static _Atomic uint32_t world_lock; /* 1: somebody has the world stopped, or stops it */

/* False if the deadline came first. */
static bool lock_until(_Atomic uint32_t *held, sy_time deadline)
{
    uint32_t rounds = 0;
    /* acquire: pairs with the release of the holder before */
    while (exchange_acquire(held, 1) != 0) {
        if (sy_now() >= deadline) {
            return false;
        }
        spin_wait(&rounds);
    }
    return true;
}

/* Step a of proc.h. False if another seizer did not end in time. */
static bool take(struct proc *proc, sy_time deadline)
{
    uint32_t rounds = 0;
    uint32_t seen = proc_asymmetric ? 0 : SYMMETRIC;
    /* acquire: pairs with the release of the seizer before */
    while (!cas_acquire(&proc->seized, &seen, seen | SEIZED)) {
        seen &= UNSEIZED;
        if (sy_now() >= deadline) {
            return false;
        }
        spin_wait(&rounds);
    }
    return true;
}

/* Step d. */
static bool leaves_in_time(struct proc *proc, sy_time deadline)
{
    uint32_t rounds = 0;
    /* acquire: pairs with the release when the owner leaves */
    while (load_acquire(&proc->in_section) != 0) {
        if (sy_now() >= deadline) {
            return false;
        }
        spin_wait(&rounds);
    }
    return true;
}

/* Step 2 for the procs from `seen` on. */
static void seize_new(struct world *world, uint32_t procs, sy_time deadline)
{
    uint32_t first = world->seen;
    for (uint32_t i = first; i < procs; i++) {
        struct proc *proc = &scheduler.all[i];
        world->seized[i] = proc != world->own && take(proc, deadline);
    }
    proc_fence_all(); /* step c; then d */
    for (uint32_t i = first; i < procs; i++) {
        struct proc *proc = &scheduler.all[i];
        world->lagging[i] = world->seized[i] && !leaves_in_time(proc, deadline);
        world->stopped += proc == world->own || (world->seized[i] && !world->lagging[i]);
    }
    world->seen = procs;
}

bool world_claim(sy_time patience)
{
    return lock_until(&world_lock, patience == SY_FOREVER ? SY_FOREVER : sy_now() + patience);
}

/* Step 5. False if somebody did not let go in time. */
static bool lock_heaps(struct world *world, sy_time deadline)
{
    bool all = true;
    for (uint32_t i = 0; i < world->seen; i++) {
        world->timeless[i] = lock_until(&scheduler.all[i].timers.lock.held, deadline);
        all &= world->timeless[i];
    }
    return all;
}

static void unlock(_Atomic uint32_t *held)
{
    store_release(held, 0); /* release: pairs with the acquire in lock_until */
}

void world_stop(struct world *world, const struct proc *own, sy_time patience)
{
    memset(world, 0, sizeof *world);
    world->own = own;
    world->alone = world_claim(own != NULL ? SY_FOREVER : WORLD_CLAIM_PATIENCE);
    if (!world->alone) {
        return;
    }
    for (;;) {
        seize_new(world, scheduler_procs(), sy_now() + patience);
        world->locked = lock_until(&scheduler.lock.held, sy_now() + patience);
        if (!world->locked || scheduler_procs() == world->seen) {
            break;
        }
        spin_unlock(&scheduler.lock);
    }
    bool timeless = lock_heaps(world, sy_now() + patience);
    world->whole = timeless && world->locked && world->stopped == world->seen;
}

void world_start(struct world *world)
{
    for (uint32_t i = 0; i < world->seen; i++) {
        if (world->timeless[i]) {
            spin_unlock(&scheduler.all[i].timers.lock);
        }
    }
    if (world->locked) {
        spin_unlock(&scheduler.lock);
    }
    for (uint32_t i = 0; i < world->seen; i++) {
        if (world->seized[i]) {
            proc_unseize(&scheduler.all[i]);
        }
    }
    if (world->alone) {
        unlock(&world_lock);
    }
}

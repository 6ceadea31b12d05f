/* proc.c - see proc.h. */
#include "proc.h"

#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preempt.h"
#include "tune.h"

#define ACKNOWLEDGE_ROUNDS 25 /* pauses: about 1 us where a pause takes 40 ns */

__thread struct proc *proc_current = &proc_nobody;

struct proc proc_nobody = {.seized = SEIZED, .release = &proc_nobody.in_section};

bool proc_asymmetric;

static long membarrier(int command)
{
    return syscall(SYS_membarrier, command, 0, 0);
}

void proc_choose_fences(void)
{
    static bool chosen; /* once for the process: biased locks may name procs of an earlier run */
    if (!chosen) {
        proc_asymmetric = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
        chosen = true;
    }
}

/* As fence_seq_cst. */
void proc_fence_self(void)
{
    fence_seq_cst(); /* pairs with the one in proc_fence_all */
}

/* Step c: as a full fence in every running thread. */
void proc_fence_all(void)
{
    /* a full fence everywhere, this thread's own included where membarrier lacks */
    if (proc_asymmetric) {
        if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0) {
            sy_fatal("membarrier(2) worked before, and fails now");
        }
    }
    fence_seq_cst(); /* orders this thread too; pairs with proc_enter's where membarrier lacks */
}

void proc_init(struct proc *proc, uint32_t index)
{
    memset(proc, 0, sizeof *proc);
    proc->index = index;
    proc->release = &proc->in_section;
    store_relaxed(&proc->seized, proc_asymmetric ? 0 : SYMMETRIC); /* relaxed: not in use yet */
    proc->runq.ticks_left = RUNQ_TICKS;
    proc->choices = RUNQ_TICKS;
    proc->random = (index + 1) * UINT32_C(2654435761); /* not 0, for no index wraps it around */
    proc->unbiased = (tune_off & TUNE_NOBIAS) != 0 ? UINT32_MAX : 0;
    pool_cache_init(&proc->tasks, (tune_off & TUNE_NOSTACKCACHE) != 0 ? 1 : POOL_CACHE_SLOTS);
    pool_cache_init(&proc->chans, POOL_CACHE_SLOTS);
}

void proc_assign(struct proc *proc)
{
    proc_current = proc != NULL ? proc : &proc_nobody;
}

/* Step 3: tells each seizer that comes that the owner waits, until there is none. */
static void wait_for_seizers(struct proc *proc)
{
    uint32_t rounds = 0;
    uint32_t said = 0;
    /* release: pairs with d; nothing was done since step 1 */
    store_release(&proc->in_section, 0);
    for (;;) {
        uint32_t seized = load_relaxed(&proc->seized); /* relaxed: read again by the caller */
        if ((seized & SEIZED) == 0) {
            return;
        }
        if ((seized & ~WANTED) != said) {
            said = seized & ~WANTED;
            store_release(&proc->acknowledged, said); /* release: pairs with b */
        }
        spin_wait(&rounds);
    }
}

struct proc *proc_enter_slow(struct proc *proc, const char *function)
{
    if (proc == &proc_nobody) {
        sy_fatal_outside_task(function);
    }
    uint32_t seized = 0;
    for (;;) {
        if (!proc_asymmetric) {
            fence_seq_cst(); /* step 2 then: pairs with the one in proc_fence_all */
        }
        seized = load_acquire(&proc->seized); /* acquire: pairs with f */
        if ((seized & SEIZED) == 0) {
            break;
        }
        wait_for_seizers(proc);
        store_relaxed(&proc->in_section, 1); /* relaxed: as in proc_enter_named */
        fence_compiler();
    }
    sanitize_section_enter(&proc->in_section);
    return (seized & WANTED) != 0 && function != NULL ? preempt_at_call(proc) : proc;
}

/* Step a. Returns the ticket. */
static uint32_t take_ticket(struct proc *victim)
{
    static _Atomic uint32_t tickets;
    uint32_t rounds = 0;
    uint32_t unseized = proc_asymmetric ? 0 : SYMMETRIC;
    /* relaxed: only has to be unique, until it wraps after 2^30 seizures */
    uint32_t ticket = (fetch_add_relaxed(&tickets, TICKET_STEP) + TICKET_STEP) | unseized | SEIZED;
    uint32_t seen = unseized;
    /* acquire: pairs with the release of the seizer before */
    while (!cas_acquire(&victim->seized, &seen, ticket | (seen & WANTED))) {
        seen &= UNSEIZED;
        spin_wait(&rounds);
    }
    return ticket;
}

/* Step b. */
static bool acknowledged(struct proc *victim, uint32_t ticket)
{
    for (uint32_t round = 0; round < ACKNOWLEDGE_ROUNDS; round++) {
        /* acquire: pairs with the release in wait_for_seizers */
        if (load_acquire(&victim->acknowledged) == ticket) {
            return true;
        }
        spin_pause();
    }
    return false;
}

/* Who has seized a proc may not be set aside (preempt.h): changes the regions that the running task
 * is in. Nothing for threads that run none. */
static void add_region(int change)
{
    struct task *self = proc_self()->current;
    if (self != NULL) {
        self->nopreempt = (uint8_t)(self->nopreempt + change);
    }
}

void proc_seize(struct proc *victim)
{
    uint32_t rounds = 0;
    add_region(1);
    uint32_t ticket = take_ticket(victim);
    if (!acknowledged(victim, ticket)) {
        proc_fence_all(); /* step c; then d, acquire: pairs with the release when the owner leaves
                           */
        while (load_acquire(&victim->in_section) != 0) {
            spin_wait(&rounds);
        }
    }
    /* Not counter_add: the seizures of a victim are made one at a time, under seized. */
    store_relaxed(&victim->seizes, load_relaxed(&victim->seizes) + 1); /* relaxed: a statistic */
}

void proc_unseize(struct proc *victim)
{
    /* release: pairs with the acquire in proc_enter and proc_seize */
    fetch_and_release(&victim->seized, UNSEIZED);
}

void proc_release(struct proc *victim)
{
    proc_unseize(victim);
    add_region(-1);
}

/* proc.c - see proc.h. */
#include "proc.h"

#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

__thread struct proc *proc_current = &proc_nobody;

struct proc proc_nobody = {.seized = SEIZED};

bool proc_asymmetric;

static long membarrier(int command)
{
    return syscall(SYS_membarrier, command, 0, 0);
}

void proc_choose_fences(void)
{
    int command = MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
    proc_asymmetric = membarrier(command) == 0;
}

/* Step b: as a full fence in every running thread. */
void proc_fence_all(void)
{
    /* a full fence everywhere, this thread's own included where membarrier lacks */
    if (proc_asymmetric) {
        membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED); /* cannot fail: registered */
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
}

void proc_assign(struct proc *proc)
{
    proc_current = proc != NULL ? proc : &proc_nobody;
}

struct proc *proc_enter_slow(struct proc *proc, const char *function)
{
    uint32_t rounds = 0;
    if (proc == &proc_nobody) {
        sy_fatal_outside_task(function);
    }
    for (;;) {
        if (!proc_asymmetric) {
            fence_seq_cst(); /* step 2 then: pairs with the one in proc_fence_all */
        }
        /* acquire: pairs with e */
        if ((load_acquire(&proc->seized) & SEIZED) == 0) {
            break;
        }
        /* release: pairs with c; nothing was done since step 1 */
        store_release(&proc->in_section, 0);
        while ((load_relaxed(&proc->seized) & SEIZED) !=
               0) { /* relaxed: a hint, read again above */
            spin_wait(&rounds);
        }
        store_relaxed(&proc->in_section, 1); /* relaxed: as in proc_enter_named */
        fence_compiler();
    }
    sanitize_section_enter(&proc->in_section);
    return proc;
}

void proc_seize(struct proc *victim)
{
    uint32_t rounds = 0;
    uint32_t unseized = proc_asymmetric ? 0 : SYMMETRIC;
    uint32_t seen = unseized;
    /* acquire: pairs with the release of the seizer before */
    while (!cas_acquire(&victim->seized, &seen, unseized | SEIZED)) {
        seen = unseized;
        spin_wait(&rounds);
    }
    proc_fence_all();
    /* acquire: pairs with the release when the owner leaves */
    while (load_acquire(&victim->in_section) != 0) {
        spin_wait(&rounds);
    }
    /* Not counter_add: the seizures of a victim are made one at a time, under seized. */
    store_relaxed(&victim->seizes, load_relaxed(&victim->seizes) + 1); /* relaxed: a statistic */
}

void proc_release(struct proc *victim)
{
    /* release: pairs with the acquire in proc_enter and proc_seize */
    store_release(&victim->seized, proc_asymmetric ? 0 : SYMMETRIC);
}

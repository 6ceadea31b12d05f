/* lone_procs.h - a runtime of three procs that no worker holds, for direct calls of what looks at
 * procs from outside. */
#ifndef SWITCHYARD_TEST_LONE_PROCS_H
#define SWITCHYARD_TEST_LONE_PROCS_H

#include "scheduler.h"
#include "support/suite_main.h"
#include "worker.h"

enum { PROCS = 3 };

static struct proc procs[PROCS]; /* the first is the worker's, the others are looked at */
static struct task task;         /* for their queues */
static struct worker worker;

static void begin(void)
{
    proc_choose_fences();
    for (uint32_t i = 0; i < PROCS; i++) {
        proc_init(&procs[i], i);
        store_relaxed(&procs[i].timers.next, SY_FOREVER);
    }
    scheduler = (struct scheduler){.all = procs};
    store_relaxed(&scheduler.made, PROCS);
    worker = (struct worker){.proc = &procs[0]};
    task = (struct task){.state = TASK_READY};
}

static inline void switch_once(struct proc *proc)
{
    store_relaxed(&proc->switches, load_relaxed(&proc->switches) + 1);
}

#endif

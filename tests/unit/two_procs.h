/* two_procs.h - a runtime of two procs that no worker holds, for direct calls of what looks at
 * procs from outside. */
#ifndef SWITCHYARD_TEST_TWO_PROCS_H
#define SWITCHYARD_TEST_TWO_PROCS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "scheduler.h"
#include "support/suite_main.h"
#include "worker.h"

static struct proc procs[2]; /* the worker's, and the one that is looked at */
static struct task task;     /* for the queue of that one */
static struct worker worker;

static void begin(void)
{
    proc_choose_fences();
    for (uint32_t i = 0; i < 2; i++) {
        proc_init(&procs[i], i);
        store_relaxed(&procs[i].timers.next, SY_FOREVER);
    }
    scheduler = (struct scheduler){.all = procs};
    store_relaxed(&scheduler.made, 2);
    worker = (struct worker){.proc = &procs[0]};
    task = (struct task){.state = TASK_READY};
}

static atomic_bool over;
static pthread_t switcher;

/* The second proc switches all the time. */
static void *switch_on(void *arg)
{
    (void)arg;
    while (!over) {
        store_relaxed(&procs[1].switches, load_relaxed(&procs[1].switches) + 1);
    }
    return NULL;
}

static void begin_switching(void)
{
    begin();
    over = false;
    ck_assert_int_eq(pthread_create(&switcher, NULL, switch_on, NULL), 0);
    while (load_relaxed(&procs[1].switches) == 0) {
        spin_pause();
    }
}

static void end_switching(void)
{
    over = true;
    pthread_join(switcher, NULL);
}

#endif

/* patient_worker.h - a worker whose patience is looked at, with procs that no worker holds. The
 * linker sends sy_now and futex_wait to a clock here, which goes on by a look each time that it is
 * read, and by a nap in each sleep, and lets procs switch meanwhile: no thread and no real time has
 * a part in it. */
#ifndef SWITCHYARD_TEST_PATIENT_WORKER_H
#define SWITCHYARD_TEST_PATIENT_WORKER_H

#include <errno.h>

#include <switchyard/switchyard.h>

#include "global.h"
#include "lone_procs.h"
#include "netpoll.h"
#include "patience.h"
#include "tune.h"

#define A_LOOK (2 * SY_MICROSECOND)

sy_time __wrap_sy_now(void); /* the linker calls it for sy_now */
int __wrap_futex_wait(_Atomic uint32_t *word, uint32_t expected, sy_time deadline);
bool __wrap_netpoll_waits(void);

static sy_time clock_now;
static int looks;
static int naps;
static sy_time run; /* of the tasks of procs that switch */
static bool switches[PROCS];
static int offers_end;    /* with this look; 0: never */
static int timer_comes;   /* likewise */
static sy_time nap_time;  /* of a nap that a signal ends; 0: none does */
static int overflow_ends; /* with this nap; 0: never */
static bool somebody_polls;
static struct patience *const patience = &worker.patience;

static void add_switches(struct proc *proc, uint64_t times)
{
    store_relaxed(&proc->switches, load_relaxed(&proc->switches) + times);
}

/* Time passes. */
static void go_on(sy_time time)
{
    clock_now += time;
    for (uint32_t i = 0; i < PROCS; i++) {
        if (switches[i]) {
            add_switches(&procs[i], (uint64_t)(time / run));
        }
    }
}

sy_time __wrap_sy_now(void)
{
    looks++;
    go_on(A_LOOK);
    if (looks == offers_end) {
        ring_pop_oldest(&procs[1].runq.woken);
    }
    if (looks == timer_comes) {
        store_relaxed(&procs[2].timers.next, clock_now);
    }
    return clock_now;
}

int __wrap_futex_wait(_Atomic uint32_t *word, uint32_t expected, sy_time deadline)
{
    ck_assert_uint_eq(load_relaxed(word), expected); /* or it would not sleep */
    sy_time timer = load_relaxed(&procs[2].timers.next);
    sy_time most = clock_now + PATIENCE_NAP;
    ck_assert_int_eq(deadline, timer < most ? timer : most);
    ck_assert_uint_eq(load_relaxed(&scheduler.napping), 1);
    naps++;
    go_on((nap_time > 0 ? clock_now + nap_time : deadline) - clock_now);
    if (naps == overflow_ends) {
        global_pop(&(struct task *){NULL}, 1);
    }
    return -ETIMEDOUT;
}

bool __wrap_netpoll_waits(void)
{
    return somebody_polls;
}

static void begin_patience(void)
{
    begin();
    store_relaxed(&scheduler.limit, PROCS);
    clock_now = SY_SECOND;
    run = PATIENCE_RUN;
    offers_end = 0;
    timer_comes = 0;
    nap_time = 0;
    overflow_ends = 0;
    somebody_polls = false;
    tune_off = 0;
    memset(switches, 0, sizeof switches);
}

/* Procs 1 and 2 offer a task each, and switch all the time; the worker has patience. */
static void begin_offers(sy_time wait)
{
    begin_patience();
    for (uint32_t i = 1; i < PROCS; i++) {
        switches[i] = true;
        ck_assert(ring_push(&procs[i].runq.woken, &task));
    }
    patience->waits[LOOT_WOKEN] = wait;
}

#endif

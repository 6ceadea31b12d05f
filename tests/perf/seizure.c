/* seizure.c - what it costs to seize a proc whose owner enters its section all the time, and one
 * whose owner computes. Method: a task on another proc yields, or spins, while main seizes that
 * proc ROUNDS times, with a pause in between whose time is measured apart and taken off. */
#include <stdio.h>

#include <switchyard/switchyard.h>

#include "proc.h"
#include "scheduler.h"

#define ROUNDS 20000
#define PAUSE 200

static _Atomic uint32_t stop;
static _Atomic uint32_t compute;

static void *own_a_proc(void *arg)
{
    while (load_relaxed(&stop) == 0) { /* relaxed: a flag without data */
        if (load_relaxed(&compute) == 0) {
            sy_yield();
        }
    }
    return arg;
}

static void pause_a_little(void)
{
    for (volatile int i = 0; i < PAUSE; i++) {
    }
}

static double seizure_ns(struct proc *victim)
{
    sy_time begin = sy_now();
    for (int i = 0; i < ROUNDS; i++) {
        pause_a_little();
    }
    sy_time pauses = sy_now() - begin;
    begin = sy_now();
    for (int i = 0; i < ROUNDS; i++) {
        proc_seize(victim);
        proc_release(victim);
        pause_a_little();
    }
    return (double)(sy_now() - begin - pauses) / ROUNDS;
}

static int measure(void *arg)
{
    sy_task owner;
    (void)arg;
    sy_spawn(&owner, own_a_proc, NULL);
    sy_time until = sy_now() + SY_SECOND / 5;
    while (sy_now() < until) { /* without a runtime call: the watch gives the owner a proc */
    }
    struct proc *victim = &scheduler.all[1 - proc_self()->index];
    printf("owner that enters all the time: %.0f ns a seizure\n", seizure_ns(victim));
    store_relaxed(&compute, 1); /* relaxed: a flag without data */
    printf("owner that computes: %.0f ns a seizure\n", seizure_ns(victim));
    store_relaxed(&compute, 0);
    store_relaxed(&stop, 1);
    return sy_join(owner, NULL);
}

int main(void)
{
    struct sy_config config = {.procs = 2};
    return sy_run(&config, measure, NULL);
}

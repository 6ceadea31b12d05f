/* test_runtime_hibernate_stress.c - stress: thousands of tasks that hibernate and are woken, while
 * other tasks and foreign threads write to their stacks through pointers. Method: each task has a
 * row of cells on its stack, and each cell one writer: the task itself, a task, or a thread. A
 * writer counts what it has added, and at the end the cells must say the same: a write that was
 * lost, or came back twice, shows. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <switchyard/switchyard.h>

#include "hibernation.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { SLEEPERS = 3000, CELLS = 6, THREADS = 2, WAKERS = 3, SECONDS = 4 };

/* Cell 0 is the task's own; then the wakers', then the threads'. */
struct sleeper {
    sy_task task;
    sy_chan gate;
    _Atomic(uint64_t *) cells; /* on its stack; NULL before and after */
    uint64_t added[CELLS];     /* by the writer of that cell */
    uint64_t wakes;            /* by its waker: 1 in WAKERS of them */
    char pad[64];
};

static struct sleeper sleepers[SLEEPERS];
static _Atomic uint32_t over;

static void *sleep_often(void *arg)
{
    struct sleeper *sleeper = arg;
    volatile uint64_t cells[CELLS] = {0};
    uint64_t number = 0;
    store_release(&sleeper->cells, (uint64_t *)(uintptr_t)cells); /* pairs with those who write */
    while (sy_chan_recv(sleeper->gate, &number) == 1) {
        expect_eq(number, cells[0]);
        cells[0]++;
        sleeper->added[0]++;
    }
    for (int i = 0; i < CELLS; i++) {
        expect_eq(cells[i], sleeper->added[i]);
    }
    return NULL;
}

static void add(struct sleeper *sleeper, int cell)
{
    volatile uint64_t *cells = load_acquire(&sleeper->cells); /* pairs with the task's store */
    if (cells != NULL) {
        cells[cell] = cells[cell] + 1;
        sleeper->added[cell]++;
    }
}

static bool is_over(void)
{
    return load_relaxed(&over) != 0;
}

/* Wakes its own third of the tasks, writes to all. */
static void *wake_and_write(void *arg)
{
    uint32_t self = (uint32_t)(uintptr_t)arg;
    unsigned seed = 77 + self;
    while (!is_over()) {
        struct sleeper *sleeper = &sleepers[(uint32_t)rand_r(&seed) % SLEEPERS];
        if ((uint32_t)(sleeper - sleepers) % WAKERS == self && rand_r(&seed) % 2 == 0) {
            expect_eq(sy_chan_send(sleeper->gate, &sleeper->wakes), 0);
            sleeper->wakes++;
        } else {
            add(sleeper, 1 + (int)self);
        }
        if (rand_r(&seed) % 16 == 0) {
            sy_sleep(50 * SY_MICROSECOND);
        }
    }
    return NULL;
}

static void *write_from_outside(void *arg)
{
    int self = (int)(intptr_t)arg;
    unsigned seed = 99 + (unsigned)self;
    struct timespec nap = {.tv_nsec = 20000};
    while (!is_over()) {
        add(&sleepers[(uint32_t)rand_r(&seed) % SLEEPERS], 1 + WAKERS + self);
        if (rand_r(&seed) % 8 == 0) {
            nanosleep(&nap, NULL);
        }
    }
    return NULL;
}

static int stress(void *arg)
{
    sy_task wakers[WAKERS];
    pthread_t threads[THREADS];
    struct sy_stats stats;
    (void)arg;
    for (int i = 0; i < SLEEPERS; i++) {
        expect_eq(sy_chan_new(&sleepers[i].gate, sizeof(uint64_t), 0), 0);
        expect_eq(sy_spawn(&sleepers[i].task, sleep_often, &sleepers[i]), 0);
    }
    for (intptr_t i = 0; i < WAKERS; i++) {
        expect_eq(sy_spawn(&wakers[i], wake_and_write, (void *)i), 0);
    }
    for (intptr_t i = 0; i < THREADS; i++) {
        expect_eq(pthread_create(&threads[i], NULL, write_from_outside, (void *)i), 0);
    }
    sy_sleep(SECONDS * SY_SECOND);
    store_relaxed(&over, 1); /* only ends loops */
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < WAKERS; i++) {
        expect_eq(sy_join(wakers[i], NULL), 0);
    }
    for (int i = 0; i < SLEEPERS; i++) {
        sy_chan_close(sleepers[i].gate);
        expect_eq(sy_join(sleepers[i].task, NULL), 0);
    }
    sy_stats_read(&stats);
    expect_ge(stats.stacks_cooled, SLEEPERS);
    expect_ge(stats.stacks_warmed, stats.stacks_cooled - 10);
    return 0;
}

/* Goal: no write is lost, none comes twice, and every task wakes to the stack that it left. */
START_TEST(test_hibernate_stress)
{
    run_hibernating(RUN_PROCS[_i], stress, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_hibernate_stress");
    tcase_set_timeout(tests, 110);
    tcase_add_loop_test(tests, test_hibernate_stress, 0, RUN_PROCS_COUNT);
    return suite_main("runtime_hibernate_stress", tests);
}

/* smoke.c - the runtime at work on an architecture where the whole test suite cannot run: tasks,
 * channels, mutex, waitgroup, sleep, deadlines; with 1 and 2 procs.
 * Usage: arch_smoke [symmetric]: expects the runtime to have found no membarrier(2). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "expect.h"
#include "proc.h"

#define TASKS 500
#define TASKS_MAX 8192 /* qemu-user takes seconds to reserve the default's address space */
#define ITEMS 5000
#define TURNS 1000
#define ADDERS 8

/* --- spawn, yield, join ------------------------------------------------------------------------
 */

static void *fib(void *arg)
{
    uintptr_t n = (uintptr_t)arg;
    sy_task child;
    void *left = NULL;
    if (n < 2) {
        return arg;
    }
    if (sy_spawn(&child, fib, (void *)(n - 1)) != 0) {
        return NULL;
    }
    sy_yield();
    uintptr_t right = (uintptr_t)fib((void *)(n - 2));
    sy_join(child, &left);
    return (void *)((uintptr_t)left + right);
}

static void *next_of(void *arg)
{
    sy_yield();
    return (void *)((uintptr_t)arg + 1);
}

static void spawn_many(void)
{
    sy_task tasks[TASKS];
    unsigned right = 0;
    for (uintptr_t i = 0; i < TASKS; i++) {
        EXPECT(sy_spawn(&tasks[i], next_of, (void *)i) == 0);
    }
    for (uintptr_t i = 0; i < TASKS; i++) {
        void *result = NULL;
        right += sy_join(tasks[i], &result) == 0 && (uintptr_t)result == i + 1;
    }
    EXPECT(right == TASKS);
    EXPECT(sy_join(tasks[0], NULL) == -ESRCH);
}

/* --- channels ----------------------------------------------------------------------------------
 */

struct pipe {
    sy_chan numbers;
    uint64_t sum;
};

static void *add_up(void *arg)
{
    struct pipe *pipe = arg;
    uint64_t number = 0;
    while (sy_chan_recv(pipe->numbers, &number) == 1) {
        pipe->sum += number;
    }
    return NULL;
}

static void use_channel(size_t capacity)
{
    struct pipe pipe = {.sum = 0};
    sy_task reader;
    EXPECT(sy_chan_new(&pipe.numbers, sizeof(uint64_t), capacity) == 0);
    EXPECT(sy_spawn(&reader, add_up, &pipe) == 0);
    for (uint64_t i = 1; i <= ITEMS; i++) {
        if (sy_chan_send(pipe.numbers, &i) != 0) {
            break;
        }
    }
    EXPECT(sy_chan_close(pipe.numbers) == 0);
    EXPECT(sy_join(reader, NULL) == 0);
    EXPECT(pipe.sum == (uint64_t)ITEMS * (ITEMS + 1) / 2);
    EXPECT(sy_chan_free(pipe.numbers) == 0);
}

/* --- mutex, waitgroup, cond --------------------------------------------------------------------
 */

struct counter {
    sy_mutex mutex;
    sy_cond all_added;
    sy_waitgroup adders;
    uint64_t value; /* mutex */
};

static void *add(void *arg)
{
    struct counter *counter = arg;
    for (unsigned i = 0; i < TURNS; i++) {
        sy_mutex_lock(&counter->mutex);
        uint64_t seen = counter->value;
        if (i % 16 == 0) {
            sy_yield();
        }
        counter->value = seen + 1;
        if (counter->value == (uint64_t)ADDERS * TURNS) {
            sy_cond_signal(&counter->all_added);
        }
        sy_mutex_unlock(&counter->mutex);
    }
    sy_waitgroup_done(&counter->adders);
    return NULL;
}

static void count_together(void)
{
    struct counter counter = {SY_MUTEX_INIT, SY_COND_INIT, SY_WAITGROUP_INIT, 0};
    sy_waitgroup_add(&counter.adders, ADDERS);
    for (unsigned i = 0; i < ADDERS; i++) {
        EXPECT(sy_go(add, &counter) == 0);
    }
    sy_mutex_lock(&counter.mutex);
    while (counter.value < (uint64_t)ADDERS * TURNS) {
        sy_cond_wait(&counter.all_added, &counter.mutex);
    }
    sy_mutex_unlock(&counter.mutex);
    EXPECT(sy_waitgroup_wait(&counter.adders) == 0);
    EXPECT(counter.value == (uint64_t)ADDERS * TURNS);
}

/* --- time --------------------------------------------------------------------------------------
 */

static void *sleep_a_little(void *arg)
{
    int error = sy_sleep(2 * SY_MILLISECOND);
    return error == 0 ? arg : NULL;
}

static void keep_time(void)
{
    sy_task sleepers[ADDERS];
    sy_chan silent;
    uint64_t element = 0;
    sy_time begin = sy_now();
    for (unsigned i = 0; i < ADDERS; i++) {
        EXPECT(sy_spawn(&sleepers[i], sleep_a_little, &sleepers[i]) == 0);
    }
    for (unsigned i = 0; i < ADDERS; i++) {
        void *result = NULL;
        EXPECT(sy_join(sleepers[i], &result) == 0 && result == &sleepers[i]);
    }
    EXPECT(sy_now() - begin >= 2 * SY_MILLISECOND);
    EXPECT(sy_chan_new(&silent, sizeof element, 0) == 0);
    EXPECT(sy_chan_recv_until(silent, &element, sy_now() + SY_MILLISECOND) == -ETIMEDOUT);
    EXPECT(sy_chan_free(silent) == 0);
}

static int work(void *unused)
{
    (void)unused;
    EXPECT((uintptr_t)fib((void *)15) == 610);
    spawn_many();
    use_channel(0);
    use_channel(128);
    count_together();
    keep_time();
    return 7;
}

int main(int argc, char **argv)
{
    bool symmetric = argc == 2 && strcmp(argv[1], "symmetric") == 0;
    for (uint32_t procs = 1; procs <= 2; procs++) {
        struct sy_config config = {.procs = procs, .max_tasks = TASKS_MAX};
        EXPECT(sy_run(&config, work, NULL) == 7);
        printf("procs %u: %s fences\n", procs, proc_asymmetric ? "asymmetric" : "symmetric");
        EXPECT(!symmetric || !proc_asymmetric);
    }
    return expect_summary();
}

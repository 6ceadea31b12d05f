/* test_baseline_refused.c - the system refuses threads and memory: the baseline says so, and leaks
 * nothing. Method: the linker sends pthread_create, aligned_alloc and malloc of the baseline
 * through the functions here (--wrap), which fail while they are told to. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"

/* The linker defines the names with __real_ and calls those with __wrap_. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);

static atomic_bool refuse_threads;
static atomic_bool refuse_chunks;
static atomic_size_t refuse_bytes; /* malloc of exactly so much fails; 0: of nothing */

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg)
{
    return refuse_threads ? EAGAIN : __real_pthread_create(thread, attributes, fn, arg);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return refuse_chunks ? NULL : __real_aligned_alloc(alignment, bytes);
}

void *__wrap_malloc(size_t bytes)
{
    return refuse_bytes != 0 && bytes == refuse_bytes ? NULL : __real_malloc(bytes);
}

enum { TASKS = 8, BUFFER_BYTES = 4321 };

static const struct sy_config config = {.max_tasks = TASKS};

static int return_arg(void *arg)
{
    return *(int *)arg;
}

static void *pass_gate(void *gate)
{
    expect_eq(sy_mutex_lock(gate), 0);
    sy_mutex_unlock(gate);
    return NULL;
}

/* Goal: sy_run answers -EAGAIN or -ENOMEM, and can be called again. */
START_TEST(test_refused_run)
{
    int seven = 7;
    refuse_chunks = true;
    ck_assert_int_eq(sy_run(&config, return_arg, &seven), -ENOMEM);
    refuse_chunks = false;
    refuse_threads = true;
    for (int i = 0; i < 3 * TASKS; i++) {
        ck_assert_int_eq(sy_run(&config, return_arg, &seven), -EAGAIN);
    }
    refuse_threads = false;
    ck_assert_int_eq(sy_run(&config, return_arg, &seven), 7);
}
END_TEST

static int spawn_refused(void *arg)
{
    sy_mutex gate = SY_MUTEX_INIT;
    sy_task tasks[TASKS];
    struct sy_stats stats;
    (void)arg;
    refuse_threads = true;
    for (int i = 0; i < 3 * TASKS; i++) {
        expect_eq(sy_spawn(&tasks[0], pass_gate, &gate), -EAGAIN);
        expect_eq(sy_join(tasks[0], NULL), -ESRCH);
        expect_eq(sy_go(pass_gate, &gate), -EAGAIN);
    }
    refuse_threads = false;
    expect_eq(sy_mutex_lock(&gate), 0);
    for (int i = 0; i < TASKS - 1; i++) {
        expect_eq(sy_spawn(&tasks[i], pass_gate, &gate), 0);
    }
    expect_eq(sy_go(pass_gate, &gate), -EAGAIN); /* now because of max_tasks */
    sy_mutex_unlock(&gate);
    for (int i = 0; i < TASKS - 1; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(sy_stats_read(&stats), 0);
    expect_eq(stats.tasks_spawned, TASKS); /* the refused ones do not count */
    expect_eq(stats.tasks_ended, TASKS - 1);
    return 0;
}

/* Goal: a refused thread costs no slot and does not keep sy_run from ending. */
START_TEST(test_refused_spawn_leaks_nothing)
{
    ck_assert_int_eq(sy_run(&config, spawn_refused, NULL), 0);
    expect_assert_all();
}
END_TEST

static int chan_refused(void *arg)
{
    sy_chan chan;
    (void)arg;
    refuse_bytes = BUFFER_BYTES;
    expect_eq(sy_chan_new(&chan, 1, BUFFER_BYTES), -ENOMEM);
    refuse_bytes = 0;
    refuse_chunks = true;
    expect_eq(sy_chan_new(&chan, 1, BUFFER_BYTES), -ENOMEM); /* ASan sees a lost buffer */
    refuse_chunks = false;
    expect_eq(sy_chan_new(&chan, 1, BUFFER_BYTES), 0);
    expect_eq((uint32_t)chan.id, 1); /* the refused ones took no slot */
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: without memory a channel is refused, and whatever it had already is given back. */
START_TEST(test_refused_chan_leaks_nothing)
{
    ck_assert_int_eq(sy_run(&config, chan_refused, NULL), 0);
    expect_assert_all();
}
END_TEST

static int timer_refused(void *arg)
{
    sy_chan chan;
    sy_timer timer;
    sy_time fired = 0;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), 1), 0);
    expect_eq(sy_timer_init(&timer, chan), 0);
    refuse_threads = true;
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_timer_set(&timer, 0, 0), -EAGAIN);
        expect_eq(sy_timer_stop(&timer), 0);
    }
    refuse_threads = false;
    expect_eq(sy_timer_set(&timer, SY_FOREVER, 0), 0);
    expect_eq(sy_timer_set(&timer, 0, 0), 1);
    expect_eq(sy_chan_recv(chan, &fired), 1);
    expect_eq(sy_timer_set(&timer, SY_FOREVER, 0), 0); /* armed when the run ends */
    return 0;
}

/* Goal: without a thread for timers none is armed; later one is, in every run anew. */
START_TEST(test_refused_timer_thread)
{
    for (int run = 0; run < 3; run++) {
        ck_assert_int_eq(sy_run(&config, timer_refused, NULL), 0);
        expect_assert_all();
    }
}
END_TEST

/* Goal: what the comments say about static initialisers: in this libc they are zero bytes. */
START_TEST(test_libc_zero_bytes_are_valid)
{
    static const pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static const pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
    static const unsigned char zero[128];
    ck_assert_mem_eq(&mutex, zero, sizeof mutex);
    ck_assert_mem_eq(&cond, zero, sizeof cond);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("baseline_refused");
    TCase *tests = tcase_create("refused");
    tcase_add_test(tests, test_refused_run);
    tcase_add_test(tests, test_refused_spawn_leaks_nothing);
    tcase_add_test(tests, test_refused_chan_leaks_nothing);
    tcase_add_test(tests, test_refused_timer_thread);
    tcase_add_test(tests, test_libc_zero_bytes_are_valid);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

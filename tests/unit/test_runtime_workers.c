/* test_runtime_workers.c - the OS threads behind workers: their limit, the system's refusals, slow
 * starts, and that spare ones go. Method: the linker sends pthread_create through a function here
 * (--wrap), which refuses or delays when it is told to; calls that return only when another task
 * has run need a second worker. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/child.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

/* The linker defines the name with __real_ and calls the one with __wrap_. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);

static atomic_int threads_asked;
static atomic_int first_refused; /* the numbers of the first and the last one refused; 0: none */
static atomic_int last_refused;
static atomic_long delay_ns; /* before a new thread begins */

struct begin {
    void *(*fn)(void *arg);
    void *arg;
};

static void pause_ns(long ns)
{
    struct timespec time = {ns / SY_SECOND, ns % SY_SECOND};
    nanosleep(&time, NULL);
}

static void *begin_late(void *arg)
{
    struct begin begin = *(struct begin *)arg;
    free(arg);
    pause_ns(delay_ns);
    return begin.fn(begin.arg);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg)
{
    int number = ++threads_asked;
    if (number >= first_refused && number <= last_refused) {
        return EAGAIN;
    }
    if (delay_ns == 0) {
        return __real_pthread_create(thread, attributes, fn, arg);
    }
    struct begin *begin = malloc(sizeof *begin);
    *begin = (struct begin){fn, arg};
    return __real_pthread_create(thread, attributes, begin_late, begin);
}

static void refuse(int first, int last)
{
    threads_asked = 0;
    first_refused = first;
    last_refused = last;
}

/* --- calls that need a second worker -----------------------------------------------------------
 */

static atomic_bool flag;

static void *set_flag(void *arg)
{
    flag = true;
    return arg;
}

static void *await_flag(void *arg)
{
    while (!flag) {
        pause_ns(1000);
    }
    return arg;
}

static void block_until_other_task_ran(void)
{
    sy_task task;
    flag = false;
    expect_eq(sy_spawn(&task, set_flag, NULL), 0);
    expect_true(sy_blocking(await_flag, &task) == &task);
    expect_eq(sy_join(task, NULL), 0);
}

static int block_often(void *stats)
{
    for (int i = 0; i < 20; i++) {
        block_until_other_task_ran();
    }
    expect_eq(sy_stats_read(stats), 0);
    return 0;
}

/* --- the limit ---------------------------------------------------------------------------------
 */

enum { LIMIT = 4, BLOCKED = 10 };

static void *block_for_ever(void *arg)
{
    for (;;) {
        pause();
    }
    return arg;
}

static void *block_in_call(void *arg)
{
    return sy_blocking(block_for_ever, arg);
}

static int block_all(void *arg)
{
    (void)arg;
    for (int i = 0; i < BLOCKED; i++) {
        (void)sy_go(block_in_call, NULL);
    }
    sy_yield();
    return 0;
}

static void run_to_exhaustion(void *procs)
{
    struct sy_config config = {.procs = *(uint32_t *)procs, .max_workers = LIMIT};
    _exit(sy_run(&config, block_all, NULL));
}

/* Goal: more calls at once than there may be threads: said in one message, status 2. */
START_TEST(test_workers_exhausted)
{
    static struct child child;
    uint32_t procs = RUN_PROCS[_i];
    child_run(&child, run_to_exhaustion, &procs);
    ck_assert_str_eq(child.text,
                     "fatal error: thread exhaustion\n"
                     "    4 OS threads, all in blocking calls or running tasks; max_workers of "
                     "struct sy_config raises the limit\n");
    ck_assert_msg(WIFEXITED(child.status), "killed by signal %d", WTERMSIG(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
}
END_TEST

static void run_within_limit(void *limit)
{
    static struct sy_stats stats;
    struct sy_config config = {.procs = 1, .max_workers = *(uint32_t *)limit};
    _exit(sy_run(&config, block_often, &stats));
}

static void assert_no_exhaustion(uint32_t limit)
{
    static struct child child;
    child_run(&child, run_within_limit, &limit);
    ck_assert_str_eq(child.text, "");
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 0);
}

/* Goal: one call at a time needs two threads, however often it is made. */
START_TEST(test_workers_within_limit)
{
    assert_no_exhaustion(2);
}
END_TEST

/* Goal: also if a thread takes its time to begin: while one is on its way no other is made for the
 * same call, and the limit is not taken for reached. */
START_TEST(test_workers_begin_late)
{
    struct sy_stats stats;
    delay_ns = 30 * SY_MILLISECOND;
    assert_no_exhaustion(2);
    run_tasks(1, block_often, &stats);
    ck_assert_uint_eq(stats.workers_started, 2);
}
END_TEST

/* --- refusals ----------------------------------------------------------------------------------
 */

/* Goal: threads are refused while a call waits for another task; when there are some again, the
 * task runs. The first one is sysmon's. */
START_TEST(test_workers_refused_for_a_while)
{
    struct sy_stats stats;
    refuse(2, 6);
    run_tasks(1, block_often, &stats);
    ck_assert_int_ge(threads_asked, 7);
    ck_assert_uint_ge(stats.retakes, 1);
}
END_TEST

static void *block_shortly(void *arg)
{
    pause_ns(SY_MILLISECOND);
    return arg;
}

static void *yield_and_count(void *count)
{
    for (int i = 0; i < 100; i++) {
        sy_yield();
    }
    ++*(atomic_int *)count;
    return NULL;
}

static int block_without_help(void *stats)
{
    static atomic_int count;
    count = 0;
    for (int i = 0; i < 20; i++) {
        expect_eq(sy_go(yield_and_count, &count), 0);
        expect_true(sy_blocking(block_shortly, &count) == &count);
    }
    while (count < 20) {
        sy_yield();
    }
    expect_eq(sy_stats_read(stats), 0);
    return 0;
}

/* Goal: with no thread but the first, not even sysmon's, calls hold their proc, and nothing is
 * lost. Refusals are not answered by asking at once again. */
START_TEST(test_workers_always_refused)
{
    struct sy_stats stats;
    refuse(1 + _i % 2, 1000000); /* all, or all but sysmon's */
    run_tasks(RUN_PROCS[_i / 2], block_without_help, &stats);
    ck_assert_uint_eq(stats.workers_started, 1);
    ck_assert_uint_eq(stats.retakes, 0);
    ck_assert_int_gt(threads_asked, 0);
    ck_assert_int_lt(threads_asked, 100);
}
END_TEST

static int block_until_sysmon_comes(void *stats)
{
    int result = block_without_help(stats); /* each call asks for it */
    return result != 0 ? result : block_often(stats);
}

/* Goal: sysmon is refused at the start: a later call has it made. */
START_TEST(test_workers_sysmon_refused_at_first)
{
    struct sy_stats stats;
    refuse(1, 5);
    run_tasks(1, block_until_sysmon_comes, &stats);
    ck_assert_uint_ge(stats.retakes, 20);
}
END_TEST

/* --- retiring ----------------------------------------------------------------------------------
 */

enum { CROWD = 20 };

static atomic_int inside;

/* Leaves when all are inside at once. */
static void *meet(void *arg)
{
    inside++;
    while (inside < CROWD) {
        pause_ns(100000);
    }
    return arg;
}

static void *meet_in_call(void *arg)
{
    return sy_blocking(meet, arg);
}

static void crowd(void)
{
    sy_task tasks[CROWD];
    inside = 0;
    for (int i = 0; i < CROWD; i++) {
        expect_eq(sy_spawn(&tasks[i], meet_in_call, NULL), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
}

static int gather_and_wait(void *stats)
{
    struct sy_stats *now = stats;
    crowd();
    do {
        sy_sleep(10 * SY_MILLISECOND);
        expect_eq(sy_stats_read(now), 0);
    } while (now->workers_retired < CROWD / 2);
    crowd(); /* and others are made in their place */
    expect_eq(sy_stats_read(now), 0);
    return 0;
}

/* Goal: threads that a crowd of calls took go when nobody needs them, and come again. */
START_TEST(test_workers_retire)
{
    struct sy_stats stats;
    run_tasks(RUN_PROCS[_i], gather_and_wait, &stats);
    ck_assert_uint_ge(stats.workers_started, CROWD + CROWD / 2);
    run_tasks(1, block_often, &stats);
    ck_assert_uint_eq(stats.workers_retired, 0);
}
END_TEST

/* --- the poller ---------------------------------------------------------------------------------
 */

static void *write_late(void *arg)
{
    pause_ns(2 * SY_SECOND);
    expect_eq(write(*(const int *)arg, "x", 1), 1);
    return NULL;
}

static int await_late_byte(void *arg)
{
    int ends[2];
    char byte = 0;
    pthread_t writer;
    (void)arg;
    expect_eq(pipe2(ends, O_CLOEXEC), 0);
    while (gettid() == getpid()) { /* until a worker runs it that may retire */
        block_until_other_task_ran();
    }
    expect_eq(pthread_create(&writer, NULL, write_late, &ends[1]), 0);
    expect_eq(sy_read(ends[0], &byte, 1), 1);
    expect_eq(pthread_join(writer, NULL), 0);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* Goal: a worker that sleeps where descriptors wake it does not retire, though it is one too many:
 * those that sleep already would not hear of the descriptor. */
START_TEST(test_workers_poller_stays)
{
    refuse(0, 0);
    run_tasks(1, await_late_byte, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_workers");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_workers_exhausted, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_workers_within_limit);
    tcase_add_test(tests, test_workers_begin_late);
    tcase_add_test(tests, test_workers_refused_for_a_while);
    tcase_add_loop_test(tests, test_workers_always_refused, 0, 2 * RUN_PROCS_COUNT);
    tcase_add_test(tests, test_workers_sysmon_refused_at_first);
    tcase_add_loop_test(tests, test_workers_retire, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_workers_poller_stays);
    return suite_main("runtime_workers", tests);
}

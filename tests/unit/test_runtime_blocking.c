/* test_runtime_blocking.c - procs taken back from blocking calls, and the threads that this takes.
 * Method: calls that return only when another task has run, which with few procs takes a second
 * worker; the time limit of the test case is the watchdog. */
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

static atomic_bool flag;

static void spawn(sy_task *task, sy_task_fn fn, void *arg)
{
    expect_eq(sy_spawn(task, fn, arg), 0);
}

static void join(sy_task task)
{
    expect_eq(sy_join(task, NULL), 0);
}

static struct sy_stats stats_now(void)
{
    struct sy_stats stats = {0};
    expect_eq(sy_stats_read(&stats), 0);
    return stats;
}

static void pause_ns(long ns)
{
    struct timespec time = {0, ns};
    nanosleep(&time, NULL);
}

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

/* --- retaking --------------------------------------------------------------------------------- */

static int block_for_another_task(void *arg)
{
    (void)arg;
    for (int round = 0; round < 50; round++) {
        sy_task task;
        flag = false;
        spawn(&task, set_flag, NULL);
        expect_true(sy_blocking(await_flag, &task) == &task);
        join(task);
    }
    expect_ge(stats_now().blocking_calls, 50);
    return 0;
}

static int count_retakes(void *retakes)
{
    expect_eq(block_for_another_task(NULL), 0);
    *(uint64_t *)retakes = stats_now().retakes;
    return 0;
}

/* Goal: the tasks behind one that blocks go on, though its call returns only after they have. */
START_TEST(test_blocking_call_waits_for_task_behind_it)
{
    uint64_t retakes = 0;
    run_tasks(RUN_PROCS[_i], count_retakes, &retakes);
    if (RUN_PROCS[_i] == 1) {
        ck_assert_uint_eq(retakes, 50);
    }
}
END_TEST

static int block_for_sleeper(void *arg)
{
    (void)arg;
    for (int round = 0; round < 20; round++) {
        sy_task task;
        sy_timer timer;
        sy_chan chan;
        sy_time tick = 0;
        flag = false;
        expect_eq(sy_chan_new(&chan, sizeof tick, 1), 0);
        expect_eq(sy_timer_init(&timer, chan), 0);
        expect_eq(sy_timer_set(&timer, sy_now() + SY_MILLISECOND, 0), 0);
        spawn(&task, set_flag, NULL);
        expect_eq(sy_sleep(1), 0); /* its timer and that of the channel are this proc's */
        sy_blocking(await_flag, NULL);
        expect_eq(sy_chan_recv(chan, &tick), 1);
        join(task);
        expect_eq(sy_chan_free(chan), 0);
    }
    return 0;
}

/* Goal: the timers of a proc whose task blocks do not wait for it. */
START_TEST(test_blocking_call_leaves_timers_alone)
{
    run_tasks(RUN_PROCS[_i], block_for_sleeper, NULL);
}
END_TEST

/* --- many calls among neighbours ---------------------------------------------------------------
 */

enum { BLOCKERS = 50, CALLS = 200, NEIGHBOURS = 8, ROUNDS = 2000 };

static sy_chan chans[NEIGHBOURS];
static sy_mutex mutex = SY_MUTEX_INIT;
static uint64_t locked_sum;

static void *block_for_ns(void *ns)
{
    pause_ns(*(const long *)ns);
    return ns;
}

static void *return_at_once(void *arg)
{
    return arg;
}

static void *block_randomly(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    for (int i = 0; i < CALLS; i++) {
        long ns = rand_r(&seed) % 60000;
        void *(*fn)(void *) = rand_r(&seed) % 2 == 0 ? block_for_ns : return_at_once;
        expect_true(sy_blocking(fn, &ns) == &ns);
        expect_eq(sy_mutex_lock(&mutex), 0); /* biased to somebody: this seizes */
        locked_sum++;
        sy_mutex_unlock(&mutex);
    }
    return NULL;
}

/* Each message goes once around the ring of neighbours. */
static void *pass_on(void *arg)
{
    uintptr_t place = (uintptr_t)arg;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        uint64_t number = 0;
        expect_eq(sy_chan_recv(chans[place], &number), 1);
        expect_eq(number, i * NEIGHBOURS + place);
        number++;
        expect_eq(sy_chan_send(chans[(place + 1) % NEIGHBOURS], &number), 0);
    }
    return NULL;
}

static int block_among_neighbours(void *arg)
{
    sy_task blockers[BLOCKERS];
    sy_task neighbours[NEIGHBOURS];
    uint64_t first = 0;
    (void)arg;
    for (uintptr_t i = 0; i < NEIGHBOURS; i++) {
        expect_eq(sy_chan_new(&chans[i], sizeof(uint64_t), 1), 0);
        spawn(&neighbours[i], pass_on, (void *)i);
    }
    for (uintptr_t i = 0; i < BLOCKERS; i++) {
        spawn(&blockers[i], block_randomly, (void *)i);
    }
    expect_eq(sy_chan_send(chans[0], &first), 0);
    for (int i = 0; i < BLOCKERS; i++) {
        join(blockers[i]);
    }
    for (int i = 0; i < NEIGHBOURS; i++) {
        join(neighbours[i]);
    }
    expect_eq(locked_sum, BLOCKERS * CALLS);
    expect_eq(stats_now().blocking_calls, BLOCKERS * CALLS);
    return 0;
}

/* Goal: 10^4 calls of any length, while channels and a mutex go from proc to proc: no message and
 * no wake-up is lost, and nobody is in two places. */
START_TEST(test_blocking_many_calls)
{
    run_tasks(RUN_PROCS[_i], block_among_neighbours, NULL);
}
END_TEST

/* --- seized meanwhile --------------------------------------------------------------------------
 */

static sy_mutex seized_mutex;
static atomic_bool inside;

static void *await_flag_inside(void *arg)
{
    inside = true;
    return await_flag(arg);
}

static void *lock_while_inside(void *arg)
{
    while (!inside) {
    }
    expect_eq(sy_mutex_lock(&seized_mutex), 0);
    sy_mutex_unlock(&seized_mutex);
    return set_flag(arg);
}

static int be_seized(void *arg)
{
    (void)arg;
    for (int round = 0; round < 100; round++) {
        sy_task task;
        flag = false;
        inside = false;
        seized_mutex = (sy_mutex)SY_MUTEX_INIT;
        expect_eq(sy_mutex_lock(&seized_mutex), 0); /* biased to this proc */
        sy_mutex_unlock(&seized_mutex);
        spawn(&task, lock_while_inside, NULL);
        sy_blocking(await_flag_inside, NULL);
        expect_eq(sy_mutex_lock(&seized_mutex), 0);
        sy_mutex_unlock(&seized_mutex);
        join(task);
    }
    return 0;
}

/* Goal: the proc of a blocking call can be seized, whoever has it: the call goes on until another
 * proc has taken a lock that is biased to it. */
START_TEST(test_blocking_proc_can_be_seized)
{
    run_tasks(RUN_PROCS[_i], be_seized, NULL);
}
END_TEST

/* --- the end -----------------------------------------------------------------------------------
 */

static atomic_int ended;

static void *block_and_end(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    long ns = rand_r(&seed) % 100000;
    sy_blocking(block_for_ns, &ns);
    ended++;
    return NULL;
}

static int leave_blocked(void *arg)
{
    for (uintptr_t i = 0; i < 10; i++) {
        expect_eq(sy_go(block_and_end, (void *)(i + (uintptr_t)arg)), 0);
    }
    return 0;
}

/* Goal: the program ends after the last call has returned, not before; 300 times. */
START_TEST(test_blocking_at_the_end)
{
    for (uintptr_t round = 0; round < 300; round++) {
        ended = 0;
        run_tasks(RUN_PROCS[_i], leave_blocked, (void *)(100 * round));
        ck_assert_int_eq(ended, 10);
    }
}
END_TEST

/* The last thing that happens: main's own call, with nobody else there. */
static int block_last(void *arg)
{
    long ns = *(long *)arg;
    expect_true(sy_blocking(block_for_ns, &ns) == &ns);
    return 0;
}

/* Goal: the same for main, in calls shorter and longer than it takes to lose the proc. */
START_TEST(test_blocking_main_at_the_end)
{
    for (long ns = 1; ns < 1000000; ns += 4999) {
        run_tasks(RUN_PROCS[_i], block_last, &ns);
    }
}
END_TEST

static void *wait_for_ever(void *arg)
{
    sy_sem sem;
    (void)sy_sem_init(&sem, 0);
    (void)sy_sem_wait(&sem);
    return arg;
}

static int block_before_deadlock(void *arg)
{
    sy_task task;
    long ns = 2000000;
    (void)arg;
    (void)sy_spawn(&task, wait_for_ever, NULL);
    (void)sy_blocking(block_for_ns, &ns);
    return sy_join(task, NULL);
}

static void run_to_deadlock(void *procs)
{
    struct sy_config config = {.procs = *(uint32_t *)procs};
    _exit(sy_run(&config, block_before_deadlock, NULL));
}

/* Goal: while a call goes on nothing is a deadlock; once it has returned, it is seen. */
START_TEST(test_blocking_then_deadlock)
{
    static struct child child;
    static const char first[] = "fatal error: all tasks are asleep - deadlock!";
    uint32_t procs = RUN_PROCS[_i];
    child_run(&child, run_to_deadlock, &procs);
    ck_assert_msg(strncmp(child.text, first, strlen(first)) == 0, "it says %s", child.text);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_blocking");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_blocking_call_waits_for_task_behind_it, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_blocking_call_leaves_timers_alone, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_blocking_many_calls, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_blocking_proc_can_be_seized, 1, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_blocking_at_the_end, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_blocking_main_at_the_end, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_blocking_then_deadlock, 0, RUN_PROCS_COUNT);
    return suite_main("runtime_blocking", tests);
}

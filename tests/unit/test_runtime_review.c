/* test_runtime_review.c - what reading the scheduler against its protocols has found.
 * Method: each case brings about the state that was forgotten, by what it sees of the scheduler; if
 * the state is forgotten again the program does not end, and the time limit of the case says so. */
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <switchyard/switchyard.h>

#include "scheduler.h"
#include "support/expect.h"
#include "support/suite_main.h"

static atomic_bool flag;

static void *do_nothing(void *arg)
{
    return arg;
}

static void *set_flag(void *arg)
{
    flag = true;
    return arg;
}

static bool somebody_has_tasks(void)
{
    bool some = false;
    for (uint32_t i = 0; i < scheduler_procs(); i++) {
        some |= runq_has_tasks(&scheduler.all[i].runq);
    }
    return some;
}

/* As a blocking call: returns when all procs are idle, and sets *arg; or when one is idle and
 * nobody has tasks, for then the caller's proc may be left to it. */
static void *await_idle_procs(void *arg)
{
    bool *all = arg;
    uint32_t idle = 0;
    do {
        sched_yield();
        idle = load_relaxed(&scheduler.idle_procs); /* relaxed, both: only the numbers count */
        *all = idle == load_relaxed(&scheduler.active);
    } while (!*all && (idle == 0 || somebody_has_tasks()));
    return NULL;
}

static int compute_after_call(void *arg)
{
    bool all_idle = false;
    (void)arg;
    while (!all_idle) {
        expect_eq(sy_go(do_nothing, NULL), 0); /* so the proc is wanted, and retaken */
        (void)sy_blocking(await_idle_procs, &all_idle);
    }
    expect_eq(sy_go(set_flag, NULL), 0);
    while (!flag) { /* without a call of the runtime */
    }
    return 0;
}

/* Goal: a watch that went to sleep when all procs were idle sees what is held back later. */
START_TEST(test_watch_after_all_were_idle)
{
    struct sy_config config = {.procs = 2};
    flag = false;
    ck_assert_int_eq(sy_run(&config, compute_after_call, NULL), 0);
    ck_assert(flag);
}
END_TEST

#define NAP SY_MILLISECOND

static void *block_for_a_while(void *arg)
{
    sy_time end = sy_now() + NAP;
    while (sy_now() < end) {
        sched_yield();
    }
    return arg;
}

static void *call_and_set_flag(void *arg)
{
    (void)sy_blocking(block_for_a_while, NULL);
    flag = true;
    return arg;
}

static int tick_until_flag(void *arg)
{
    sy_chan chan;
    sy_timer timer;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), 0), 0);
    expect_eq(sy_timer_init(&timer, chan), 0);
    expect_eq(sy_timer_set(&timer, sy_now(), 1), 0); /* due whenever the scheduler looks */
    expect_eq(sy_go(call_and_set_flag, NULL), 0);
    while (!flag) {
        expect_eq(sy_chan_recv(chan, NULL), 1);
    }
    expect_eq(sy_timer_stop(&timer), 1);
    return sy_chan_free(chan);
}

/* Goal: the global queue has its turn, though each look around finds a timer due. */
START_TEST(test_timers_starve_nobody)
{
    struct sy_config config = {.procs = 1};
    flag = false;
    ck_assert_int_eq(sy_run(&config, tick_until_flag, NULL), 0);
    ck_assert(flag);
}
END_TEST

static int block_alone(void *arg)
{
    (void)arg;
    (void)sy_blocking(block_for_a_while, NULL);
    return 0;
}

/* Goal: all threads that there may be are in blocking calls, and nobody misses one. */
START_TEST(test_no_exhaustion_if_nobody_waits)
{
    struct sy_config config = {.procs = 1, .max_workers = 1};
    ck_assert_int_eq(sy_run(&config, block_alone, NULL), 0);
}
END_TEST

static int tick_from_long_ago(void *arg)
{
    sy_chan chan;
    sy_timer timer;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), 0), 0);
    expect_eq(sy_timer_init(&timer, chan), 0);
    expect_eq(sy_timer_set(&timer, INT64_MIN, SY_MILLISECOND), 0);
    for (int tick = 0; tick < 3; tick++) {
        expect_eq(sy_chan_recv(chan, NULL), 1);
    }
    expect_eq(sy_timer_stop(&timer), 1);
    return sy_chan_free(chan);
}

/* Goal: a periodic timer whose first tick was as long ago as can be; a sanitizer sees what
 * overflows. */
START_TEST(test_timer_from_long_ago)
{
    ck_assert_int_eq(sy_run(NULL, tick_from_long_ago, NULL), 0);
}
END_TEST

static sy_timer kept;

/* In the heap of whatever proc this is. */
static int leave_armed(void *arg)
{
    sy_chan chan;
    (void)arg;
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), 0), 0);
    expect_eq(sy_timer_init(&kept, chan), 0);
    expect_eq(sy_timer_set(&kept, SY_FOREVER, 0), 0);
    return 0;
}

static int stop_kept(void *arg)
{
    (void)arg;
    expect_eq(sy_timer_stop(&kept), 0);
    return 0;
}

/* Goal: the next run does not take a timer of this one for armed. */
START_TEST(test_timer_of_an_earlier_run)
{
    ck_assert_int_eq(sy_run(NULL, leave_armed, NULL), 0);
    ck_assert_int_eq(sy_run(NULL, stop_kept, NULL), 0);
}
END_TEST

static int accept_without_length(void *arg)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    (void)arg;
    expect_eq(sy_listen(NULL, 0, 1), -EINVAL);
    int listener = sy_listen((struct sockaddr *)&address, sizeof address, 1);
    expect_true(listener >= 0);
    expect_eq(sy_accept(listener, (struct sockaddr *)&address, NULL), -EFAULT);
    return sy_io_close(listener);
}

/* Goal: an address without room for it is refused before a connection is taken. */
START_TEST(test_accept_without_length)
{
    ck_assert_int_eq(sy_run(NULL, accept_without_length, NULL), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_review");
    tcase_set_timeout(tests, 20);
    tcase_add_test(tests, test_watch_after_all_were_idle);
    tcase_add_test(tests, test_no_exhaustion_if_nobody_waits);
    tcase_add_test(tests, test_timers_starve_nobody);
    tcase_add_test(tests, test_timer_from_long_ago);
    tcase_add_test(tests, test_timer_of_an_earlier_run);
    tcase_add_test(tests, test_accept_without_length);
    return suite_main("runtime_review", tests);
}

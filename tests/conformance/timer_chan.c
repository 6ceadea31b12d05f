/* timer_chan.c - timers that send the time on a channel. Only lower bounds of times, and counts,
 * are asserted. */
#include <errno.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

static sy_chan new_chan(size_t capacity)
{
    sy_chan chan = {0};
    expect_eq(sy_chan_new(&chan, sizeof(sy_time), capacity), 0);
    return chan;
}

static sy_time receive(sy_chan chan)
{
    sy_time value = -1;
    expect_eq(sy_chan_recv(chan, &value), 1);
    expect_le(value, sy_now());
    return value;
}

static void expect_empty(sy_chan chan)
{
    sy_time value;
    expect_eq(sy_chan_try_recv(chan, &value), -EAGAIN);
}

static int init_badly(void *arg)
{
    sy_chan none = {0};
    sy_chan small;
    sy_timer timer;
    (void)arg;
    sy_chan chan = new_chan(1);
    expect_eq(sy_chan_new(&small, sizeof(int), 1), 0);
    expect_eq(sy_timer_init(NULL, chan), -EINVAL);
    expect_eq(sy_timer_init(&timer, small), -EINVAL);
    expect_eq(sy_timer_init(&timer, none), -ESRCH);
    expect_eq(sy_chan_free(small), 0);
    expect_eq(sy_timer_init(&timer, small), -ESRCH);
    memset(&timer, 0xA5, sizeof timer); /* the storage may hold anything */
    expect_eq(sy_timer_init(&timer, chan), 0);
    expect_eq(sy_timer_stop(&timer), 0);
    expect_eq(sy_timer_set(&timer, sy_now(), -1), -EINVAL);
    expect_eq(sy_timer_set(&timer, sy_now(), INT64_MIN), -EINVAL);
    expect_eq(sy_timer_stop(&timer), 0);
    expect_empty(chan);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

START_TEST(test_time_timer_errors)
{
    run_tasks(RUN_PROCS[_i], init_badly, NULL);
}
END_TEST

static int fire_once(void *arg)
{
    sy_timer timer;
    sy_chan chan = new_chan(*(size_t *)arg);
    expect_eq(sy_timer_init(&timer, chan), 0);
    for (int i = 0; i < 5; i++) {
        sy_time when = sy_now() + i * SY_MILLISECOND;
        expect_eq(sy_timer_set(&timer, when, 0), 0);
        expect_ge(receive(chan), when); /* nothing else runs or is due: no deadlock */
        expect_eq(sy_timer_stop(&timer), 0);
        expect_empty(chan);
    }
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: an armed timer fires once, not before its time. */
START_TEST(test_time_timer_fires_once)
{
    size_t capacities[] = {1, 3};
    run_tasks(RUN_PROCS[_i], fire_once, &capacities[0]);
    run_tasks(RUN_PROCS[_i], fire_once, &capacities[1]);
}
END_TEST

static int fire_at_once(void *arg)
{
    sy_time passed[] = {0, -1, INT64_MIN, sy_now(), sy_now() - SY_SECOND};
    sy_timer timer;
    (void)arg;
    sy_chan chan = new_chan(1);
    expect_eq(sy_timer_init(&timer, chan), 0);
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        sy_time before = sy_now();
        expect_eq(sy_timer_set(&timer, passed[i], 0), 0);
        expect_ge(receive(chan), before);
        expect_eq(sy_timer_stop(&timer), 0);
    }
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

START_TEST(test_time_timer_of_the_past_fires)
{
    run_tasks(RUN_PROCS[_i], fire_at_once, NULL);
}
END_TEST

static int fire_again_and_again(void *arg)
{
    sy_timer timer;
    sy_time period = SY_MILLISECOND;
    sy_time last = 0;
    sy_chan chan = new_chan(*(size_t *)arg);
    expect_eq(sy_timer_init(&timer, chan), 0);
    sy_time when = sy_now() + 2 * period;
    expect_eq(sy_timer_set(&timer, when, period), 0);
    for (int i = 0; i < 10; i++) {
        sy_time tick = receive(chan);
        expect_ge(tick, when + i * period);
        expect_ge(tick, last);
        last = tick;
    }
    expect_eq(sy_timer_stop(&timer), 1); /* periodic: it stays armed until it is stopped */
    expect_eq(sy_timer_stop(&timer), 0);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: a periodic timer fires again and again. Unbuffered it reaches the task that waits. */
START_TEST(test_time_timer_ticks)
{
    size_t capacities[] = {1, 0};
    run_tasks(RUN_PROCS[_i], fire_again_and_again, &capacities[0]);
    run_tasks(RUN_PROCS[_i], fire_again_and_again, &capacities[1]);
}
END_TEST

static int stall_between_ticks(void *arg)
{
    enum { PERIODS = 50 };
    sy_timer timer;
    sy_time period = SY_MILLISECOND;
    int late = 0;
    (void)arg;
    sy_chan chan = new_chan(1000);
    expect_eq(sy_timer_init(&timer, chan), 0);
    expect_eq(sy_timer_set(&timer, sy_now() + period, period), 0);
    sy_time end = sy_now() + PERIODS * period;
    while (sy_now() < end) { /* keeps the proc from firing, if there is only one */
    }
    for (int i = 0; i < 3; i++) {
        while (receive(chan) < end) {
        }
        late++;
    }
    expect_eq(sy_timer_stop(&timer), 1);
    sy_time now = sy_now();
    late += (int)sy_chan_len(chan);
    expect_le(late, (now - end) / period + 3); /* the missed ones were not made up for */
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: ticks that are late by a whole period are left out. */
START_TEST(test_time_timer_leaves_out_late_ticks)
{
    run_tasks(RUN_PROCS[_i], stall_between_ticks, NULL);
}
END_TEST

static int stop_in_time(void *arg)
{
    sy_timer timer;
    (void)arg;
    sy_chan chan = new_chan(4);
    expect_eq(sy_timer_init(&timer, chan), 0);
    sy_time far = sy_now() + 3600 * SY_SECOND;
    expect_eq(sy_timer_set(&timer, far, 0), 0);
    expect_eq(sy_timer_set(&timer, SY_FOREVER, 0), 1); /* armed anew */
    expect_eq(sy_timer_set(&timer, far, SY_SECOND), 1);
    expect_eq(sy_timer_stop(&timer), 1);
    expect_eq(sy_timer_stop(&timer), 0);
    expect_eq(sy_timer_set(&timer, far, 0), 0);
    sy_time soon = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_timer_set(&timer, soon, 0), 1); /* earlier, */
    sy_time fired = receive(chan);
    expect_ge(fired, soon);
    expect_eq(sy_timer_set(&timer, sy_now() + 50 * SY_MILLISECOND, 0), 0);
    sy_time later = sy_now() + 60 * SY_MILLISECOND;
    int armed = sy_timer_set(&timer, later, 0); /* later: 0 only if it has fired by then */
    if (armed == 1) {
        expect_ge(receive(chan), later);
    } else {
        expect_eq(armed, 0);
        expect_ge(receive(chan), soon);
        expect_ge(receive(chan), later);
    }
    expect_eq(sy_timer_set(&timer, far, SY_MILLISECOND), 0);
    expect_eq(sy_timer_set(&timer, sy_now(), 0), 1); /* no longer periodic */
    (void)receive(chan);
    expect_eq(sy_timer_stop(&timer), 0);
    expect_empty(chan);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

/* Goal: a timer is armed, armed anew for an earlier or a later time, and stopped. */
START_TEST(test_time_timer_stops_and_is_armed_anew)
{
    run_tasks(RUN_PROCS[_i], stop_in_time, NULL);
}
END_TEST

static int fire_into_full(void *arg)
{
    sy_timer timer;
    sy_timer clock;
    sy_time mark = -7;
    (void)arg;
    sy_chan full = new_chan(1);
    sy_chan ticks = new_chan(1);
    expect_eq(sy_chan_send(full, &mark), 0);
    expect_eq(sy_timer_init(&timer, full), 0);
    expect_eq(sy_timer_init(&clock, ticks), 0);
    expect_eq(sy_timer_set(&timer, sy_now(), SY_MILLISECOND), 0);
    expect_eq(sy_timer_set(&clock, sy_now(), SY_MILLISECOND), 0);
    for (int i = 0; i < 10; i++) {
        (void)receive(ticks);
    }
    expect_eq(sy_chan_len(full), 1);
    expect_eq(receive(full), -7); /* the ticks meanwhile are dropped */
    sy_time before = sy_now();
    while (receive(full) < before) { /* one may have been about to be sent */
    }
    expect_eq(sy_timer_stop(&timer), 1);
    expect_eq(sy_timer_stop(&clock), 1);
    expect_eq(sy_chan_free(full), 0);
    expect_eq(sy_chan_free(ticks), 0);
    return 0;
}

/* Goal: what finds the channel full is dropped; the timer neither waits nor stops. */
START_TEST(test_time_timer_drops_when_full)
{
    run_tasks(RUN_PROCS[_i], fire_into_full, NULL);
}
END_TEST

static int fire_into_nothing(void *arg)
{
    sy_timer closed_timer;
    sy_timer freed_timer;
    sy_timer clock;
    sy_time value;
    (void)arg;
    sy_chan closed = new_chan(1);
    sy_chan freed = new_chan(1);
    sy_chan ticks = new_chan(1);
    expect_eq(sy_timer_init(&closed_timer, closed), 0);
    expect_eq(sy_timer_init(&freed_timer, freed), 0);
    expect_eq(sy_timer_init(&clock, ticks), 0);
    sy_time start = sy_now() + 20 * SY_MILLISECOND;
    expect_eq(sy_timer_set(&closed_timer, start, SY_MILLISECOND), 0);
    expect_eq(sy_timer_set(&freed_timer, start, SY_MILLISECOND), 0);
    expect_eq(sy_chan_close(closed), 0);
    expect_eq(sy_chan_free(freed), 0);
    sy_chan next = new_chan(1); /* where the freed one was, very likely */
    expect_eq(sy_timer_set(&clock, start, SY_MILLISECOND), 0);
    for (int i = 0; i < 10; i++) {
        (void)receive(ticks);
    }
    expect_empty(next);
    expect_eq(sy_chan_recv(closed, &value), 0);
    expect_eq(sy_timer_stop(&closed_timer), 1);
    expect_eq(sy_timer_stop(&freed_timer), 1);
    expect_eq(sy_timer_stop(&clock), 1);
    expect_eq(sy_chan_free(closed), 0);
    expect_eq(sy_chan_free(next), 0);
    expect_eq(sy_chan_free(ticks), 0);
    return 0;
}

/* Goal: a timer whose channel is closed or freed goes on harmlessly; the next channel in the place
 * of the freed one gets nothing. */
START_TEST(test_time_timer_of_closed_and_freed_channel)
{
    run_tasks(RUN_PROCS[_i], fire_into_nothing, NULL);
}
END_TEST

Suite *suite_timer_chan(void)
{
    Suite *suite = suite_create("timer_chan");
    TCase *tests = tcase_create("timer_chan");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_time_timer_errors, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_fires_once, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_of_the_past_fires, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_ticks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_leaves_out_late_ticks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_stops_and_is_armed_anew, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_drops_when_full, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_time_timer_of_closed_and_freed_channel, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}

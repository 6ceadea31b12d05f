/* select.c - select that need not wait: what it chooses, defaults, errors, fairness. */
#include <errno.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

static sy_chan make(size_t capacity)
{
    sy_chan chan;
    expect_eq(sy_chan_new(&chan, sizeof(int), capacity), 0);
    return chan;
}

static void put(sy_chan chan, int value)
{
    expect_eq(sy_chan_try_send(chan, &value), 0);
}

static int take(sy_chan chan)
{
    int value = 0;
    expect_eq(sy_chan_try_recv(chan, &value), 1);
    return value;
}

static struct sy_case receiving(sy_chan chan, int *value)
{
    return (struct sy_case){.chan = chan, .op = SY_SELECT_RECV, .element = value};
}

static struct sy_case sending(sy_chan chan, int *value)
{
    return (struct sy_case){.chan = chan, .op = SY_SELECT_SEND, .element = value};
}

static int choose_the_ready_one(void *arg)
{
    sy_chan empty = make(1);
    sy_chan full = make(1);
    int got = 0;
    int given = 7;
    (void)arg;
    put(full, 3);
    struct sy_case cases[] = {receiving(empty, &got), sending(full, &given), receiving(full, &got)};
    expect_eq(sy_select(cases, 2 + 1), 2);
    expect_eq(got, 3);
    expect_eq(cases[2].result, 1);
    expect_eq(sy_select_until(cases, 2, SY_FOREVER), 1);
    expect_eq(cases[1].result, 0);
    expect_eq(take(full), 7);
    expect_eq(sy_chan_len(empty) + sy_chan_len(full), 0);
    expect_eq(sy_chan_free(empty), 0);
    expect_eq(sy_chan_free(full), 0);
    return 0;
}

/* Goal: of receives and sends the one that can go on is done, and no other. */
START_TEST(test_select_does_what_is_ready)
{
    run_tasks(RUN_PROCS[_i], choose_the_ready_one, NULL);
}
END_TEST

static int have_a_default(void *arg)
{
    sy_chan empty = make(0);
    int value = 5;
    struct sy_case cases[] = {receiving(empty, &value), sending(empty, &value)};
    (void)arg;
    expect_eq(sy_try_select(cases, 2), -EAGAIN);
    expect_eq(sy_select_until(cases, 2, 0), -ETIMEDOUT);
    expect_eq(sy_select_until(cases, 2, INT64_MIN), -ETIMEDOUT);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_select_until(cases, 2, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    expect_eq(value, 5);
    expect_eq(sy_chan_free(empty), 0); /* nobody stands in its queues any more */
    return 0;
}

/* Goal: without a ready case, -EAGAIN at once or -ETIMEDOUT in time. The two cases are each other's
 * complement, but a select is not its own partner. */
START_TEST(test_select_default_and_deadline)
{
    run_tasks(RUN_PROCS[_i], have_a_default, NULL);
}
END_TEST

static int ignore_nil(void *arg)
{
    sy_chan full = make(1);
    int got = 0;
    struct sy_case cases[3] = {receiving((sy_chan){0}, &got), sending((sy_chan){0}, &got),
                               receiving(full, &got)};
    (void)arg;
    expect_eq(sy_try_select(cases, 3), -EAGAIN);
    expect_eq(sy_select_until(cases, 2, sy_now() + SY_MILLISECOND), -ETIMEDOUT);
    expect_eq(sy_try_select(NULL, 0), -EAGAIN);
    expect_eq(sy_select_until(NULL, 0, sy_now() + SY_MILLISECOND), -ETIMEDOUT);
    put(full, 9);
    expect_eq(sy_select(cases, 3), 2);
    expect_eq(got, 9);
    expect_eq(sy_chan_free(full), 0);
    return 0;
}

/* Goal: nil channels are never ready; no cases at all are like nil channels only. */
START_TEST(test_select_ignores_nil_channels)
{
    run_tasks(0, ignore_nil, NULL);
}
END_TEST

static int see_closed(void *arg)
{
    sy_chan closed = make(2);
    int got = 1;
    struct sy_case cases[1] = {receiving(closed, &got)};
    (void)arg;
    put(closed, 4);
    expect_eq(sy_chan_close(closed), 0);
    expect_eq(sy_select(cases, 1), 0);
    expect_eq(cases[0].result, 1);
    expect_eq(got, 4);
    expect_eq(sy_select(cases, 1), 0);
    expect_eq(cases[0].result, 0);
    expect_eq(got, 0);
    cases[0].element = NULL;
    expect_eq(sy_try_select(cases, 1), 0);
    expect_eq(sy_chan_free(closed), 0);
    expect_eq(sy_try_select(cases, 1), -ESRCH);
    expect_eq(sy_select_until(cases, 1, SY_FOREVER), -ESRCH);
    return 0;
}

/* Goal: a closed channel is ready: what is buffered first, then zeroes; a freed one is an error. */
START_TEST(test_select_closed_and_freed)
{
    run_tasks(0, see_closed, NULL);
}
END_TEST

static int refuse(void *arg)
{
    sy_chan chan = make(1);
    int value = 0;
    struct sy_case cases[2] = {receiving(chan, &value), sending(chan, &value)};
    (void)arg;
    expect_eq(sy_select(NULL, 1), -EINVAL);
    expect_eq(sy_select_until(NULL, 1, 0), -EINVAL);
    expect_eq(sy_try_select(cases, SY_SELECT_CASES_MAX + 1), -EINVAL);
    cases[0].op = (enum sy_select_op)2;
    expect_eq(sy_try_select(cases, 2), -EINVAL);
    expect_eq(sy_chan_len(chan), 0);
    expect_eq(sy_chan_free(chan), 0);
    return 0;
}

START_TEST(test_select_refuses)
{
    run_tasks(0, refuse, NULL);
}
END_TEST

enum { MANY = 10000 };

static int choose_of_many(void *arg)
{
    struct sy_case *cases = calloc(MANY, sizeof *cases);
    sy_chan empty = make(1);
    sy_chan full = make(1);
    int got = 0;
    (void)arg;
    for (int i = 0; i < MANY; i++) {
        cases[i] = receiving(i % 3 == 0 ? (sy_chan){0} : empty, &got);
    }
    expect_eq(sy_try_select(cases, MANY), -EAGAIN);
    expect_eq(sy_select_until(cases, MANY, sy_now() + SY_MILLISECOND), -ETIMEDOUT);
    put(full, 8);
    cases[MANY - 1] = receiving(full, &got);
    expect_eq(sy_select(cases, MANY), MANY - 1);
    expect_eq(got, 8);
    expect_eq(sy_chan_free(empty), 0);
    expect_eq(sy_chan_free(full), 0);
    free(cases);
    return 0;
}

/* Goal: 10,000 cases, nearly all of one channel. */
START_TEST(test_select_of_ten_thousand)
{
    run_tasks(RUN_PROCS[_i], choose_of_many, NULL);
}
END_TEST

enum { READY = 5, DRAWS = 20000 };

/* Five ready cases among eight; each is chosen with probability 1/5: 4000 times of 20,000, with a
 * standard deviation of 56.6. */
static int count_choices(void *arg)
{
    sy_chan chans[READY];
    struct sy_case cases[8] = {{{0}, SY_SELECT_RECV, NULL, 0}};
    int counts[8] = {0};
    (void)arg;
    for (int i = 0; i < READY; i++) {
        chans[i] = make(0);
        expect_eq(sy_chan_close(chans[i]), 0);
        cases[i < 3 ? i : i + 2] = receiving(chans[i], NULL);
    }
    for (int i = 0; i < DRAWS; i++) {
        int index = sy_select(cases, 8);
        counts[index >= 0 ? index : 3] += 1;
    }
    for (int i = 0; i < 8; i++) {
        bool ready = cases[i].chan.id != 0;
        expect_ge(counts[i], ready ? 3600 : 0);
        expect_le(counts[i], ready ? 4400 : 0);
    }
    for (int i = 0; i < READY; i++) {
        expect_eq(sy_chan_free(chans[i]), 0);
    }
    return 0;
}

/* Goal: fair among the ready cases, wherever they stand. A fair select fails with a probability
 * below 10^-10: five counts, each within seven standard deviations. */
START_TEST(test_select_is_fair)
{
    run_tasks(1, count_choices, NULL);
}
END_TEST

static int select_typed(void *arg)
{
    SY_CHAN(int) numbers;
    SY_CHAN(double) halves;
    int number = 0;
    const double half = 0.5;
    double got = 0;
    (void)arg;
    expect_eq(sy_make(&numbers, 1), 0);
    expect_eq(sy_make(&halves, 1), 0);
    struct sy_case cases[] = {sy_case_recv(numbers, &number), sy_case_send(halves, &half)};
    expect_eq(sy_select(cases, 2), 1);
    expect_eq(sy_recv(halves, &got), 1);
    expect_true(got == half);
    expect_eq(sy_send(numbers, 6), 0);
    expect_eq(sy_select(cases, 1), 0);
    expect_eq(number, 6);
    expect_eq(sy_free(numbers), 0);
    expect_eq(sy_free(halves), 0);
    return 0;
}

START_TEST(test_select_typed)
{
    run_tasks(0, select_typed, NULL);
}
END_TEST

Suite *suite_select(void)
{
    Suite *suite = suite_create("select");
    TCase *tests = tcase_create("select");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_select_does_what_is_ready, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_select_default_and_deadline, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_select_ignores_nil_channels);
    tcase_add_test(tests, test_select_closed_and_freed);
    tcase_add_test(tests, test_select_refuses);
    tcase_add_loop_test(tests, test_select_of_ten_thousand, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_select_is_fair);
    tcase_add_test(tests, test_select_typed);
    suite_add_tcase(suite, tests);
    return suite;
}

/* chan_typed.c - the type-checked macros. That wrong types do not compile: compile_fail/. */
#include <errno.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/expect.h"
#include "support/run.h"

struct wagon {
    double load;
    char name[12];
};

typedef SY_CHAN(struct wagon) wagon_chan;

static void *send_wagons(void *arg)
{
    wagon_chan *wagons = arg;
    expect_eq(sy_send(*wagons, ((struct wagon){.load = 1.5, .name = "one"})), 0);
    struct wagon second = {.load = 2.5, .name = "two"};
    expect_eq(sy_send(*wagons, second), 0);
    expect_eq(sy_send_until(*wagons, second, SY_FOREVER), 0);
    expect_eq(sy_close(*wagons), 0);
    return NULL;
}

static int pass_wagons(void *arg)
{
    wagon_chan wagons;
    struct wagon got = {0};
    sy_task sender;
    (void)arg;
    expect_eq(sy_make(&wagons, 0), 0);
    expect_eq(sy_chan_cap(wagons.chan), 0);
    expect_eq(sy_spawn(&sender, send_wagons, &wagons), 0);
    expect_eq(sy_recv(wagons, &got), 1);
    expect_true(got.load == 1.5 && got.name[2] == 'e');
    expect_eq(sy_recv_until(wagons, &got, SY_FOREVER), 1);
    expect_true(got.load == 2.5 && got.name[2] == 'o');
    expect_eq(sy_recv(wagons, &got), 1);
    expect_eq(sy_recv(wagons, &got), 0);
    expect_true(got.load == 0);
    expect_eq(sy_join(sender, NULL), 0);
    expect_eq(sy_free(wagons), 0);
    return 0;
}

START_TEST(test_chan_typed_structs)
{
    run_tasks(RUN_PROCS[_i], pass_wagons, NULL);
}
END_TEST

static int pass_numbers(void *arg)
{
    SY_CHAN(int) numbers;
    int n = 0;
    (void)arg;
    expect_eq(sy_make(&numbers, 2), 0);
    expect_eq(sy_try_recv(numbers, &n), -EAGAIN);
    expect_eq(sy_try_send(numbers, 7), 0);
    expect_eq(sy_send(numbers, 8), 0);
    expect_eq(sy_try_send(numbers, 9), -EAGAIN);
    expect_eq(sy_send_until(numbers, 9, 0), -ETIMEDOUT);
    expect_eq(sy_try_recv(numbers, &n), 1);
    expect_eq(n, 7);
    expect_eq(sy_recv(numbers, &n), 1);
    expect_eq(n, 8);
    expect_eq(sy_recv_until(numbers, &n, 0), -ETIMEDOUT);
    expect_eq(sy_close(numbers), 0);
    expect_eq(sy_free(numbers), 0);
    expect_eq(sy_free(numbers), -ESRCH);
    return 0;
}

START_TEST(test_chan_typed_numbers)
{
    run_tasks(0, pass_numbers, NULL);
}
END_TEST

Suite *suite_chan_typed(void)
{
    Suite *suite = suite_create("chan_typed");
    TCase *tests = tcase_create("chan_typed");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_chan_typed_structs, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_chan_typed_numbers);
    suite_add_tcase(suite, tests);
    return suite;
}

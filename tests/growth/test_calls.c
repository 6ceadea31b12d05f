/* test_calls.c - functions that are called where the stack ends get and give what they should.
 * Method: a task fills its slot up to a distance from the limit, and makes all kinds of calls
 * there; 150 distances, so that each call crosses at some of them, at each place of its callees. */
#include <switchyard/switchyard.h>

#include "calls.h"
#include "crossing.h"
#include "nested.h"
#include "segment.h"
#include "segment_pool.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"
#include "worker.h"

static const size_t slots[] = {16 << 10, 64 << 10, 100000};

enum { SLOTS = sizeof slots / sizeof slots[0] };

static long check_nested(long a)
{
    return nested_sum(a) - a - 3;
}

static void *cross_everywhere(void *arg)
{
    for (uint32_t offset = 0; offset < CROSSING_OFFSETS; offset++) {
        expect_eq(crossing_at(offset, calls_check_all, (long)offset), offset);
        expect_eq(crossing_at(offset, check_nested, (long)offset), offset);
    }
    expect_true(worker_task()->segments != NULL); /* it did cross */
    expect_true(!segment_in_use(worker_task()));  /* and came back */
    return arg;
}

enum { TASKS = 4 };

static int cross_in_tasks(void *arg)
{
    sy_task tasks[TASKS];
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_spawn(&tasks[i], cross_everywhere, arg), 0);
    }
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: no argument, result or callee-saved register is lost, with small, usual and odd slots,
 * while tasks that are on segments switch, and go on in other workers. */
START_TEST(test_calls_at_each_distance)
{
    struct sy_config config = {
        .procs = RUN_PROCS[_i / SLOTS], .max_tasks = 64, .stack_bytes = slots[_i % SLOTS]};
    ck_assert_int_eq(sy_run(&config, cross_in_tasks, NULL), 0);
    expect_assert_all();
    ck_assert_uint_eq(segment_pool_bytes(), 0);
}
END_TEST

static long cross_again(long depth)
{
    return depth == 0 ? calls_check_all(7) : crossing_at(3, cross_again, depth - 1);
}

static int cross_deeper(void *arg)
{
    (void)arg;
    expect_eq(cross_again(6), 7);
    return 0;
}

/* Goal: the same at the ends of segments, with six of them below. */
START_TEST(test_calls_at_ends_of_segments)
{
    run_tasks(1, cross_deeper, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("calls");
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, test_calls_at_each_distance, 0, SLOTS * RUN_PROCS_COUNT);
    tcase_add_test(tests, test_calls_at_ends_of_segments);
    return suite_main("calls", tests);
}

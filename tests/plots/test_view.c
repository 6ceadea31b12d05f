/* test_view.c - which part of a timeline a figure shows. Method: made-up timelines; a task runs for
 * 80 us of each 100 us on each worker. */
#include <string.h>

#include "plot_view.h"
#include "suites.h"

static json_t *trace;

static void setup(void)
{
    trace = json_pack("[{s:s, s:s, s:i, s:i, s:{s:{s:s, s:i}}}]", "ph", "M", "name", "switchyard",
                      "pid", 1, "tid", 0, "args", "about", "backend", "green", "steals", 1);
    ck_assert_ptr_nonnull(trace);
}

static void teardown(void)
{
    json_decref(trace);
}

static void add_run(int pid, int worker, double from, double length)
{
    json_array_append_new(trace, json_pack("{s:s, s:s, s:i, s:i, s:f, s:f, s:{s:i}}", "ph", "X",
                                           "cat", "run", "pid", pid, "tid", worker, "ts", from,
                                           "dur", length, "args", "task", worker));
}

static void add_steal(double steal, double to)
{
    json_array_append_new(trace, json_pack("{s:s, s:s, s:i, s:i, s:f, s:i, s:{s:f}}", "ph", "s",
                                           "cat", "steal", "pid", 1, "tid", 1, "ts", 0.0, "id", 1,
                                           "args", "steal_ts", steal));
    json_array_append_new(trace, json_pack("{s:s, s:s, s:i, s:i, s:f, s:i}", "ph", "f", "cat",
                                           "steal", "pid", 1, "tid", 2, "ts", to, "id", 1));
}

static void add_workers(int workers, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        for (int worker = 1; worker <= workers; worker++) {
            add_run(1, worker, 100.0 * round, 80);
        }
    }
}

/* All of a short timeline is shown, and nothing of the other back end. */
START_TEST(test_view_shows_all_of_a_short_one)
{
    struct view view;
    add_workers(2, 10);
    add_run(2, 7, 5000, 1);
    ck_assert(view_open(trace, "green", &view));
    ck_assert_double_eq(view.left, 0);
    ck_assert_double_eq(view.right, 980);
    ck_assert_uint_eq(view.workers_count, 2);
    ck_assert_uint_eq(view.workers_hidden, 0);
    ck_assert_int_eq(view_row(&view, 2), 1);
    ck_assert_int_eq(view_row(&view, 7), -1);
    view_close(&view);
    ck_assert(!view_open(trace, "pthread", &view));
}
END_TEST

/* Of a long one, a part with the steal in it and not more spans than fit. */
START_TEST(test_view_shows_a_steal)
{
    struct view view;
    size_t seen = 0;
    add_workers(4, 1000);
    add_steal(50010, 50020);
    ck_assert(view_open(trace, "green", &view));
    ck_assert(view.left <= 50010 && view.right >= 50020);
    for (size_t i = 0; i < view.spans_count; i++) {
        seen += view.spans[i].from <= view.right && view.spans[i].to >= view.left;
    }
    ck_assert(seen > VIEW_SPANS / 4 && seen <= VIEW_SPANS);
    view_close(&view);
}
END_TEST

/* Threads that begin one after the other: as many as there are rows for, and none hidden. */
START_TEST(test_view_ends_where_rows_end)
{
    struct view view;
    for (int worker = 1; worker <= 60; worker++) {
        add_run(1, worker, 100.0 * worker, 80);
    }
    ck_assert(view_open(trace, "green", &view));
    ck_assert(view.workers_count > 1 && view.workers_count <= VIEW_ROWS);
    ck_assert_uint_eq(view.workers_hidden, 0);
    view_close(&view);
}
END_TEST

/* If too many begin at once, those that are hidden are counted. */
START_TEST(test_view_counts_hidden_rows)
{
    struct view view;
    add_workers(40, 1);
    ck_assert(view_open(trace, "green", &view));
    ck_assert_uint_eq(view.workers_count, VIEW_ROWS);
    ck_assert_uint_eq(view.workers_hidden, 40 - VIEW_ROWS);
    view_close(&view);
}
END_TEST

Suite *suite_view(void)
{
    Suite *suite = suite_create("view");
    TCase *tests = tcase_create("view");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_view_shows_all_of_a_short_one);
    tcase_add_test(tests, test_view_shows_a_steal);
    tcase_add_test(tests, test_view_ends_where_rows_end);
    tcase_add_test(tests, test_view_counts_hidden_rows);
    suite_add_tcase(suite, tests);
    return suite;
}

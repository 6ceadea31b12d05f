/* test_verdicts_io.c - the verdicts on processors, stealing and I/O follow the data: io/golden.json
 * gives one verdict, and one change of the data another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "spoil.h"
#include "suites.h"

static json_t *golden; /* of the running test */

static void setup(void)
{
    json_error_t error;
    golden = json_load_file(GOLDEN "/io/golden.json", 0, &error);
    ck_assert_msg(golden != NULL, "%s", error.text);
}

static void teardown(void)
{
    json_decref(golden);
}

static enum verdict judge(int number, struct outcome *outcome)
{
    struct results *results = NULL;
    char error[RESULT_ERROR_BYTES];
    ck_assert_msg(results_from_json(golden, "golden", &results, error) == 0, "%s", error);
    ck_assert_int_eq(claim_judge(&claims[number - 1], results, outcome), 0);
    results_free(results);
    return outcome->verdict;
}

static void expect(int number, enum verdict verdict)
{
    struct outcome outcome;
    ck_assert_str_eq(verdict_words(judge(number, &outcome)), verdict_words(verdict));
}

static bool is_row(const json_t *row, const char *workload, int procs, const char *tune)
{
    const char *own = json_string_value(json_object_get(row, "tune"));
    return strcmp(json_string_value(json_object_get(row, "backend")), "green") == 0 &&
           strcmp(json_string_value(json_object_get(row, "workload")), workload) == 0 &&
           json_integer_value(json_object_get(row, "procs")) == procs &&
           (tune == NULL ? own == NULL : own != NULL && strcmp(own, tune) == 0);
}

/* Sets a number of every green row of the workload, in the object of that name; NULL takes the
 * number away. */
static void set_number(const char *workload, int procs, const char *tune, const char *object,
                       const char *name, const json_t *value)
{
    size_t i;
    size_t changed = 0;
    json_t *row;
    json_array_foreach(json_object_get(golden, "results"), i, row)
    {
        json_t *counts = json_object_get(row, object);
        if (!is_row(row, workload, procs, tune) || counts == NULL) {
            continue;
        }
        if (value == NULL) {
            json_object_del(counts, name);
        } else {
            json_object_set(counts, name, (json_t *)(uintptr_t)value);
        }
        changed++;
    }
    ck_assert_uint_gt(changed, 0);
}

/* Multiplies all medians of the green rows. */
static void scale(const char *workload, int procs, const char *tune, double factor)
{
    size_t i;
    size_t k;
    json_t *row;
    json_t *trial;
    json_array_foreach(json_object_get(golden, "results"), i, row)
    {
        if (!is_row(row, workload, procs, tune)) {
            continue;
        }
        json_array_foreach(json_object_get(row, "trials"), k, trial)
        {
            double median = json_number_value(json_object_get(trial, "median"));
            json_object_set_new(trial, "median", json_real(median * factor));
        }
    }
}

START_TEST(test_verdict_parallel)
{
    struct outcome outcome;
    ck_assert_int_eq(judge(8, &outcome), VERDICT_HOLDS); /* 2.00 */
    ck_assert_ptr_nonnull(strstr(outcome.green, "2 procs: 2.00×"));
    ck_assert_ptr_nonnull(strstr(outcome.pthread, "2 procs: 1.60×"));
    scale("speedup", 2, NULL, 1.25);
    expect(8, VERDICT_FAILS); /* 1.60 */
    json_t *other = json_integer(7);
    set_number("speedup", 2, NULL, "work", "tasks", other);
    expect(8, VERDICT_NOT_MEASURED); /* unequal work compares with nothing */
    json_decref(other);
}
END_TEST

START_TEST(test_verdict_stealing)
{
    json_t *none = json_integer(0);
    json_t *some = json_integer(3);
    expect(9, VERDICT_HOLDS); /* 2.00 */
    set_number("steal.imbalance", 2, NULL, "counters", "steals", none);
    expect(9, VERDICT_FAILS); /* faster, but not by stealing */
    set_number("steal.imbalance", 2, NULL, "counters", "steals", some);
    set_number("steal.imbalance", 2, "nosteal", "counters", "steals", some);
    expect(9, VERDICT_NOT_MEASURED); /* it was not switched off */
    set_number("steal.imbalance", 2, "nosteal", "counters", "steals", none);
    scale("steal.imbalance", 2, NULL, 1.8);
    expect(9, VERDICT_FAILS); /* 1.11 */
    json_decref(none);
    json_decref(some);
}
END_TEST

START_TEST(test_verdict_waiting)
{
    json_t *few = json_integer(20);
    json_t *many = json_integer(20000);
    struct outcome outcome;
    ck_assert_int_eq(judge(10, &outcome),
                     VERDICT_FAILS); /* 0.5 epoll calls a request with 100 connections */
    ck_assert_ptr_nonnull(strstr(outcome.why, "serve all connections holds"));
    ck_assert_ptr_nonnull(strstr(outcome.green, "10,000 connections: 2 threads made"));
    ck_assert_ptr_null(strstr(outcome.green, "\n10 connections"));
    set_number("io.echo", 2, NULL, "counters", "polls", few);
    expect(10, VERDICT_HOLDS); /* below 0.02 epoll calls and 0.02 switches */
    set_number("io.echo", 2, NULL, "rusage", "voluntary_switches", many);
    expect(10, VERDICT_FAILS);
    set_number("io.echo", 2, NULL, "rusage", "voluntary_switches", NULL);
    expect(10, VERDICT_NOT_MEASURED); /* not counted is neither few nor many */
    set_number("io.echo", 2, NULL, "counters", "workers_started", many);
    expect(10, VERDICT_FAILS);
    json_decref(few);
    json_decref(many);
}
END_TEST

/* What was tried and did not go well counts; what was skipped does not. */
START_TEST(test_verdict_parallel_failed)
{
    spoil_cells(golden, "speedup", 1, NULL, 0, "timeout");
    expect(8, VERDICT_NOT_MEASURED); /* nothing to compare with */
    spoil_cells(golden, "speedup", 2, NULL, 0, "skipped");
    expect(8, VERDICT_NOT_MEASURED);
    spoil_cells(golden, "speedup", 2, NULL, 0, "timeout");
    expect(8, VERDICT_FAILS);
}
END_TEST

START_TEST(test_verdict_stealing_failed)
{
    struct outcome outcome;
    spoil_cells(golden, "steal.imbalance", 2, NULL, 0, "signal");
    ck_assert_int_eq(judge(9, &outcome), VERDICT_FAILS);
    ck_assert_ptr_nonnull(strstr(outcome.green, "signal (made up)"));
    spoil_cells(golden, "steal.imbalance", 2, NULL, 0, "skipped");
    expect(9, VERDICT_NOT_MEASURED);
}
END_TEST

START_TEST(test_verdict_waiting_failed)
{
    json_t *few = json_integer(20);
    struct outcome outcome;
    set_number("io.echo", 2, NULL, "counters", "polls", few);
    spoil_cells(golden, "io.echo", 2, "connections", 10, "timeout");
    expect(10, VERDICT_HOLDS); /* the claim does not speak of so few */
    spoil_cells(golden, "io.echo", 2, "connections", 10000, "skipped");
    expect(10, VERDICT_HOLDS);
    spoil_cells(golden, "io.echo", 2, "connections", 10000, "timeout");
    ck_assert_int_eq(judge(10, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(outcome.when, "100 connections; 1,000 connections");
    json_decref(few);
}
END_TEST

Suite *suite_verdicts_io(void)
{
    Suite *suite = suite_create("verdicts_io");
    TCase *tests = tcase_create("verdicts_io");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_verdict_parallel);
    tcase_add_test(tests, test_verdict_stealing);
    tcase_add_test(tests, test_verdict_waiting);
    tcase_add_test(tests, test_verdict_parallel_failed);
    tcase_add_test(tests, test_verdict_stealing_failed);
    tcase_add_test(tests, test_verdict_waiting_failed);
    suite_add_tcase(suite, tests);
    return suite;
}

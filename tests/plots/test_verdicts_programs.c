/* test_verdicts_programs.c - the verdicts on programs, and the crossings, follow the data:
 * programs/golden.json gives one verdict, and one change of the data another. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "crossover.h"
#include "spoil.h"
#include "suites.h"

static json_t *golden; /* of the running test */

static void setup(void)
{
    json_error_t error;
    golden = json_load_file(GOLDEN "/programs/golden.json", 0, &error);
    ck_assert_msg(golden != NULL, "%s", error.text);
}

static void teardown(void)
{
    json_decref(golden);
}

static struct results *load(void)
{
    struct results *results = NULL;
    char error[RESULT_ERROR_BYTES];
    ck_assert_msg(results_from_json(golden, "golden", &results, error) == 0, "%s", error);
    return results;
}

static enum verdict judge(int number, struct outcome *outcome)
{
    struct results *results = load();
    ck_assert_int_eq(claim_judge(&claims[number - 1], results, outcome), 0);
    results_free(results);
    return outcome->verdict;
}

static void expect(int number, enum verdict verdict)
{
    struct outcome outcome;
    ck_assert_str_eq(verdict_words(judge(number, &outcome)), verdict_words(verdict));
}

static bool is_row(const json_t *row, const char *workload, const char *backend, const char *metric,
                   const char *param, int64_t value)
{
    const char *own = json_string_value(json_object_get(row, "metric"));
    const json_t *params = json_object_get(row, "params");
    return strcmp(json_string_value(json_object_get(row, "workload")), workload) == 0 &&
           strcmp(json_string_value(json_object_get(row, "backend")), backend) == 0 &&
           own != NULL && strcmp(own, metric) == 0 &&
           (param == NULL || json_integer_value(json_object_get(params, param)) == value);
}

static void set_trial(json_t *row, size_t trial, double value)
{
    json_t *entry = json_array_get(json_object_get(row, "trials"), trial);
    json_object_set_new(entry, "median", json_real(value));
}

/* Sets the medians of all trials of the rows that match, and what follows from them. */
static void set_value(const char *workload, const char *backend, const char *metric,
                      const char *param, int64_t of, double value)
{
    size_t i;
    size_t changed = 0;
    json_t *row;
    json_array_foreach(json_object_get(golden, "results"), i, row)
    {
        if (!is_row(row, workload, backend, metric, param, of)) {
            continue;
        }
        for (size_t k = 0; k < json_array_size(json_object_get(row, "trials")); k++) {
            set_trial(row, k, value);
        }
        json_object_set_new(row, "median", json_real(value));
        json_object_set_new(row, "ci95", json_pack("[f, f]", value, value));
        changed++;
    }
    ck_assert_uint_gt(changed, 0);
}

/* Takes the rows away. */
static void remove_rows(const char *workload, const char *backend)
{
    json_t *rows = json_object_get(golden, "results");
    size_t before = json_array_size(rows);
    for (size_t i = before; i > 0; i--) {
        const json_t *row = json_array_get(rows, i - 1);
        if (strcmp(json_string_value(json_object_get(row, "workload")), workload) == 0 &&
            strcmp(json_string_value(json_object_get(row, "backend")), backend) == 0) {
            json_array_remove(rows, i - 1);
        }
    }
    ck_assert_uint_lt(json_array_size(rows), before);
}

/* A program that does not scale is enough. */
START_TEST(test_verdict_parallel_programs)
{
    struct outcome outcome;
    ck_assert_int_eq(judge(8, &outcome), VERDICT_HOLDS);
    ck_assert_ptr_nonnull(strstr(outcome.green, "mandelbrot, 2 procs: 1.90×"));
    set_value("matmul", "green", "total", NULL, 0, 100);
    ck_assert_int_eq(judge(8, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_ptr_null(strstr(outcome.when, "matmul"));
    ck_assert_ptr_nonnull(strstr(outcome.when, "mergesort, 2 procs"));
}
END_TEST

START_TEST(test_verdict_parallel_programs_failed)
{
    struct outcome outcome;
    spoil_cells(golden, "matmul", 2, NULL, 0, "signal");
    ck_assert_int_eq(judge(8, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_ptr_null(strstr(outcome.when, "matmul"));
    ck_assert_ptr_nonnull(strstr(outcome.green, "matmul, 2 procs: signal (made up)"));
}
END_TEST

START_TEST(test_verdict_communicating)
{
    struct outcome outcome;
    ck_assert_int_eq(judge(12, &outcome), VERDICT_HOLDS);
    ck_assert_ptr_nonnull(
        strstr(outcome.green, "counter, 2 procs: with channels 2.00× (2.00× – 2.00×)"));
    ck_assert_ptr_nonnull(strstr(outcome.green, "pipeline, 2 procs: with channels 0.500×"));
    ck_assert_ptr_nonnull(strstr(outcome.green, "500 additions lost"));
    set_value("counter", "green", "lost", "how", 3, 0); /* nothing lost, but by threads */
    ck_assert_int_eq(judge(12, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(outcome.when, "OS threads, 2 procs");
    set_value("counter", "pthread", "lost", "how", 3, 0);
    expect(12, VERDICT_FAILS);
}
END_TEST

/* The forgotten guard may have had more additions than the channel, but no other tasks. */
START_TEST(test_verdict_communicating_of_other_sizes)
{
    static const char *const params[] = {"additions", "tasks"};
    size_t i;
    json_t *row;
    for (size_t k = 0; k < 2; k++) {
        json_array_foreach(json_object_get(golden, "results"), i, row)
        {
            if (is_row(row, "counter", "green", "lost", "how", 3) ||
                is_row(row, "counter", "pthread", "lost", "how", 3)) {
                json_object_set_new(json_object_get(row, "params"), params[k], json_integer(77));
            }
        }
        expect(12, k == 0 ? VERDICT_HOLDS : VERDICT_NOT_MEASURED);
    }
}
END_TEST

START_TEST(test_verdict_communicating_needs_both_versions)
{
    set_value("counter", "green", "lost", "how", 0, 3); /* a channel that loses is no safer */
    expect(12, VERDICT_HOLDS_WHEN);
    remove_rows("counter", "pthread");
    expect(12, VERDICT_FAILS);
    remove_rows("counter", "green");
    expect(12, VERDICT_NOT_MEASURED);
}
END_TEST

/* Each program counts on each back end: one that failed against the claim, one that is missing
 * leaves it open. */
START_TEST(test_verdict_communicating_failed)
{
    struct outcome outcome;
    spoil_cells(golden, "pipeline", 2, "locks", 1, "timeout");
    ck_assert_int_eq(judge(12, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_ptr_nonnull(strstr(outcome.green, "locks=1: timeout (made up)"));
    ck_assert_ptr_nonnull(strstr(outcome.when, "pipeline of OS threads"));
    ck_assert_ptr_null(strstr(outcome.when, "pipeline of green threads"));
    remove_rows("pipeline", "green");
    expect(12, VERDICT_HOLDS_WHEN);
    remove_rows("pipeline", "pthread");
    expect(12, VERDICT_HOLDS_WHEN); /* a file with the counter only */
    spoil_cells(golden, "counter", 2, "how", 3, "signal");
    ck_assert_int_eq(judge(12, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_ptr_null(strstr(outcome.when, "green threads, 2 procs"));
}
END_TEST

/* 1,000 tasks: 100× with the smallest, 20×, and 1× with the largest. */
START_TEST(test_verdict_advantage)
{
    struct outcome outcome;
    ck_assert_int_eq(judge(14, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_ptr_nonnull(strstr(outcome.when, "tasks of 200 ns, 0 % blocking, 2 procs"));
    ck_assert_ptr_null(strstr(outcome.when, "tasks of 20.0 µs"));
    ck_assert_ptr_nonnull(strstr(outcome.green, "1,000 tasks, 0 % blocking: 100× as fast"));
    ck_assert_ptr_nonnull(strstr(outcome.pthread, "1,000 tasks, 0 % blocking: tie from tasks of"));
    ck_assert_ptr_nonnull(strstr(outcome.pthread, "10 tasks, 20 % blocking: no crossing"));
    set_value("crossover", "pthread", "task", "tasks", 1000, 200000);
    expect(14, VERDICT_HOLDS);
    set_value("crossover", "pthread", "task", "tasks", 1000, 60);
    expect(14, VERDICT_FAILS);
    remove_rows("crossover", "pthread");
    expect(14, VERDICT_NOT_MEASURED);
}
END_TEST

/* The line from 20× at 2 µs to 1× at 20 µs is at 1.1× where it has gone a share of
 * ln(20 / 1.1) / ln(20) of the way: at 2 µs * 10^0.968 = 18.6 µs. */
START_TEST(test_crossing)
{
    struct results *results = load();
    struct crossovers *crossovers = crossovers_new(results);
    ck_assert_ptr_nonnull(crossovers);
    ck_assert_uint_eq(crossovers->count, 2);
    const struct crossover_line *many = &crossovers->lines[0];
    ck_assert_int_eq(many->tasks, 1000);
    ck_assert_uint_eq(many->points_count, 3);
    ck_assert_double_eq_tol(many->points[0].ratio.value, 100, 1e-9);
    ck_assert_double_eq_tol(many->crossing.value, 2000 * pow(10, log(20 / 1.1) / log(20)), 1e-6);
    ck_assert_double_eq_tol(many->crossing.value, 18587, 1);
    ck_assert_uint_eq(many->crossed, 3);
    ck_assert(isnan(crossovers->lines[1].crossing.value)); /* 2× everywhere */
    crossovers_free(crossovers);
    results_free(results);
}
END_TEST

/* One block that crosses elsewhere widens the interval; most blocks must cross. */
START_TEST(test_crossing_has_an_interval)
{
    size_t i;
    json_t *row;
    for (int blocks = 1; blocks <= 2; blocks++) {
        json_array_foreach(json_object_get(golden, "results"), i, row)
        {
            if (is_row(row, "crossover", "pthread", "task", "iterations", 10000) &&
                is_row(row, "crossover", "pthread", "task", "tasks", 1000)) {
                set_trial(row, (size_t)blocks, 10000 * (blocks == 1 ? 1.05 : 3));
            }
        }
        if (blocks == 2) {
            json_array_foreach(json_object_get(golden, "results"), i, row)
            {
                if (is_row(row, "crossover", "pthread", "task", "iterations", 10000)) {
                    set_trial(row, 1, 30000);
                }
            }
        }
        struct results *results = load();
        struct crossovers *crossovers = crossovers_new(results);
        const struct interval *crossing = &crossovers->lines[0].crossing;
        if (blocks == 1) {
            ck_assert_double_lt(crossing->low, crossing->high);
            ck_assert_double_le(crossing->low, crossing->value);
        } else {
            ck_assert_uint_eq(crossovers->lines[0].crossed, 1);
            ck_assert(isnan(crossing->value));
        }
        crossovers_free(crossovers);
        results_free(results);
    }
}
END_TEST

/* Whatever both did, neither source was simpler; what only one could do tells them apart. */
START_TEST(test_verdict_same_source)
{
    struct outcome outcome;
    json_t *rows = json_object_get(golden, "results");
    ck_assert_int_eq(judge(15, &outcome), VERDICT_FAILS);
    const json_t *last = json_array_get(rows, json_array_size(rows) - 1);
    json_t *refused = json_deep_copy(last);
    json_object_set_new(refused, "backend", json_string("pthread"));
    json_object_set_new(refused, "status", json_string("failed"));
    json_object_set_new(refused, "reason", json_string("made up"));
    const char *const gone[] = {"metric", "unit", "median", "min",  "max", "p50",
                                "p90",    "p99",  "p999",   "ci95", "work"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        json_object_set_new(refused, gone[i], json_null());
    }
    json_object_set_new(refused, "trials", json_array());
    json_array_append_new(rows, refused);
    ck_assert_int_eq(judge(15, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_ptr_nonnull(strstr(outcome.when, "create.batch"));
    json_object_set_new(refused, "status", json_string("skipped"));
    expect(15, VERDICT_FAILS); /* not asked of it */
}
END_TEST

Suite *suite_verdicts_programs(void)
{
    Suite *suite = suite_create("verdicts_programs");
    TCase *tests = tcase_create("verdicts_programs");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_verdict_parallel_programs);
    tcase_add_test(tests, test_verdict_parallel_programs_failed);
    tcase_add_test(tests, test_verdict_communicating);
    tcase_add_test(tests, test_verdict_communicating_of_other_sizes);
    tcase_add_test(tests, test_verdict_communicating_needs_both_versions);
    tcase_add_test(tests, test_verdict_communicating_failed);
    tcase_add_test(tests, test_verdict_advantage);
    tcase_add_test(tests, test_crossing);
    tcase_add_test(tests, test_crossing_has_an_interval);
    tcase_add_test(tests, test_verdict_same_source);
    suite_add_tcase(suite, tests);
    return suite;
}

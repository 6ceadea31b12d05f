/* test_verdicts_workers.c - the verdict on tasks, workers and procs follows the data: golden.json
 * has no trial with the runtime's own number of procs; with one it gives one verdict, and one
 * change of the data another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "plot_pair.h"
#include "spoil.h"
#include "suites.h"

static json_t *golden;  /* of the running test */
static json_t *chosen;  /* borrowed: the row with default procs */
static json_t *machine; /* borrowed: context.cpu */

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    ck_assert_msg(root != NULL, "%s", error.text);
    return root;
}

static const char *text_at(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

/* The row of memory.park with so many tasks. */
static json_t *find(const char *backend, int64_t tasks)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(golden, "results"), i, row)
    {
        const json_t *own = json_object_get(json_object_get(row, "params"), "tasks");
        if (strcmp(text_at(row, "workload"), "memory.park") == 0 &&
            strcmp(text_at(row, "backend"), backend) == 0 && json_integer_value(own) == tasks) {
            return row;
        }
    }
    ck_abort_msg("no such row");
}

static void set_count(json_t *row, const char *name, int value)
{
    json_object_set_new(json_object_get(row, "counters"), name, json_integer(value));
}

/* The same row once more, without a number of procs. */
static json_t *add_default(const char *backend)
{
    json_t *row = json_deep_copy(find(backend, 1000));
    json_object_set_new(row, "procs", json_integer(0));
    json_array_append_new(json_object_get(golden, "results"), row);
    return row;
}

static void setup(void)
{
    golden = load(GOLDEN "/golden.json");
    machine = json_object_get(json_object_get(golden, "context"), "cpu");
    json_object_set_new(machine, "usable", json_integer(2));
    chosen = add_default("green");
    set_count(chosen, "procs", 2);
    set_count(chosen, "workers_started", 3);
}

static void teardown(void)
{
    json_decref(golden);
}

static struct results *read_golden(void)
{
    struct results *results = NULL;
    char error[RESULT_ERROR_BYTES];
    ck_assert_msg(results_from_json(golden, "golden", &results, error) == 0, "%s", error);
    return results;
}

static enum verdict judge(struct outcome *outcome)
{
    struct results *results = read_golden();
    ck_assert_int_eq(claim_judge(&claims[5], results, outcome), 0);
    results_free(results);
    return outcome->verdict;
}

static void expect(enum verdict verdict)
{
    struct outcome outcome;
    ck_assert_str_eq(verdict_words(judge(&outcome)), verdict_words(verdict));
}

START_TEST(test_verdict_default_procs)
{
    struct outcome outcome;
    ck_assert_int_eq(judge(&outcome), VERDICT_HOLDS);
    ck_assert_ptr_nonnull(
        strstr(outcome.green, "memory.park by default: 3 workers started, 2 procs, 2 CPUs usable"));
    ck_assert_ptr_nonnull(
        strstr(outcome.green, "memory.park: 100,000 tasks, 1 worker started, 1 proc"));
    set_count(chosen, "procs", 1);
    expect(VERDICT_FAILS);
    set_count(chosen, "procs", 4);
    expect(VERDICT_FAILS);
    json_object_set_new(machine, "usable", json_integer(4));
    expect(VERDICT_HOLDS);
}
END_TEST

START_TEST(test_verdict_needs_both_numbers)
{
    json_object_del(machine, "usable");
    expect(VERDICT_NOT_MEASURED);
    json_object_set_new(machine, "usable", json_integer(2));
    expect(VERDICT_HOLDS);
    json_object_del(json_object_get(chosen, "counters"), "procs");
    expect(VERDICT_NOT_MEASURED);
}
END_TEST

/* Only a trial of the green runtime as it is, without a number of procs, says what its default is.
 */
START_TEST(test_verdict_of_the_right_rows)
{
    json_object_set_new(chosen, "tune", json_string("nosteal"));
    expect(VERDICT_NOT_MEASURED);
    json_object_set_new(chosen, "tune", json_null());
    expect(VERDICT_HOLDS);
    json_object_set_new(chosen, "backend", json_string("pthread"));
    expect(VERDICT_NOT_MEASURED);
    json_object_set_new(chosen, "backend", json_string("green"));
    json_object_set_new(chosen, "procs", json_integer(2));
    expect(VERDICT_NOT_MEASURED);
}
END_TEST

START_TEST(test_verdict_few_workers)
{
    struct outcome outcome;
    set_count(find("green", 100000), "workers_started", 5);
    expect(VERDICT_HOLDS); /* four more than procs */
    set_count(find("green", 100000), "workers_started", 6);
    ck_assert_int_eq(judge(&outcome), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(outcome.when, "memory.park with 2,001 tasks");
    set_count(find("green", 1000), "workers_started", 6);
    expect(VERDICT_FAILS);
}
END_TEST

START_TEST(test_verdict_many_tasks_on_few_workers)
{
    set_count(find("green", 100), "workers_started", 2);
    set_count(find("green", 1000), "workers_started", 11);
    set_count(find("green", 100000), "workers_started", 1001);
    set_count(find("green", 1000), "procs", 11);
    set_count(find("green", 100000), "procs", 1001);
    expect(VERDICT_FAILS); /* about as many workers as procs, but fewer than 100 tasks for each */
    set_count(find("green", 100000), "workers_started", 1000);
    expect(VERDICT_HOLDS); /* 100 in one run is enough */
}
END_TEST

START_TEST(test_verdict_workers_of_failed_cells)
{
    struct outcome outcome;
    spoil_row(chosen, "skipped");
    expect(VERDICT_NOT_MEASURED);
    spoil_row(chosen, "timeout");
    ck_assert_int_eq(judge(&outcome), VERDICT_FAILS);
    ck_assert_ptr_nonnull(strstr(outcome.green, "default procs: timeout (made up)"));
    teardown();
    setup();
    json_object_set_new(find("green", 100), "counters", json_null());
    spoil_cells(golden, "memory.park", 1, "tasks", 100, "timeout");
    expect(VERDICT_HOLDS); /* the claim does not speak of so few */
    spoil_cells(golden, "memory.park", 1, "tasks", 100000, "timeout");
    ck_assert_int_eq(judge(&outcome), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(outcome.when, "memory.park with 2,001 tasks");
}
END_TEST

/* Where it flips, and the contrast. */
START_TEST(test_verdict_tells_blocked_workers)
{
    size_t i;
    json_t *row;
    struct outcome outcome;
    json_decref(golden);
    golden = load(GOLDEN "/io/golden.json");
    judge(&outcome);
    ck_assert_ptr_null(strstr(outcome.green, "blocking"));
    json_array_foreach(json_object_get(golden, "results"), i, row)
    {
        const json_t *share = json_object_get(json_object_get(row, "params"), "share");
        if (json_integer_value(share) == 50) {
            set_count(row, "workers_started", 102);
        }
    }
    judge(&outcome);
    ck_assert_ptr_nonnull(
        strstr(outcome.green, "blocking.mix: 50 % blocking calls, 102 workers started, 2 procs"));
}
END_TEST

/* Rows with default procs are in no ratio, figure or other verdict, even of both back ends. */
START_TEST(test_default_procs_stand_alone)
{
    struct results *results = read_golden();
    struct pairs *before = pairs_new(results);
    size_t count = before->count;
    size_t position = 0;
    size_t found = 0;
    const struct result_row *row;
    pairs_free(before);
    results_free(results);
    add_default("pthread");
    results = read_golden();
    struct pairs *after = pairs_new(results);
    ck_assert_uint_eq(after->count, count);
    while ((row = results_next(results, &position, NULL, NULL, 0, NULL)) != NULL) {
        ck_assert_int_ne(row->procs, 0);
    }
    for (size_t i = 0; i < results->rows_count; i++) {
        char label[PAIR_LABEL_BYTES];
        row_label(results, &results->rows[i], label, sizeof label);
        found += strstr(label, ", default procs") != NULL;
    }
    ck_assert_uint_eq(found, 2);
    pairs_free(after);
    results_free(results);
}
END_TEST

Suite *suite_verdicts_workers(void)
{
    Suite *suite = suite_create("verdicts_workers");
    TCase *tests = tcase_create("verdicts_workers");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_verdict_default_procs);
    tcase_add_test(tests, test_verdict_needs_both_numbers);
    tcase_add_test(tests, test_verdict_of_the_right_rows);
    tcase_add_test(tests, test_verdict_few_workers);
    tcase_add_test(tests, test_verdict_many_tasks_on_few_workers);
    tcase_add_test(tests, test_verdict_workers_of_failed_cells);
    tcase_add_test(tests, test_verdict_tells_blocked_workers);
    tcase_add_test(tests, test_default_procs_stand_alone);
    suite_add_tcase(suite, tests);
    return suite;
}

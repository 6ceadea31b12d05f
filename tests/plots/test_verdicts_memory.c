/* test_verdicts_memory.c - the verdict on growth and give-back of stacks follows the data: made-up
 * rows are changed, and the verdict with them. */
#include <string.h>

#include "claims.h"
#include "spoil.h"
#include "suites.h"

static json_t *golden; /* of the running test: the rows of all families */

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    ck_assert_msg(root != NULL, "%s", error.text);
    return root;
}

static json_t *rows(void)
{
    return json_object_get(golden, "results");
}

static bool is(const json_t *row, const char *name, const char *text)
{
    const char *own = json_string_value(json_object_get(row, name));
    return own != NULL && strcmp(own, text) == 0;
}

static void setup(void)
{
    size_t i;
    json_t *row;
    golden = load(GOLDEN "/golden.json");
    json_t *more = load(GOLDEN "/memory/golden.json");
    json_array_foreach(rows(), i, row)
    {
        size_t k;
        json_t *trial;
        json_array_foreach(json_object_get(row, "trials"), k, trial)
        {
            json_t *parked = json_array_get(json_object_get(trial, "memory"), 1);
            json_int_t tasks =
                json_integer_value(json_object_get(json_object_get(row, "params"), "tasks"));
            if (is(row, "workload", "memory.park") && is(row, "backend", "green") && parked) {
                json_object_set_new(parked, "rss_bytes", json_integer(1000000 + 2048 * tasks));
            }
        }
    }
    json_array_extend(rows(), json_object_get(more, "results"));
    json_decref(more);
}

static void teardown(void)
{
    json_decref(golden);
}

static void expect(enum verdict verdict, const char *says)
{
    struct results *results = NULL;
    struct outcome outcome;
    char error[RESULT_ERROR_BYTES];
    ck_assert_msg(results_from_json(golden, "golden", &results, error) == 0, "%s", error);
    ck_assert_int_eq(claim_judge(&claims[1], results, &outcome), 0);
    ck_assert_str_eq(verdict_words(outcome.verdict), verdict_words(verdict));
    ck_assert_msg(strstr(outcome.green, says) != NULL, "%s", outcome.green);
    results_free(results);
}

static json_t *find(const char *backend, const char *metric)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows(), i, row)
    {
        if (is(row, "backend", backend) && is(row, "metric", metric)) {
            return row;
        }
    }
    ck_abort_msg("no such row");
}

/* A run of stack.deep that went so deep, in milliseconds. */
static json_t *add_growth(json_int_t bytes)
{
    json_t *row = json_deep_copy(find("green", "rss_before"));
    json_object_set_new(row, "params", json_pack("{s:I}", "bytes", bytes));
    json_object_set_new(row, "workload", json_string("stack.deep"));
    json_object_set_new(row, "metric", json_string("total"));
    json_object_set_new(row, "unit", json_string("ms"));
    json_array_append_new(rows(), row);
    return row;
}

START_TEST(test_verdict_growth)
{
    expect(VERDICT_NOT_MEASURED, "in all per waiting task, hibernate: ");
    add_growth(1 << 29); /* half of it says nothing */
    expect(VERDICT_NOT_MEASURED, "in all per waiting task, hibernate: ");
    json_t *row = add_growth(1 << 30);
    expect(VERDICT_HOLDS, "recursion through ");
    spoil_row(row, "timeout");
    expect(VERDICT_NOT_MEASURED, "in all per waiting task, hibernate: ");
    spoil_row(row, "signal");
    expect(VERDICT_FAILS, "in all per waiting task, hibernate: ");
}
END_TEST

START_TEST(test_verdict_shrinking)
{
    add_growth(1 << 30);
    json_t *after = find("green", "rss_1000ms");
    json_object_set_new(after, "median", json_integer(16000000));
    json_object_set_new(after, "ci95", json_pack("[i,i]", 15000000, 17000000));
    expect(VERDICT_FAILS, "resident a second after deep recursion: ");
    spoil_row(after, "failed");
    expect(VERDICT_NOT_MEASURED, "in all per waiting task");
}
END_TEST

/* One process that shrank, or did not, decides nothing. */
START_TEST(test_verdict_shrinking_of_one_process)
{
    add_growth(1 << 30);
    expect(VERDICT_HOLDS, "resident a second after deep recursion: ");
    json_array_remove(json_object_get(find("green", "rss_1000ms"), "trials"), 1);
    expect(VERDICT_NOT_MEASURED, "resident a second after deep recursion: ");
}
END_TEST

Suite *suite_verdicts_memory(void)
{
    Suite *suite = suite_create("verdicts_memory");
    TCase *tests = tcase_create("verdicts_memory");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_verdict_growth);
    tcase_add_test(tests, test_verdict_shrinking);
    tcase_add_test(tests, test_verdict_shrinking_of_one_process);
    suite_add_tcase(suite, tests);
    return suite;
}

/* test_verdicts_preempt.c - the verdict on hogs follows the data: io/golden.json gives one verdict,
 * and each change of it that the rule speaks of another. */
#include <string.h>

#include "claims.h"
#include "spoil.h"
#include "suites.h"

#define NOTHING "nopreemptcall,nopreemptprologue,nopreemptsignal"

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

static enum verdict judge(struct outcome *outcome)
{
    struct results *results = NULL;
    char error[RESULT_ERROR_BYTES];
    ck_assert_msg(results_from_json(golden, "golden", &results, error) == 0, "%s", error);
    ck_assert_int_eq(claim_judge(&claims[10], results, outcome), 0);
    results_free(results);
    return outcome->verdict;
}

static void expect(enum verdict verdict)
{
    struct outcome outcome;
    ck_assert_str_eq(verdict_words(judge(&outcome)), verdict_words(verdict));
}

/* The green row of that kind of hog, tuned so. */
static json_t *find(int kind, const char *tune)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(golden, "results"), i, row)
    {
        const char *own = json_string_value(json_object_get(row, "tune"));
        json_t *params = json_object_get(row, "params");
        if (strcmp(json_string_value(json_object_get(row, "workload")), "preempt.hog") == 0 &&
            strcmp(json_string_value(json_object_get(row, "backend")), "green") == 0 &&
            json_integer_value(json_object_get(params, "kind")) == kind &&
            (tune == NULL ? own == NULL : own != NULL && strcmp(own, tune) == 0)) {
            return row;
        }
    }
    ck_abort_msg("no row");
    return NULL;
}

static void set_tail(json_t *row, int64_t ns)
{
    json_object_set_new(row, "p99", json_integer(ns));
}

static void set_preemptions(json_t *row, const char *name, int count)
{
    json_object_set_new(json_object_get(row, "counters"), name, json_integer(count));
}

START_TEST(test_verdict_preempt_holds)
{
    struct outcome outcome;
    ck_assert_int_eq(judge(&outcome), VERDICT_HOLDS);
    ck_assert_ptr_nonnull(strstr(outcome.green, "calls: 99 % of 100 within 15.0 ms, 100 in time: "
                                                "at least 97.0 % of all, none 50.0 ms"));
    ck_assert_ptr_nonnull(strstr(outcome.green, "not by a signal 50.0 ms"));
    ck_assert_ptr_nonnull(strstr(outcome.pthread, "loop: 99 % within 2.00 ms"));
}
END_TEST

START_TEST(test_verdict_preempt_late)
{
    struct outcome outcome;
    set_tail(find(2, NULL), 26000000);
    ck_assert_int_eq(judge(&outcome), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(outcome.when, "calls");
    set_tail(find(0, NULL), 26000000);
    expect(VERDICT_FAILS);
}
END_TEST

static void set_wakeups(json_t *row, int in_time, int late)
{
    json_t *histogram = json_pack("[[i,i]]", 10000000, in_time);
    if (late > 0) {
        json_array_append_new(histogram, json_pack("[i,i]", 30000000, late));
    }
    json_object_set_new(row, "histogram", histogram);
}

/* 99 % of few is all of them; of many, the share has a bound. (0.05^(1/299) = 0.99003; with one
 * late of 200, the root of s^200 + 200 (1 - s) s^199 = 0.05 is 0.97651.) */
START_TEST(test_verdict_preempt_of_few_wakeups)
{
    struct outcome outcome;
    set_wakeups(find(0, NULL), 98, 1);
    ck_assert_int_eq(judge(&outcome), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(outcome.when, "loop");
    set_wakeups(find(0, NULL), 298, 1);
    ck_assert_int_eq(judge(&outcome), VERDICT_HOLDS);
    set_wakeups(find(0, NULL), 199, 1);
    set_wakeups(find(2, NULL), 299, 0);
    ck_assert_int_eq(judge(&outcome), VERDICT_HOLDS);
    ck_assert_ptr_nonnull(strstr(outcome.green, "calls: 99 % of 200 within 15.0 ms, 199 in time: "
                                                "at least 97.6 % of all"));
    ck_assert_ptr_nonnull(strstr(outcome.green, "299 in time: at least 99.0 % of all"));
}
END_TEST

START_TEST(test_verdict_preempt_not_by_preemption)
{
    set_preemptions(find(0, NULL), "preempts_call", 0);
    set_preemptions(find(2, NULL), "preempts_signal", 0);
    expect(VERDICT_FAILS); /* in time, but by chance */
}
END_TEST

START_TEST(test_verdict_preempt_failed)
{
    struct outcome outcome;
    spoil_cells(golden, "preempt.hog", 1, "kind", 0, "signal");
    ck_assert_int_eq(judge(&outcome), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(outcome.when, "loop");
    ck_assert_ptr_nonnull(strstr(outcome.green, "kind=0: signal (made up)"));
    spoil_cells(golden, "preempt.hog", 1, "kind", 2, "timeout");
    expect(VERDICT_FAILS);
    spoil_cells(golden, "preempt.hog", 1, NULL, 0, "skipped");
    expect(VERDICT_NOT_MEASURED);
}
END_TEST

START_TEST(test_verdict_preempt_no_hogs)
{
    set_tail(find(0, NOTHING), 24000000);
    expect(VERDICT_HOLDS_WHEN); /* of the other kind */
    set_preemptions(find(2, NOTHING), "preempts_call", 1);
    expect(VERDICT_NOT_MEASURED); /* it was not switched off */
}
END_TEST

Suite *suite_verdicts_preempt(void)
{
    Suite *suite = suite_create("verdicts_preempt");
    TCase *tests = tcase_create("verdicts_preempt");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_verdict_preempt_holds);
    tcase_add_test(tests, test_verdict_preempt_late);
    tcase_add_test(tests, test_verdict_preempt_not_by_preemption);
    tcase_add_test(tests, test_verdict_preempt_of_few_wakeups);
    tcase_add_test(tests, test_verdict_preempt_failed);
    tcase_add_test(tests, test_verdict_preempt_no_hogs);
    suite_add_tcase(suite, tests);
    return suite;
}

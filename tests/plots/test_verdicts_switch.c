/* test_verdicts_switch.c - the verdict on what a switch saves follows the machine code that is in
 * the results: switch/golden.json has three registers. */
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "suites.h"

static json_t *golden; /* of the running test */
static json_t *code;   /* in it */

static void setup(void)
{
    json_error_t error;
    golden = json_load_file(GOLDEN "/switch/golden.json", 0, &error);
    ck_assert_msg(golden != NULL, "%s", error.text);
    code = json_object_get(json_object_get(golden, "context"), "switch_code");
}

static void teardown(void)
{
    json_decref(golden);
}

static void judge(struct outcome *outcome)
{
    struct results *results = NULL;
    char error[RESULT_ERROR_BYTES];
    ck_assert_msg(results_from_json(golden, "golden", &results, error) == 0, "%s", error);
    ck_assert_int_eq(claim_judge(&claims[3], results, outcome), 0);
    results_free(results);
}

START_TEST(test_verdict_registers_follow_the_code)
{
    struct outcome outcome;
    json_t *saved = json_object_get(code, "saved");
    judge(&outcome);
    ck_assert_int_eq(outcome.verdict, VERDICT_HOLDS);
    ck_assert_ptr_nonnull(
        strstr(outcome.green, "sy_switch saves 3: rip, rbp, rsp; 6 instructions"));
    ck_assert_ptr_nonnull(strstr(outcome.green, "anatomy.swap_inline: 1.00 ns"));

    json_array_append_new(saved, json_string("rbx"));
    json_array_append_new(saved, json_string("MXCSR"));
    judge(&outcome);
    ck_assert_int_eq(outcome.verdict, VERDICT_FAILS);
    ck_assert_str_eq(outcome.why, "2 more are saved: rbx, MXCSR");

    json_array_remove(saved, 4);
    json_array_remove(saved, 3);
    json_array_remove(saved, 1);
    judge(&outcome);
    ck_assert_int_eq(outcome.verdict, VERDICT_FAILS);
    ck_assert_str_eq(outcome.why, "only 2 of the three are saved");
}
END_TEST

START_TEST(test_verdict_registers_without_code)
{
    struct outcome outcome;
    json_object_clear(code);
    judge(&outcome);
    ck_assert_int_eq(outcome.verdict, VERDICT_NOT_MEASURED);
    json_object_set_new(code, "problem", json_string("objdump: is not there"));
    judge(&outcome);
    ck_assert_int_eq(outcome.verdict, VERDICT_NOT_MEASURED);
    ck_assert_str_eq(outcome.why, "objdump: is not there");
}
END_TEST

Suite *suite_verdicts_switch(void)
{
    Suite *suite = suite_create("verdicts_switch");
    TCase *tests = tcase_create("verdicts_switch");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_verdict_registers_follow_the_code);
    tcase_add_test(tests, test_verdict_registers_without_code);
    suite_add_tcase(suite, tests);
    return suite;
}

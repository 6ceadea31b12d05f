/* test_quality.c - what is told about trials beside their numbers: outliers by class, disturbances
 * by cause, and both survive the results file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disturbance.h"
#include "result_quality.h"
#include "stats.h"
#include "suites.h"

/* Quartiles 12 and 14: mild beyond 9 and 17, severe beyond 6 and 20. */
START_TEST(test_quality_outliers_known)
{
    const double values[] = {13, 12, 14, 12, 13, 14, 13, 12, 14, 13, 8.9, 5.9, 17.1, 20.1, 20, 9};
    struct outliers outliers = stats_outliers(values, 10);
    ck_assert_uint_eq(outliers.low_severe + outliers.low_mild, 0);
    ck_assert_uint_eq(outliers.high_severe + outliers.high_mild, 0);
    const double one[] = {10, 10, 11, 12, 12, 11, 10, 12, 11, 15, 19, 7, 3};
    outliers = stats_outliers(one, 13); /* quartiles 10 and 12: beyond 7, 15 and 4, 18 */
    ck_assert_uint_eq(outliers.low_severe, 1);
    ck_assert_uint_eq(outliers.low_mild, 0); /* 7 and 15 lie on the fence */
    ck_assert_uint_eq(outliers.high_mild, 0);
    ck_assert_uint_eq(outliers.high_severe, 1);
    const double mild[] = {10, 10, 11, 12, 12, 11, 10, 12, 11, 16, 6};
    outliers = stats_outliers(mild, 11);
    ck_assert_uint_eq(outliers.low_mild, 1);
    ck_assert_uint_eq(outliers.high_mild, 1);
    outliers = stats_outliers(one, 3);
    ck_assert_uint_eq(outliers.high_severe, 0);
}
END_TEST

#define BOTH ((1u << DISTURBED_BY_STEAL) | (1u << DISTURBED_BY_MIGRATION))

START_TEST(test_quality_disturbed_json)
{
    struct fields fields = {.path = ""};
    json_t *trial = json_object();
    json_object_set_new(trial, "disturbed", quality_disturbed_json(BOTH));
    ck_assert_uint_eq(json_array_size(json_object_get(trial, "disturbed")), 2);
    ck_assert_uint_eq(quality_disturbed_read(&fields, trial), BOTH);
    json_object_set_new(trial, "disturbed", quality_disturbed_json(0));
    ck_assert(json_is_null(json_object_get(trial, "disturbed")));
    ck_assert_uint_eq(quality_disturbed_read(&fields, trial), 0);
    json_object_del(trial, "disturbed"); /* an older file */
    ck_assert_uint_eq(quality_disturbed_read(&fields, trial), 0);
    ck_assert(fields_ok(&fields));
    json_object_set_new(trial, "disturbed", json_pack("[s]", "moonlight"));
    quality_disturbed_read(&fields, trial);
    ck_assert_msg(strstr(fields.error, "number 0 is no cause") != NULL, "%s", fields.error);
    json_decref(trial);
}
END_TEST

static char workload[] = "w";
static char backend[] = "green";
static char metric[] = "m";
static char unit[] = "ns";

/* A row of so many trials around 10 and one at 99; the first is disturbed. */
static void make_row(struct result_row *row, struct result_trial *trials, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        trials[i] = (struct result_trial){.number = (int)i, .median = 10 + 0.01 * (double)(i % 5)};
    }
    trials[count - 1].median = 99;
    trials[0].disturbances = BOTH;
    *row = (struct result_row){.workload = workload,
                               .backend = backend,
                               .metric = metric,
                               .unit = unit,
                               .median = 10,
                               .ci_low = 10,
                               .ci_high = 10,
                               .p9999 = 42,
                               .trials = trials,
                               .trials_count = count};
}

START_TEST(test_quality_survives_the_file)
{
    struct result_trial trials[8];
    struct result_row row;
    char path[] = "/tmp/switchyard-quality-XXXXXX";
    char error[RESULT_ERROR_BYTES] = "";
    make_row(&row, trials, 8);
    struct results results = {
        .context = json_object(), .complete = true, .rows = &row, .rows_count = 1};
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
    ck_assert_int_eq(results_save(&results, path), 0);
    struct results *loaded = NULL;
    ck_assert_msg(results_load(path, &loaded, error) == 0, "%s", error);
    ck_assert_double_eq(loaded->rows[0].p9999, 42);
    ck_assert_uint_eq(loaded->rows[0].trials[0].disturbances, BOTH);
    ck_assert_uint_eq(loaded->rows[0].trials[1].disturbances, 0);
    ck_assert_uint_eq(quality_outliers(&loaded->rows[0]).high_severe, 1);
    results_free(loaded);
    json_decref(results.context);
    unlink(path);
}
END_TEST

START_TEST(test_quality_print)
{
    struct result_trial trials[8];
    struct result_row rows[2];
    char *text = NULL;
    size_t size = 0;
    make_row(&rows[0], trials, 8);
    rows[1] = rows[0]; /* another metric of the same trials */
    rows[1].metric = (char[]){"n"};
    struct results results = {.rows = rows, .rows_count = 2};
    FILE *stream = open_memstream(&text, &size);
    quality_print(stream, &results);
    fclose(stream);
    ck_assert_msg(strstr(text, "1 of 8 trials were disturbed (12.5 %): 1 by migration, 1 by steal "
                               "time; they are kept") != NULL,
                  "%s", text);
    ck_assert_msg(strstr(text, "0 mild, 2 severe; none is dropped") != NULL, "%s", text);
    free(text);
}
END_TEST

/* Rejected trials count among all, once for all metrics; a file that calls one rejected that was
 * not disturbed does no harm. */
START_TEST(test_quality_print_rejected)
{
    struct result_trial trials[8];
    struct result_trial rejected[3] = {{.disturbances = BOTH}, {.disturbances = BOTH}, {0}};
    struct result_row rows[2];
    char *text = NULL;
    size_t size = 0;
    make_row(&rows[0], trials, 8);
    rows[0].rejected = rejected;
    rows[0].rejected_count = 3;
    rows[1] = rows[0];
    rows[1].metric = (char[]){"n"};
    struct results results = {.rows = rows, .rows_count = 2};
    FILE *stream = open_memstream(&text, &size);
    ck_assert(quality_print_disturbed(stream, &results));
    fclose(stream);
    ck_assert_str_eq(text, "3 of 11 trials were disturbed (27.3 %): 3 by migration, 3 by steal "
                           "time; 2 were rejected and measured again, 1 are kept\n");
    free(text);
}
END_TEST

Suite *suite_quality(void)
{
    Suite *suite = suite_create("quality");
    TCase *tests = tcase_create("quality");
    tcase_add_test(tests, test_quality_outliers_known);
    tcase_add_test(tests, test_quality_disturbed_json);
    tcase_add_test(tests, test_quality_survives_the_file);
    tcase_add_test(tests, test_quality_print);
    tcase_add_test(tests, test_quality_print_rejected);
    suite_add_tcase(suite, tests);
    return suite;
}

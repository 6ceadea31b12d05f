/* test_parse.c - a worker's answer: the good one is read in full; each kind of rubbish makes the
 * trial "bad_output" with a reason that names the place. Rubbish is made from the good answer by
 * replacing one piece, so that nothing but that piece can be the cause. */
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "trial.h"

static const char good[] =
    "{\"schema\": \"switchyard-worker/1\", \"backend\": \"green\", \"workload\": \"switch.yield\","
    " \"procs\": 1, \"epochs\": 2, \"warmup\": 1, \"params\": {\"rounds\": 5},"
    " \"status\": \"ok\", \"reason\": null, \"note\": \"all well\", \"error\": 0,"
    " \"metrics\": [{\"name\": \"switch\", \"unit\": \"ns\", \"samples\": [4.5, 4]},"
    " {\"name\": \"hop\", \"unit\": \"ns\", \"histogram\": [[4, 10], [9, 2]]}],"
    " \"work\": {\"tasks\": 2, \"messages\": 0, \"switches\": 10, \"checksum\": \"ab\"},"
    " \"counters\": {}, \"rusage\": {}, \"memory\": [], \"clock\": {}}";

static struct param_value params[] = {{(char[]){"rounds"}, 5}};

static const struct trial_request request = {.backend = "green",
                                             .worker = "worker",
                                             .workload = "switch.yield",
                                             .procs = 1,
                                             .epochs = 2,
                                             .warmup = 1,
                                             .params = params,
                                             .params_count = 1};

START_TEST(test_parse_good)
{
    struct trial_report report;
    trial_parse(good, strlen(good), &request, &report);
    ck_assert_int_eq(report.status, TRIAL_OK);
    ck_assert_ptr_null(report.reason);
    ck_assert_str_eq(report.note, "all well");
    ck_assert_uint_eq(report.metrics_count, 2);
    ck_assert_str_eq(report.metrics[0].name, "switch");
    ck_assert_uint_eq(report.metrics[0].samples_count, 2);
    ck_assert_double_eq(report.metrics[0].samples[0], 4.5);
    ck_assert_uint_eq(report.metrics[1].histogram_count, 2);
    ck_assert_uint_eq(report.metrics[1].histogram[1].low, 9);
    ck_assert_uint_eq(report.metrics[1].histogram[1].count, 2);
    trial_report_destroy(&report);
}
END_TEST

static const struct {
    const char *piece;
    const char *instead;
    const char *says;
} rubbish[] = {
    {"switchyard-worker/1", "switchyard-worker/2", "schema"},
    {"\"green\"", "\"pthread\"", "backend"},
    {"switch.yield", "switch.chan", "workload"},
    {"\"procs\": 1", "\"procs\": 2", "procs"},
    {"\"epochs\": 2", "\"epochs\": \"2\"", "epochs: must be an integer"},
    {"\"warmup\": 1,", "", "warmup: is missing"},
    {"{\"rounds\": 5}", "{\"rounds\": 6}", "params.rounds"},
    {"{\"rounds\": 5}", "{}", "params"},
    {"{\"rounds\": 5}", "{\"rounds\": 5, \"tasks\": 1}", "params"},
    {"\"reason\": null", "\"reason\": null, \"tune\": \"nosteal\"", "tune: is nosteal, not null"},
    {"\"status\": \"ok\"", "\"status\": \"signal\"", "status"},
    {"\"status\": \"ok\"", "\"status\": \"failed\"", "reason"},
    {"\"reason\": null", "\"reason\": 7", "reason"},
    {"\"error\": 0", "\"error\": 11", "error"},
    {"\"error\": 0", "\"error\": 0, \"error\": 0", "output: line"},
    {"[4.5, 4]", "[]", "metrics[0]: has no values"},
    {"[4.5, 4]", "[4.5, \"4\"]", "metrics[0].samples"},
    {"[4.5, 4]", "[4.5, null]", "metrics[0].samples"},
    {"[4.5, 4]", "[4.5, NaN]", "output: line 1"},
    {"[4.5, 4]", "[4.5, Infinity]", "output: line 1"},
    {"[4.5, 4]", "[4.5, 1e999]", "output: line 1"},
    {"[4.5, 4]", "[4.5, 4], \"histogram\": [[1, 1]]", "metrics[0]: must have either"},
    {"\"samples\": [4.5, 4]", "\"sample\": 4", "metrics[0]: must have either"},
    {"[[4, 10], [9, 2]]", "[]", "metrics[1]: has no values"},
    {"[[4, 10], [9, 2]]", "[[4, 10], [4, 2]]", "metrics[1].histogram"},
    {"[[4, 10], [9, 2]]", "[[4, 10], [3, 2]]", "metrics[1].histogram"},
    {"[[4, 10], [9, 2]]", "[[4, 0]]", "metrics[1].histogram"},
    {"[[4, 10], [9, 2]]", "[[-4, 1]]", "metrics[1].histogram"},
    {"[[4, 10], [9, 2]]", "[[4, 1, 1]]", "metrics[1].histogram"},
    {"[[4, 10], [9, 2]]", "[4, 1]", "metrics[1].histogram"},
    {"\"hop\"", "\"switch\"", "metrics[1].name: \"switch\" is there twice"},
    {"\"tasks\": 2", "\"tasks\": -2", "work.tasks"},
    {"\"checksum\": \"ab\"", "\"checksum\": 1", "work.checksum"},
    {"\"counters\": {}", "\"counters\": []", "counters"},
    {"\"memory\": []", "\"memory\": {}", "memory"},
    {"\"clock\": {}}", "\"clock\": {}", "output: line 1"},
    {"\"clock\": {}}", "\"clock\": {}} {}", "output: line 1"},
    {"all well", "\xff\xfe", "output: line 1"},
};

static char *replace(const char *text, const char *piece, const char *instead)
{
    char *copy = NULL;
    const char *at = strstr(text, piece);
    ck_assert_ptr_nonnull(at);
    ck_assert_int_gt(
        asprintf(&copy, "%.*s%s%s", (int)(at - text), text, instead, at + strlen(piece)), 0);
    return copy;
}

START_TEST(test_parse_rubbish)
{
    struct trial_report report;
    char *text = replace(good, rubbish[_i].piece, rubbish[_i].instead);
    trial_parse(text, strlen(text), &request, &report);
    ck_assert_msg(report.status == TRIAL_BAD_OUTPUT, "accepted: %s", text);
    ck_assert_msg(strncmp(report.reason, rubbish[_i].says, strlen(rubbish[_i].says)) == 0,
                  "%s: says %s", rubbish[_i].instead, report.reason);
    ck_assert_uint_eq(report.metrics_count, 0);
    trial_report_destroy(&report);
    free(text);
}
END_TEST

/* Every proper beginning of the good answer is refused. */
START_TEST(test_parse_truncated)
{
    struct trial_report report;
    for (size_t length = 0; length < strlen(good); length++) {
        trial_parse(good, length, &request, &report);
        ck_assert_int_eq(report.status, TRIAL_BAD_OUTPUT);
        trial_report_destroy(&report);
    }
}
END_TEST

static const char *const other_json[] = {"", " ", "null", "[]", "7", "\"text\"", "{}", "\0\0"};

START_TEST(test_parse_other_json)
{
    struct trial_report report;
    trial_parse(other_json[_i], strlen(other_json[_i]), &request, &report);
    ck_assert_int_eq(report.status, TRIAL_BAD_OUTPUT);
    ck_assert_ptr_nonnull(report.reason);
    trial_report_destroy(&report);
}
END_TEST

/* A thousand brackets deep: an error, not a crash. */
START_TEST(test_parse_deep)
{
    struct trial_report report;
    char deep[100000];
    memset(deep, '[', sizeof deep);
    trial_parse(deep, sizeof deep, &request, &report);
    ck_assert_int_eq(report.status, TRIAL_BAD_OUTPUT);
    trial_report_destroy(&report);
}
END_TEST

Suite *suite_parse(void)
{
    Suite *suite = suite_create("parse");
    TCase *tests = tcase_create("parse");
    tcase_add_test(tests, test_parse_good);
    tcase_add_loop_test(tests, test_parse_rubbish, 0, sizeof rubbish / sizeof rubbish[0]);
    tcase_add_test(tests, test_parse_truncated);
    tcase_add_loop_test(tests, test_parse_other_json, 0, sizeof other_json / sizeof other_json[0]);
    tcase_add_test(tests, test_parse_deep);
    suite_add_tcase(suite, tests);
    return suite;
}

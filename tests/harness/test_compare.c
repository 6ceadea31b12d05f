/* test_compare.c - two results files against each other: each verdict, refusal and exit status has
 * its cause. (That the ratio's interval covers the truth as often as it says: test_stats.c.) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compare.h"
#include "compare_machine.h"
#include "suites.h"

enum { TRIALS = 8 };

/* A row as a test describes it; values 0 stand for the plain case. */
struct spec {
    const char *metric; /* NULL: "m" */
    const char *unit;   /* NULL: "ns" */
    const char *status; /* NULL: "ok" */
    double center;      /* trials are within 1 % around it */
    int trials;         /* 0: TRIALS */
    int work;
};

static json_t *trials_json(const struct spec *spec, int count)
{
    json_t *trials = json_array();
    for (int i = 0; i < count; i++) {
        double value = spec->center * (0.995 + 0.01 * i / count);
        json_array_append_new(trials, json_pack("{s:i, s:s, s:n, s:f, s:[]}", "trial", i, "status",
                                                "ok", "reason", "median", value, "samples"));
    }
    return trials;
}

static json_t *row_json(const struct spec *spec)
{
    int count = spec->trials != 0 ? spec->trials : TRIALS;
    bool failed = spec->status != NULL;
    bool silent = spec->metric != NULL && spec->metric[0] == '\0';
    json_t *row =
        json_pack("{s:s, s:s, s:i, s:{s:i}, s:s?, s:s?, s:s, s:s?, s:o, s:o, s:{s:i}}", "workload",
                  "w", "backend", "green", "procs", 1, "params", "n", 1, "metric",
                  silent ? NULL : (spec->metric != NULL ? spec->metric : "m"), "unit",
                  silent ? NULL : (spec->unit != NULL ? spec->unit : "ns"), "status",
                  failed ? spec->status : "ok", "reason", failed ? "because" : NULL, "median",
                  failed ? json_null() : json_real(spec->center), "trials",
                  failed ? json_array() : trials_json(spec, count), "work", "tasks", spec->work);
    static const char *const numbers[] = {"min", "max", "p50", "p90", "p99", "p999"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        json_object_set_new(row, numbers[i], failed ? json_null() : json_real(spec->center));
    }
    json_object_set_new(row, "ci95",
                        failed ? json_null() : json_pack("[f, f]", spec->center, spec->center));
    return row;
}

static struct results *make(const struct spec *spec)
{
    char error[RESULT_ERROR_BYTES];
    struct results *results;
    json_t *root = json_pack("{s:s, s:{}, s:b, s:[o]}", "schema", "switchyard-results/1", "context",
                             "complete", 1, "results", row_json(spec));
    ck_assert_ptr_nonnull(root);
    ck_assert_msg(results_from_json(root, "test", &results, error) == 0, "%s", error);
    json_decref(root);
    return results;
}

/* The verdict on two files of one row each, and the exit status. */
static enum verdict compare_with(const struct spec *base, const struct spec *head, bool paired,
                                 int *status, char reason[COMPARE_REASON_BYTES])
{
    struct compare_options options = {.threshold = 0.02, .paired = paired};
    struct results *before = make(base);
    struct results *after = make(head);
    struct comparison *comparison = compare_new(before, after, &options);
    ck_assert_uint_eq(comparison->rows_count, 1);
    enum verdict verdict = comparison->rows[0].verdict;
    *status = compare_status(comparison);
    memcpy(reason, comparison->rows[0].reason, COMPARE_REASON_BYTES);
    compare_free(comparison);
    results_free(before);
    results_free(after);
    return verdict;
}

static const struct {
    struct spec base;
    struct spec head;
    bool paired;
    enum verdict verdict;
    int status;
    const char *reason;
} cases[] = {
    {{.center = 100}, {.center = 100}, false, VERDICT_SAME, EXIT_FINE, ""},
    {{.center = 100}, {.center = 100.5}, false, VERDICT_SAME, EXIT_FINE, ""},
    {{.center = 100}, {.center = 105}, false, VERDICT_REGRESSED, EXIT_REGRESSION, ""},
    {{.center = 100}, {.center = 105}, true, VERDICT_REGRESSED, EXIT_REGRESSION, ""},
    {{.center = 105}, {.center = 100}, false, VERDICT_IMPROVED, EXIT_FINE, ""},
    {{.center = 100}, {.center = 102}, false, VERDICT_INCONCLUSIVE, EXIT_INCONCLUSIVE, ""},
    /* The units of which more is better. */
    {{.center = 100, .unit = "items/s"},
     {.center = 105, .unit = "items/s"},
     false,
     VERDICT_IMPROVED,
     EXIT_FINE,
     ""},
    {{.center = 100, .unit = "%"},
     {.center = 95, .unit = "%"},
     false,
     VERDICT_REGRESSED,
     EXIT_REGRESSION,
     ""},
    /* Too few to say anything, however far apart. */
    {{.center = 100}, {.center = 200, .trials = 3}, false, VERDICT_INCONCLUSIVE, 4, "3 processes"},
    {{.center = 100}, {.center = 200, .trials = 5}, true, VERDICT_INCONCLUSIVE, 4, "5 pairs"},
    {{.center = 100}, {.center = 200, .trials = 4}, false, VERDICT_REGRESSED, 3, ""},
    /* No ratio around nothing. */
    {{.center = 0}, {.center = 0}, false, VERDICT_SAME, EXIT_FINE, "exactly 0"},
    {{.center = 0}, {.center = 5}, false, VERDICT_INCONCLUSIVE, 4, "no ratio"},
    {{.center = -5}, {.center = -5}, false, VERDICT_INCONCLUSIVE, 4, "no ratio"},
    /* What must not be compared. */
    {{.center = 100}, {.center = 100, .work = 1}, false, VERDICT_REFUSED, 4, "the work differs"},
    {{.center = 100}, {.center = 100, .unit = "us"}, false, VERDICT_REFUSED, 4, "unit"},
    /* What did not work: worse than before, or no news. */
    {{.center = 100}, {.status = "timeout"}, false, VERDICT_FAILED, 3, "head: timeout: because"},
    {{.status = "signal"}, {.center = 100}, false, VERDICT_FAILED, 0, "base: signal: because"},
    {{.status = "oom"}, {.status = "oom"}, false, VERDICT_FAILED, 0, "both: oom"},
    {{.center = 100}, {.status = "signal", .metric = ""}, false, VERDICT_FAILED, 3, "head: signal"},
    {{.status = "signal", .metric = ""}, {.center = 100}, false, VERDICT_FAILED, 0, "base: signal"},
    {{.center = 100}, {.status = "skipped"}, false, VERDICT_SKIPPED, 0, "head: skipped"},
    /* A control is shown, but does not decide. */
    {{.center = 100, .metric = "raw_latency"},
     {.center = 200, .metric = "raw_latency"},
     false,
     VERDICT_REGRESSED,
     EXIT_FINE,
     ""},
};

START_TEST(test_compare_verdict)
{
    int status;
    char reason[COMPARE_REASON_BYTES];
    enum verdict verdict =
        compare_with(&cases[_i].base, &cases[_i].head, cases[_i].paired, &status, reason);
    ck_assert_str_eq(verdict_name(verdict), verdict_name(cases[_i].verdict));
    ck_assert_int_eq(status, cases[_i].status);
    ck_assert_msg(strstr(reason, cases[_i].reason) != NULL, "\"%s\"", reason);
}
END_TEST

START_TEST(test_compare_only_one_has)
{
    struct compare_options options = {.threshold = 0.02};
    struct results *base = make(&(struct spec){.metric = "old", .center = 1});
    struct results *head = make(&(struct spec){.metric = "new", .center = 1});
    struct comparison *comparison = compare_new(base, head, &options);
    ck_assert_uint_eq(comparison->rows_count, 0);
    ck_assert_uint_eq(comparison->only_base_count, 1);
    ck_assert_uint_eq(comparison->only_head_count, 1);
    ck_assert_str_eq(comparison->only_base[0]->metric, "old");
    ck_assert_str_eq(comparison->only_head[0]->metric, "new");
    compare_free(comparison);
    options.only = "w/new";
    comparison = compare_new(base, head, &options);
    ck_assert_uint_eq(comparison->only_base_count, 0);
    ck_assert_uint_eq(comparison->only_head_count, 1);
    compare_free(comparison);
    results_free(base);
    results_free(head);
}
END_TEST

START_TEST(test_compare_machines)
{
    json_t *base = json_pack("{s:{s:s}, s:s, s:n, s:s, s:f}", "cpu", "model", "A", "kernel", "1",
                             "governor", "compiler", "gcc", "steal_share", 0.1);
    json_t *head = json_pack("{s:{s:s}, s:s, s:s, s:f}", "cpu", "model", "B", "kernel", "1",
                             "compiler", "clang", "steal_share", 0.2);
    json_t *alike = compare_machines(base, base);
    json_t *differences = compare_machines(base, head);
    ck_assert_uint_eq(json_array_size(alike), 0);
    ck_assert_uint_eq(json_array_size(differences), 2); /* null and absent are alike */
    const json_t *first = json_array_get(differences, 0);
    ck_assert_str_eq(json_string_value(json_object_get(first, "what")), "cpu.model");
    ck_assert_str_eq(json_string_value(json_object_get(first, "head")), "B");
    json_decref(alike);
    json_decref(differences);
    json_decref(base);
    json_decref(head);
}
END_TEST

Suite *suite_compare(void)
{
    Suite *suite = suite_create("compare");
    TCase *tests = tcase_create("compare");
    tcase_add_loop_test(tests, test_compare_verdict, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tests, test_compare_only_one_has);
    tcase_add_test(tests, test_compare_machines);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}

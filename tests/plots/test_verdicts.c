/* test_verdicts.c - the verdict on each claim follows the data: golden.json gives one verdict, and
 * one change of the data another. */
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
    golden = json_load_file(GOLDEN "/golden.json", 0, &error);
    ck_assert_msg(golden != NULL, "%s", error.text);
}

static void teardown(void)
{
    json_decref(golden);
}

/* Which rows a change is for: NULL and 0 match all. */
struct rows {
    const char *workload;
    const char *backend;
    const char *metric;
    int64_t tasks;
};

static bool matches(const json_t *row, const struct rows *rows)
{
    const char *metric = json_string_value(json_object_get(row, "metric"));
    const json_t *params = json_object_get(row, "params");
    return strcmp(json_string_value(json_object_get(row, "workload")), rows->workload) == 0 &&
           (rows->backend == NULL ||
            strcmp(json_string_value(json_object_get(row, "backend")), rows->backend) == 0) &&
           (rows->metric == NULL || (metric != NULL && strcmp(metric, rows->metric) == 0)) &&
           (rows->tasks == 0 ||
            json_integer_value(json_object_get(params, "tasks")) == rows->tasks);
}

/* Applies a change to all rows that match; there must be one. */
static void change(struct rows rows, void (*apply)(json_t *row, double value), double value)
{
    size_t i;
    size_t changed = 0;
    json_t *row;
    json_array_foreach(json_object_get(golden, "results"), i, row)
    {
        if (matches(row, &rows)) {
            apply(row, value);
            changed++;
        }
    }
    ck_assert_uint_gt(changed, 0);
}

static void set_median(json_t *row, double value)
{
    size_t i;
    json_t *trial;
    json_object_set_new(row, "median", json_real(value));
    json_object_set_new(row, "ci95", json_pack("[ff]", value, value));
    json_array_foreach(json_object_get(row, "trials"), i, trial)
    {
        json_object_set_new(trial, "median", json_real(value));
    }
}

/* The interval from half to double of the value. */
static void set_vague(json_t *row, double value)
{
    json_object_set_new(row, "median", json_real(value));
    json_object_set_new(row, "ci95", json_pack("[ff]", value / 2, value * 2));
}

static void set_failed(json_t *row, double unused)
{
    (void)unused;
    spoil_row(row, "failed");
}

static void set_system_ns(json_t *row, double value)
{
    json_object_set_new(json_object_get(row, "rusage"), "system_ns",
                        json_integer((json_int_t)value));
}

static void forget_kernel_switches(json_t *row, double value)
{
    (void)value;
    json_object_del(json_object_get(row, "rusage"), "voluntary_switches");
}

static void set_kernel_switches(json_t *row, double value)
{
    json_object_set_new(json_object_get(row, "rusage"), "voluntary_switches",
                        json_integer((json_int_t)value));
}

static void set_tasks(json_t *row, double value)
{
    json_object_set_new(json_object_get(row, "params"), "tasks", json_integer((json_int_t)value));
}

/* The process created so many tasks, its warm-up included. */
static void set_spawned(json_t *row, double value)
{
    json_object_set_new(json_object_get(row, "counters"), "tasks_spawned",
                        json_integer((json_int_t)value));
}

static void set_workers(json_t *row, double value)
{
    json_object_set_new(json_object_get(row, "counters"), "workers_started",
                        json_integer((json_int_t)value));
}

/* Sets a number of the "parked" ledger in all trials: that of "before" + per task × tasks. */
static void set_growth(json_t *row, const char *key, double per_task)
{
    size_t i;
    json_t *trial;
    double tasks = json_number_value(json_object_get(json_object_get(row, "params"), "tasks"));
    json_array_foreach(json_object_get(row, "trials"), i, trial)
    {
        json_t *ledgers = json_object_get(trial, "memory");
        double before = json_number_value(json_object_get(json_array_get(ledgers, 0), key));
        json_object_set_new(json_array_get(ledgers, 1), key,
                            json_integer((json_int_t)(before + per_task * tasks)));
    }
}

static void grow_rss(json_t *row, double per_task)
{
    set_growth(row, "rss_bytes", per_task);
}

static void grow_virtual(json_t *row, double per_task)
{
    set_growth(row, "virtual_bytes", per_task);
}

static void grow_threads(json_t *row, double per_task)
{
    set_growth(row, "threads", per_task);
}

static void set_memory(double bytes)
{
    json_t *host = json_object_get(json_object_get(golden, "context"), "host");
    json_object_set_new(host, "memory_bytes", json_integer((json_int_t)bytes));
}

/* The verdict on the claim with this number, from golden as it is now. */
static enum verdict judge(int number, struct outcome *outcome)
{
    struct results *results = NULL;
    char error[RESULT_ERROR_BYTES] = "";
    int status = results_from_json(golden, "golden", &results, error);
    ck_assert_msg(status == 0, "%s", error);
    ck_assert_int_eq(claim_judge(&claims[number - 1], results, outcome), 0);
    results_free(results);
    return outcome->verdict;
}

static void expect(int number, enum verdict verdict)
{
    struct outcome outcome;
    enum verdict found = judge(number, &outcome);
    ck_assert_msg(found == verdict, "C%d: %s, expected %s (%s)", number, verdict_words(found),
                  verdict_words(verdict), outcome.why);
}

START_TEST(test_claims_are_complete_and_in_order)
{
    for (int i = 0; i < CLAIMS; i++) {
        char id[8];
        snprintf(id, sizeof id, "C%d", i + 1);
        ck_assert_str_eq(claims[i].id, id);
        ck_assert_uint_gt(strlen(claims[i].rule), 10);
    }
}
END_TEST

START_TEST(test_verdict_creation)
{
    const struct rows serial = {"create.serial", "pthread", "create", 0};
    const struct rows all = {"create.batch", "pthread", NULL, 1000};
    struct outcome outcome;
    expect(1, VERDICT_HOLDS);
    change(serial, set_median, 200); /* five times as much as a green thread */
    ck_assert_int_eq(judge(1, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_ptr_nonnull(strstr(outcome.when, "create.batch"));
    ck_assert_ptr_null(strstr(outcome.when, "create.serial"));
    change(all, set_median, 200);
    expect(1, VERDICT_FAILS);
    change(serial, set_failed, 0);
    change(all, set_failed, 0);
    expect(1, VERDICT_NOT_MEASURED);
}
END_TEST

START_TEST(test_verdict_creation_in_the_kernel)
{
    expect(1, VERDICT_HOLDS);
    change((struct rows){"create.serial", "green", NULL, 0}, set_system_ns, 1e6);
    expect(1, VERDICT_HOLDS_WHEN);
    change((struct rows){"create.batch", "green", NULL, 1000}, set_system_ns, 1e6);
    expect(1, VERDICT_FAILS);
    /* Kernel time is shared by all tasks of the process: 100 times as many make it little. */
    change((struct rows){"create.serial", "green", NULL, 0}, set_spawned, 200000);
    expect(1, VERDICT_HOLDS_WHEN);
}
END_TEST

START_TEST(test_verdict_stack)
{
    const struct rows green = {"memory.park", "green", NULL, 0};
    expect(2, VERDICT_FAILS); /* 4,000 bytes are not about 2 KB */
    change(green, grow_rss, 2048);
    expect(2, VERDICT_NOT_MEASURED); /* the start is right, growth is open */
    change(green, set_failed, 0);
    expect(2, VERDICT_NOT_MEASURED);
}
END_TEST

START_TEST(test_verdict_thread_stack)
{
    const struct rows threads = {"memory.park", "pthread", "total", 0};
    expect(3, VERDICT_FAILS); /* 8 MiB reserved, 17.5 % of memory used */
    change(threads, grow_virtual, 1.5 * 1048576);
    expect(3, VERDICT_FAILS);
    set_memory(180e6); /* 5,000 threads × 35,000 B are 97 % of it */
    expect(3, VERDICT_HOLDS);
    change(threads, grow_virtual, 8.0 * 1048576);
    expect(3, VERDICT_FAILS);
    change(threads, grow_virtual, 1.5 * 1048576);
    change((struct rows){"create.limit", "pthread", NULL, 0}, set_failed, 0);
    expect(3, VERDICT_NOT_MEASURED);
}
END_TEST

START_TEST(test_verdict_switch)
{
    const struct rows green = {"switch.yield", "green", "switch", 0};
    const struct rows threads = {"switch.yield", "pthread", "switch", 0};
    expect(5, VERDICT_FAILS); /* 10 ns are not about 200 */
    change(green, set_median, 200);
    change(threads, set_median, 1500);
    expect(5, VERDICT_HOLDS);
    change(threads, set_median, 5000);
    expect(5, VERDICT_FAILS);
    change(threads, set_vague, 1500); /* 750 – 3,000 lies across both ends */
    expect(5, VERDICT_NOT_MEASURED);
}
END_TEST

START_TEST(test_verdict_m_to_n)
{
    struct outcome outcome;
    ck_assert_int_eq(judge(6, &outcome), VERDICT_NOT_MEASURED);
    ck_assert_ptr_nonnull(strstr(outcome.why, "100 tasks a worker: holds"));
    change((struct rows){"memory.park", "green", NULL, 0}, set_workers, 50000);
    expect(6, VERDICT_FAILS);
}
END_TEST

START_TEST(test_verdict_few_threads)
{
    const struct rows green = {"memory.park", "green", NULL, 0};
    struct outcome outcome;
    expect(7, VERDICT_HOLDS);
    change(green, set_kernel_switches, 5000); /* 5 a task with 1,000, 0.05 with 100,000 */
    ck_assert_int_eq(judge(7, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(outcome.when, "100,000 tasks");
    change(green, forget_kernel_switches, 0); /* not counted: neither few nor many */
    expect(7, VERDICT_NOT_MEASURED);
    change(green, grow_threads, 1);
    expect(7, VERDICT_FAILS);
    change(green, set_failed, 0); /* of each size */
    expect(7, VERDICT_FAILS);
}
END_TEST

START_TEST(test_verdict_few_threads_of_failed_cells)
{
    struct outcome outcome;
    spoil_cells(golden, "memory.park", 1, "tasks", 100, "timeout");
    expect(7, VERDICT_HOLDS); /* the claim does not speak of so few */
    spoil_cells(golden, "memory.park", 1, "tasks", 100000, "skipped");
    expect(7, VERDICT_HOLDS);
    spoil_cells(golden, "memory.park", 1, "tasks", 100000, "timeout");
    ck_assert_int_eq(judge(7, &outcome), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(outcome.when, "1,000 tasks");
    ck_assert_ptr_nonnull(strstr(outcome.green, "memory.park, tasks=100,000: timeout (made up)"));
    spoil_cells(golden, "memory.park", 1, "tasks", 1000, "signal");
    expect(7, VERDICT_FAILS);
}
END_TEST

START_TEST(test_verdict_many_tasks)
{
    expect(13, VERDICT_NOT_MEASURED); /* 100,000 are not hundreds of thousands */
    change((struct rows){"memory.park", "green", NULL, 100000}, set_tasks, 200000);
    expect(13, VERDICT_HOLDS);
    change((struct rows){"memory.park", "green", NULL, 200000}, set_failed, 0);
    expect(13, VERDICT_FAILS);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(golden, "results"), i, row)
    {
        if (matches(row, &(struct rows){"memory.park", "green", NULL, 200000})) {
            json_array_remove(json_object_get(golden, "results"), i);
            break;
        }
    }
    expect(13, VERDICT_NOT_MEASURED);
}
END_TEST

/* What no workload of today tests stays open, whatever the results say. */
START_TEST(test_verdict_open_claims)
{
    static const int open[] = {8, 9, 10, 11, 12, 14};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        expect(open[i], VERDICT_NOT_MEASURED);
    }
}
END_TEST

START_TEST(test_tally_and_answers)
{
    struct tally tally = {0};
    ck_assert_int_eq(tally_verdict(&tally), VERDICT_NOT_MEASURED);
    tally_add(&tally, ANSWER_UNSURE, "a");
    ck_assert_int_eq(tally_verdict(&tally), VERDICT_NOT_MEASURED);
    tally_add(&tally, ANSWER_NO, "b");
    ck_assert_int_eq(tally_verdict(&tally), VERDICT_FAILS);
    tally_add(&tally, ANSWER_YES, "c");
    tally_add(&tally, ANSWER_YES, "d");
    ck_assert_int_eq(tally_verdict(&tally), VERDICT_HOLDS_WHEN);
    ck_assert_str_eq(tally.where, "c; d");
    ck_assert_int_eq(answer_above((struct interval){5, 4, 6}, 3), ANSWER_YES);
    ck_assert_int_eq(answer_above((struct interval){5, 4, 6}, 5), ANSWER_UNSURE);
    ck_assert_int_eq(answer_above((struct interval){5, 4, 6}, 7), ANSWER_NO);
    ck_assert_int_eq(answer_within((struct interval){5, 4, 6}, 4, 6), ANSWER_YES);
    ck_assert_int_eq(answer_within((struct interval){5, 4, 6}, 5, 9), ANSWER_UNSURE);
    ck_assert_int_eq(answer_within((struct interval){5, 4, 6}, 7, 9), ANSWER_NO);
}
END_TEST

START_TEST(test_verdict_of_two_parts)
{
    ck_assert_int_eq(verdict_both(VERDICT_HOLDS, VERDICT_HOLDS), VERDICT_HOLDS);
    ck_assert_int_eq(verdict_both(VERDICT_HOLDS, VERDICT_HOLDS_WHEN), VERDICT_HOLDS_WHEN);
    ck_assert_int_eq(verdict_both(VERDICT_HOLDS_WHEN, VERDICT_NOT_MEASURED), VERDICT_NOT_MEASURED);
    ck_assert_int_eq(verdict_both(VERDICT_NOT_MEASURED, VERDICT_FAILS), VERDICT_FAILS);
}
END_TEST

Suite *suite_verdicts(void)
{
    Suite *suite = suite_create("verdicts");
    TCase *tests = tcase_create("verdicts");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_claims_are_complete_and_in_order);
    tcase_add_test(tests, test_verdict_creation);
    tcase_add_test(tests, test_verdict_creation_in_the_kernel);
    tcase_add_test(tests, test_verdict_stack);
    tcase_add_test(tests, test_verdict_thread_stack);
    tcase_add_test(tests, test_verdict_switch);
    tcase_add_test(tests, test_verdict_m_to_n);
    tcase_add_test(tests, test_verdict_few_threads);
    tcase_add_test(tests, test_verdict_few_threads_of_failed_cells);
    tcase_add_test(tests, test_verdict_many_tasks);
    tcase_add_test(tests, test_verdict_open_claims);
    tcase_add_test(tests, test_tally_and_answers);
    tcase_add_test(tests, test_verdict_of_two_parts);
    suite_add_tcase(suite, tests);
    return suite;
}

/* test_rejection.c - disturbed trials: which are rejected, that they are measured again, that they
 * stay in the file, and that no number depends on them.
 *
 * Method: the rule by itself; then the real program with a fake worker that goes from CPU to CPU,
 * so that every attempt is disturbed by migration. What it measures follows from the seed.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "disturbance.h"
#include "program.h"
#include "rejection.h"
#include "suites.h"

#define MIGRATION (1u << DISTURBED_BY_MIGRATION)
#define STEAL (1u << DISTURBED_BY_STEAL)
#define THROTTLING (1u << DISTURBED_BY_THROTTLING)
#define PREEMPTION (1u << DISTURBED_BY_PREEMPTION)
#define RUN "-w good.padded -b green --trials 2 --seed 7 --budget 600"

static const struct {
    unsigned disturbances;
    enum trial_status status;
    int attempts;
    int64_t allowance_ns;
    int64_t left_ns;
    bool applies;
} rules[] = {
    {MIGRATION, TRIAL_OK, 0, 100, 100, true},
    {STEAL, TRIAL_OK, 0, 100, 100, true},
    {THROTTLING, TRIAL_OK, REJECTION_REPEATS - 1, 100, 100, true},
    {STEAL | PREEMPTION, TRIAL_OK, 0, 100, 100, true},
    {0, TRIAL_OK, 0, 100, 100, false},
    {PREEMPTION, TRIAL_OK, 0, 100, 100, false}, /* not counted alike on all back ends */
    {STEAL, TRIAL_FAILED, 0, 100, 100, false},  /* it has no number */
    {STEAL, TRIAL_OK, REJECTION_REPEATS, 100, 100, false},
    {STEAL, TRIAL_OK, 0, 99, 100, false}, /* a repetition takes 100 */
    {STEAL, TRIAL_OK, 0, 100, 99, false},
};

START_TEST(test_rejection_rule)
{
    struct trial_report report = {
        .status = rules[_i].status, .disturbances = rules[_i].disturbances, .elapsed_ns = 100};
    int64_t allowance_ns = rules[_i].allowance_ns;
    bool applies = rejection_applies(&allowance_ns, rules[_i].left_ns, &report, rules[_i].attempts);
    ck_assert_int_eq(applies, rules[_i].applies);
    ck_assert_int_eq(allowance_ns, rules[_i].allowance_ns - (applies ? 100 : 0));
}
END_TEST

START_TEST(test_rejection_allowance)
{
    ck_assert_int_eq(rejection_allowance_ns(330, 50), 33);
    ck_assert_int_eq(rejection_allowance_ns(0, 50), 5);
}
END_TEST

/* Can a process move to and fro between CPUs 0 and 1, and does the kernel tell that it did? */
static bool can_move(void)
{
    cpu_set_t cpus;
    char line[256];
    bool told = false;
    CPU_ZERO(&cpus);
    FILE *file = fopen("/proc/self/sched", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        told |= strstr(line, "nr_migrations") != NULL;
    }
    if (file != NULL) {
        fclose(file);
    }
    sched_getaffinity(0, sizeof cpus, &cpus);
    if (!told || !CPU_ISSET(0, &cpus) || !CPU_ISSET(1, &cpus)) {
        fprintf(stderr, "no migrations here: not tested\n");
        return false;
    }
    return true;
}

static char log_path[96]; /* a byte for each trial that began */

static size_t trials_begun(void)
{
    struct stat about;
    return stat(log_path, &about) == 0 ? (size_t)about.st_size : 0;
}

static void setup(void)
{
    program_setup();
    snprintf(log_path, sizeof log_path, "%s/log", program_folder);
    setenv("FAKE_LOG", log_path, 1);
    setenv("FAKE_MOVES", "1", 1);
}

static void expect_disturbed(const struct result_trial *trial, int number)
{
    ck_assert_int_eq(trial->number, number);
    ck_assert_int_eq(trial->status, TRIAL_OK);
    ck_assert_uint_eq(trial->disturbances & MIGRATION, MIGRATION);
    ck_assert_uint_eq(trial->samples_count, 2);
}

/* Each trial is rejected as often as may be, and then it counts, marked. */
START_TEST(test_rejection_repeats)
{
    if (!can_move()) {
        return;
    }
    ck_assert_int_eq(program_run_fakes(RUN), EXIT_FINE);
    program_says("6 of 6 trials were disturbed (100.0 %): ");
    program_says("; 4 were rejected and measured again, 2 are kept");
    ck_assert_uint_eq(trials_begun(), 6);
    struct results *results = program_results();
    ck_assert_uint_eq(results->rows_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct result_row *row = &results->rows[i];
        ck_assert_uint_eq(row->trials_count, 2);
        ck_assert_uint_eq(row->rejected_count, 4);
        for (int k = 0; k < 4 && strcmp(row->metric, "switch") == 0; k++) {
            expect_disturbed(&row->rejected[k], k / 2);
            expect_disturbed(&row->trials[k / 2], k / 2);
        }
    }
    results_free(results);
}
END_TEST

START_TEST(test_rejection_keeps_if_told)
{
    if (!can_move()) {
        return;
    }
    ck_assert_int_eq(program_run_fakes(RUN " --keep-disturbed"), EXIT_FINE);
    program_says("2 of 2 trials were disturbed (100.0 %): ");
    program_says("; they are kept");
    ck_assert_uint_eq(trials_begun(), 2);
}
END_TEST

static json_t *load(void)
{
    json_error_t problem;
    json_t *root = json_load_file(program_out, 0, &problem);
    ck_assert_msg(root != NULL, "%s", problem.text);
    return root;
}

/* Takes away what the machine may have done beside the migrations. */
static json_t *without_causes(json_t *rows)
{
    static const char *const lists[] = {"trials", "rejected"};
    for (size_t i = 0; i < json_array_size(rows); i++) {
        for (size_t k = 0; k < 2; k++) {
            const json_t *list = json_object_get(json_array_get(rows, i), lists[k]);
            for (size_t n = 0; n < json_array_size(list); n++) {
                json_object_del(json_array_get(list, n), "disturbed");
            }
        }
    }
    return rows;
}

/* The rows but for their rejected trials are those of a run that rejects none; and a run that goes
 * on keeps the rejected trials that it had. */
START_TEST(test_rejection_changes_no_number)
{
    if (!can_move()) {
        return;
    }
    ck_assert_int_eq(program_run_fakes(RUN), EXIT_FINE);
    json_t *root = load();
    json_t *rows = json_deep_copy(without_causes(json_object_get(root, "results")));
    char line[128];
    json_object_set_new(root, "complete", json_false());
    ck_assert_int_eq(json_dump_file(root, program_out, 0), 0);
    json_decref(root);
    snprintf(line, sizeof line, "run --resume %s", program_out);
    ck_assert_int_eq(program_run(line), EXIT_FINE);
    root = load();
    ck_assert(json_equal(without_causes(json_object_get(root, "results")), rows));
    json_decref(root);
    ck_assert_int_eq(program_run_fakes(RUN " --keep-disturbed"), EXIT_FINE);
    root = load();
    for (size_t i = 0; i < json_array_size(rows); i++) {
        ck_assert_uint_eq(json_array_size(json_object_get(json_array_get(rows, i), "rejected")), 4);
        json_object_del(json_array_get(rows, i), "rejected");
    }
    ck_assert(json_equal(without_causes(json_object_get(root, "results")), rows));
    json_decref(root);
    json_decref(rows);
}
END_TEST

Suite *suite_rejection(void)
{
    Suite *suite = suite_create("rejection");
    TCase *tests = tcase_create("rejection");
    tcase_add_checked_fixture(tests, setup, program_teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_rejection_rule, 0, sizeof rules / sizeof rules[0]);
    tcase_add_test(tests, test_rejection_allowance);
    tcase_add_test(tests, test_rejection_repeats);
    tcase_add_test(tests, test_rejection_keeps_if_told);
    tcase_add_test(tests, test_rejection_changes_no_number);
    suite_add_tcase(suite, tests);
    return suite;
}

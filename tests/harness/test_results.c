/* test_results.c - results.json: what is recorded is what is read back; rubbish is refused with
 * its place; a full disk leaves the old file whole. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan.h"
#include "recorder.h"
#include "suites.h"
#include "trial.h"

static const char list_format[] =
    "{\"schema\": \"switchyard-worker/1\", \"backend\": \"%s\", \"workloads\": [{\"name\": \"w\", "
    "\"summary\": \"s\", \"green_only\": false, \"params\": [{\"name\": \"n\", \"value\": 1, "
    "\"min\": 1, \"max\": 9, \"unit\": \"u\", \"help\": \"h\"}]}]}";

static const char answer_format[] =
    "{\"schema\": \"switchyard-worker/1\", \"backend\": \"%s\", \"workload\": \"w\","
    " \"procs\": 1, \"epochs\": 1, \"warmup\": 0, \"params\": {\"n\": 1},"
    " \"status\": \"ok\", \"reason\": null, \"error\": 0,"
    " \"metrics\": [{\"name\": \"m\", \"unit\": \"ns\", \"samples\": [%s]},"
    " {\"name\": \"h\", \"unit\": \"ns\", \"histogram\": [[4, 10], [9, 2]]}],"
    " \"work\": {\"tasks\": %d, \"messages\": 0, \"switches\": 0, \"checksum\": \"\"},"
    " \"counters\": {\"steals\": 3}, \"rusage\": {}, \"memory\": [{\"label\": \"before\"}],"
    " \"clock\": {}}";

static struct catalogue catalogues[2];
static struct plan plan;
static struct recorder *recorder;
static json_t *context;
static char folder[] = "/tmp/switchyard-test-XXXXXX";
static char path[64];
static char error[RESULT_ERROR_BYTES];

static void setup(void)
{
    struct selection selection = {.trials = 3, .epochs = 1};
    const char *backends[] = {"green", "pthread"};
    for (int i = 0; i < 2; i++) {
        char text[1024];
        int length = snprintf(text, sizeof text, list_format, backends[i]);
        ck_assert_int_eq(
            catalogue_parse(text, (size_t)length, backends[i], "worker", &catalogues[i], error), 0);
    }
    selection_add_globs(&selection, "w");
    selection_add_backends(&selection, "green,pthread");
    selection_add_procs(&selection, "1");
    ck_assert_int_eq(plan_build(&selection, 1, catalogues, 2, 1, &plan, error), 0);
    selection_destroy(&selection);
    context = json_pack("{s:s}", "kernel", "none");
    recorder = recorder_new(&plan, context, 1);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/r.json", folder);
}

static void teardown(void)
{
    recorder_free(recorder);
    plan_destroy(&plan);
    json_decref(context);
    catalogue_destroy(&catalogues[0]);
    catalogue_destroy(&catalogues[1]);
    unlink(path);
    rmdir(folder);
}

static void record(size_t cell, int trial, const char *samples, int tasks)
{
    char text[2048];
    struct trial_report report;
    const struct cell *about = &plan.cells[cell];
    struct trial_request request = {.backend = about->catalogue->backend,
                                    .workload = "w",
                                    .procs = 1,
                                    .epochs = 1,
                                    .params = about->params,
                                    .params_count = 1};
    int length = snprintf(text, sizeof text, answer_format, request.backend, samples, tasks);
    trial_parse(text, (size_t)length, &request, &report);
    ck_assert_msg(report.status == TRIAL_OK, "%s", report.reason);
    recorder_add(recorder, &(struct step){cell, trial}, &report);
}

static void record_failure(size_t cell, int trial)
{
    struct trial_report report = {.status = TRIAL_SIGNAL, .reason = strdup("SIGSEGV")};
    recorder_add(recorder, &(struct step){cell, trial}, &report);
}

static struct results *save_and_load(bool complete)
{
    struct results *results = NULL;
    ck_assert_int_eq(results_save(recorder_results(recorder, complete), path), 0);
    ck_assert_msg(results_load(path, &results, error) == 0, "%s", error);
    ck_assert_int_eq(results->complete, complete);
    return results;
}

static const struct result_row *find(const struct results *results, const char *backend,
                                     const char *metric)
{
    size_t position = 0;
    const struct result_row *row = results_next(results, &position, "w", backend, 1, metric);
    ck_assert_ptr_nonnull(row);
    return row;
}

START_TEST(test_results_round_trip)
{
    record(0, 0, "1, 2, 9", 5);
    record(0, 1, "4", 5);
    record(0, 2, "6, 6", 5);
    struct results *results = save_and_load(true);
    const struct result_row *row = find(results, "green", "m");
    ck_assert_int_eq(row->status, TRIAL_OK);
    ck_assert_double_eq(row->median, 4); /* of 2, 4, 6: the process is the unit */
    ck_assert(row->ci_low > 0 && row->ci_low < 4 && row->ci_high > 4 && row->ci_high < 12);
    ck_assert_double_eq(row->min, 1);
    ck_assert_double_eq(row->max, 9);
    ck_assert_double_eq(row->p50, 5); /* of all samples: 1 2 4 6 6 9 */
    ck_assert_uint_eq(row->trials_count, 3);
    ck_assert_double_eq(row->trials[0].samples[2], 9); /* in the order measured */
    ck_assert_int_eq(json_integer_value(json_object_get(row->work, "tasks")), 5);
    ck_assert_int_eq(json_integer_value(json_object_get(row->counters, "steals")), 3);
    ck_assert_uint_eq(json_array_size(row->trials[1].memory), 1);
    row = find(results, "green", "h");
    ck_assert_uint_eq(row->histogram_count, 2);
    ck_assert_uint_eq(row->histogram[0].count, 30); /* summed over trials */
    ck_assert_double_eq(row->p90, 9);
    results_free(results);
}
END_TEST

START_TEST(test_results_ratio)
{
    record(0, 0, "1", 5);
    record(0, 1, "2", 5);
    record(1, 0, "10", 5);
    record(1, 1, "40", 5);
    struct results *results = save_and_load(true);
    const struct result_row *green = find(results, "green", "m");
    const struct result_row *pthread = results_partner(results, green, "pthread");
    ck_assert_ptr_nonnull(pthread);
    struct interval ratio = result_ratio(pthread, green);
    ck_assert_double_eq(ratio.value, 15); /* of 10/1 and 40/2; limits: by a second program */
    ck_assert_double_eq_tol(ratio.low, 5.230621512, 1e-8);
    ck_assert_double_eq_tol(ratio.high, 38.208664223, 1e-8);
    results_free(results);
}
END_TEST

/* No ratio where the work differs, between back ends or between trials of one. */
START_TEST(test_results_no_ratio_when_work_differs)
{
    record(0, 0, "1", 5);
    record(1, 0, "10", 6);
    struct results *results = save_and_load(true);
    const struct result_row *green = find(results, "green", "m");
    const struct result_row *pthread = find(results, "pthread", "m");
    ck_assert(!result_same_work(green, pthread));
    ck_assert(isnan(result_ratio(pthread, green).value));
    results_free(results);
    record(0, 1, "1", 6);
    results = save_and_load(true);
    ck_assert_ptr_null(find(results, "green", "m")->work);
    results_free(results);
}
END_TEST

/* A median of 0 or below has no ratio, and leaving its trial out would be a bias. */
START_TEST(test_results_no_ratio_of_nothing)
{
    record(0, 0, "1", 5);
    record(0, 1, "0", 5);
    record(1, 0, "10", 5);
    record(1, 1, "10", 5);
    struct results *results = save_and_load(true);
    const struct result_row *green = find(results, "green", "m");
    ck_assert(isnan(result_ratio(find(results, "pthread", "m"), green).value));
    results_free(results);
}
END_TEST

/* A cell that failed in one trial has no numbers, but keeps what the others measured. */
START_TEST(test_results_failed_trial)
{
    record(0, 0, "1, 2", 5);
    record_failure(0, 1);
    record_failure(1, 0);
    struct results *results = save_and_load(false);
    const struct result_row *row = find(results, "green", "m");
    ck_assert_int_eq(row->status, TRIAL_SIGNAL);
    ck_assert_str_eq(row->reason, "SIGSEGV");
    ck_assert(isnan(row->median) && isnan(row->p50) && isnan(row->ci_low));
    ck_assert_uint_eq(row->trials[0].samples_count, 2);
    row = find(results, "pthread", NULL);
    ck_assert_ptr_null(row->metric); /* it never told one */
    ck_assert_int_eq(row->status, TRIAL_SIGNAL);
    results_free(results);
}
END_TEST

static void write_file(const char *text, size_t bytes)
{
    FILE *file = fopen(path, "w");
    ck_assert_uint_eq(fwrite(text, 1, bytes, file), bytes);
    ck_assert_int_eq(fclose(file), 0);
}

static char *good_file(size_t *bytes)
{
    record(0, 0, "1, 2", 5);
    ck_assert_int_eq(results_save(recorder_results(recorder, true), path), 0);
    struct stat about;
    ck_assert_int_eq(stat(path, &about), 0);
    *bytes = (size_t)about.st_size;
    char *text = calloc(*bytes + 1, 1);
    FILE *file = fopen(path, "r");
    ck_assert_uint_eq(fread(text, 1, *bytes, file), *bytes);
    fclose(file);
    return text;
}

static void expect_refused(const char *says)
{
    struct results *results = NULL;
    ck_assert_int_lt(results_load(path, &results, error), 0);
    ck_assert_ptr_null(results);
    ck_assert_msg(strstr(error, says) != NULL, "says: %s", error);
    ck_assert_ptr_null(strchr(error, '\n'));
}

/* A file cut anywhere is refused with line and column. (The last byte may be a newline.) */
START_TEST(test_results_truncated)
{
    size_t bytes = 0;
    char *text = good_file(&bytes);
    for (size_t length = 0; length + 1 < bytes; length += 7) {
        write_file(text, length);
        expect_refused(": line ");
    }
    free(text);
}
END_TEST

/* A tuned cell is no part of the runtime as it is: it has no partner, and must be asked for. */
START_TEST(test_results_tuned_stands_alone)
{
    plan.cells[0].tune = strdup("nosteal");
    record(1, 0, "5", 1);
    record_failure(0, 0);
    struct results *results = save_and_load(true);
    ck_assert_ptr_null(results_next(results, &(size_t){0}, "w", "green", 1, NULL));
    const struct result_row *row =
        results_next_tuned(results, &(size_t){0}, "w", NULL, 1, NULL, "nosteal");
    ck_assert_ptr_nonnull(row);
    ck_assert_ptr_null(results_partner(results, row, "pthread"));
    results_free(results);
}
END_TEST

/* Files from before there were settings still read. */
START_TEST(test_results_without_tune_read)
{
    size_t bytes = 0;
    char *text = good_file(&bytes);
    memset(strstr(text, "\"tune\": null,"), ' ', strlen("\"tune\": null,"));
    write_file(text, bytes);
    struct results *results = NULL;
    ck_assert_int_eq(results_load(path, &results, error), 0);
    results_free(results);
    free(text);
}
END_TEST

static const struct {
    const char *piece;
    const char *instead;
    const char *says;
} rubbish[] = {
    {"switchyard-results/1", "switchyard-results/9", "schema: is not"},
    {"\"complete\": true", "\"complete\": 1", "complete: must be true or false"},
    {"\"backend\": \"green\"", "\"backend\": 3", "results[0].backend: must be a string"},
    {"\"procs\": 1", "\"procs\": -1", "results[0].procs: -1 is not in"},
    {"\"n\": 1", "\"n\": 1.5", "results[0].params"},
    {"\"status\": \"ok\"", "\"status\": \"fine\"", "results[0].status: \"fine\" is no status"},
    {"\"median\": 1.5", "\"median\": \"1.5\"", "results[0].median: must be a number or null"},
    {"\"median\": 1.5", "\"median\": null", "results[0].median: must be there if"},
    {"\"trial\": 0", "\"trial\": -1", "results[0].trials[0].trial"},
    {"\"metric\": \"m\"", "\"metric\": null", "results[0].metric: must be there"},
    {"\"tune\": null", "\"tune\": \"\"", "results[0].tune: must be words or null"},
    {"\"results\":", "\"rows\":", "results: is missing"},
};

START_TEST(test_results_rubbish)
{
    size_t bytes = 0;
    char changed[16384];
    char *text = good_file(&bytes);
    const char *at = strstr(text, rubbish[_i].piece);
    ck_assert_msg(at != NULL, "%s is not in %s", rubbish[_i].piece, text);
    int length = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text,
                          rubbish[_i].instead, at + strlen(rubbish[_i].piece));
    write_file(changed, (size_t)length);
    expect_refused(rubbish[_i].says);
    free(text);
}
END_TEST

START_TEST(test_results_unreadable)
{
    expect_refused("No such file");
    write_file("[]", 2);
    expect_refused("is not a JSON object");
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    expect_refused("Is a directory");
    rmdir(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    expect_refused("is not a regular file"); /* and does not wait for a writer */
}
END_TEST

/* The disk is full after any number of bytes (RLIMIT_FSIZE stands for it): the save says so, and
 * the old file is still there, whole. */
START_TEST(test_results_disk_full)
{
    size_t bytes = 0;
    struct results *results = NULL;
    free(good_file(&bytes));
    signal(SIGXFSZ, SIG_IGN);
    for (size_t room = 0; room < bytes; room += 97) {
        struct rlimit limit = {room, RLIM_INFINITY};
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        int status = results_save(recorder_results(recorder, true), path);
        limit.rlim_cur = RLIM_INFINITY;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        ck_assert_int_eq(status, -EFBIG);
        ck_assert_int_eq(results_load(path, &results, error), 0);
        results_free(results);
        char temporary[80];
        snprintf(temporary, sizeof temporary, "%s.tmp", path);
        ck_assert_int_ne(access(temporary, F_OK), 0);
    }
}
END_TEST

/* A link stays, and the file behind it is written, whether it was there before or not. A FIFO stays
 * what it is. */
START_TEST(test_results_save_follows_links)
{
    struct stat about;
    char behind[80];
    record(0, 0, "1, 2", 5);
    const struct results *results = recorder_results(recorder, true);
    snprintf(behind, sizeof behind, "%s.behind", path);
    ck_assert_int_eq(symlink(strrchr(behind, '/') + 1, path), 0);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(results_save(results, path), 0);
        ck_assert_int_eq(lstat(path, &about), 0);
        ck_assert(S_ISLNK(about.st_mode));
        ck_assert_int_eq(lstat(behind, &about), 0);
        ck_assert(S_ISREG(about.st_mode));
    }
    unlink(behind);
    ck_assert_int_eq(mkfifo(behind, 0600), 0);
    ck_assert_int_eq(results_save(results, path), -EISDIR);
    ck_assert_int_eq(lstat(behind, &about), 0);
    ck_assert(S_ISFIFO(about.st_mode));
    unlink(behind);
}
END_TEST

Suite *suite_results(void)
{
    Suite *suite = suite_create("results");
    TCase *tests = tcase_create("results");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_results_round_trip);
    tcase_add_test(tests, test_results_ratio);
    tcase_add_test(tests, test_results_no_ratio_when_work_differs);
    tcase_add_test(tests, test_results_no_ratio_of_nothing);
    tcase_add_test(tests, test_results_failed_trial);
    tcase_add_test(tests, test_results_tuned_stands_alone);
    tcase_add_test(tests, test_results_without_tune_read);
    tcase_add_test(tests, test_results_truncated);
    tcase_add_loop_test(tests, test_results_rubbish, 0, sizeof rubbish / sizeof rubbish[0]);
    tcase_add_test(tests, test_results_unreadable);
    tcase_add_test(tests, test_results_disk_full);
    tcase_add_test(tests, test_results_save_follows_links);
    suite_add_tcase(suite, tests);
    return suite;
}

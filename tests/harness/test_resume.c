/* test_resume.c - what survives when the harness is killed, and `switchyard run --resume`.
 *
 * Method: the real program with fake workers whose measurements follow from the seed. It is killed
 * at a random point; the file must hold every trial that had finished, no process may be left, and
 * the resumed run must end with the very rows of a run that nobody killed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "program.h"
#include "result.h"
#include "rng.h"
#include "suites.h"

#define KILLS 100
#define PLAN "-w good.padded,bad.padded --trials 5 --seed 7 --keep-disturbed"
#define PLAN_TRIALS 20
#define DISK_BYTES 32768 /* too small for the file of 400 trials */

static char log_path[64]; /* a byte for each trial that began */

static void setup(void)
{
    program_setup();
    snprintf(log_path, sizeof log_path, "%s/log", program_folder);
    setenv("FAKE_LOG", log_path, 1);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static json_t *load_file(const char *path)
{
    json_error_t problem;
    json_t *root = json_load_file(path, 0, &problem);
    ck_assert_msg(root != NULL, "%s: %s", path, problem.text);
    return root;
}

static size_t trials_begun(void)
{
    struct stat about;
    return stat(log_path, &about) == 0 ? (size_t)about.st_size : 0;
}

/* Trials of all cells; the rows of a cell hold the same ones. */
static size_t trials_kept(void)
{
    size_t trials = 0;
    if (access(program_out, F_OK) != 0) {
        return 0;
    }
    struct results *results = program_results();
    for (size_t i = 0; i < results->rows_count; i++) {
        const char *metric = results->rows[i].metric;
        bool counts = metric == NULL || strcmp(metric, "switch") == 0;
        trials += counts ? results->rows[i].trials_count : 0;
    }
    results_free(results);
    return trials;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What the machine did to a trial is not of the seed. */
static json_t *without_disturbances(json_t *rows)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *trials = json_object_get(json_array_get(rows, i), "trials");
        for (size_t k = 0; k < json_array_size(trials); k++) {
            json_object_del(json_array_get(trials, k), "disturbed");
        }
    }
    return rows;
}

/* The rows of the plan when nobody interrupts it, and how long that takes. */
static json_t *reference_rows(int64_t *elapsed_ns)
{
    int64_t start = now_ns();
    ck_assert_int_eq(program_exit(program_start_fakes(PLAN)), EXIT_FINE);
    *elapsed_ns = now_ns() - start;
    ck_assert_uint_eq(trials_begun(), PLAN_TRIALS);
    json_t *root = load_file(program_out);
    json_t *rows = json_incref(without_disturbances(json_object_get(root, "results")));
    json_decref(root);
    unlink(program_out);
    unlink(log_path);
    return rows;
}

static int resume(const char *options)
{
    char line[256];
    snprintf(line, sizeof line, "run --resume %s %s", program_out, options);
    return program_run(line);
}

START_TEST(test_resume_after_kill)
{
    int64_t elapsed_ns = 0;
    struct rng rng = {(uint64_t)_i};
    json_t *rows = reference_rows(&elapsed_ns);
    pid_t pid = program_start_fakes(PLAN);
    program_pause_ns(
        (long)rng_below(&rng, (uint32_t)(elapsed_ns < 2000000000 ? elapsed_ns : 2000000000)));
    kill(pid, SIGKILL);
    program_exit(pid); /* the last ones may have ended */
    program_expect_orphans_die();
    size_t kept = trials_kept();
    ck_assert_msg(kept + 1 >= trials_begun(), "only %zu of %zu trials survive", kept,
                  trials_begun());
    size_t begun = trials_begun();
    if (access(program_out, F_OK) == 0) {
        ck_assert_int_eq(resume(""), EXIT_FINE);
        ck_assert_uint_eq(trials_begun() - begun, PLAN_TRIALS - kept); /* only the missing ones */
        json_t *root = load_file(program_out);
        ck_assert(json_is_true(json_object_get(root, "complete")));
        ck_assert_msg(json_equal(without_disturbances(json_object_get(root, "results")), rows),
                      "other rows: seed %d", _i);
        json_decref(root);
    }
    json_decref(rows);
}
END_TEST

/* A run that was killed after a few trials. */
static void interrupt_run(void)
{
    pid_t pid =
        program_start_fakes("-w good.slow,good.padded --trials 6 --seed 3 --keep-disturbed");
    program_wait_for_results();
    kill(pid, SIGINT);
    ck_assert_int_eq(program_exit(pid), EXIT_INTERRUPTED);
}

/* The file as jq would change it: a member of the context, or of the root if there is none. */
static void edit(const char *name, json_t *value)
{
    json_t *root = load_file(program_out);
    json_t *context = json_object_get(root, "context");
    bool inside = json_object_get(context, name) != NULL;
    ck_assert(inside || json_object_get(root, name) != NULL);
    if (json_is_null(value)) {
        json_decref(value);
        json_object_del(inside ? context : root, name);
    } else {
        json_object_set_new(inside ? context : root, name, value);
    }
    ck_assert_int_eq(json_dump_file(root, program_out, 0), 0);
    json_decref(root);
}

static const struct {
    const char *name; /* of what is changed, to this JSON */
    const char *value;
    const char *says;
} changes[] = {
    {"kernel", "\"Other 1.0\"", "the machine or the build of the harness differs: kernel was"},
    {"workers", "{\"green\": \"0\", \"pthread\": \"0\"}", "the green worker is another program"},
    {"plan", "{\"trials\": 7, \"cells\": 2, \"mark\": \"0\"}", "another plan: 7 trials of 2 cells"},
    {"plan", "null", "an older switchyard wrote it"},
    {"seed", "4", "another plan"},
    {"seed", "-1", "context.seed: -1 is not in"},
    {"command", "[]", "context.command: is no command line"},
    {"command", "[\"switchyard\", \"run\", \"--help\"]", "unrecognized option '--help'"},
    {"command", "[\"switchyard\", \"run\", \"--resume\", \"x\"]", "is itself a resumption"},
    {"command", "[\"switchyard\", \"run\", \"-w\", \"nope\"]", "no workload of green matches"},
    {"complete", "true", "there is nothing to resume"},
    {"context", "[]", "context: must be an object"},
};

START_TEST(test_resume_refuses)
{
    bool whole = strcmp(changes[_i].name, "complete") == 0;
    interrupt_run();
    edit(changes[_i].name, json_loads(changes[_i].value, JSON_DECODE_ANY, NULL));
    json_t *before = load_file(program_out);
    ck_assert_int_eq(resume("--green " FAKE_GREEN " --pthread " FAKE_PTHREAD),
                     whole ? EXIT_FINE : EXIT_USAGE);
    program_says(changes[_i].says);
    json_t *after = load_file(program_out);
    ck_assert(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}
END_TEST

/* Rows that no run of the plan could have written. */
static const struct {
    const char *member; /* of the first row's first trial, or of the first row */
    const char *value;
    const char *says;
} strange[] = {
    {"trial", "99", "has more trials than the plan"},
    {"workload", "\"good.steady\"", "are of no cell of the plan"},
    {"metric", "\"hop_latency\"", "has the same row twice"},
    {"trials", "[]", "has rows with different trials"},
};

START_TEST(test_resume_refuses_rows)
{
    interrupt_run();
    json_t *root = load_file(program_out);
    json_t *row = json_array_get(json_object_get(root, "results"), 0);
    json_t *trial = json_array_get(json_object_get(row, "trials"), 0);
    bool of_trial = strcmp(strange[_i].member, "trial") == 0;
    json_object_set_new(of_trial ? trial : row, strange[_i].member,
                        json_loads(strange[_i].value, JSON_DECODE_ANY, NULL));
    ck_assert_int_eq(json_dump_file(root, program_out, 0), 0);
    json_decref(root);
    ck_assert_int_eq(resume(""), EXIT_USAGE);
    program_says(strange[_i].says);
}
END_TEST

START_TEST(test_resume_elsewhere)
{
    char options[128];
    struct stat about;
    interrupt_run();
    ck_assert_int_eq(resume("--dry-run"), EXIT_FINE);
    program_says("of 24 trials are finished)");
    json_t *before = load_file(program_out);
    snprintf(options, sizeof options, "--out %s/other.json", program_folder);
    ck_assert_int_eq(resume(options), EXIT_FINE);
    json_t *after = load_file(program_out);
    ck_assert(json_equal(before, after));
    snprintf(options, sizeof options, "%s/other.json", program_folder);
    ck_assert_int_eq(stat(options, &about), 0);
    json_t *other = load_file(options);
    ck_assert(json_is_true(json_object_get(other, "complete")));
    ck_assert_uint_eq(
        json_array_size(json_object_get(json_object_get(other, "context"), "resumed")), 1);
    json_decref(before);
    json_decref(after);
    json_decref(other);
}
END_TEST

START_TEST(test_resume_takes_no_plan)
{
    static const char *const options[] = {"-w good.slow", "--quick",    "--trials 3",
                                          "--seed 1",     "--budget 5", "--procs 1"};
    interrupt_run();
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        ck_assert_int_eq(resume(options[i]), EXIT_USAGE);
        program_says("--resume takes the plan and its limits from the file");
    }
}
END_TEST

/* The disk fills up during the run: that is said, what was saved stays whole, and the run goes on
 * elsewhere. A limit of a file's size plays the disk: unlike mounting one, everybody may set it. */
START_TEST(test_resume_after_full_disk)
{
    char path[64];
    char options[128];
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {DISK_BYTES, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    int status = program_run_fakes(
        "-w good.padded -p tasks=1,2,3,4,5 --trials 40 --seed 7 --keep-disturbed");
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert_int_eq(status, EXIT_INTERNAL);
    program_says("r.json: File too large");
    ck_assert_uint_gt(trials_kept(), 0);
    ck_assert_uint_eq(trials_kept() + 1, trials_begun());
    snprintf(path, sizeof path, "%s/r.json.tmp", program_folder);
    ck_assert_int_ne(access(path, F_OK), 0);
    snprintf(options, sizeof options, "--out %s/more.json", program_folder);
    ck_assert_int_eq(resume(options), EXIT_FINE);
    ck_assert_uint_eq(trials_begun(), 400 + 1); /* one was measured twice */
}
END_TEST

Suite *suite_resume(void)
{
    Suite *suite = suite_create("resume");
    TCase *tests = tcase_create("resume");
    tcase_add_checked_fixture(tests, setup, program_teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_resume_after_kill, 0, KILLS);
    tcase_add_loop_test(tests, test_resume_refuses, 0, sizeof changes / sizeof changes[0]);
    tcase_add_loop_test(tests, test_resume_refuses_rows, 0, sizeof strange / sizeof strange[0]);
    tcase_add_test(tests, test_resume_elsewhere);
    tcase_add_test(tests, test_resume_after_full_disk);
    tcase_add_test(tests, test_resume_takes_no_plan);
    suite_add_tcase(suite, tests);
    return suite;
}

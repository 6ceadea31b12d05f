/* test_commands.c - the program `switchyard` as its user meets it: exit statuses, one clear line
 * for each mistake, and a results file that survives whatever happens to the harness.
 *
 * Method: the real program with fake workers, in a folder of its own, with a lock file of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "program.h"
#include "result.h"
#include "rng.h"
#include "suites.h"

static size_t lines_of_text(void)
{
    size_t lines = 0;
    for (const char *at = program_text; (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    return lines;
}

START_TEST(test_run_writes_results)
{
    ck_assert_int_eq(program_run_fakes("-w good.steady -p tasks=2,3 --trials 4 --seed 9"),
                     EXIT_FINE);
    struct results *results = program_results();
    ck_assert(results->complete);
    ck_assert_uint_eq(results->rows_count, 2 * 2 * 2); /* values, back ends, metrics */
    for (size_t i = 0; i < results->rows_count; i++) {
        ck_assert_int_eq(results->rows[i].status, TRIAL_OK);
        ck_assert_uint_eq(results->rows[i].trials_count, 4);
    }
    ck_assert_int_eq(json_integer_value(json_object_get(results->context, "seed")), 9);
    program_says("pthread / green");
    program_says("1 [1, 1]");
    ck_assert_ptr_null(strchr(program_text, '\033')); /* no colours in a file */
    results_free(results);
}
END_TEST

START_TEST(test_run_goes_on_after_failures)
{
    ck_assert_int_eq(program_run_fakes("-w bad.[aefjns]*,good.s* -b green --trials 1 --deadline 5"),
                     EXIT_FINE);
    struct results *results = program_results();
    ck_assert(results->complete);
    program_says("trials failed: their rows say why");
    program_says("signal: SIGSEGV: about to crash");
    size_t position = 0;
    const struct result_row *row;
    row = results_next(results, &position, "good.steady", NULL, 0, "switch");
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(row->status, TRIAL_OK);
    results_free(results);
}
END_TEST

START_TEST(test_run_every_trial_failed)
{
    ck_assert_int_eq(program_run_fakes("-w bad.segfault -b green --trials 2"), EXIT_INTERNAL);
    program_says("every trial failed");
}
END_TEST

START_TEST(test_run_says_work_differs)
{
    ck_assert_int_eq(program_run_fakes("-w good.unequal --trials 2"), EXIT_FINE);
    program_says("work differs");
}
END_TEST

START_TEST(test_run_all_skipped)
{
    ck_assert_int_eq(program_run_fakes("-w good.skipped -b pthread --trials 1"), EXIT_SKIPPED);
}
END_TEST

/* Each mistake: exit status 2, one line that says it, and no results file. */
static const struct {
    const char *arguments;
    const char *says;
} mistakes[] = {
    {"-w nope", "no workload of green matches \"nope\""},
    {"-w good.steady -p tasks=0", "good.steady: tasks=0 is not in 1 ... 1000"},
    {"-w good.steady -p tasks=1001", "tasks=1001 is not in 1 ... 1000"},
    {"-w good.steady -p tasks=many", "bad --param \"tasks=many\": it must be NAME=V[,V]"},
    {"-w good.steady -p frobs=1", "unknown parameter \"frobs\""},
    {"-w good.steady -b fibers", "unknown back end \"fibers\""},
    {"-w good.steady --trials 0", "--trials 0 is not a number in 1"},
    {"-w good.steady --epochs 1x", "--epochs 1x is not a number in 1"},
    {"-w good.steady --procs -1", "bad --procs \"-1\""},
    {"-w good.steady --procs 100000", "--procs 100000: only"},
    {"-w good.steady --deadline 0", "--deadline 0 is not a number"},
    {"-w good.steady extra", "bad argument \"extra\""},
    {"-p tasks=1", "--param, --procs and --tune need --workload"},
    {"--quick -w good.steady", "--quick excludes --workload"},
    {"--quick --default", "exclude each other"},
    {"-w good.steady --green /nonexistent", "no green worker at /nonexistent (No such file"},
    {"-w good.steady --green /bin/true", "/bin/true --list: output: line"},
    {"-w good.steady --green /bin/false", "/bin/false --list failed"},
    {"-w good.steady --out /nonexistent/r.json", "/nonexistent/r.json: No such file"},
    {"-w good.steady --out /proc/r.json", "/proc/r.json: "},
    {"-w good.steady --out /tmp", "/tmp: is not a regular file"},
    {"-w good.stedy", "matches \"good.stedy\"; did you mean good.steady?"},
    {"-w good.steady -p taks=1", "no selected workload has it; did you mean tasks?"},
    {"-w good.steady -b gren", "did you mean green?"},
    {"-w good.steady --trails 3", "unknown option \"--trails\"; did you mean --trials?"},
    {"-w good.steady --tune=none --worker-green x", "unrecognized option '--worker-green'"},
    {"-w good.steady --json", "--json is for --dry-run"},
    {"--resume /nonexistent.json", "/nonexistent.json: No such file"},
};

START_TEST(test_run_mistakes)
{
    ck_assert_int_eq(program_run_fakes(mistakes[_i].arguments), EXIT_USAGE);
    program_says(mistakes[_i].says);
    bool by_argp = strstr(mistakes[_i].says, "unrecognized") != NULL; /* adds "Try --help" */
    ck_assert_uint_eq(lines_of_text(), by_argp ? 2 : 1);
    ck_assert_int_ne(access(program_out, F_OK), 0);
}
END_TEST

START_TEST(test_commands_unknown)
{
    ck_assert_int_eq(program_run("frobnicate"), EXIT_USAGE);
    program_says("unknown command \"frobnicate\"; see switchyard --help");
    ck_assert_int_eq(program_run("exprot"), EXIT_USAGE);
    program_says("unknown command \"exprot\"; did you mean export?");
    ck_assert_int_eq(program_run("export -f hyperfin r.json"), EXIT_USAGE);
    program_says("did you mean hyperfine?");
    ck_assert_int_eq(program_run(""), EXIT_USAGE);
    ck_assert_int_eq(program_run("--help"), EXIT_FINE);
    ck_assert_int_eq(program_run("run --frob"), EXIT_USAGE);
}
END_TEST

START_TEST(test_commands_list_and_env)
{
    ck_assert_int_eq(program_run("list --green " FAKE_GREEN), EXIT_FINE);
    program_says("good.steady");
    program_says("tasks=2 (1 ... 1000 tasks): how many");
    ck_assert_int_eq(program_run("list --green /nonexistent --pthread /nonexistent"), EXIT_USAGE);
    ck_assert_int_eq(program_run("env"), EXIT_FINE);
    program_says("kernel ");
    ck_assert_int_eq(program_run("env --json"), EXIT_FINE);
    json_t *context = json_loads(program_text, 0, NULL);
    ck_assert_ptr_nonnull(context);
    json_decref(context);
}
END_TEST

/* The same seed plans the same order; nothing is run or written. */
START_TEST(test_run_dry)
{
    static char first[PROGRAM_TEXT_BYTES];
    const char *arguments = "-w good.* -p tasks=1,2 --trials 3 --seed 5 --dry-run";
    ck_assert_int_eq(program_run_fakes(arguments), EXIT_FINE);
    memcpy(first, program_text, sizeof first);
    ck_assert_int_eq(program_run_fakes(arguments), EXIT_FINE);
    ck_assert_str_eq(first, program_text);
    ck_assert_int_ne(access(program_out, F_OK), 0);
}
END_TEST

/* The plan as JSON holds each trial, and its time is the sum of theirs. */
START_TEST(test_run_dry_json)
{
    double sum = 0;
    ck_assert_int_eq(
        program_run_fakes("-w good.steady,bad.json --trials 3 --seed 5 --dry-run --json"),
        EXIT_FINE);
    json_t *plan = json_loads(program_text, 0, NULL);
    ck_assert_ptr_nonnull(plan);
    const json_t *steps = json_object_get(plan, "steps");
    ck_assert_uint_eq(json_array_size(steps), 2 * 2 * 3);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        sum += json_number_value(json_object_get(json_array_get(steps, i), "estimate_s"));
    }
    ck_assert_double_gt(sum, 0);
    ck_assert_double_eq_tol(json_number_value(json_object_get(plan, "estimate_s")), sum, 1e-3);
    ck_assert_int_eq(json_integer_value(json_object_get(plan, "seed")), 5);
    json_decref(plan);
}
END_TEST

/* Every command teaches by an example that begins with its own name. */
START_TEST(test_commands_help)
{
    static const char *const commands[] = {"list",        "run",     "compare", "gate",
                                           "sensitivity", "history", "export",  "trace",
                                           "plot",        "report",  "env",     "syscalls"};
    char line[64];
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        snprintf(line, sizeof line, "%s --help", commands[i]);
        ck_assert_int_eq(program_run(line), EXIT_FINE);
        snprintf(line, sizeof line, "Examples:\n  switchyard ");
        program_says(line);
        snprintf(line, sizeof line, "\n  switchyard %s", commands[i]);
        program_says(line);
    }
}
END_TEST

/* What the program writes to a terminal of that kind, into program_text. */
static void run_on_terminal(const char *kind, const char *no_colour)
{
    int terminal = -1;
    int output = -1;
    size_t used = 0;
    ssize_t got = 0;
    setenv("TERM", kind, 1);
    setenv("NO_COLOR", no_colour, 1);
    ck_assert_int_eq(openpty(&terminal, &output, NULL, NULL, NULL), 0);
    char line[512];
    snprintf(line, sizeof line, "run --green %s --pthread %s --out %s -w good.steady --trials 1",
             FAKE_GREEN, FAKE_PTHREAD, program_out);
    pid_t pid = program_start(line, output);
    close(output);
    while (used + 1 < sizeof program_text &&
           (got = read(terminal, program_text + used, sizeof program_text - 1 - used)) > 0) {
        used += (size_t)got;
    }
    program_text[used] = '\0';
    close(terminal);
    ck_assert_int_eq(program_exit(pid), EXIT_FINE);
    program_says("good.steady");
}

START_TEST(test_run_colours)
{
    run_on_terminal("xterm", "");
    program_says("\033[1m"); /* the head of the table */
    run_on_terminal("xterm", "1");
    ck_assert_ptr_null(strstr(program_text, "\033[1m"));
    ck_assert_ptr_nonnull(strchr(program_text, '\033')); /* the progress still has its one line */
    run_on_terminal("dumb", "");
    ck_assert_ptr_null(strchr(program_text, '\033'));
}
END_TEST

START_TEST(test_run_lock)
{
    int lock = open(getenv("SWITCHYARD_LOCK"), O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(flock(lock, LOCK_EX), 0);
    ck_assert_int_eq(program_run_fakes("-w good.steady --trials 1 --no-wait"), EXIT_INTERNAL);
    program_says("another harness is measuring on this machine");
    ck_assert_int_ne(access(program_out, F_OK), 0);
    close(lock);
    ck_assert_int_eq(program_run_fakes("-w good.steady --trials 1 --no-wait"), EXIT_FINE);
}
END_TEST

/* --- What survives --------------------------------------------------------------------------- */

static pid_t start_long_run(const char *workload)
{
    char line[128];
    snprintf(line, sizeof line, "-w %s --trials 1000", workload);
    return program_start_fakes(line);
}

static size_t finished_trials(const struct results *results)
{
    size_t trials = 0;
    for (size_t i = 0; i < results->rows_count; i++) {
        trials += results->rows[i].trials_count;
    }
    return trials;
}

START_TEST(test_run_interrupted)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t pid = start_long_run("good.slow");
    program_wait_for_results();
    kill(pid, signals[_i]);
    ck_assert_int_eq(program_exit(pid), EXIT_INTERRUPTED);
    struct results *results = program_results();
    ck_assert(!results->complete);
    ck_assert_uint_gt(finished_trials(results), 0);
    results_free(results);
    program_expect_orphans_die();
}
END_TEST

/* Does the process have a child? */
static int has_child(pid_t pid)
{
    char path[64];
    int child = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    int found = fscanf(file, "%d", &child);
    fclose(file);
    return found == 1;
}

/* A worker that hangs and ignores signals dies with the harness. (The first children only list
 * workloads; they end by themselves.) */
START_TEST(test_run_killed_while_worker_hangs)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t pid = start_long_run("bad.sigterm");
    for (int seen = 0; seen < 300; seen = has_child(pid) ? seen + 1 : 0) {
        program_pause_ns(1000000);
    }
    kill(pid, SIGKILL);
    ck_assert_int_eq(program_exit(pid), -SIGKILL);
    program_expect_orphans_die();
}
END_TEST

Suite *suite_commands(void)
{
    Suite *suite = suite_create("commands");
    TCase *tests = tcase_create("commands");
    tcase_add_checked_fixture(tests, program_setup, program_teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_run_writes_results);
    tcase_add_test(tests, test_run_goes_on_after_failures);
    tcase_add_test(tests, test_run_every_trial_failed);
    tcase_add_test(tests, test_run_says_work_differs);
    tcase_add_test(tests, test_run_all_skipped);
    tcase_add_loop_test(tests, test_run_mistakes, 0, sizeof mistakes / sizeof mistakes[0]);
    tcase_add_test(tests, test_commands_unknown);
    tcase_add_test(tests, test_commands_list_and_env);
    tcase_add_test(tests, test_run_dry);
    tcase_add_test(tests, test_run_dry_json);
    tcase_add_test(tests, test_commands_help);
    tcase_add_test(tests, test_run_colours);
    tcase_add_test(tests, test_run_lock);
    tcase_add_loop_test(tests, test_run_interrupted, 0, 3);
    tcase_add_test(tests, test_run_killed_while_worker_hangs);
    suite_add_tcase(suite, tests);
    return suite;
}

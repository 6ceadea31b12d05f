/* test_trials.c - trial_run against workers that end in every bad way: each is told apart, with a
 * reason, and none leaves a process behind. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "signals.h"
#include "suites.h"
#include "trial.h"

#define SECOND_NS ((int64_t)1000000000)
#define NEVER_NS (100 * SECOND_NS)
#define SOON_NS (SECOND_NS / 5)
#define MEMORY_BYTES ((size_t)24 << 20)

static struct param_value params[] = {{(char[]){"tasks"}, 2}, {(char[]){"rounds"}, 10}};

static void setup(void)
{
    signals_install();
    child_adopt_orphans();
}

static struct trial_request request_for(const char *workload)
{
    return (struct trial_request){.backend = "green",
                                  .worker = FAKE_GREEN,
                                  .workload = workload,
                                  .procs = 1,
                                  .epochs = 3,
                                  .warmup = 1,
                                  .params = params,
                                  .params_count = 2};
}

static int run(const char *workload, int64_t deadline_ns, size_t memory_bytes,
               struct trial_report *report)
{
    struct trial_request request = request_for(workload);
    struct trial_place place = {.padding_bytes = 100,
                                .limits = {.deadline_ns = deadline_ns,
                                           .output_bytes = (size_t)1 << 20,
                                           .memory_bytes = memory_bytes}};
    return trial_run(&request, &place, report);
}

/* No child, neither running nor a zombie. */
static void expect_no_child(void)
{
    errno = 0;
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

static const struct {
    const char *workload;
    int64_t deadline_ns;
    enum trial_status status;
    const char *says; /* the reason contains it */
} ends[] = {
    {"good.steady", NEVER_NS, TRIAL_OK, NULL},
    {"good.skipped", NEVER_NS, TRIAL_SKIPPED, "only the green runtime"},
    {"bad.failed", NEVER_NS, TRIAL_FAILED, "task 7 was refused: EAGAIN"},
    {"bad.segfault", NEVER_NS, TRIAL_SIGNAL, "SIGSEGV: about to crash"},
    {"bad.abort", NEVER_NS, TRIAL_SIGNAL, "SIGABRT: fatal error: it broke"},
    {"bad.hang", SOON_NS, TRIAL_TIMEOUT, "killed after 0.2 s"},
    {"bad.sigterm", SOON_NS, TRIAL_TIMEOUT, "killed after"},
    {"bad.stop", SOON_NS, TRIAL_TIMEOUT, "killed after"},
    {"bad.grandchild", NEVER_NS, TRIAL_OK, NULL},
    {"bad.flood", NEVER_NS, TRIAL_BAD_OUTPUT, "printed more than 1 MiB"},
    {"bad.exit", NEVER_NS, TRIAL_FAILED, "exit status 3: no such thing"},
    {"bad.silent", NEVER_NS, TRIAL_BAD_OUTPUT, "nothing was printed"},
    {"bad.json", NEVER_NS, TRIAL_BAD_OUTPUT, "line 1 column"},
    {"bad.nan", NEVER_NS, TRIAL_BAD_OUTPUT, "line 1 column"},
    {"bad.half", NEVER_NS, TRIAL_BAD_OUTPUT, "line 1 column"},
    {"bad.chatter", NEVER_NS, TRIAL_OK, NULL},
    {"bad.closed", SOON_NS, TRIAL_TIMEOUT, "killed after"},
    {"bad.late", NEVER_NS, TRIAL_SIGNAL, "SIGSEGV"},
    {"bad.forks", NEVER_NS, TRIAL_BAD_OUTPUT, "nothing was printed"},
    {"bad.deep", NEVER_NS, TRIAL_BAD_OUTPUT, "maximum parsing depth"},
    {"bad.infinite", NEVER_NS, TRIAL_BAD_OUTPUT, "line 1 column"},
    {"bad.twice", NEVER_NS, TRIAL_BAD_OUTPUT, "line 2 column"},
    {"bad.other", NEVER_NS, TRIAL_BAD_OUTPUT, "workload: is not \"bad.other\""},
    {"no.such", NEVER_NS, TRIAL_FAILED, "exit status 2: unknown workload no.such"},
};

START_TEST(test_trial_ends)
{
    struct trial_report report;
    ck_assert_int_eq(run(ends[_i].workload, ends[_i].deadline_ns, 0, &report), 0);
    ck_assert_msg(report.status == ends[_i].status, "%s: %s: %s", ends[_i].workload,
                  trial_status_name(report.status), report.reason);
    if (ends[_i].says == NULL) {
        ck_assert_ptr_null(report.reason);
    } else {
        ck_assert_msg(strstr(report.reason, ends[_i].says) != NULL, "says: %s", report.reason);
    }
    expect_no_child();
    trial_report_destroy(&report);
}
END_TEST

START_TEST(test_trial_memory_cap)
{
    struct trial_report report;
    ck_assert_int_eq(run("bad.memory", NEVER_NS, MEMORY_BYTES, &report), 0);
    ck_assert_int_eq(report.status, TRIAL_OOM);
    ck_assert_str_eq(report.reason, "killed for using more than 24 MiB");
    expect_no_child();
    trial_report_destroy(&report);
}
END_TEST

/* The grandchild left session and group, held both pipes, and is dead all the same. */
START_TEST(test_trial_kills_grandchild)
{
    struct trial_report report;
    char path[] = "/tmp/switchyard-pid-XXXXXX";
    int pid = 0;
    ck_assert_int_ge(mkstemp(path), 0);
    setenv("FAKE_PID_FILE", path, 1);
    ck_assert_int_eq(run("bad.grandchild", NEVER_NS, 0, &report), 0);
    FILE *file = fopen(path, "r");
    ck_assert_int_eq(fscanf(file, "%d", &pid), 1);
    fclose(file);
    unlink(path);
    ck_assert_int_gt(pid, 1);
    ck_assert_int_eq(kill(pid, 0), -1);
    ck_assert_int_eq(errno, ESRCH);
    trial_report_destroy(&report);
}
END_TEST

/* The flag is raised before the trial begins, as if Ctrl-C came a moment earlier. */
START_TEST(test_trial_interrupted)
{
    struct trial_report report;
    raise(SIGINT); /* blocked: pending until the wait */
    ck_assert_int_eq(run("bad.hang", NEVER_NS, 0, &report), 0);
    ck_assert(report.interrupted);
    ck_assert(signals_interrupted());
    expect_no_child();
    trial_report_destroy(&report);
}
END_TEST

START_TEST(test_trial_program_cannot_be_run)
{
    struct trial_report report;
    struct trial_request request = request_for("good.steady");
    struct trial_place place = {.limits = {.deadline_ns = NEVER_NS, .output_bytes = 1000}};
    request.worker = "/nonexistent/worker";
    ck_assert_int_eq(trial_run(&request, &place, &report), -ENOENT);
    request.worker = "/dev/null";
    ck_assert_int_eq(trial_run(&request, &place, &report), -EACCES);
    expect_no_child();
}
END_TEST

/* A number of procs in the harness's environment reaches no trial. */
/* Settings of both runtimes, and of Go's, that a shell may have. */
static const char *const settings[] = {
    "SWITCHYARD_PROCS", "SWITCHYARD_STACK", "SWITCHYARD_DEBUG", "GOMAXPROCS", "GOGC",
    "GOMEMLIMIT",       "GODEBUG",
};

START_TEST(test_trial_settings_are_not_inherited)
{
    struct trial_report report;
    ck_assert_int_eq(setenv("FAKE_UNSET", settings[_i], 1), 0);
    ck_assert_int_eq(setenv(settings[_i], "1", 1), 0);
    ck_assert_int_eq(run("good.environment", NEVER_NS, 0, &report), 0);
    ck_assert_int_eq(report.status, TRIAL_OK);
    ck_assert_str_eq(getenv(settings[_i]), "1");
    trial_report_destroy(&report);
}
END_TEST

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

START_TEST(test_trial_leaks_no_descriptor)
{
    static const char *const workloads[] = {"good.steady", "bad.segfault", "bad.silent",
                                            "bad.hang"};
    struct trial_report report;
    int before = open_descriptors();
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++) {
        ck_assert_int_eq(run(workloads[i], SOON_NS, 0, &report), 0);
        trial_report_destroy(&report);
    }
    ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

Suite *suite_trials(void)
{
    Suite *suite = suite_create("trials");
    TCase *tests = tcase_create("trials");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_trial_ends, 0, sizeof ends / sizeof ends[0]);
    tcase_add_test(tests, test_trial_memory_cap);
    tcase_add_test(tests, test_trial_kills_grandchild);
    tcase_add_test(tests, test_trial_interrupted);
    tcase_add_test(tests, test_trial_program_cannot_be_run);
    tcase_add_loop_test(tests, test_trial_settings_are_not_inherited, 0,
                        sizeof settings / sizeof settings[0]);
    tcase_add_test(tests, test_trial_leaks_no_descriptor);
    suite_add_tcase(suite, tests);
    return suite;
}

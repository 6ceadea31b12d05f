/* space.c - workers that have too little address space for their tasks (ulimit -v). Method: the
 * test lowers its own soft limit while the worker runs. Not under sanitizers, which need a lot of
 * it themselves. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "worker.h"

static const char *const workers[] = {WORKER_GREEN, WORKER_PTHREAD};

/* Address space for no task at all, or for fewer than are wanted (ulimit -v): the trial says so.
 * The test itself keeps its space: only the worker is limited. */
static const struct {
    rlim_t mebibytes;
    const char *stack;
} spaces[] = {
    {12, ""}, {30, ""}, {30, " --stack-bytes 1048576"}, {200, " --stack-bytes 1073741824"}};

enum { SPACES = sizeof spaces / sizeof spaces[0] };

/* Goal: the trial fails, and says why. */
START_TEST(test_too_little_space_fails_the_trial)
{
    char line[128];
    (void)snprintf(line, sizeof line, "--workload create.batch --param tasks=1000%s",
                   spaces[_i].stack);
    for (size_t i = 0; i < 2; i++) {
        struct rlimit limit;
        ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = spaces[_i].mebibytes << 20;
        ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
        json_t *trial = worker_json(workers[i], line);
        limit.rlim_cur = before;
        ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
        const char *reason = worker_string(trial, "reason");
        ck_assert_str_eq(worker_string(trial, "status"), "failed");
        ck_assert_msg(strstr(reason, "the runtime did not start: ") == reason ||
                          strstr(reason, " (RLIMIT_AS = ") != NULL,
                      "%s", reason);
        json_decref(trial);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("space");
    TCase *tests = tcase_create("space");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_too_little_space_fails_the_trial, 0, SPACES);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

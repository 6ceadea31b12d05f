/* test_expect.c - the expectations of the other tests can fail, and so can their silence. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/child.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

static int expect_what_is_wrong(void *arg)
{
    expect_eq(1, 1);
    expect_eq(*(int *)arg, 2);
    return 0;
}

static int expect_nothing(void *arg)
{
    (void)arg;
    return 0;
}

/* Both have to fail: the runner counts on it (tcase_add_exit_test would not see a libcheck failure,
 * so they are run as a suite of their own, in a child). */
START_TEST(failing_expectation)
{
    int one = 1;
    run_tasks(1, expect_what_is_wrong, &one);
}
END_TEST

START_TEST(missing_expectation)
{
    run_tasks(1, expect_nothing, NULL);
}
END_TEST

static void run_failing_suite(void *arg)
{
    int *failed = arg;
    Suite *suite = suite_create("failing");
    TCase *tests = tcase_create("failing");
    tcase_add_test(tests, failing_expectation);
    tcase_add_test(tests, missing_expectation);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_SILENT);
    *failed = srunner_ntests_failed(runner);
    srunner_free(runner);
}

int main(void)
{
    int failed = 0;
    run_failing_suite(&failed);
    return failed == 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}

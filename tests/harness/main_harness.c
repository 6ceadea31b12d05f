/* main_harness.c - the harness's tests against fake workers. */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(suite_trials());
    srunner_add_suite(runner, suite_commands());
    srunner_add_suite(runner, suite_resume());
    srunner_add_suite(runner, suite_rejection());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

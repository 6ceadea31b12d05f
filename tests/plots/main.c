/* main.c - the tests of plot and report that start no program. */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(suite_text());
    srunner_add_suite(runner, suite_figures());
    srunner_add_suite(runner, suite_verdicts());
    srunner_add_suite(runner, suite_verdicts_io());
    srunner_add_suite(runner, suite_verdicts_memory());
    srunner_add_suite(runner, suite_verdicts_programs());
    srunner_add_suite(runner, suite_verdicts_preempt());
    srunner_add_suite(runner, suite_verdicts_workers());
    srunner_add_suite(runner, suite_verdicts_switch());
    srunner_add_suite(runner, suite_view());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

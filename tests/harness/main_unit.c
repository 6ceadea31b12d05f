/* main_unit.c - the harness's tests that start no worker. */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(suite_stats());
    srunner_add_suite(runner, suite_plan());
    srunner_add_suite(runner, suite_parse());
    srunner_add_suite(runner, suite_results());
    srunner_add_suite(runner, suite_trace());
    srunner_add_suite(runner, suite_compare());
    srunner_add_suite(runner, suite_default_procs());
    srunner_add_suite(runner, suite_switch_code());
    srunner_add_suite(runner, suite_bad_input());
    srunner_add_suite(runner, suite_wrong());
    srunner_add_suite(runner, suite_significance());
    srunner_add_suite(runner, suite_paired());
    srunner_add_suite(runner, suite_gate());
    srunner_add_suite(runner, suite_history());
    srunner_add_suite(runner, suite_quality());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

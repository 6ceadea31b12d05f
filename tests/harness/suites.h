/* suites.h - the suites of the harness's tests. */
#ifndef SWITCHYARD_TESTS_HARNESS_SUITES_H
#define SWITCHYARD_TESTS_HARNESS_SUITES_H

#include <check.h>

/* Without child processes. */
Suite *suite_stats(void);
Suite *suite_plan(void);
Suite *suite_parse(void);
Suite *suite_results(void);
Suite *suite_trace(void);
Suite *suite_compare(void);
Suite *suite_default_procs(void);
Suite *suite_switch_code(void);
Suite *suite_bad_input(void);
Suite *suite_wrong(void);
Suite *suite_significance(void);
Suite *suite_paired(void);
Suite *suite_gate(void);
Suite *suite_history(void);
Suite *suite_quality(void);

/* With fake workers: FAKE_GREEN and FAKE_PTHREAD are their paths, SWITCHYARD that of the harness.
 */
Suite *suite_trials(void);
Suite *suite_commands(void);
Suite *suite_resume(void);
Suite *suite_rejection(void);

#endif

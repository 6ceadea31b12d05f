/* suites.h - the suites of the tests of plot and report. GOLDEN is the folder of golden.json. */
#ifndef SWITCHYARD_TESTS_PLOTS_SUITES_H
#define SWITCHYARD_TESTS_PLOTS_SUITES_H

#include <check.h>

Suite *suite_text(void);
Suite *suite_figures(void);
Suite *suite_verdicts(void);
Suite *suite_verdicts_io(void);
Suite *suite_verdicts_memory(void);
Suite *suite_verdicts_programs(void);
Suite *suite_verdicts_preempt(void);
Suite *suite_verdicts_workers(void);
Suite *suite_verdicts_switch(void);
Suite *suite_view(void);

#endif

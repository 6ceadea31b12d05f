/* suites.h - the suites of the conformance tests, which both runtimes must pass.
 *
 * The same object files are linked with each runtime. Tests are named test_<header>_<behaviour>.
 */
#ifndef SWITCHYARD_TESTS_SUITES_H
#define SWITCHYARD_TESTS_SUITES_H

#include <check.h>

Suite *suite_run(void);
Suite *suite_task(void);
Suite *suite_join(void);
Suite *suite_chan(void);
Suite *suite_chan_wait(void);
Suite *suite_chan_close(void);
Suite *suite_chan_typed(void);
Suite *suite_chan_many(void);
Suite *suite_mutex(void);
Suite *suite_cond(void);
Suite *suite_sem(void);
Suite *suite_waitgroup(void);
Suite *suite_select(void);
Suite *suite_select_wait(void);
Suite *suite_rwlock(void);
Suite *suite_once(void);
Suite *suite_barrier(void);
Suite *suite_reuse(void);
Suite *suite_local(void);
Suite *suite_scope(void);
Suite *suite_cancel(void);
Suite *suite_linear(void);
Suite *suite_time(void);
Suite *suite_timer_chan(void);
Suite *suite_timer_many(void);
Suite *suite_io(void);
Suite *suite_io_wait(void);
Suite *suite_io_stream(void);
Suite *suite_io_deadline(void);
Suite *suite_io_close(void);
Suite *suite_net(void);
Suite *suite_net_many(void);
Suite *suite_blocking(void);
Suite *suite_preempt(void);
Suite *suite_procs(void);
Suite *suite_debug(void);
Suite *suite_trace(void);
Suite *suite_stats(void);
Suite *suite_misuse(void);
Suite *suite_outside(void);

#endif

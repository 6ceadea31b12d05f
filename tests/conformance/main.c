/* main.c - runs the conformance tests, or the suite that CK_RUN_SUITE names. Each test runs in a
 * child process that starts its own runtime. */
#include <stdlib.h>

#include "suites.h"

static Suite *(*const others[])(void) = {
    suite_task,       suite_join,      suite_chan,        suite_chan_wait,  suite_chan_close,
    suite_chan_typed, suite_chan_many, suite_mutex,       suite_cond,       suite_sem,
    suite_waitgroup,  suite_time,      suite_timer_chan,  suite_timer_many, suite_io,
    suite_io_wait,    suite_io_stream, suite_io_deadline, suite_io_close,   suite_net,
    suite_net_many,   suite_blocking,  suite_procs,       suite_debug,      suite_trace,
    suite_stats,      suite_misuse,    suite_outside,     suite_select,     suite_select_wait,
    suite_rwlock,     suite_once,      suite_barrier,     suite_local,      suite_scope,
    suite_cancel,     suite_linear,    suite_preempt,     suite_reuse,
};

int main(void)
{
    SRunner *runner = srunner_create(suite_run());
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        srunner_add_suite(runner, others[i]());
    }
    srunner_run_all(runner, CK_ENV);
    int tests = srunner_ntests_run(runner);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 && tests > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

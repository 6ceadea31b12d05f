/* Goal: the proofs by which workloads check their own work can fail.
 * Method: worker-faulty is the baseline's worker with calls that can be broken one by one
 * (faults.c). A row for each proof: with the fault the trial fails, with the words of that proof;
 * without it the same line is ok.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker.h"

#define WORKER_FAULTY "worker-faulty"

static const struct row {
    const char *fault;
    const char *line;
    const char *words; /* must be in the reason */
} rows[] = {
    {"join", "--workload steal.imbalance --param tasks=5 --param work=1000", "results add up to"},
    {"join", "--workload speedup --param tasks=5 --param iterations=100", "results add up to"},
    {"join", "--workload idle.cpu --param tasks=5 --param ms=1", "numbers add up to"},
    {"sleep", "--workload idle.cpu --param tasks=5 --param ms=20", "woke too early"},
    {"sleep_until", "--workload timer.storm --param tasks=5 --param rate=1000", "too early"},
    {"sleep_until", "--workload preempt.hog --param wakeups=5 --param stint_ms=5", "EPROTO"},
    {"timer_stop", "--workload timer.storm --param tasks=5", "wrong answer"},
    {"blocking", "--workload blocking.mix --param tasks=5 --param rounds=0",
     "0 blocking calls were made, not 50"},
    {"compute", "--workload blocking.mix --param tasks=5 --param rounds=0 --param share=50",
     "computations add up to"},
    {"compute",
     "--workload blocking.mix --param share=100 --param tasks=1 --param rounds=1 --param chunks=5",
     "computed something else"},
    {"write", "--workload switch.pipe --param rounds=50", "failed: EPROTO"},
    {"write", "--workload io.echo --param connections=3 --param requests=90",
     "other bytes came back"},
    {"write", "--workload io.http --param connections=3 --param requests=90",
     "other bytes came back"},
    {"nanosleep", "--workload blocking.mix --param tasks=5 --param rounds=1 --param chunks=5",
     "did not sleep"},
    {"sem_wait", "--workload switch.sem --param rounds=100", "failed: EPROTO"},
    {"sem_wait", "--workload switch.workingset --param turns=100", "failed: EPROTO"},
    {"sem_wait", "--workload threadring --param tasks=7 --param hops=100", "failed: EPROTO"},
    {"recv", "--workload chan.spsc --param items=100", "failed: EPROTO"},
    {"recv", "--workload chan.mpsc --param items=100", "failed: EPROTO"},
    {"recv", "--workload pipeline --param items=100", "other items came out"},
    {"recv", "--workload counter --param additions=100", "counted to"},
    {"compute", "--workload pipeline --param items=100 --param locks=1", "other items came out"},
    {"second_mutex", "--workload philosophers --param eat=20000 --param think=0 --param meals=200",
     "failed: EPROTO"},
    {"compute", "--workload crossover --param tasks=5", "results add up to"},
    {"blocking", "--workload crossover --param tasks=5 --param share=100",
     "0 calls blocked, not 5"},
    {"nanosleep", "--workload crossover --param tasks=5 --param share=100", "calls blocked, not 5"},
    {"spawn", "--workload nqueens --param n=5", "solutions, not 10"},
    {"spawn", "--workload mergesort --param items=5000 --param leaf=300", "smaller than"},
    {"spawn", "--workload matmul --param n=37", "row 0 of the product is wrong"},
    {"spawn", "--workload mandelbrot --param size=33", "not the mirror image"},
};

#define ROWS ((int)(sizeof rows / sizeof *rows))

static json_t *run_row(const struct row *row)
{
    char line[256];
    snprintf(line, sizeof line, "%s --epochs 2 --max-tasks 64", row->line);
    return worker_json(WORKER_FAULTY, line);
}

START_TEST(test_fault_fails_the_trial)
{
    ck_assert_int_eq(setenv("SWITCHYARD_TEST_FAULT", rows[_i].fault, 1), 0);
    json_t *trial = run_row(&rows[_i]);
    ck_assert_str_eq(worker_string(trial, "status"), "failed");
    ck_assert_msg(strstr(worker_string(trial, "reason"), rows[_i].words) != NULL, "%s: %s",
                  rows[_i].fault, worker_string(trial, "reason"));
    json_decref(trial);
}
END_TEST

START_TEST(test_without_fault_the_trial_is_ok)
{
    json_t *trial = run_row(&rows[_i]);
    ck_assert_msg(strcmp(worker_string(trial, "status"), "ok") == 0, "%s: %s", rows[_i].line,
                  worker_string(trial, "reason"));
    json_decref(trial);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("proofs");
    TCase *tests = tcase_create("proofs");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_fault_fails_the_trial, 0, ROWS);
    tcase_add_loop_test(tests, test_without_fault_the_trial_is_ok, 0, ROWS);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

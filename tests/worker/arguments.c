/* Goal: a mistake on the command line gives one clear line, exit status 2 and no output; a system
 * that refuses a task gives a failed trial with the limit's name, and exit status 0.
 * Method: a row for each mistake, with the words that its line must hold; both workers.
 */
#include <check.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "worker.h"

static const char *const workers[] = {WORKER_GREEN, WORKER_PTHREAD};

static const struct mistake {
    const char *line;
    const char *words; /* must be in the message */
} mistakes[] = {
    {"", "--workload is missing"},
    {"--workload", "option --workload needs a value"},
    {"--workload nothing.like.it", "unknown workload 'nothing.like.it'; --list shows all"},
    {"--workload switch.yeild", "did you mean switch.yield?"},
    {"--workload=", "unknown workload ''"},
    {"--workload switch.yield --param round=5", "no parameter 'round' (did you mean rounds?)"},
    {"--workload switch.yield --param rounds", "'rounds' is not NAME=VALUE"},
    {"--workload switch.yield --param =5", "'=5' is not NAME=VALUE"},
    {"--workload switch.yield --param rounds=0", "rounds: 0 is not in 1 ..."},
    {"--workload switch.yield --param rounds=-1", "rounds: -1 is not in 1 ..."},
    {"--workload switch.yield --param rounds=", "'' is not a whole number"},
    {"--workload switch.yield --param rounds=5x", "'5x' is not a whole number"},
    {"--workload switch.yield --param rounds=1e3", "'1e3' is not a whole number"},
    {"--workload switch.yield --param rounds=0x10", "'0x10' is not a whole number"},
    {"--workload switch.yield --param rounds=1.5", "'1.5' is not a whole number"},
    {"--workload switch.yield --param rounds=nan", "'nan' is not a whole number"},
    {"--workload switch.yield --param rounds=99999999999999999999", "is not in 1 ..."},
    {"--workload switch.yield --param tasks=1", "tasks: 1 is not in 2 ..."},
    {"--workload sieve --param primes=3 --param primes=4", "primes is given twice"},
    {"--workload create.batch --param tasks=4194305", "is not in 1 ... 4194304"},
    {"--workload sieve --epochs 0", "--epochs: 0 is not in 1 ..."},
    {"--workload sieve --warmup -1", "--warmup: -1 is not in 0 ..."},
    {"--workload sieve --procs -1", "--procs: -1 is not in 0 ... 256"},
    {"--workload sieve --procs 257", "--procs: 257 is not in 0 ... 256"},
    {"--workload sieve --procs two", "'two' is not a whole number"},
    {"--workload sieve --max-tasks 0", "--max-tasks: 0 is not in 1 ..."},
    {"--workload sieve --max-tasks 67108865", "is not in 1 ... 67108864"},
    {"--workload sieve --stack-bytes 0", "is not in 16384 ... 1073741824"},
    {"--workload sieve --stack-bytes 1", "is not in 16384 ... 1073741824"},
    {"--workload sieve --stack-bytes 16383", "is not in 16384 ... 1073741824"},
    {"--workload sieve --stack-bytes 1073741825", "is not in 16384 ... 1073741824"},
    {"--workload sieve --stack-bytes 18446744073709551615", "is not in 16384 ... 1073741824"},
    {"--workload sieve --max-workers 0", "--max-workers: 0 is not in 1 ... 1048576"},
    {"--workload sieve --max-workers 1048577", "is not in 1 ... 1048576"},
    {"--workload sieve --trace", "option --trace needs a value"},
    {"--workload sieve --trace /nowhere/trace", "/nowhere/trace: No such file or directory"},
    {"--workload sieve --tune", "option --tune needs a value"},
    {"--eposch 3", "unknown option '--eposch' (did you mean --epochs?)"},
    {"--list --bogus", "unknown option '--bogus'"},
    {"--list=3", "option --list takes no value"},
    {"-q", "unknown option '-q'"},
    {"sieve", "unexpected argument 'sieve'"},
    {"--list sieve", "unexpected argument 'sieve'"},
};

#define MISTAKES ((int)(sizeof mistakes / sizeof *mistakes))

START_TEST(test_mistake_gives_one_line_and_status_2)
{
    const struct mistake *mistake = &mistakes[_i];
    for (size_t i = 0; i < 2; i++) {
        struct worker_run run;
        worker_run(&run, workers[i], mistake->line);
        ck_assert_int_eq(run.exit_status, 2);
        ck_assert_str_eq(run.output, "");
        ck_assert_msg(strstr(run.errors, mistake->words) != NULL, "%s: %s", mistake->line,
                      run.errors);
        const char *end = strchr(run.errors, '\n');
        ck_assert_msg(end != NULL && end[1] == '\0', "not one line: %s", run.errors);
        ck_assert(strncmp(run.errors, workers[i], strlen(workers[i])) == 0);
        worker_release(&run);
    }
}
END_TEST

/* Too few tasks for the workload: the green runtime rounds --max-tasks up to 64. The tree of skynet
 * is so deep that not even one path fits; fib is last, for the green runtime, which goes depth
 * first, gets by with 64 tasks for any n that ends today. */
static const char *const refused[] = {
    "--workload create.batch --max-tasks 64 --param tasks=200",
    "--workload switch.yield --max-tasks 64 --param tasks=200",
    "--workload switch.ring --max-tasks 64 --param tasks=200",
    "--workload memory.park --max-tasks 64 --param tasks=200",
    "--workload chan.mpmc --max-tasks 64 --param producers=100 --param consumers=100",
    "--workload skynet --max-tasks 64 --param leaves=100000000",
    "--workload sieve --max-tasks 64 --param primes=100",
    "--workload steal.imbalance --max-tasks 64 --param tasks=200",
    "--workload speedup --max-tasks 64 --param tasks=200",
    "--workload timer.storm --max-tasks 64 --param tasks=200",
    "--workload blocking.mix --max-tasks 64 --param tasks=200",
    "--workload blocking.mix --max-tasks 64 --param tasks=5 --param rounds=1 --procs 50",
    "--workload io.echo --max-tasks 64 --param connections=200",
    "--workload io.http --max-tasks 64 --param connections=200",
    "--workload preempt.hog --max-tasks 64 --param hogs=200",
    "--workload idle.cpu --max-tasks 64 --param tasks=200",
    "--workload idle.cpu --max-tasks 64 --param tasks=60 --procs 40",
    "--workload forkjoin.fib --max-tasks 64 --param n=20",
};

#define REFUSED ((int)(sizeof refused / sizeof *refused))

START_TEST(test_refusal_fails_the_trial_and_names_the_limit)
{
    for (size_t i = _i == REFUSED - 1 ? 1 : 0; i < 2; i++) {
        json_t *trial = worker_json(workers[i], refused[_i]);
        ck_assert_str_eq(worker_string(trial, "status"), "failed");
        ck_assert_int_eq(json_integer_value(json_object_get(trial, "error")), -EAGAIN);
        ck_assert_ptr_nonnull(strstr(worker_string(trial, "reason"), "EAGAIN"));
        ck_assert_ptr_nonnull(strstr(worker_string(trial, "reason"), "max_tasks = 64"));
        json_decref(trial);
    }
}
END_TEST

/* To create.limit a refusal is the result. */
START_TEST(test_limit_counts_up_to_the_refusal)
{
    for (size_t i = 0; i < 2; i++) {
        json_t *trial = worker_json(workers[i], "--workload create.limit --max-tasks 128");
        const json_t *metric = json_array_get(json_object_get(trial, "metrics"), 0);
        const json_t *samples = json_object_get(metric, "samples");
        ck_assert_str_eq(worker_string(trial, "status"), "ok");
        ck_assert_ptr_nonnull(strstr(worker_string(trial, "note"), "max_tasks = 128"));
        ck_assert_uint_eq(json_array_size(samples), 1);
        ck_assert(json_number_value(json_array_get(samples, 0)) == 127); /* and the first task */
        json_decref(trial);
    }
}
END_TEST

/* Too few descriptors for the connections, and their hard limit cannot be raised. */
static const char *const connected[] = {"--workload io.echo --param connections=100",
                                        "--workload io.http --param connections=100"};

START_TEST(test_too_few_descriptors_fail_the_trial)
{
    const struct rlimit limit = {.rlim_cur = 80, .rlim_max = 120};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (size_t i = 0; i < 2; i++) {
        json_t *trial = worker_json(workers[i], connected[_i]);
        ck_assert_str_eq(worker_string(trial, "status"), "failed");
        ck_assert_int_eq(json_integer_value(json_object_get(trial, "error")), -EMFILE);
        ck_assert_str_eq(worker_string(trial, "reason"),
                         "100 connections need 164 descriptors, and the hard limit is 120 "
                         "(ulimit -Hn)");
        json_decref(trial);
    }
}
END_TEST

/* The soft limit is no limit: it is raised. */
START_TEST(test_soft_limit_of_descriptors_is_raised)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_uint_gt(limit.rlim_max, 200);
    limit.rlim_cur = 50;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (size_t i = 0; i < 2; i++) {
        json_t *trial = worker_json(workers[i], connected[_i]);
        ck_assert_str_eq(worker_string(trial, "status"), "ok");
        json_decref(trial);
    }
}
END_TEST

static json_int_t procs_taken(const char *worker, const char *line)
{
    json_t *trial = worker_json(worker, line);
    ck_assert_str_eq(worker_string(trial, "status"), "ok");
    ck_assert_int_eq(json_integer_value(json_object_get(trial, "procs")), 0);
    json_int_t procs =
        json_integer_value(json_object_get(json_object_get(trial, "counters"), "procs"));
    json_decref(trial);
    return procs;
}

/* Goal: the runtime's own default are the CPUs that it may use, or what SWITCHYARD_PROCS says, and
 * the trial tells what was asked for and what came of it. One CPU is at or below any quota. */
START_TEST(test_default_procs_are_the_runtimes)
{
    const char *line = "--workload speedup --procs 0 --epochs 1 --param tasks=2";
    cpu_set_t all;
    cpu_set_t one;
    unsetenv("SWITCHYARD_PROCS");
    ck_assert_int_eq(sched_getaffinity(0, sizeof all, &all), 0);
    for (size_t i = 0; i < 2; i++) {
        json_int_t procs = procs_taken(workers[i], line);
        ck_assert_int_ge(procs, 1);
        ck_assert_int_le(procs, CPU_COUNT(&all));
    }
    int cpu = 0;
    while (!CPU_ISSET(cpu, &all)) {
        cpu++;
    }
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_int_eq(procs_taken(WORKER_GREEN, line), 1);
    ck_assert_int_eq(procs_taken(WORKER_PTHREAD, line), 1);
    ck_assert_int_eq(setenv("SWITCHYARD_PROCS", "3", 1), 0);
    ck_assert_int_eq(procs_taken(WORKER_GREEN, line), 3);
}
END_TEST

/* Goal: what a workload does by the number of procs, it does by the number that the runtime took.
 * Method: switch.yield times single hops on one proc only. */
START_TEST(test_default_procs_reach_the_workload)
{
    static const char *const procs[] = {"1", "2"};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(setenv("SWITCHYARD_PROCS", procs[i], 1), 0);
        json_t *trial =
            worker_json(WORKER_GREEN, "--workload switch.yield --procs 0 --param rounds=1000");
        bool alone = procs[i][0] == '1';
        ck_assert_uint_eq(json_array_size(json_object_get(trial, "metrics")), alone ? 2 : 1);
        json_decref(trial);
    }
}
END_TEST

START_TEST(test_help_is_no_mistake)
{
    for (size_t i = 0; i < 2; i++) {
        struct worker_run run;
        worker_run(&run, workers[i], "--help");
        ck_assert_int_eq(run.exit_status, 0);
        ck_assert_str_eq(run.errors, "");
        ck_assert_ptr_nonnull(strstr(run.output, "--max-tasks=N"));
        worker_release(&run);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arguments");
    TCase *tests = tcase_create("arguments");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_mistake_gives_one_line_and_status_2, 0, MISTAKES);
    tcase_add_loop_test(tests, test_refusal_fails_the_trial_and_names_the_limit, 0, REFUSED);
    tcase_add_test(tests, test_limit_counts_up_to_the_refusal);
    tcase_add_loop_test(tests, test_too_few_descriptors_fail_the_trial, 0, 2);
    tcase_add_loop_test(tests, test_soft_limit_of_descriptors_is_raised, 0, 2);
    tcase_add_test(tests, test_default_procs_are_the_runtimes);
    tcase_add_test(tests, test_default_procs_reach_the_workload);
    tcase_add_test(tests, test_help_is_no_mistake);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

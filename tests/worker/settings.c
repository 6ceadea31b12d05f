/* Goal: --tune, --max-workers and --trace do what docs/protocol.md says.
 * Method: trials of small workloads; of the runtime only counts are looked at. A trace is read back
 * line by line.
 */
#include <check.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

static const char *const workers[] = {WORKER_GREEN, WORKER_PTHREAD};

#define SMALL "--workload create.serial --param rounds=5 --max-tasks 64 "

START_TEST(test_tune_is_told)
{
    json_t *plain = worker_json(workers[_i], SMALL);
    json_t *tuned = worker_json(workers[_i], SMALL "--tune nosteal,nospin");
    ck_assert(json_is_null(json_object_get(plain, "tune")));
    ck_assert_str_eq(worker_string(tuned, "tune"), "nosteal,nospin");
    json_decref(plain);
    json_decref(tuned);
}
END_TEST

/* A technique that is off belongs to the trial, wherever that came from. */
START_TEST(test_tune_of_the_environment_is_told)
{
    ck_assert_int_eq(setenv("SWITCHYARD_TUNE", "nospin", 1), 0);
    json_t *inherited = worker_json(workers[_i], SMALL);
    json_t *overruled = worker_json(workers[_i], SMALL "--tune nosteal");
    ck_assert_str_eq(worker_string(inherited, "tune"), "nospin");
    ck_assert_str_eq(worker_string(overruled, "tune"), "nosteal");
    json_decref(inherited);
    json_decref(overruled);
}
END_TEST

static json_int_t count_steals(const char *line)
{
    json_t *trial = worker_json(WORKER_GREEN, line);
    ck_assert_str_eq(worker_string(trial, "status"), "ok");
    json_int_t steals =
        json_integer_value(json_object_get(json_object_get(trial, "counters"), "steals"));
    json_decref(trial);
    return steals;
}

/* The jobs of steal.imbalance begin on one proc: only a thief moves them. */
START_TEST(test_tune_reaches_the_runtime)
{
    const char *plain = "--workload steal.imbalance --procs 2 --max-tasks 1024";
    const char *tuned = "--workload steal.imbalance --procs 2 --max-tasks 1024 --tune nosteal";
    ck_assert_int_gt(count_steals(plain), 0);
    ck_assert_int_eq(count_steals(tuned), 0);
}
END_TEST

/* The proof of idle.cpu that each proc has a worker: without thieves one proc gets all the work,
 * and without preemption keeps it. */
START_TEST(test_idle_needs_a_worker_for_each_proc)
{
    json_t *trial =
        worker_json(WORKER_GREEN, "--workload idle.cpu --param tasks=5 --param ms=1 --procs 2 "
                                  "--tune nosteal,nopreemptcall,nopreemptprologue,nopreemptsignal");
    ck_assert_str_eq(worker_string(trial, "status"), "failed");
    ck_assert_str_eq(worker_string(trial, "reason"), "the 2 procs never worked all at once");
    json_decref(trial);
}
END_TEST

START_TEST(test_max_workers_is_told)
{
    json_t *plain = worker_json(workers[_i], SMALL);
    json_t *limited = worker_json(workers[_i], SMALL "--max-workers 7");
    ck_assert_int_eq(json_integer_value(json_object_get(plain, "max_workers")), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(limited, "max_workers")), 7);
    json_decref(plain);
    json_decref(limited);
}
END_TEST

struct trace_file {
    char path[32];
    char header[64];
    json_int_t events;
    json_int_t creates;
};

/* Runs the line with a trace; stores what the file says in *trace. */
static json_t *run_traced(const char *worker, const char *line, struct trace_file *trace)
{
    char text[256];
    char kind[16];
    *trace = (struct trace_file){.path = "/tmp/switchyard-trace-XXXXXX"};
    int descriptor = mkstemp(trace->path);
    ck_assert_int_ge(descriptor, 0);
    snprintf(text, sizeof text, "%s --trace %s", line, trace->path);
    json_t *trial = worker_json(worker, text);
    FILE *file = fdopen(descriptor, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(text, sizeof text, file) != NULL) {
        bool event = isdigit((unsigned char)text[0]) != 0;
        trace->events += event;
        trace->creates += event && sscanf(text, "%*s %15s", kind) == 1 && !strcmp(kind, "create");
        if (trace->header[0] == '\0') {
            snprintf(trace->header, sizeof trace->header, "%.*s", (int)strcspn(text, "\n"), text);
        }
    }
    fclose(file);
    unlink(trace->path);
    return trial;
}

/* Warm-up epochs are not in it: each epoch creates five tasks. */
START_TEST(test_trace_is_of_the_measured_epochs)
{
    struct trace_file trace;
    const char *headers[] = {"switchyard-trace/1 green", "switchyard-trace/1 pthread"};
    json_t *trial = run_traced(workers[_i], SMALL "--epochs 2 --warmup 3", &trace);
    ck_assert_str_eq(worker_string(trial, "status"), "ok");
    ck_assert_str_eq(trace.header, headers[_i]);
    ck_assert_int_eq(trace.creates, 10);
    ck_assert_int_eq(json_integer_value(json_object_get(trial, "trace_events")), trace.events);
    json_decref(trial);
}
END_TEST

START_TEST(test_without_trace_there_are_no_events)
{
    json_t *trial = worker_json(workers[_i], SMALL);
    ck_assert(json_is_null(json_object_get(trial, "trace_events")));
    json_decref(trial);
}
END_TEST

START_TEST(test_trace_needs_epochs)
{
    struct trace_file trace;
    json_t *trial = run_traced(workers[_i], "--workload memory.park --param tasks=5", &trace);
    ck_assert_str_eq(worker_string(trial, "status"), "failed");
    ck_assert_str_eq(worker_string(trial, "reason"), "memory.park had no epochs to trace");
    ck_assert_int_eq(trace.events, 0);
    json_decref(trial);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tests = tcase_create("settings");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_tune_is_told, 0, 2);
    tcase_add_loop_test(tests, test_tune_of_the_environment_is_told, 0, 2);
    tcase_add_test(tests, test_tune_reaches_the_runtime);
    tcase_add_test(tests, test_idle_needs_a_worker_for_each_proc);
    tcase_add_loop_test(tests, test_max_workers_is_told, 0, 2);
    tcase_add_loop_test(tests, test_trace_is_of_the_measured_epochs, 0, 2);
    tcase_add_loop_test(tests, test_without_trace_there_are_no_events, 0, 2);
    tcase_add_loop_test(tests, test_trace_needs_epochs, 0, 2);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

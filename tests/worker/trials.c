/* Goal: each workload does its work on both runtimes, and the same work.
 * Method: a row for each workload, with parameters small enough for any machine (and for the shadow
 * memory of the sanitizers, hence --max-tasks). Both workers run
 * it on one proc and on two; all must be ok, report the metrics of docs/protocol.md with finite,
 * plausible samples, and exactly the same work. The rows must be the workloads that --list names.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "worker.h"

#define EPOCHS 3
#define GO_PARAMS "--param n=60 --param parallel=2" /* whatever the procs */

static const struct row {
    const char *workload;
    const char *params;
    const char *other;   /* parameters that must make other work */
    const char *metrics; /* name:unit:samples, in any order; h stands for a histogram */
} rows[] = {
    {"create.serial", "--param rounds=50", "--param rounds=51", "create:ns:3"},
    {"create.batch", "--param tasks=40 --param rounds=2", "--param tasks=20 --param rounds=4",
     "create:ns:3 create_cold:ns:1"},
    {"create.limit", "--param max=60", "--param max=61", "tasks:tasks:1"},
    {"switch.yield", "--param rounds=200 --param tasks=3", "--param rounds=300", "switch:ns:3"},
    {"switch.chan", "--param rounds=200", "--param rounds=201", "switch:ns:3 hop_latency:ns:h"},
    {"switch.mutex", "--param rounds=200", "--param rounds=201", "switch:ns:3"},
    {"switch.cond", "--param rounds=200", "--param rounds=201", "switch:ns:3"},
    {"switch.ring", "--param tasks=20 --param rounds=333", "--param tasks=20 --param rounds=334",
     "switch:ns:3"},
    {"switch.pipe", "--param rounds=200", "--param rounds=201", "switch:ns:3"},
    {"switch.sem", "--param rounds=200", "--param rounds=201", "switch:ns:3"},
    {"switch.workingset", "--param tasks=3 --param turns=100 --param bytes=1000",
     "--param tasks=3 --param turns=100 --param bytes=1100", "visit:ns:3 alone:ns:3"},
    {"memory.park", "--param tasks=200", "--param tasks=201",
     "rss:B:1 page_table:B:1 kernel_stack:B:1 slab:B:1 total:B:1 virtual:B:1 mappings:1:1"},
    {"memory.cold", "--param tasks=50 --param wakes=50", "--param tasks=51 --param wakes=50",
     "wake:ns:h rss:B:1 page_table:B:1 kernel_stack:B:1 slab:B:1 total:B:1"},
    {"memory.deep", "--param tasks=3 --param depth=200000 --param tall=1 --param height=300000",
     "--param tasks=3 --param depth=200000 --param tall=2 --param height=300000",
     "rss_before:B:1 rss_deep:B:1 rss_0ms:B:1 rss_100ms:B:1 rss_2000ms:B:1"},
    {"chan.buffered", "--param items=2000 --param capacity=16", "--param items=2001", "item:ns:3"},
    {"chan.mpmc", "--param items=2001 --param producers=3 --param consumers=5",
     "--param items=2001 --param producers=3 --param consumers=4", "item:ns:3"},
    {"chan.spsc", "--param items=2000 --param bytes=100 --param capacity=16",
     "--param items=2001 --param bytes=100", "item:ns:3 throughput:MB/s:3"},
    {"chan.mpsc", "--param items=300 --param producers=5", "--param items=300 --param producers=6",
     "item:ns:3"},
    {"chan.select", "--param rounds=500 --param channels=3", "--param rounds=501", "select:ns:3"},
    {"sync.mutex", "--param tasks=3 --param rounds=100 --param hold=3",
     "--param tasks=3 --param rounds=101 --param hold=3", "lock:ns:3"},
    {"sync.rwlock", "--param tasks=3 --param rounds=100 --param writes=7",
     "--param tasks=3 --param rounds=100 --param writes=6", "lock:ns:3"},
    {"sync.waitgroup", "--param tasks=20 --param rounds=3", "--param tasks=30 --param rounds=2",
     "task:ns:3"},
    {"skynet", "--param leaves=100", "--param leaves=101", "total:ms:3 task:ns:3"},
    {"forkjoin.fib", "--param n=10", "--param n=11", "total:ms:3 task:ns:3"},
    {"sieve", "--param primes=30", "--param primes=31", "total:ms:3 message:ns:3"},
    {"threadring", "--param tasks=20 --param hops=333", "--param tasks=20 --param hops=334",
     "total:ms:3 hop:ns:3"},
    {"nqueens", "--param n=7", "--param n=7 --param depth=3", "total:ms:3"},
    {"mergesort", "--param items=5001 --param leaf=300", "--param items=5001 --param leaf=700",
     "total:ms:3 item:ns:3"},
    {"matmul", "--param n=37 --param rows=5", "--param n=37 --param rows=6", "total:ms:3"},
    {"mandelbrot", "--param size=33 --param iterations=100",
     "--param size=34 --param iterations=100", "total:ms:3"},
    {"philosophers", "--param philosophers=4 --param meals=100",
     "--param philosophers=4 --param meals=101", "meal:ns:3"},
    {"pipeline", "--param items=200 --param stages=3",
     "--param items=200 --param stages=3 --param iterations=101", "item:ns:3"},
    {"counter", "--param tasks=5 --param additions=200",
     "--param tasks=5 --param additions=200 --param how=2", "add:ns:3 lost:1:3"},
    {"crossover", "--param tasks=20 --param iterations=500 --param share=25 --param block_us=50",
     "--param tasks=20 --param iterations=501", "task:ns:3 size:ns:3"},
    {"go.ChanUncontended", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.ChanContended", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.ChanCreation", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.ChanSem", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.ChanSync", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.ChanProdCons0", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.ChanProdCons10", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.ChanProdCons100", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.ChanPopular", "--param n=2", "--param n=3", "op:ns:3"},
    {"go.SelectUncontended", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.SelectSyncContended", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.SelectProdCons", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.CreateGoroutines", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.CreateGoroutinesParallel", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.CreateGoroutinesCapture", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.StackGrowth", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.StackGrowthDeep", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"go.PingPongHog", GO_PARAMS, "--param n=62", "op:ns:3"},
    {"steal.imbalance", "--param tasks=33 --param work=200000",
     "--param tasks=33 --param work=200001", "total:ms:3"},
    {"speedup", "--param tasks=20 --param iterations=5000", "--param iterations=5001",
     "total:ms:3"},
    {"timer.storm", "--param tasks=40 --param rate=20000",
     "--param tasks=40 --param rate=20000 --param seed=2", "lateness:ns:h arm:ns:3 disarm:ns:3"},
    {"blocking.mix",
     "--param tasks=6 --param operations=20 --param share=25 --param rounds=1 --param chunks=20",
     "--param tasks=6 --param operations=20 --param share=30 --param rounds=0",
     "throughput:operations/s:3 progress:%:3 blocked:%:3"},
    {"preempt.hog", "--param kind=0 --param wakeups=20 --param stint_ms=30",
     "--param kind=0 --param wakeups=21 --param stint_ms=30", "delay:ns:h progress:%:3"},
    {"idle.cpu", "--param tasks=30 --param ms=5", "--param tasks=31 --param ms=5", "cpu:us:3"},
    {"io.echo", "--param connections=5 --param requests=203",
     "--param connections=5 --param requests=204",
     "throughput:requests/s:3 latency:ns:h raw_throughput:requests/s:3 raw_latency:ns:h rss:B:1"},
    {"io.http", "--param connections=5 --param requests=203",
     "--param connections=6 --param requests=203", "throughput:requests/s:3 latency:ns:h"},
    {"switch.time", "--param slice_us=2000", "--param slice_us=2001",
     "p50:ns:3 p90:ns:3 p99:ns:3 p999:ns:3 max:ns:3"},
    {"handoff.pair", "--param rounds=200", "--param rounds=201", "futex:ns:3"},
    {"anatomy.swap", "--param rounds=1000", "--param rounds=1001", "swap:ns:3"},
    {"anatomy.swap_inline", "--param rounds=1000", "--param rounds=1001", "swap:ns:3"},
    {"anatomy.swap_return", "--param rounds=1000", "--param rounds=1001", "swap:ns:3"},
    {"anatomy.swap_control", "--param rounds=1000", "--param rounds=1001", "swap:ns:3"},
    {"anatomy.swap_context", "--param rounds=1000", "--param rounds=1001", "swap:ns:3"},
    {"anatomy.futex", "--param rounds=200", "--param rounds=201", "hop:ns:3"},
    {"anatomy.pipe", "--param rounds=200", "--param rounds=201", "hop:ns:3"},
    {"stack.deep", "--param bytes=100000", "--param bytes=110000", "total:ms:3 frame:ns:3"},
    {"stack.cross", "--param calls=1000", "--param calls=1001", "cross:ns:3 plain:ns:3"},
    {"stack.check", "--param n=12", "--param n=13", "checked:ms:3 plain:ms:3"},
};

#define ROWS ((int)(sizeof rows / sizeof *rows))

static json_t *run_row(const char *worker, const struct row *row, int procs)
{
    char line[512];
    snprintf(line, sizeof line, "--workload %s %s --epochs %d --procs %d --max-tasks 4096",
             row->workload, row->params, EPOCHS, procs);
    return worker_json(worker, line);
}

static const json_t *find_metric(const json_t *trial, const char *name)
{
    size_t index;
    const json_t *metric;
    json_array_foreach(json_object_get(trial, "metrics"), index, metric)
    {
        if (strcmp(worker_string(metric, "name"), name) == 0) {
            return metric;
        }
    }
    ck_abort_msg("metric %s is missing", name);
    return NULL;
}

/* Times and counts are positive; memory may shrink, for it is the machine's too. */
static void assert_samples(const json_t *metric, const char *unit, size_t count)
{
    size_t index;
    const json_t *sample;
    const json_t *samples = json_object_get(metric, "samples");
    ck_assert_uint_eq(json_array_size(samples), count);
    json_array_foreach(samples, index, sample)
    {
        double value = json_number_value(sample);
        ck_assert(json_is_number(sample) && isfinite(value));
        ck_assert(value > 0 || strcmp(unit, "B") == 0 || strcmp(unit, "1") == 0);
    }
}

static void assert_histogram(const json_t *metric)
{
    size_t index;
    const json_t *bucket;
    json_int_t last = -1;
    const json_t *histogram = json_object_get(metric, "histogram");
    ck_assert_uint_gt(json_array_size(histogram), 0);
    json_array_foreach(histogram, index, bucket)
    {
        json_int_t lowest = json_integer_value(json_array_get(bucket, 0));
        ck_assert_int_gt(lowest, last);
        ck_assert_int_gt(json_integer_value(json_array_get(bucket, 1)), 0);
        last = lowest;
    }
}

static void assert_metrics(const json_t *trial, const char *expected)
{
    char words[512];
    snprintf(words, sizeof words, "%s", expected);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        char name[32];
        char unit[16];
        char count[8];
        ck_assert_int_eq(sscanf(word, "%31[^:]:%15[^:]:%7s", name, unit, count), 3);
        const json_t *metric = find_metric(trial, name);
        ck_assert_str_eq(worker_string(metric, "unit"), unit);
        if (strcmp(count, "h") == 0) {
            assert_histogram(metric);
        } else {
            assert_samples(metric, unit, (size_t)(count[0] - '0'));
        }
    }
}

static void assert_ok(const json_t *trial, const struct row *row, const char *backend)
{
    ck_assert_msg(strcmp(worker_string(trial, "status"), "ok") == 0, "%s on %s: %s: %s",
                  row->workload, backend, worker_string(trial, "status"),
                  worker_string(trial, "reason"));
    ck_assert_str_eq(worker_string(trial, "backend"), backend);
    ck_assert_str_eq(worker_string(trial, "workload"), row->workload);
    ck_assert_int_eq(json_integer_value(json_object_get(trial, "error")), 0);
    assert_metrics(trial, row->metrics);
}

static void assert_same_work(const json_t *one, const json_t *other, const struct row *row)
{
    char *left = json_dumps(json_object_get(one, "work"), JSON_SORT_KEYS);
    char *right = json_dumps(json_object_get(other, "work"), JSON_SORT_KEYS);
    ck_assert_ptr_nonnull(left);
    ck_assert_ptr_nonnull(right);
    ck_assert_msg(strcmp(left, right) == 0, "%s: %s is not %s", row->workload, left, right);
    free(left);
    free(right);
}

static void check_green_only(const struct row *row)
{
    json_t *green = run_row(WORKER_GREEN, row, 1);
    json_t *pthread = run_row(WORKER_PTHREAD, row, 1);
    assert_ok(green, row, "green");
    ck_assert_str_eq(worker_string(pthread, "status"), "skipped");
    ck_assert_str_ne(worker_string(pthread, "reason"), "");
    json_decref(green);
    json_decref(pthread);
}

START_TEST(test_workload_does_the_same_work_on_both)
{
    const struct row *row = &rows[_i];
    if (strncmp(row->workload, "anatomy.swap", strlen("anatomy.swap")) == 0) {
        check_green_only(row);
        return;
    }
    json_t *reference = run_row(WORKER_PTHREAD, row, 1);
    assert_ok(reference, row, "pthread");
    int most = strcmp(row->workload, "switch.time") == 0 ? 1 : 2; /* it refuses more */
    for (int procs = 1; procs <= most; procs++) {
        json_t *green = run_row(WORKER_GREEN, row, procs);
        json_t *pthread = run_row(WORKER_PTHREAD, row, procs);
        assert_ok(green, row, "green");
        assert_ok(pthread, row, "pthread");
        assert_same_work(green, reference, row);
        assert_same_work(pthread, reference, row);
        json_decref(green);
        json_decref(pthread);
    }
    json_decref(reference);
}
END_TEST

/* Other parameters, other work: else the comparison above would prove nothing. */
START_TEST(test_work_tells_parameters_apart)
{
    struct row other = rows[_i];
    other.params = other.other;
    json_t *one = run_row(WORKER_GREEN, &rows[_i], 1);
    json_t *two = run_row(WORKER_GREEN, &other, 1);
    ck_assert(!json_equal(json_object_get(one, "work"), json_object_get(two, "work")));
    json_decref(one);
    json_decref(two);
}
END_TEST

START_TEST(test_list_names_every_workload)
{
    const char *workers[] = {WORKER_GREEN, WORKER_PTHREAD};
    json_t *list = worker_json(workers[_i], "--list");
    const json_t *workloads = json_object_get(list, "workloads");
    ck_assert_str_eq(worker_string(list, "schema"), "switchyard-worker/1");
    ck_assert_int_eq((int)json_array_size(workloads), ROWS);
    for (int i = 0; i < ROWS; i++) {
        const json_t *workload = json_array_get(workloads, (size_t)i);
        ck_assert_str_eq(worker_string(workload, "name"), rows[i].workload);
        ck_assert(json_is_boolean(json_object_get(workload, "green_only")));
        ck_assert(json_array_size(json_object_get(workload, "params")) > 0);
    }
    json_decref(list);
}
END_TEST

/* The latency of a yield is taken on one proc only, and only of yields that were a hop. */
START_TEST(test_yield_latency_needs_one_proc)
{
    for (int procs = 1; procs <= 2; procs++) {
        char arguments[128];
        snprintf(arguments, sizeof arguments,
                 "--workload switch.yield --epochs 2 --param latency_rounds=100 --procs %d "
                 "--max-tasks 64",
                 procs);
        json_t *trial = worker_json(WORKER_GREEN, arguments);
        ck_assert_uint_eq(json_array_size(json_object_get(trial, "metrics")), procs == 1 ? 2 : 1);
        json_decref(trial);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trials");
    TCase *tests = tcase_create("trials");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_workload_does_the_same_work_on_both, 0, ROWS);
    tcase_add_loop_test(tests, test_work_tells_parameters_apart, 0, ROWS);
    tcase_add_loop_test(tests, test_list_names_every_workload, 0, 2);
    tcase_add_test(tests, test_yield_latency_needs_one_proc);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

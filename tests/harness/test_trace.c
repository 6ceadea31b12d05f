/* test_trace.c - traces of schedules: what is cut or no trace is refused with its line; and
 * whatever a good trace says, or has lost, the timeline obeys the rules of trace_rules.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"
#include "suites.h"
#include "trace_chrome.h"
#include "trace_rules.h"

#define HEAD "switchyard-trace/1 green\n"

static char error[RESULT_ERROR_BYTES];

static int read_text(const char *text, size_t bytes, struct trace *trace)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, bytes, "r");
    ck_assert_ptr_nonnull(in);
    error[0] = '\0';
    int status = trace_read(in, "t.txt", trace, error);
    fclose(in);
    return status;
}

static const struct {
    const char *text;
    const char *says;
} rubbish[] = {
    {"\n", "t.txt: line 1: is not \"switchyard-trace/1 BACKEND\""},
    {"hello\n", "line 1: is not"},
    {"switchyard-trace/2 green\n", "line 1: is not"},
    {"switchyard-trace/1 \n", "line 1: is not"},
    {"switchyard-trace/1 gr een\n", "line 1: is not"},
    {"switchyard-trace/1 a-very-long-back-end\n", "line 1: is not"},
    {"switchyard-trace/1 green", "line 1: the trace is cut here"},
    {HEAD, "line 2: the trace has no events"},
    {HEAD "worker 1\n", "line 3: the trace has no events"},
    {HEAD "worker 1\n5 start 1 0", "line 3: the trace is cut here"},
    {HEAD "5 start 1 0\n", "line 2: an event before the first \"worker N\""},
    {HEAD "worker x\n", "line 2: \"worker\" needs a number"},
    {HEAD "worker 1\nlost -3\n", "line 3: \"lost\" needs a number"},
    {HEAD "worker 1\n5 jump 1 0\n", "line 3: unknown kind of event \"jump\""},
    {HEAD "worker 1\n5 start 1\n", "line 3: is neither \"worker N\" nor an event"},
    {HEAD "worker 1\n5 stop 1 0 end now\n", "line 3: is neither"},
    {HEAD "worker 1\n5  start 1 0\n", "line 3: unknown kind of event \"\""},
    {HEAD "worker 1\n\n", "line 3: is neither"},
    {HEAD "worker 1\n-5 start 1 0\n", "line 3: needs three numbers"},
    {HEAD "worker 1\n5 start 4294967296 0\n", "line 3: needs three numbers"},
    {HEAD "worker 1\n5 start 1 0x1\n", "line 3: needs three numbers"},
    {HEAD "worker 1\n5 stop 1 0 a\"b\n", "line 3: \"a\"b\" is no word"},
    {HEAD "worker 1\n5 stop 1 0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "is no word"},
    {HEAD "worker 1\n5 start 1 0\n4 stop 1 0 end\n", "line 4: goes back in time"},
    {HEAD "worker 1\n5 start 1 0\nworker 1\n6 start 2 0\n", "worker 1 is there twice"},
};

START_TEST(test_trace_refuses)
{
    struct trace trace;
    ck_assert_int_eq(read_text(rubbish[_i].text, strlen(rubbish[_i].text), &trace), -EINVAL);
    ck_assert_msg(strstr(error, rubbish[_i].says) != NULL, "says: %s", error);
    ck_assert_ptr_null(strchr(error, '\n'));
    ck_assert_uint_eq(trace.events_count, 0);
}
END_TEST

/* Bytes that are no text, and a line that never ends. */
START_TEST(test_trace_refuses_bytes)
{
    struct trace trace;
    static char text[100000] = HEAD "worker 1\n";
    ck_assert_int_eq(read_text(text, sizeof text, &trace), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "line 3: "));
    memset(text + strlen(text), '7', sizeof text - strlen(text));
    ck_assert_int_eq(read_text(text, sizeof text, &trace), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "line 3: too long"));
}
END_TEST

/* Each prefix of a trace is refused, or read as the shorter trace that it is; never anything else.
 */
START_TEST(test_trace_cut_anywhere)
{
    static const char whole[] = HEAD "lost 2\nworker 2\n7 start 1 0\n9 stop 1 0 end\nlost 4\n"
                                     "worker 1\n5 create 1 0\n";
    for (size_t length = 1; length < sizeof whole; length++) {
        struct trace trace;
        int status = read_text(whole, length, &trace);
        bool ends_line = whole[length - 1] == '\n';
        ck_assert_msg(status == 0 ? ends_line : error[0] != '\0', "at %zu", length);
        trace_destroy(&trace);
    }
    struct trace trace;
    ck_assert_int_eq(read_text(whole, sizeof whole - 1, &trace), 0);
    ck_assert_uint_eq(trace.events_count, 3);
    ck_assert_uint_eq(trace.lost, 6);
    ck_assert_uint_eq(trace.workers[0], 1); /* by number, not by place */
    ck_assert_uint_eq(trace.events[0].worker, 1);
    trace_destroy(&trace);
}
END_TEST

static size_t count_arrows(const struct timeline *timeline, enum arrow_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < timeline->arrows_count; i++) {
        count += timeline->arrows[i].kind == kind;
    }
    return count;
}

/* The fixture, worked out by hand: task 1 ran before the trace; 3 and 4 are stolen by worker 2; the
 * last run is open. */
START_TEST(test_timeline_known)
{
    struct trace trace;
    struct timeline timeline;
    ck_assert_msg(trace_load(TRACES "/green.txt", &trace, error) == 0, "%s", error);
    timeline_build(&trace, 64, 1000, &timeline);
    ck_assert_uint_eq(timeline.tasks, 4);
    ck_assert_uint_eq(timeline.steals, 1);
    ck_assert_uint_eq(timeline.stolen, 2);
    ck_assert_uint_eq(timeline.unfit, 0);
    ck_assert_int_eq(timeline.length, 13345);
    ck_assert_uint_eq(timeline.spans_count, 10);
    ck_assert_uint_eq(count_arrows(&timeline, ARROW_STEAL), 2);
    ck_assert_uint_eq(count_arrows(&timeline, ARROW_WAKE), 2);
    ck_assert_uint_eq(timeline.levels[timeline.levels_count - 1].ready, 1);
    timeline_destroy(&timeline);
    trace_destroy(&trace);
}
END_TEST

/* Appends a random event of a worker: mostly what a scheduler does, sometimes what fits nothing. */
static void write_event(FILE *out, struct rng *rng, long long *now, uint32_t *running)
{
    static const char *const others[] = {"steal", "poll", "timer", "create", "ready"};
    uint32_t task = 1 + rng_below(rng, 12);
    uint32_t choice = rng_below(rng, 20);
    *now += rng_below(rng, 3) * rng_below(rng, 1500);
    if (choice < 8) {
        bool stops = *running != 0;
        fprintf(out, "%lld %s %u 0%s\n", *now, stops ? "stop" : "start", stops ? *running : task,
                stops ? " yield" : "");
        *running = stops ? 0 : task;
    } else if (choice < 11) {
        fprintf(out, "%lld %s %u 0\n", *now, choice < 10 ? "block" : "unblock",
                *running != 0 && choice < 10 ? *running : task);
    } else if (choice == 11) {
        fprintf(out, "%lld %s %u 0\n", *now, rng_below(rng, 2) ? "start" : "stop", task);
    } else {
        fprintf(out, "%lld %s %u %u\n", *now, others[choice % 5], task, rng_below(rng, 3));
    }
}

static void random_trace(uint64_t seed, struct trace *trace)
{
    struct rng rng = {seed};
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    fputs(HEAD, out);
    uint32_t workers = 1 + rng_below(&rng, 5);
    for (uint32_t worker = workers; worker > 0; worker--) {
        long long now = 1000 + rng_below(&rng, 5000);
        uint32_t running = 0;
        fprintf(out, "worker %u\n", worker);
        for (uint32_t i = rng_below(&rng, 300); i > 0; i--) {
            write_event(out, &rng, &now, &running);
        }
    }
    fputs("worker 99\n1000 poll 0 1\n", out);
    fclose(out);
    ck_assert_msg(read_text(text, bytes, trace) == 0, "%s", error);
    free(text);
}

static struct catalogue_workload workload = {.name = (char[]){"no \"such\" <workload>\n"}};

static json_t *chrome_of(const struct trace *trace, const struct timeline *timeline)
{
    struct cell cell = {.workload = &workload, .procs = 1};
    struct chrome_writer writer;
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    chrome_begin(&writer, out);
    chrome_add(&writer, &cell, trace, timeline);
    chrome_add(&writer, &cell, trace, timeline); /* two processes share the file */
    chrome_end(&writer);
    ck_assert_int_eq(fclose(out), 0);
    json_error_t problem;
    json_t *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &problem);
    ck_assert_msg(root != NULL, "%s", problem.text);
    free(text);
    return root;
}

/* Method: random traces, with rows and parts cut at random places; the seed is the loop's number.
 */
START_TEST(test_timeline_obeys_rules)
{
    struct rng rng = {(uint64_t)_i + 1000};
    struct trace trace;
    struct timeline timeline;
    random_trace((uint64_t)_i, &trace);
    size_t rows = 1 + rng_below(&rng, 7);
    size_t parts = 1 + rng_below(&rng, 600);
    timeline_build(&trace, rows, parts, &timeline);
    ck_assert_uint_le(timeline.rows, rows);
    ck_assert_uint_eq(timeline.rows + timeline.rows_left_out, trace.workers_count);
    json_t *root = chrome_of(&trace, &timeline);
    const char *broken = trace_rules_broken(root);
    ck_assert_msg(broken == NULL, "seed %d: %s", _i, broken);
    json_decref(root);
    timeline_destroy(&timeline);
    trace_destroy(&trace);
}
END_TEST

/* The rules themselves can fail. */
static const char *const broken[] = {
    "[]",
    "{}",
    "[{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"name\":\"a\",\"ts\":1.0}]",
    "[{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"name\":\"a\",\"ts\":1.0,\"dur\":-1.0}]",
    "[{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"name\":\"a\",\"ts\":1.0,\"dur\":5.0},"
    "{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"name\":\"b\",\"ts\":4.0,\"dur\":5.0}]",
    "[{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"name\":\"a\",\"ts\":0,\"dur\":5.0},"
    "{\"ph\":\"s\",\"pid\":1,\"tid\":1,\"name\":\"b\",\"ts\":4.0,\"id\":1}]",
    "[{\"ph\":\"s\",\"pid\":1,\"tid\":1,\"name\":\"b\",\"ts\":4.0,\"id\":1},"
    "{\"ph\":\"f\",\"pid\":1,\"tid\":1,\"name\":\"b\",\"ts\":4.0,\"id\":1}]",
    "[{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"name\":\"a\",\"ts\":0,\"dur\":5.0},"
    "{\"ph\":\"s\",\"pid\":1,\"tid\":1,\"name\":\"b\",\"ts\":4.0,\"id\":1},"
    "{\"ph\":\"f\",\"pid\":1,\"tid\":1,\"name\":\"b\",\"ts\":3.0,\"id\":1}]",
    "[{\"ph\":\"Q\",\"pid\":1,\"tid\":1,\"name\":\"b\",\"ts\":4.0}]",
};

START_TEST(test_timeline_rules_can_fail)
{
    json_t *root = json_loads(broken[_i], 0, NULL);
    ck_assert_ptr_nonnull(root);
    ck_assert_ptr_nonnull(trace_rules_broken(root));
    json_decref(root);
}
END_TEST

Suite *suite_trace(void)
{
    Suite *suite = suite_create("trace");
    TCase *tests = tcase_create("trace");
    tcase_add_loop_test(tests, test_trace_refuses, 0, sizeof rubbish / sizeof rubbish[0]);
    tcase_add_test(tests, test_trace_refuses_bytes);
    tcase_add_test(tests, test_trace_cut_anywhere);
    tcase_add_test(tests, test_timeline_known);
    tcase_add_loop_test(tests, test_timeline_obeys_rules, 0, 300);
    tcase_add_loop_test(tests, test_timeline_rules_can_fail, 0, sizeof broken / sizeof broken[0]);
    suite_add_tcase(suite, tests);
    return suite;
}

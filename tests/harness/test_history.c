/* test_history.c - the history: changes are found where they are and nowhere else, series keep
 * machines apart, and each broken line is refused with its place. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changes.h"
#include "history.h"
#include "history_series.h"
#include "rng.h"
#include "suites.h"

static double uniform(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

/* Box and Muller. */
static double normal(struct rng *rng)
{
    double radius = sqrt(-2 * log(1 - uniform(rng)));
    return radius * cos(2 * M_PI * uniform(rng));
}

/* --- Changes --------------------------------------------------------------------------------- */

/* Fills count values around the level, 1 % wide. */
static void fill(double *values, size_t count, double level, struct rng *rng)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = level * (1 + 0.01 * normal(rng));
    }
}

START_TEST(test_history_changes_known)
{
    double values[200];
    struct change *changes = NULL;
    struct rng rng = {7};
    fill(values, 25, 15, &rng);
    fill(values + 25, 19, 15.9, &rng);
    fill(values + 44, 16, 14.2, &rng);
    ck_assert_uint_eq(changes_find(values, 60, &changes), 2);
    ck_assert_uint_eq(changes[0].at, 25);
    ck_assert_uint_eq(changes[1].at, 44);
    ck_assert_double_eq_tol(changes[0].before, 15, 0.1);
    ck_assert_double_eq_tol(changes[1].after, 14.2, 0.1);
    ck_assert_double_lt(changes[0].p, CHANGES_P);
    free(changes);
}
END_TEST

/* Late, in a history of several windows. */
START_TEST(test_history_changes_in_long_series)
{
    double values[300];
    struct change *changes = NULL;
    struct rng rng = {8};
    fill(values, 280, 10, &rng);
    fill(values + 280, 20, 10.5, &rng);
    size_t count = changes_find(values, 300, &changes);
    ck_assert_uint_ge(count, 1);
    ck_assert_uint_eq(changes[count - 1].at, 280);
    free(changes);
}
END_TEST

START_TEST(test_history_changes_edges)
{
    double values[] = {1, 1, 1, 2, 2, 2};
    double flat[] = {5, 5, 5, 5, 5, 5, 5, 5};
    double tiny[] = {1000, 1000, 1000, 1000, 1001, 1001, 1001, 1001}; /* 0.1 %: too small */
    struct change *changes = NULL;
    ck_assert_uint_eq(changes_find(NULL, 0, &changes), 0);
    free(changes);
    ck_assert_uint_eq(changes_find(values, 5, &changes), 0); /* too short to be divided */
    free(changes);
    ck_assert_uint_eq(changes_find(values, 6, &changes), 1);
    ck_assert_uint_eq(changes[0].at, 3);
    ck_assert_double_eq(changes[0].p, 0);
    free(changes);
    ck_assert_uint_eq(changes_find(flat, 8, &changes), 0);
    free(changes);
    ck_assert_uint_eq(changes_find(tiny, 8, &changes), 0);
    free(changes);
}
END_TEST

/* Of 200 series of 50 values without a change: the best of some 44 divisions is tested at 0.001, so
 * a few per cent find one. */
START_TEST(test_history_changes_false)
{
    enum { SERIES = 200, COUNT = 50 };
    struct rng rng = {9};
    int found = 0;
    for (int i = 0; i < SERIES; i++) {
        double values[COUNT];
        struct change *changes = NULL;
        fill(values, COUNT, 10, &rng);
        found += changes_find(values, COUNT, &changes) > 0;
        free(changes);
    }
    ck_assert_msg(found <= SERIES / 10, "%d of %d", found, SERIES);
}
END_TEST

/* --- Files ----------------------------------------------------------------------------------- */

static char path[] = "/tmp/switchyard-history-XXXXXX";

static void setup(void)
{
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void teardown(void)
{
    unlink(path);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

#define HEAD                                                                                       \
    "{\"schema\":\"switchyard-history/1\",\"time\":\"t\",\"revision\":\"r\","                      \
    "\"machine\":\"0123456789abcdef\",\"about\":{},\"values\":["
#define VALUE "{\"name\":\"n\",\"unit\":\"ns\",\"value\":1,\"low\":null,\"high\":null}"

static const struct {
    const char *text;
    const char *says;
} broken[] = {
    {"x\n", "line 1 column 1"},
    {HEAD VALUE "]}\n\n{\n", "line 3 column"},
    {HEAD "{}]}\n", "line 1 column 110: values[0].name: is missing"},
    {HEAD "{\"name\":\"n\",\"unit\":\"ns\",\"value\":null,\"low\":null,\"high\":null}]}\n",
     "values[0].value: is not a number"},
    {"{\"schema\":\"switchyard-history/2\"}\n",
     "line 1 column 11: schema: is not \"switchyard-history/1\", the version that this program "
     "reads, but \"switchyard-history/2\": a newer switchyard wrote it"},
    {"{\"schema\":\"else\"}\n", "is not \"switchyard-history/1\""},
    {"[]\n", "schema: is missing"},
    {"{\"schema\":\"switchyard-history/1\",\"time\":\"t\",\"revision\":\"r\",\"machine\":\"x\","
     "\"about\":{},\"values\":[]}\n",
     "machine: is not a fingerprint"},
};

START_TEST(test_history_refuses)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct history history;
    write_file(broken[_i].text);
    ck_assert_int_eq(history_load(path, &history, error), -EINVAL);
    ck_assert_msg(strstr(error, broken[_i].says) != NULL, "%s", error);
    ck_assert_msg(strstr(error, path) != NULL, "%s", error);
    ck_assert_uint_eq(history.entries_count, 0);
}
END_TEST

#define HERE "0123456789abcdef"
#define ELSEWHERE "fedcba9876543210"

/* Appends a line as `add` makes it, for that machine and value. */
static int try_append(const char *machine, const char *name, const char *unit, double value)
{
    json_t *line =
        json_pack("{s:s, s:s, s:s, s:s, s:{}, s:[{s:s, s:s, s:f, s:n, s:n}]}", "schema",
                  "switchyard-history/1", "time", "t", "revision", "r", "machine", machine, "about",
                  "values", "name", name, "unit", unit, "value", value, "low", "high");
    ck_assert_ptr_nonnull(line);
    int status = history_append(path, line);
    json_decref(line);
    return status;
}

static void append(const char *machine, const char *name, const char *unit, double value)
{
    ck_assert_int_eq(try_append(machine, name, unit, value), 0);
}

static void expect_entries(size_t count)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct history history;
    ck_assert_msg(history_load(path, &history, error) == 0, "%s", error);
    ck_assert_uint_eq(history.entries_count, count);
    history_destroy(&history);
}

/* A last line without its end is one, too: nothing is glued to it. */
START_TEST(test_history_append_after_open_line)
{
    write_file(HEAD VALUE "]}");
    append(HERE, "w m green", "ns", 10);
    expect_entries(2);
    append(HERE, "w m green", "ns", 11);
    expect_entries(3);
}
END_TEST

/* A disk that is full in the middle of a line: said, and the history is as it was. A limit of the
 * file's size plays the disk. */
START_TEST(test_history_append_to_full_disk)
{
    struct rlimit before;
    struct stat about;
    append(HERE, "w m green", "ns", 10);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit full = {(rlim_t)about.st_size + 20, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    int status = try_append(HERE, "w m green", "ns", 11);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert_int_eq(status, -EFBIG);
    expect_entries(1);
    append(HERE, "w m green", "ns", 12);
    expect_entries(2);
}
END_TEST

/* Times of two machines are two series, ratios one, A/A runs none. */
START_TEST(test_history_series)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct history history;
    double *logs = NULL;
    append(HERE, "w m green", "ns", 10);
    append(ELSEWHERE, "w m green", "ns", 20);
    append(HERE, "w m pthread/green", HISTORY_RATIO, 5);
    append(ELSEWHERE, "w m pthread/green", HISTORY_RATIO, 6);
    append(HERE, "w A/A", HISTORY_CONTROL, 0.01);
    append(ELSEWHERE, "w A/A", HISTORY_CONTROL, 0.02);
    ck_assert_msg(history_load(path, &history, error) == 0, "%s", error);
    struct history_table table = history_table(&history, NULL);
    ck_assert_uint_eq(table.series_count, 3);
    ck_assert_uint_eq(table.series[0].points_count, 1);
    ck_assert_uint_eq(table.series[2].points_count, 2);
    ck_assert_ptr_null(table.series[2].machine);
    history_table_destroy(&table);
    table = history_table(&history, "*pthread*");
    ck_assert_uint_eq(table.series_count, 1);
    history_table_destroy(&table);
    ck_assert_uint_eq(history_controls(&history, HERE, "w", &logs), 1);
    ck_assert_double_eq(logs[0], 0.01);
    free(logs);
    history_destroy(&history);
}
END_TEST

/* More nanoseconds are worse, a larger ratio of threads to green is better. */
START_TEST(test_history_directions)
{
    const struct change rise = {.before = 1, .after = 2};
    const struct history_series time = {.name = "w m green", .unit = "ns"};
    const struct history_series rate = {.name = "w m green", .unit = "items/s"};
    const struct history_series dearer = {.name = "w m pthread/green", .unit = HISTORY_RATIO};
    const struct history_series slower = {.name = "w head/base", .unit = HISTORY_RATIO};
    ck_assert(history_is_worse(&time, &rise));
    ck_assert(!history_is_worse(&rate, &rise));
    ck_assert(!history_is_worse(&dearer, &rise));
    ck_assert(history_is_worse(&slower, &rise));
}
END_TEST

START_TEST(test_history_acknowledgements)
{
    char error[RESULT_ERROR_BYTES] = "";
    struct acknowledgements list;
    struct history_entry entry = {.revision = (char[]){"abc"}};
    struct history_point point = {&entry, NULL};
    struct history_series series = {.name = "switch.yield green", .points = &point};
    const struct change change = {.at = 0};
    write_file("# comment\n\nabc switch.*: we count more now\nabd *: else\n");
    ck_assert_msg(acknowledgements_load(path, &list, error) == 0, "%s", error);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(acknowledged(&list, &series, &change), "we count more now");
    series.name = "create.batch green";
    ck_assert_ptr_null(acknowledged(&list, &series, &change));
    acknowledgements_destroy(&list);
    write_file("abc switch.*: x\nabc switch.*:\n");
    ck_assert_int_eq(acknowledgements_load(path, &list, error), -EINVAL);
    ck_assert_msg(strstr(error, "line 2 column 5: NAME: REASON is missing") != NULL, "%s", error);
    write_file("abc switch.*:  \n");
    ck_assert_int_eq(acknowledgements_load(path, &list, error), -EINVAL);
    ck_assert_msg(strstr(error, "the reason is missing") != NULL, "%s", error);
}
END_TEST

Suite *suite_history(void)
{
    Suite *suite = suite_create("history");
    TCase *tests = tcase_create("history");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_history_changes_known);
    tcase_add_test(tests, test_history_changes_in_long_series);
    tcase_add_test(tests, test_history_changes_edges);
    tcase_add_test(tests, test_history_changes_false);
    tcase_add_loop_test(tests, test_history_refuses, 0, sizeof broken / sizeof broken[0]);
    tcase_add_test(tests, test_history_append_after_open_line);
    tcase_add_test(tests, test_history_append_to_full_disk);
    tcase_add_test(tests, test_history_series);
    tcase_add_test(tests, test_history_directions);
    tcase_add_test(tests, test_history_acknowledgements);
    suite_add_tcase(suite, tests);
    return suite;
}

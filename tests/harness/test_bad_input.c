/* test_bad_input.c - files that nobody should have written: each is refused in one line that says
 * where and what, at once, and nothing is read wrongly on the way. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json_locate.h"
#include "json_text.h"
#include "number_text.h"
#include "result.h"
#include "results_trace.h"
#include "rng.h"
#include "samples_cut.h"
#include "suites.h"

#define NUMBERS 200000

/* A good file; %s is where its one trial's samples stand. */
#define GOOD                                                                                       \
    "{\"schema\": \"switchyard-results/1\", \"context\": {\"samples\": [1, 2]},\n"                 \
    " \"complete\": true, \"results\": [\n"                                                        \
    "{\"workload\": \"w\", \"backend\": \"green\", \"procs\": 1, \"params\": {}, \"metric\": "     \
    "\"m\",\n \"unit\": \"ns\", \"status\": \"ok\", \"reason\": null, \"median\": 1, \"ci95\": "   \
    "[1, 1],\n \"min\": 1, \"max\": 1, \"p50\": 1, \"p90\": 1, \"p99\": 1, \"p999\": 1,\n"         \
    " \"trials\": [{\"trial\": 0, \"status\": \"ok\", \"reason\": null, \"median\": 1,\n"          \
    "  \"samples\": %s,\n  \"work\": {\"samples\": [3]}, \"memory\": [{\"samples\": [7]}]}],\n"    \
    " \"histogram\": null}]}\n"

static char folder[] = "/tmp/switchyard-test-XXXXXX";
static char path[64];
static char error[RESULT_ERROR_BYTES];

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/r.json", folder);
}

static void teardown(void)
{
    unlink(path);
    rmdir(folder);
}

static void write_file(const char *bytes, size_t count)
{
    FILE *file = fopen(path, "w");
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    ck_assert_int_eq(fclose(file), 0);
}

static void expect_refused(const char *says)
{
    struct results *results = NULL;
    ck_assert_int_lt(results_load(path, &results, error), 0);
    ck_assert_ptr_null(results);
    ck_assert_msg(strstr(error, says) != NULL, "no \"%s\" in: %s", says, error);
    ck_assert_ptr_null(strchr(error, '\n'));
}

static const struct {
    const char *text;
    const char *says;
} texts[] = {
    {"", ": line 1 column 1: '[' or '{' expected"},
    {"[]", ": line 1 column 1: is not a JSON object"},
    {"{\n \"a\": 1,\n \"a\": 2}", ": line 3 column 4: duplicate object key"},
    {"{\"a\": 1e999}", ": line 1 column 11: real number overflow"},
    {"{\"a\": 99999999999999999999}", ": line 1 column 26: too big integer"},
    {"{\"a\": NaN}", ": line 1 column "},
    {"{\"\xc3\xa4\": \"\xff\"}", ": line 1 column 7: unable to decode byte 0xff"},
    {"{\"a\": \"\\ud800\"}", ": line 1 column "},
    {"\xef\xbb\xbf{}", ": line 1 column 1: "},
    {"{} x", ": line 1 column 4: end of file expected"},
    {"{\"schema\": 1}", ": line 1 column 12: schema: must be a string"},
    {"{\"schema\": \"switchyard-results/2\"}",
     ": line 1 column 12: schema: is not \"switchyard-results/1\", the version that this program "
     "reads, but \"switchyard-results/2\": a newer switchyard wrote it"},
    {"{\"schema\": \"other/2\"}", "but \"other/2\""},
    {"{\"schema\": \"switchyard-results/1\"}", ": line 1 column 1: context: is missing"},
};

START_TEST(test_bad_input_texts)
{
    write_file(texts[_i].text, strlen(texts[_i].text));
    expect_refused(texts[_i].says);
}
END_TEST

START_TEST(test_bad_input_zero_byte)
{
    write_file("{\"a\": \"b\0c\"}", 12);
    expect_refused(": line 1 column 8: control character 0x0");
}
END_TEST

static const struct {
    const char *samples;
    const char *says; /* NULL: good */
} samples_texts[] = {
    {"[1]", NULL},
    {"[0]", NULL},
    {"[ -1.5e2 ,\n 2 ]", NULL},
    {"[]", NULL},
    {"[1, 2", ": line 8 column 9: ']' expected"},
    {"[1, 1e999]", ": line 7 column 22: real number overflow"},
    {"[1, 01]", ": line 7 column "},
    {"[1, \"2\"]", ": line 7 column 14: results[0].trials[0].samples: number 1 is not a number"},
    {"[1,, 2]", ": line 7 column 17: unexpected token"},
    {"17", ": line 7 column 14: results[0].trials[0].samples: must be an array"},
    {"[[1]]", ": line 7 column 14: results[0].trials[0].samples: number 0 is not a number"},
    {"[99999999999999999999]", ": line 7 column 34: too big integer"},
};

START_TEST(test_bad_input_samples)
{
    char text[2048];
    struct results *results = NULL;
    int length = snprintf(text, sizeof text, GOOD, samples_texts[_i].samples);
    write_file(text, (size_t)length);
    if (samples_texts[_i].says != NULL) {
        expect_refused(samples_texts[_i].says);
        return;
    }
    json_t *expected = json_loads(samples_texts[_i].samples, 0, NULL);
    ck_assert_msg(results_load(path, &results, error) == 0, "%s", error);
    const struct result_trial *trial = &results->rows[0].trials[0];
    ck_assert_uint_eq(trial->samples_count, json_array_size(expected));
    for (size_t i = 0; i < trial->samples_count; i++) {
        ck_assert_double_eq(trial->samples[i], json_number_value(json_array_get(expected, i)));
    }
    /* Arrays of that name elsewhere are none of the trial's. */
    ck_assert_uint_eq(json_array_size(json_object_get(results->context, "samples")), 2);
    ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(trial->work, "samples"), 0)),
                     3);
    json_decref(expected);
    results_free(results);
}
END_TEST

/* Keys in disguise: nothing is cut, so nothing can be taken for a cut. */
START_TEST(test_bad_input_escaped_key)
{
    char text[2048];
    struct samples_cut cut;
    struct results *results = NULL;
    int length = snprintf(text, sizeof text, GOOD, "[0]");
    char *key = strstr(strstr(text, "\"trials\""), "\"samples\"");
    memcpy(key, "\"\\u0061x\"", 9); /* as long, and now another key */
    struct json_text json = {text, (size_t)length};
    samples_cut(&json, &cut);
    ck_assert_uint_eq(cut.count, 0);
    ck_assert_str_eq(cut.rest.bytes, text);
    samples_cut_destroy(&cut);
    ck_assert_int_lt(results_from_text(&json, "r", &results, error), 0);
    ck_assert_ptr_nonnull(strstr(error, "results[0].trials[0].samples: is missing"));
}
END_TEST

START_TEST(test_bad_input_deep)
{
    enum { DEPTH = 100000 };
    static char text[DEPTH];
    memset(text, '[', sizeof text);
    write_file(text, sizeof text);
    expect_refused(": line 1 column 2049: maximum parsing depth reached");
}
END_TEST

START_TEST(test_bad_input_no_file)
{
    struct results *results = NULL;
    ck_assert_int_eq(results_load(path, &results, error), -ENOENT);
    ck_assert_int_eq(results_load(folder, &results, error), -EISDIR);
    ck_assert_int_eq(results_load("/dev/zero", &results, error), -EINVAL);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(results_load(path, &results, error), -EINVAL); /* does not wait */
    ck_assert_ptr_nonnull(strstr(error, "is not a regular file"));
}
END_TEST

/* Larger than the memory perhaps; it is refused before a byte is read. */
START_TEST(test_bad_input_huge)
{
    struct results *results = NULL;
    write_file("{", 1);
    ck_assert_int_eq(truncate(path, (off_t)1 << 40), 0);
    ck_assert_int_eq(results_load(path, &results, error), -EFBIG);
    ck_assert_ptr_nonnull(strstr(error, "File too large"));
}
END_TEST

/* The timeline beside the results. */
START_TEST(test_bad_input_timeline)
{
    struct results results = {.complete = true};
    char beside[64];
    snprintf(beside, sizeof beside, "%s/trace.json", folder);
    ck_assert_int_eq(results_attach_trace(&results, path, error), 0);
    ck_assert_int_eq(mkfifo(beside, 0600), 0);
    ck_assert_int_eq(results_attach_trace(&results, path, error), -EINVAL);
    unlink(beside);
    snprintf(path, sizeof path, "%s", beside);
    write_file("[\n1e999]", 8);
    ck_assert_int_eq(results_attach_trace(&results, path, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "trace.json: line 2 column 5: real number overflow"));
    write_file("[]", 2);
    ck_assert_int_eq(results_attach_trace(&results, path, error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error, "does not begin with"));
}
END_TEST

static void print_number(char *text, size_t bytes, int how, double value)
{
    static const int digits[] = {12, 17, 1, 3, 0};
    if (how < 2) {
        snprintf(text, bytes, "%.*g", digits[how], value);
    } else if (how == 3) {
        snprintf(text, bytes, "%.*e", digits[how], value);
    } else {
        snprintf(text, bytes, "%.*f", digits[how], value);
    }
}

/* Whatever number is printed, it is read as the C library reads it. */
START_TEST(test_bad_input_numbers)
{
    struct rng rng = {1};
    for (int i = 0; i < NUMBERS; i++) {
        char text[400];
        double value = 0;
        uint64_t bits = rng_next(&rng);
        memcpy(&value, &bits, sizeof value);
        value = i % 2 == 0 ? (double)rng_below(&rng, UINT32_MAX) / 1e6 : value;
        print_number(text, sizeof text, i % 5, value);
        const char *end = number_read(text, &value);
        bool integer = strpbrk(text, ".eina") == NULL;
        if (end == NULL) { /* not finite, or an integer beyond 64 bits */
            errno = 0;
            strtoll(text, NULL, 10);
            ck_assert_msg(!isfinite(strtod(text, NULL)) || (integer && errno == ERANGE), "%s",
                          text);
            continue;
        }
        ck_assert_ptr_eq(end, text + strlen(text));
        double expected = strtod(text, NULL);
        ck_assert_msg(value == expected && signbit(value) == signbit(integer ? value : expected),
                      "%s", text);
    }
}
END_TEST

START_TEST(test_bad_input_locate)
{
    static const char text[] = "{\"a\": [1, {\"b\": \"],}\"}],\n \"c\": {\"\": 2, \"d\": [[], 5]}}";
    static const struct {
        const char *place;
        const char *there;
    } places[] = {{"", "{\"a\""},      {"a", "[1,"},        {"a[1].b", "\"],}"},
                  {"c.d[1]", "5]"},    {"c.none", "{\"\""}, {"a[7]", "[1,"},
                  {"c.d[0]", "[], 5"}, {"a[1]", "{\"b\""},  {"x.y", "{\"a\""}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        size_t at = json_locate(text, sizeof text - 1, places[i].place);
        ck_assert_msg(strncmp(text + at, places[i].there, strlen(places[i].there)) == 0,
                      "%s leads to %s", places[i].place, text + at);
    }
}
END_TEST

Suite *suite_bad_input(void)
{
    Suite *suite = suite_create("bad_input");
    TCase *tests = tcase_create("bad_input");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_bad_input_texts, 0, sizeof texts / sizeof texts[0]);
    tcase_add_test(tests, test_bad_input_zero_byte);
    tcase_add_loop_test(tests, test_bad_input_samples, 0,
                        sizeof samples_texts / sizeof samples_texts[0]);
    tcase_add_test(tests, test_bad_input_escaped_key);
    tcase_add_test(tests, test_bad_input_deep);
    tcase_add_test(tests, test_bad_input_no_file);
    tcase_add_test(tests, test_bad_input_huge);
    tcase_add_test(tests, test_bad_input_timeline);
    tcase_add_test(tests, test_bad_input_numbers);
    tcase_add_test(tests, test_bad_input_locate);
    suite_add_tcase(suite, tests);
    return suite;
}

/* Goal: the worker's parts that need no runtime: histogram, nearest name, /proc files.
 * Method: known answers, and for the histogram all bucket borders.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "histogram.h"
#include "nearest.h"
#include "procfile.h"

START_TEST(test_histogram_buckets_follow_each_other)
{
    for (size_t bucket = 0; bucket + 1 < HISTOGRAM_BUCKETS; bucket++) {
        uint64_t lowest = histogram_lowest(bucket);
        uint64_t next = histogram_lowest(bucket + 1);
        ck_assert_uint_lt(lowest, next);
        ck_assert_uint_eq(histogram_bucket(lowest), bucket);
        ck_assert_uint_eq(histogram_bucket(next - 1), bucket);
        ck_assert_uint_le((next - lowest) * 1000, lowest + 1000); /* 3 significant digits */
    }
}
END_TEST

START_TEST(test_histogram_is_exact_when_small)
{
    for (uint64_t value = 0; value < 2048; value++) {
        ck_assert_uint_eq(histogram_lowest(histogram_bucket(value)), value);
    }
}
END_TEST

START_TEST(test_histogram_keeps_the_largest)
{
    struct histogram *histogram = histogram_new();
    ck_assert_ptr_nonnull(histogram);
    histogram_record(histogram, UINT64_MAX);
    histogram_record(histogram, UINT64_C(1) << HISTOGRAM_BITS);
    ck_assert_uint_eq(histogram->counts[HISTOGRAM_BUCKETS - 1], 2);
    histogram_free(histogram);
}
END_TEST

START_TEST(test_nearest_finds_what_was_meant)
{
    struct nearest nearest = {.wanted = "switch.yeild"};
    nearest_offer(&nearest, "switch.cond");
    nearest_offer(&nearest, "switch.yield");
    nearest_offer(&nearest, "sieve");
    ck_assert_str_eq(nearest.best, "switch.yield");
    ck_assert_uint_eq(nearest.distance, 2);
    ck_assert_str_eq(nearest_hint(&nearest), " (did you mean switch.yield?)");
}
END_TEST

START_TEST(test_nearest_does_not_guess_wildly)
{
    struct nearest nearest = {.wanted = "abcdef"};
    nearest_offer(&nearest, "sieve");
    nearest_offer(&nearest, "");
    ck_assert_ptr_null(nearest.best);
    ck_assert_str_eq(nearest_hint(&nearest), "");
}
END_TEST

START_TEST(test_procfile_finds_fields_at_line_starts_only)
{
    const char *text = "Name:\tVmRSS: 7\nVmPTE:\t  44 kB\nVmRSS:\t 1234 kB\n";
    ck_assert_uint_eq(procfile_field(text, "VmRSS:"), 1234);
    ck_assert_uint_eq(procfile_field(text, "VmPTE:"), 44);
    ck_assert_uint_eq(procfile_field(text, "Threads:"), 0);
}
END_TEST

/* More than one chunk, and a last line without an end. */
START_TEST(test_procfile_counts_lines)
{
    char path[] = "/tmp/switchyard-lines-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    FILE *file = fdopen(descriptor, "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 3000; i++) {
        fprintf(file, "line %d\n", i);
    }
    fprintf(file, "the end");
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_uint_eq(procfile_lines(path), 3000);
    unlink(path);
    ck_assert_uint_eq(procfile_lines(path), 0);
}
END_TEST

START_TEST(test_procfile_knows_unlimited)
{
    char path[] = "/tmp/switchyard-number-XXXXXX";
    int descriptor = mkstemp(path);
    uint64_t number = 7;
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, "max\n", 4), 4);
    ck_assert(!procfile_number(path, &number));
    ck_assert_uint_eq(number, 7);
    ck_assert_int_eq(pwrite(descriptor, "4096\n", 5, 0), 5);
    ck_assert(procfile_number(path, &number));
    ck_assert_uint_eq(number, 4096);
    close(descriptor);
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parts");
    TCase *tests = tcase_create("parts");
    tcase_add_test(tests, test_histogram_buckets_follow_each_other);
    tcase_add_test(tests, test_histogram_is_exact_when_small);
    tcase_add_test(tests, test_histogram_keeps_the_largest);
    tcase_add_test(tests, test_nearest_finds_what_was_meant);
    tcase_add_test(tests, test_nearest_does_not_guess_wildly);
    tcase_add_test(tests, test_procfile_finds_fields_at_line_starts_only);
    tcase_add_test(tests, test_procfile_counts_lines);
    tcase_add_test(tests, test_procfile_knows_unlimited);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

/* test_stats.c - medians, percentiles and intervals against answers worked out by hand, and the
 * bootstrap against the truth that it claims to cover. */
#include <math.h>

#include "rng.h"
#include "stats.h"
#include "suites.h"

#define TOLERANCE 1e-12

START_TEST(test_stats_median_known)
{
    const double odd[] = {5, 1, 3};
    const double even[] = {4, 1, 3, 2};
    ck_assert_double_eq(stats_median(odd, 3), 3);
    ck_assert_double_eq(stats_median(even, 4), 2.5);
    ck_assert_double_eq(odd[0], 5); /* left in the caller's order */
    ck_assert(isnan(stats_median(NULL, 0)));
}
END_TEST

/* The example of Hyndman and Fan's type 7: R's quantile(1:5, c(.1, .5, .9)). */
START_TEST(test_stats_percentile_known)
{
    const double sorted[] = {1, 2, 3, 4, 5};
    ck_assert_double_eq_tol(stats_percentile(sorted, 5, 10), 1.4, TOLERANCE);
    ck_assert_double_eq_tol(stats_percentile(sorted, 5, 50), 3, TOLERANCE);
    ck_assert_double_eq_tol(stats_percentile(sorted, 5, 90), 4.6, TOLERANCE);
    ck_assert_double_eq(stats_percentile(sorted, 5, 0), 1);
    ck_assert_double_eq(stats_percentile(sorted, 5, 100), 5);
    ck_assert(isnan(stats_percentile(sorted, 0, 50)));
}
END_TEST

START_TEST(test_stats_histogram_percentile_known)
{
    const struct bucket buckets[] = {{10, 90}, {20, 9}, {1000, 1}};
    ck_assert_double_eq(stats_histogram_percentile(buckets, 3, 50), 10);
    ck_assert_double_eq(stats_histogram_percentile(buckets, 3, 90), 10);
    ck_assert_double_eq(stats_histogram_percentile(buckets, 3, 99), 20);
    ck_assert_double_eq(stats_histogram_percentile(buckets, 3, 99.9), 1000);
    ck_assert_double_eq(stats_histogram_percentile(buckets, 3, 100), 1000);
    ck_assert_double_eq(stats_histogram_percentile(buckets, 3, 0), 10);
    ck_assert(isnan(stats_histogram_percentile(buckets, 0, 50)));
}
END_TEST

START_TEST(test_stats_bootstrap_is_seeded)
{
    const double values[] = {1, 2, 4, 8, 16, 32, 64};
    struct interval first = stats_bootstrap_median(values, 7, 42);
    struct interval again = stats_bootstrap_median(values, 7, 42);
    ck_assert_double_eq(first.value, 8);
    ck_assert_double_eq(first.low, again.low);
    ck_assert_double_eq(first.high, again.high);
    ck_assert(first.low < first.value && first.value < first.high); /* it did resample */
    ck_assert(first.low >= 1 && first.high <= 64);
}
END_TEST

START_TEST(test_stats_bootstrap_edges)
{
    const double one[] = {7};
    struct interval single = stats_bootstrap_median(one, 1, 1);
    ck_assert(single.low == 7 && single.value == 7 && single.high == 7);
    struct interval none = stats_bootstrap_median(NULL, 0, 1);
    ck_assert(isnan(none.low) && isnan(none.value) && isnan(none.high));
}
END_TEST

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

/* The share of intervals, from samples of a normal distribution around 0, that contain 0. */
static double coverage(size_t count, int experiments, uint64_t seed)
{
    double values[64];
    struct rng rng = {seed};
    int covered = 0;
    for (int i = 0; i < experiments; i++) {
        for (size_t k = 0; k < count; k++) {
            values[k] = normal(&rng);
        }
        struct interval interval = stats_bootstrap_median(values, count, rng_next(&rng));
        covered += interval.low <= 0 && 0 <= interval.high;
    }
    return (double)covered / experiments;
}

/* The percentile bootstrap of a median covers somewhat less than it says for few processes (0.937
 * at 10, 2026-11-23) and jumps from n to n, as the median of an even and an odd number does. 2,000
 * experiments tell it to about +-1 % (two standard errors); the seed is fixed, so the test gives
 * the same answer on every machine. */
START_TEST(test_stats_bootstrap_coverage)
{
    double share = coverage(25, 2000, 20260722);
    ck_assert_msg(share >= 0.94 && share <= 0.96, "coverage is %.4f", share);
}
END_TEST

START_TEST(test_stats_rng_below_is_fair)
{
    int counts[7] = {0};
    struct rng rng = {1};
    for (int i = 0; i < 70000; i++) {
        counts[rng_below(&rng, 7)]++;
    }
    for (int i = 0; i < 7; i++) {
        ck_assert_int_gt(counts[i], 9500); /* five standard deviations around 10,000 */
        ck_assert_int_lt(counts[i], 10500);
    }
}
END_TEST

Suite *suite_stats(void)
{
    Suite *suite = suite_create("stats");
    TCase *tests = tcase_create("stats");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_stats_median_known);
    tcase_add_test(tests, test_stats_percentile_known);
    tcase_add_test(tests, test_stats_histogram_percentile_known);
    tcase_add_test(tests, test_stats_bootstrap_is_seeded);
    tcase_add_test(tests, test_stats_bootstrap_edges);
    tcase_add_test(tests, test_stats_bootstrap_coverage);
    tcase_add_test(tests, test_stats_rng_below_is_fair);
    suite_add_tcase(suite, tests);
    return suite;
}

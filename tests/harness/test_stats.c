/* test_stats.c - medians, percentiles and intervals against answers worked out by hand, and the
 * bootstrap against the truth that it claims to cover. */
#include <float.h>
#include <math.h>

#include "rng.h"
#include "stats.h"
#include "suites.h"

#define TOLERANCE 1e-12
#define BIMODAL_MEDIAN 10.565942992

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
    struct interval other = stats_bootstrap_median(values, 7, 43);
    ck_assert(other.low != first.low && other.high != first.high);
}
END_TEST

/* Among positive values the limits are, too, however far apart they are; and to look at 1 / x is to
 * look at the same thing. */
START_TEST(test_stats_bootstrap_stays_positive)
{
    const double values[] = {1e-3, 1, 1e3};
    const double inverse[] = {1e3, 1, 1e-3};
    struct interval interval = stats_bootstrap_median(values, 3, 5);
    ck_assert_double_gt(interval.low, 0);
    struct interval turned = stats_bootstrap_median(inverse, 3, 6);
    ck_assert_double_eq_tol(log(turned.low), -log(interval.high), 0.5); /* other draws */
    const double logs[] = {-1, 0, 1};
    struct interval free_sign = stats_bootstrap_median_of_logs(logs, 3, 5);
    ck_assert_double_eq_tol(log(interval.low) / log(1e3), free_sign.low, 1e-9);
    const double large[] = {DBL_MIN, 1, DBL_MAX};
    interval = stats_bootstrap_median(large, 3, 5);
    ck_assert(interval.low > 0 && isfinite(interval.high));
}
END_TEST

/* Only equal values have an interval without width. */
START_TEST(test_stats_bootstrap_width)
{
    const double equal[] = {0.1, 0.1, 0.1, 0.1, 0.1};
    struct interval interval = stats_bootstrap_median(equal, 5, 1);
    ck_assert(interval.low == 0.1 && interval.high == 0.1);
    double nearly[21];
    for (int i = 0; i < 21; i++) {
        nearly[i] = i == 0 ? 1000 : 1;
    }
    interval = stats_bootstrap_median(nearly, 21, 1);
    ck_assert(interval.low < 1 && 1 < interval.high);
    ck_assert_double_lt(interval.high, 1.2); /* the one far out does not make it as wide */
    nearly[0] = 0;                           /* not on logarithms */
    interval = stats_bootstrap_median(nearly, 21, 1);
    ck_assert(interval.low < 1 && 1 < interval.high);
    ck_assert_double_gt(interval.low, 0.8);
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

static double draw_normal(struct rng *rng)
{
    return 10 + normal(rng);
}

static double draw_lognormal(struct rng *rng)
{
    return exp(0.5 * normal(rng));
}

/* Two modes, as a process has that is lucky or not: 0.7 of 10 +- 1, 0.3 of 15 +- 1. */
static double draw_bimodal(struct rng *rng)
{
    return (uniform(rng) < 0.7 ? 10 : 15) + normal(rng);
}

static const struct {
    const char *name;
    double (*draw)(struct rng *rng);
    double median;
} distributions[] = {
    {"normal", draw_normal, 10},
    {"log-normal", draw_lognormal, 1},
    {"bimodal", draw_bimodal, BIMODAL_MEDIAN},
};

static const size_t sample_sizes[] = {5, 7, 10, 20};

enum {
    DISTRIBUTIONS = sizeof distributions / sizeof distributions[0],
    SAMPLE_SIZES = sizeof sample_sizes / sizeof sample_sizes[0],
    EXPERIMENTS = 2500,
};

/* 0.7 Phi(x - 10) + 0.3 Phi(x - 15) = 1/2 there. */
START_TEST(test_stats_bimodal_median)
{
    double below = 0.35 * erfc(-(BIMODAL_MEDIAN - 10) * M_SQRT1_2) +
                   0.15 * erfc(-(BIMODAL_MEDIAN - 15) * M_SQRT1_2);
    ck_assert_double_eq_tol(below, 0.5, 1e-6);
}
END_TEST

/* The share of intervals that hold the true median: 94 to 96 %. 2,500 experiments tell it to about
 * +-0.9 % (two standard errors); the seed is fixed, so the answer is the same on every machine. */
START_TEST(test_stats_bootstrap_coverage)
{
    int distribution = _i / SAMPLE_SIZES;
    size_t count = sample_sizes[_i % SAMPLE_SIZES];
    double values[32];
    struct rng rng = {20260722};
    int covered = 0;
    for (int i = 0; i < EXPERIMENTS; i++) {
        for (size_t k = 0; k < count; k++) {
            values[k] = distributions[distribution].draw(&rng);
        }
        struct interval interval = stats_bootstrap_median(values, count, rng_next(&rng));
        double median = distributions[distribution].median;
        covered += interval.low <= median && median <= interval.high;
    }
    double share = (double)covered / EXPERIMENTS;
    ck_assert_msg(share >= 0.94 && share <= 0.96, "coverage for %zu %s values is %.4f", count,
                  distributions[distribution].name, share);
}
END_TEST

/* The same of the ratio of two sets from one distribution, whose true ratio is 1. Five values a
 * side make it somewhat wide: 97 % are allowed there. */
START_TEST(test_stats_ratio_coverage)
{
    int distribution = _i / SAMPLE_SIZES;
    size_t count = sample_sizes[_i % SAMPLE_SIZES];
    double above[32];
    double below[32];
    struct rng rng = {20261126};
    int covered = 0;
    for (int i = 0; i < EXPERIMENTS; i++) {
        for (size_t k = 0; k < count; k++) {
            above[k] = distributions[distribution].draw(&rng);
            below[k] = distributions[distribution].draw(&rng);
        }
        struct interval ratio = stats_bootstrap_ratio(above, count, below, count, rng_next(&rng));
        covered += ratio.low <= 1 && 1 <= ratio.high;
    }
    double share = (double)covered / EXPERIMENTS;
    ck_assert_msg(share >= 0.94 && share <= (count == 5 ? 0.97 : 0.96),
                  "coverage for %zu %s values a side is %.4f", count,
                  distributions[distribution].name, share);
}
END_TEST

START_TEST(test_stats_ratio_known)
{
    const double above[] = {4, 5, 6, 7};
    const double below[] = {2, 2.5, 3, 3};
    const double zero[] = {0, 1, 2, 3};
    const double equal[] = {3, 3, 3};
    struct interval first = stats_bootstrap_ratio(above, 4, below, 4, 1);
    struct interval again = stats_bootstrap_ratio(above, 4, below, 4, 1);
    ck_assert_double_eq(first.value, 2);
    ck_assert(first.low == again.low && first.high == again.high);
    ck_assert(first.low > 1 && first.low < 2 && first.high > 2 && first.high < 4);
    struct interval other = stats_bootstrap_ratio(above, 4, equal, 3, 1);
    ck_assert(other.low < other.value && other.value < other.high);
    other = stats_bootstrap_ratio(equal, 3, equal, 2, 1);
    ck_assert(other.low == 1 && other.value == 1 && other.high == 1);
    ck_assert(isnan(stats_bootstrap_ratio(above, 4, below, 0, 1).value));
    ck_assert(isnan(stats_bootstrap_ratio(above, 4, zero, 4, 1).value));
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
    tcase_add_test(tests, test_stats_bootstrap_stays_positive);
    tcase_add_test(tests, test_stats_bootstrap_width);
    tcase_add_test(tests, test_stats_bimodal_median);
    tcase_add_loop_test(tests, test_stats_bootstrap_coverage, 0, DISTRIBUTIONS * SAMPLE_SIZES);
    tcase_add_loop_test(tests, test_stats_ratio_coverage, 0, DISTRIBUTIONS * SAMPLE_SIZES);
    tcase_add_test(tests, test_stats_ratio_known);
    tcase_add_test(tests, test_stats_rng_below_is_fair);
    suite_add_tcase(suite, tests);
    return suite;
}

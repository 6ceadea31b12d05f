/* test_paired.c - the gate's statistics: each verdict has its cause, the interval covers the truth
 * as often as it says. */
#include <math.h>

#include "paired.h"
#include "rng.h"
#include "suites.h"

#define DELTA 0.02

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

/* --- One metric ------------------------------------------------------------------------------ */

/* Values spread evenly within width around the middle. */
static void spread(double *logs, size_t count, double middle, double width)
{
    for (size_t i = 0; i < count; i++) {
        logs[i] = middle + width * ((double)i / (double)(count - 1) - 0.5);
    }
}

static enum verdict verdict_of(double middle, double width, size_t count, bool more_is_better)
{
    double logs[64];
    spread(logs, count, middle, width);
    struct paired paired = paired_estimate(logs, count, 1);
    ck_assert_double_eq_tol(paired.ratio.value, exp(middle), 1e-9);
    ck_assert(paired.ratio.low <= paired.ratio.value && paired.ratio.value <= paired.ratio.high);
    return paired_verdict(&paired, DELTA, more_is_better);
}

START_TEST(test_paired_verdicts)
{
    ck_assert_int_eq(verdict_of(0, 0.01, 20, false), VERDICT_SAME);
    ck_assert_int_eq(verdict_of(0.05, 0.01, 20, false), VERDICT_REGRESSED);
    ck_assert_int_eq(verdict_of(-0.05, 0.01, 20, false), VERDICT_IMPROVED);
    ck_assert_int_eq(verdict_of(0.05, 0.01, 20, true), VERDICT_IMPROVED);
    ck_assert_int_eq(verdict_of(-0.05, 0.01, 20, true), VERDICT_REGRESSED);
    ck_assert_int_eq(verdict_of(log1p(DELTA), 0.01, 20, false), VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(verdict_of(0, 0.5, 20, false), VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(verdict_of(0.05, 0.01, 19, false), VERDICT_INCONCLUSIVE); /* too few */
}
END_TEST

/* The interval alone does not do: with 20 metrics, 15 signs of 20 are no evidence (Holm). */
START_TEST(test_paired_needs_signs)
{
    struct paired metrics[20];
    for (int i = 0; i < 20; i++) {
        metrics[i] = (struct paired){{1.05, 1.04, 1.06}, 0.04, 20};
    }
    ck_assert_int_eq(paired_verdict(&metrics[0], DELTA, false), VERDICT_REGRESSED);
    paired_adjust(metrics, 20);
    ck_assert_double_eq_tol(metrics[0].sign_p, 0.8, 1e-9);
    ck_assert_int_eq(paired_verdict(&metrics[0], DELTA, false), VERDICT_INCONCLUSIVE);
}
END_TEST

/* Quartiles of |x| are 0.01 and 0.02: 0.02 + 3 * 0.01. */
START_TEST(test_paired_delta_known)
{
    const double past[] = {0.005, -0.01, 0.01, 0.015, -0.015, 0.015, 0.02, -0.02, 0.025};
    ck_assert_double_eq_tol(paired_delta(past, 9, 0.02), expm1(0.05), 1e-12);
    ck_assert_double_eq(paired_delta(past, 9, 0.1), 0.1);
    ck_assert_double_eq(paired_delta(past, PAIRED_PAST_LEAST - 1, 0.02), 0.02);
    ck_assert_double_eq(paired_delta(NULL, 0, 0.02), 0.02);
}
END_TEST

START_TEST(test_paired_precision)
{
    struct paired narrow = {{1, 0.991, 1.009}, 1, 20};
    struct paired wide = {{1, 0.98, 1.02}, 1, 20};
    ck_assert(paired_is_precise(&narrow, DELTA));
    ck_assert(!paired_is_precise(&wide, DELTA));
    ck_assert(!paired_excludes_one(&narrow));
    struct paired beyond = {{1.01, 1.001, 1.02}, 1, 20};
    ck_assert(paired_excludes_one(&beyond));
}
END_TEST

/* --- Coverage -------------------------------------------------------------------------------- */

/* How often the interval of the ratio holds the truth, 1.03 here. 4,000 experiments tell it to 0.7
 * % (two standard errors); the seed is fixed, so the answer is the same everywhere. */
static double coverage(size_t count, uint64_t seed)
{
    enum { EXPERIMENTS = 2500 };
    double logs[64];
    struct rng rng = {seed};
    int covered = 0;
    for (int i = 0; i < EXPERIMENTS; i++) {
        for (size_t k = 0; k < count; k++) {
            logs[k] = log(1.03) + 0.02 * normal(&rng);
        }
        struct paired paired = paired_estimate(logs, count, rng_next(&rng));
        covered += paired.ratio.low <= 1.03 && 1.03 <= paired.ratio.high;
    }
    return (double)covered / EXPERIMENTS;
}

/* For the numbers of pairs at which the gate judges, and an odd one. */
static const size_t coverage_counts[] = {20, 21, 40};

START_TEST(test_paired_coverage)
{
    double share = coverage(coverage_counts[_i], 20261125);
    ck_assert_msg(share >= 0.94 && share <= 0.96, "coverage at %zu pairs is %.4f",
                  coverage_counts[_i], share);
}
END_TEST

Suite *suite_paired(void)
{
    Suite *suite = suite_create("paired");
    TCase *tests = tcase_create("paired");
    tcase_set_timeout(tests, 280);
    tcase_add_test(tests, test_paired_verdicts);
    tcase_add_test(tests, test_paired_needs_signs);
    tcase_add_test(tests, test_paired_delta_known);
    tcase_add_test(tests, test_paired_precision);
    tcase_add_loop_test(tests, test_paired_coverage, 0,
                        sizeof coverage_counts / sizeof coverage_counts[0]);
    suite_add_tcase(suite, tests);
    return suite;
}

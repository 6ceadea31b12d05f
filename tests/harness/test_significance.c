/* test_significance.c - hypothesis tests against answers worked out by hand or known from tables.
 */
#include <math.h>

#include "rng.h"
#include "significance.h"
#include "suites.h"

#define TOLERANCE 1e-9
#define WELCH_P 0.10753119493063312

/* 2 * (1 + 10 + 45) / 2^10. */
START_TEST(test_significance_sign_known)
{
    const double eight_of_ten[] = {1, 2, 3, 4, -1, 5, 6, 7, -2, 8};
    const double with_zeros[] = {0, 1, 2, 3, 4, -1, 5, 6, 0, 7, -2, 8};
    const double all[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    ck_assert_double_eq_tol(sign_test(eight_of_ten, 10), 0.109375, TOLERANCE);
    ck_assert_double_eq_tol(sign_test(with_zeros, 12), 0.109375, TOLERANCE);
    ck_assert_double_eq_tol(sign_test(all, 10), 2 / 1024.0, TOLERANCE);
}
END_TEST

START_TEST(test_significance_sign_edges)
{
    const double even[] = {1, -1, 1, -1};
    const double zeros[] = {0, 0};
    ck_assert_double_eq(sign_test(even, 4), 1);
    ck_assert_double_eq(sign_test(zeros, 2), 1);
    ck_assert_double_eq(sign_test(NULL, 0), 1);
}
END_TEST

/* Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1; none below the one before. */
START_TEST(test_significance_holm_known)
{
    double p[] = {0.01, 0.04, 0.03, 0.005};
    holm_adjust(p, 4);
    ck_assert_double_eq_tol(p[0], 0.03, TOLERANCE);
    ck_assert_double_eq_tol(p[1], 0.06, TOLERANCE);
    ck_assert_double_eq_tol(p[2], 0.06, TOLERANCE);
    ck_assert_double_eq_tol(p[3], 0.02, TOLERANCE);
    double large[] = {0.9, 0.8};
    holm_adjust(large, 2);
    ck_assert_double_eq(large[0], 1);
    ck_assert_double_eq(large[1], 1);
    holm_adjust(NULL, 0);
}
END_TEST

/* Quantiles of every table of Student's distribution; with one degree it is Cauchy's. */
START_TEST(test_significance_student_known)
{
    ck_assert_double_eq_tol(student_two_sided(0, 7), 1, TOLERANCE);
    ck_assert_double_eq_tol(student_two_sided(1, 1), 0.5, TOLERANCE);
    ck_assert_double_eq_tol(student_two_sided(2.228138851964939, 10), 0.05, TOLERANCE);
    ck_assert_double_eq_tol(student_two_sided(-2.228138851964939, 10), 0.05, TOLERANCE);
    ck_assert_double_eq_tol(student_two_sided(1.959963984540054, 1e9), 0.05, 1e-7);
}
END_TEST

/* Means 3 and 6, variances 2.5 and 10: t = 3 / sqrt(2.5) with 6.25 / 1.0625 degrees; its p by
 * Simpson's rule over the density. */
START_TEST(test_significance_welch_known)
{
    const double a[] = {1, 2, 3, 4, 5};
    const double b[] = {2, 4, 6, 8, 10};
    const double same[] = {7, 7, 7};
    const double other[] = {8, 8};
    ck_assert_double_eq_tol(welch_test(a, 5, b, 5), WELCH_P, 1e-9);
    ck_assert_double_eq_tol(welch_test(b, 5, a, 5), WELCH_P, 1e-9);
    ck_assert_double_eq(welch_test(a, 1, b, 5), 1);
    ck_assert_double_eq(welch_test(same, 3, same, 3), 1);
    ck_assert_double_eq(welch_test(same, 3, other, 2), 0);
}
END_TEST

/* Where there is no difference, p below 0.05 comes in 5 % of the experiments. */
START_TEST(test_significance_welch_is_calibrated)
{
    enum { EXPERIMENTS = 4000, COUNT = 12 };
    struct rng rng = {20261125};
    int found = 0;
    for (int i = 0; i < EXPERIMENTS; i++) {
        double values[2 * COUNT];
        for (int k = 0; k < 2 * COUNT; k++) {
            double sum = 0; /* of 12 uniform numbers: nearly normal */
            for (int part = 0; part < 12; part++) {
                sum += (double)(rng_next(&rng) >> 11) * 0x1p-53;
            }
            values[k] = sum;
        }
        found += welch_test(values, COUNT, values + COUNT, COUNT) < 0.05;
    }
    ck_assert_int_gt(found, EXPERIMENTS * 4 / 100);
    ck_assert_int_lt(found, EXPERIMENTS * 6 / 100);
}
END_TEST

Suite *suite_significance(void)
{
    Suite *suite = suite_create("significance");
    TCase *tests = tcase_create("significance");
    tcase_add_test(tests, test_significance_sign_known);
    tcase_add_test(tests, test_significance_sign_edges);
    tcase_add_test(tests, test_significance_holm_known);
    tcase_add_test(tests, test_significance_student_known);
    tcase_add_test(tests, test_significance_welch_known);
    tcase_add_test(tests, test_significance_welch_is_calibrated);
    suite_add_tcase(suite, tests);
    return suite;
}

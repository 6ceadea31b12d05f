/* significance.h - tests of hypotheses, with exact or tabulated answers. No state. */
#ifndef SWITCHYARD_HARNESS_SIGNIFICANCE_H
#define SWITCHYARD_HARNESS_SIGNIFICANCE_H

#include <stddef.h>

/* The two-sided p of the sign test that the median of the differences is 0; zeros are left out
 * (Dixon and Mood 1946). 1 if nothing is left. */
double sign_test(const double *differences, size_t count);

/* Replaces the p values of several questions by those of Holm (1979): each below a level with that
 * probability at most if all hypotheses are true. */
void holm_adjust(double *p, size_t count);

/* P(|T| > |t|) of Student's distribution; freedom > 0 need not be whole. */
double student_two_sided(double t, double freedom);

/* The two-sided p of Welch's t test that two samples have the same mean, variances free. 1 if a
 * sample has fewer than 2 values, or if nothing varies and the means are equal; 0 if nothing varies
 * and they differ. */
double welch_test(const double *a, size_t a_count, const double *b, size_t b_count);

#endif

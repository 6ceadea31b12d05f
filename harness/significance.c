/* significance.c - see significance.h. */
#include "significance.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "alloc.h"

/* --- Signs ----------------------------------------------------------------------------------- */

/* P(X = k) of n fair coins. */
static double binomial(size_t n, size_t k)
{
    return exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) -
               (double)n * M_LN2);
}

double sign_test(const double *differences, size_t count)
{
    size_t above = 0;
    size_t below = 0;
    for (size_t i = 0; i < count; i++) {
        above += differences[i] > 0;
        below += differences[i] < 0;
    }
    size_t rarer = above < below ? above : below;
    double tail = 0;
    for (size_t k = 0; k <= rarer; k++) {
        tail += binomial(above + below, k);
    }
    return fmin(1, 2 * tail);
}

/* --- Several questions ----------------------------------------------------------------------- */

static size_t smallest_left(const double *p, const bool *done, size_t count)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        if (!done[i] && (best == count || p[i] < p[best])) {
            best = i;
        }
    }
    return best;
}

void holm_adjust(double *p, size_t count)
{
    bool *done = alloc_array(count, sizeof *done);
    double least = 0;
    for (size_t step = 0; step < count; step++) {
        size_t next = smallest_left(p, done, count);
        least = fmax(least, fmin(1, (double)(count - step) * p[next]));
        done[next] = true;
        p[next] = least;
    }
    free(done);
}

/* --- Means ----------------------------------------------------------------------------------- */

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by the
 * method of Lentz. It converges fast for x below (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1;
    double d = 1 / fmax(fabs(1 - (a + b) * x / (a + 1)), tiny);
    double value = d;
    for (int m = 1; m <= 300; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / fmax(1 + even * d, tiny);
        c = fmax(1 + even / c, tiny);
        value *= c * d;
        d = 1 / fmax(1 + odd * d, tiny);
        c = fmax(1 + odd / c, tiny);
        value *= c * d;
        if (fabs(c * d - 1) < 1e-15) {
            break;
        }
    }
    return value;
}

/* The regularised incomplete beta function I_x(a, b). */
static double incomplete_beta(double x, double a, double b)
{
    if (x <= 0 || x >= 1) {
        return x <= 0 ? 0 : 1;
    }
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                     : 1 - front * beta_fraction(1 - x, b, a) / b;
}

double student_two_sided(double t, double freedom)
{
    return incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

static double mean_of(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return sum / (double)count;
}

/* The variance of the mean. */
static double error_of(const double *values, size_t count, double mean)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (values[i] - mean) * (values[i] - mean);
    }
    return sum / (double)(count - 1) / (double)count;
}

double welch_test(const double *a, size_t a_count, const double *b, size_t b_count)
{
    if (a_count < 2 || b_count < 2) {
        return 1;
    }
    double a_mean = mean_of(a, a_count);
    double b_mean = mean_of(b, b_count);
    double a_error = error_of(a, a_count, a_mean);
    double b_error = error_of(b, b_count, b_mean);
    double error = a_error + b_error;
    if (error <= 0) {
        return a_mean < b_mean || a_mean > b_mean ? 0 : 1;
    }
    double freedom =
        error * error /
        (a_error * a_error / (double)(a_count - 1) + b_error * b_error / (double)(b_count - 1));
    return student_two_sided((a_mean - b_mean) / sqrt(error), freedom);
}

/* number_text.c - see number_text.h.
 *
 * Up to 15 digits are an exact double, and so are the powers of ten up to 10^22; one division or
 * multiplication of exact numbers is rounded correctly (W. D. Clinger, "How to read floating point
 * numbers accurately", PLDI 1990). Others go to strtod.
 */
#include "number_text.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define EXACT_DIGITS 15

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

enum { POWERS = sizeof powers / sizeof powers[0] };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits into the mantissa, which overflows quietly after 19. */
static const char *read_digits(const char *at, uint64_t *mantissa)
{
    uint64_t value = *mantissa;
    while (is_digit(*at)) {
        value = value * 10 + (uint64_t)(*at++ - '0');
    }
    *mantissa = value;
    return at;
}

/* The exponent behind an e; NULL if there are no digits. Beyond any double it only has to stay so.
 */
static const char *read_exponent(const char *at, int *exponent)
{
    bool negative = *at == '-';
    int value = 0;
    at += *at == '-' || *at == '+';
    if (!is_digit(*at)) {
        return NULL;
    }
    for (; is_digit(*at); at++) {
        value = value < 10000 ? value * 10 + (*at - '0') : value;
    }
    *exponent = negative ? -value : value;
    return at;
}

/* By the C library, with its limits and jansson's. The locale is always "C". */
static const char *read_slowly(const char *text, const char *end, bool real, double *number)
{
    errno = 0;
    if (real) {
        *number = strtod(text, NULL);
        return isfinite(*number) ? end : NULL;
    }
    *number = (double)strtoll(text, NULL, 10);
    return errno == 0 ? end : NULL;
}

const char *number_read(const char *text, double *number)
{
    uint64_t mantissa = 0;
    int exponent = 0;
    bool negative = *text == '-';
    const char *first = text + negative;
    const char *at = read_digits(first, &mantissa);
    ptrdiff_t digits = at - first;
    bool real = false;
    if (digits == 0 || (digits > 1 && *first == '0')) {
        return NULL;
    }
    if (*at == '.') {
        const char *fraction = at + 1;
        at = read_digits(fraction, &mantissa);
        if (at == fraction) {
            return NULL;
        }
        digits += at - fraction;
        exponent = (int)(fraction - at);
        real = true;
    }
    if (*at == 'e' || *at == 'E') {
        int given = 0;
        at = read_exponent(at + 1, &given);
        if (at == NULL) {
            return NULL;
        }
        exponent += given;
        real = true;
    }
    if (digits > EXACT_DIGITS || exponent <= -POWERS || exponent >= POWERS) {
        return read_slowly(text, at, real, number);
    }
    double value = (double)mantissa;
    value = exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
    *number = negative && (real || mantissa != 0) ? -value : value; /* the integer -0 is 0 */
    return at;
}

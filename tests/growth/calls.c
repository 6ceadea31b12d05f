/* calls.c - what a call may look like: each function gets values in a way of its own, and says
 * whether it got them right. Compiled with -fsplit-stack; called where the stack ends. */
#include "calls.h"

#include <complex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"

#define OUT_OF_LINE __attribute__((noinline, noclone))

static volatile long zero;

/* --- results --- */

struct many {
    long values[30];
};

struct pair {
    double first;
    long second;
};

OUT_OF_LINE static struct many result_in_memory(long a, double b)
{
    struct many many;
    for (int i = 0; i < 30; i++) {
        many.values[i] = a * i + (long)b;
    }
    return many;
}

OUT_OF_LINE static struct pair result_in_mixed_registers(long a, double b)
{
    return (struct pair){b * 2, a + 1};
}

OUT_OF_LINE static long double result_on_x87(long double a)
{
    return a * 2;
}

OUT_OF_LINE static long double complex result_in_two_x87(long double a)
{
    return CMPLXL(a, 3 * a);
}

OUT_OF_LINE static double complex result_in_two_vectors(double a)
{
    return CMPLX(a, 5 * a);
}

OUT_OF_LINE static __int128 result_in_two_registers(__int128 a)
{
    return a * 3;
}

static void check_results(long a)
{
    struct many many = result_in_memory(a, 1.5);
    long sum = 0;
    for (int i = 0; i < 30; i++) {
        sum += many.values[i];
    }
    expect_eq(sum, a * 435 + 30);
    struct pair pair = result_in_mixed_registers(a, 2.5);
    expect_true(pair.first == 5.0 && pair.second == a + 1);
    expect_true(result_on_x87(1.25L) == 2.5L);
    expect_true(result_in_two_x87(1.5L) == CMPLXL(1.5L, 4.5L));
    expect_true(result_in_two_vectors(1.5) == CMPLX(1.5, 7.5));
    expect_true(result_in_two_registers((__int128)a << 70) == ((__int128)a << 70) * 3);
}

/* --- arguments --- */

OUT_OF_LINE static long twelve_longs(long a, long b, long c, long d, long e, long f, long g, long h,
                                     long i, long j, long k, long l)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k +
           12 * l + zero;
}

OUT_OF_LINE static double ten_doubles(double a, double b, double c, double d, double e, double f,
                                      double g, double h, double i, double j)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}

OUT_OF_LINE static long structs(struct many a, int factor, struct many b)
{
    long sum = 0;
    for (int i = 0; i < 30; i++) {
        sum += a.values[i] * factor + b.values[i];
    }
    return sum;
}

struct aligned {
    char first __attribute__((aligned(32)));
    long value;
};

OUT_OF_LINE static long aligned_structs(struct aligned a, long b, long c, long d, long e, long f,
                                        long g, long h, struct aligned z)
{
    (void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
    bool are = (((uintptr_t)&a | (uintptr_t)&z) & 31) == 0;
    return are ? a.value + z.value + h : -1;
}

typedef double vector __attribute__((vector_size(32)));

OUT_OF_LINE __attribute__((target("avx"))) static double vectors(vector a, vector b)
{
    vector sum = a + 10 * b;
    return sum[0] + sum[1] + sum[2] + sum[3];
}

__attribute__((target("avx"))) static void check_vectors(void)
{
    vector a = {1, 2, 3, 4};
    vector b = {5, 6, 7, 8};
    expect_true(vectors(a, b) == 270.0);
}

static void check_arguments(long a)
{
    struct many many = result_in_memory(a, 1.5);
    struct aligned five = {.value = 5};
    struct aligned six = {.value = 6};
    expect_eq(twelve_longs(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 650);
    expect_true(ten_doubles(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) == 385.0);
    expect_eq(structs(many, 2, many), 3 * (a * 435 + 30));
    expect_eq(aligned_structs(five, 1, 2, 3, 4, 5, 6, 7, six), 18);
    if (__builtin_cpu_supports("avx")) {
        check_vectors();
    }
}

/* --- variable arguments --- */

OUT_OF_LINE static long variable_longs(int count, ...)
{
    va_list list;
    long sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        sum += va_arg(list, long) * (i + 1);
    }
    va_end(list);
    return sum;
}

OUT_OF_LINE static double variable_doubles(int count, ...)
{
    va_list list;
    double sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        sum += va_arg(list, double) * (i + 1);
    }
    va_end(list);
    return sum;
}

OUT_OF_LINE static long variable_after_stack(long a, long b, long c, long d, long e, long f, long g,
                                             ...)
{
    va_list list;
    va_start(list, g);
    long h = va_arg(list, long);
    long i = va_arg(list, long);
    va_end(list);
    return a + b + c + d + e + f + 10 * g + 100 * h + 1000 * i;
}

__attribute__((format(printf, 1, 2))) OUT_OF_LINE static long variable_text(const char *format, ...)
{
    va_list list;
    char text[200];
    va_start(list, format);
    int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return length > 20 ? strtol(text, NULL, 10) : -1;
}

static void check_variable(long a)
{
    expect_eq(variable_longs(9, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), 285);
    expect_true(variable_doubles(10, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10.) == 385.0);
    expect_eq(variable_after_stack(1, 2, 3, 4, 5, 6, 7, 8L, 9L), 9891);
    expect_eq(variable_text("%ld %5.2f %s %d %d %d %d %05d", a + 10, 1.25, "xyz", 1, 2, 3, 4, 77),
              a + 10);
}

/* --- frames --- */

OUT_OF_LINE static long fill(volatile char *bytes, long count)
{
    long sum = 0;
    for (long i = 0; i < count; i++) {
        bytes[i] = 1;
    }
    for (long i = 0; i < count; i++) {
        sum += bytes[i];
    }
    return sum;
}

OUT_OF_LINE static long allocate(long bytes)
{
    return fill(__builtin_alloca((size_t)bytes), bytes);
}

OUT_OF_LINE static long allocate_twice(long bytes)
{
    volatile char *first = __builtin_alloca((size_t)bytes);
    volatile char *second = __builtin_alloca((size_t)bytes);
    first[bytes - 1] = 3;
    return fill(second, bytes) + first[bytes - 1];
}

OUT_OF_LINE static long large_frame(long at)
{
    volatile char bytes[5000];
    bytes[at] = 7;
    bytes[4999 - at] = 9;
    return bytes[at] + bytes[4999 - at];
}

OUT_OF_LINE static long huge_frame(long at)
{
    volatile char bytes[3 << 20];
    bytes[at] = 7;
    bytes[sizeof bytes - 1] = 9;
    return bytes[at] + bytes[sizeof bytes - 1];
}

static void check_frames(void)
{
    expect_eq(allocate(100), 100);
    expect_eq(allocate(3000), 3000);
    expect_eq(allocate(200000), 200000);
    expect_eq(allocate_twice(2500), 2503);
    expect_eq(large_frame(10), 16);
    expect_eq(huge_frame(10), 16);
}

/* --- through code without checks, and with a switch --- */

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

OUT_OF_LINE static void check_callbacks(long a)
{
    int numbers[100];
    for (int i = 0; i < 100; i++) {
        numbers[i] = (int)(i * 37 + a) % 100;
    }
    qsort(numbers, 100, sizeof numbers[0], compare);
    for (int i = 1; i < 100; i++) {
        expect_true(numbers[i - 1] <= numbers[i]);
    }
}

OUT_OF_LINE static long factorial(long n)
{
    return n < 2 ? 1 : n * factorial(n - 1);
}

OUT_OF_LINE static long yield_and_return(long a)
{
    sy_yield();
    return a;
}

long calls_check_without_switch(long a)
{
    check_results(a);
    check_arguments(a);
    check_variable(a);
    check_frames();
    check_callbacks(a);
    expect_eq(factorial(20), 2432902008176640000L);
    return a;
}

long calls_check_all(long a)
{
    expect_eq(yield_and_return(a), a);
    return calls_check_without_switch(a);
}

/* changes.c - see changes.h. */
#include "changes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "alloc.h"
#include "significance.h"
#include "stats.h"

/* A first pass takes weaker divisions, too: one that is best by the energy distance may have two
 * levels on one side, whose mixture a t test finds too wide. Once all are marked, each level is
 * compared with the next one only, and CHANGES_P decides. */
#define WEAK_P 0.1
/* A level has at least so many values: of fewer, a t test knows no variance. */
#define LEVEL_LEAST 3

/* Does a change begin at the value? One more at each end, which always do. */
struct marks {
    bool *at;
    size_t count;
};

static double mean_distance(const double *a, size_t a_count, const double *b, size_t b_count)
{
    double sum = 0;
    for (size_t i = 0; i < a_count; i++) {
        for (size_t k = 0; k < b_count; k++) {
            sum += fabs(a[i] - b[k]);
        }
    }
    return sum;
}

/* The energy statistic of a division (Matteson and James, equation 5, with exponent 1). */
static double divergence(const double *values, size_t count, size_t at)
{
    double n = (double)at;
    double m = (double)(count - at);
    const double *right = values + at;
    double between = 2 * mean_distance(values, at, right, count - at) / (n * m);
    double left_within = mean_distance(values, at, values, at) / (n * (n - 1));
    double right_within = mean_distance(right, count - at, right, count - at) / (m * (m - 1));
    return n * m / (n + m) * (between - left_within - right_within);
}

/* Where the two parts differ most; 0 if the series is too short to be divided. */
static size_t best_division(const double *values, size_t count)
{
    size_t best = 0;
    double most = -INFINITY;
    for (size_t at = LEVEL_LEAST; at + LEVEL_LEAST <= count; at++) {
        double here = divergence(values, count, at);
        if (here > most) {
            most = here;
            best = at;
        }
    }
    return best;
}

/* The p of a difference between the levels before and from `at`; 1 if it is too small to matter. */
static double level_p(const double *values, size_t begin, size_t at, size_t end)
{
    double before = stats_median(values + begin, at - begin);
    double after = stats_median(values + at, end - at);
    return fabs(after - before) < CHANGES_LEAST * fabs(before)
               ? 1
               : welch_test(values + begin, at - begin, values + at, end - at);
}

/* Divides the part again and again; marks what counts. The parts left to do are kept in a list. */
static void divide(const double *values, size_t begin, size_t end, struct marks *marks)
{
    size_t at = best_division(values + begin, end - begin);
    if (at == 0 || level_p(values, begin, begin + at, end) >= WEAK_P) {
        return;
    }
    marks->at[begin + at] = true;
    divide(values, begin, begin + at, marks); // NOLINT(misc-no-recursion): at most 50 values
    divide(values, begin + at, end, marks);
}

static size_t next_mark(const struct marks *marks, size_t from)
{
    size_t at = from + 1;
    while (at < marks->count && !marks->at[at]) {
        at++;
    }
    return at;
}

/* Two windows may see one change at two places: marks whose levels, now that all marks are known,
 * do not differ by CHANGES_P are taken away, the least certain first. */
static bool remove_weakest(const double *values, struct marks *marks)
{
    size_t weakest = 0;
    double most = 0;
    size_t begin = 0;
    for (size_t at = next_mark(marks, 0); at < marks->count; at = next_mark(marks, at)) {
        size_t end = next_mark(marks, at);
        double p = level_p(values, begin, at, end);
        if (p > most) {
            most = p;
            weakest = at;
        }
        begin = at;
    }
    if (weakest == 0 || most < CHANGES_P) {
        return false;
    }
    marks->at[weakest] = false;
    return true;
}

static void mark_windows(const double *values, struct marks *marks)
{
    for (size_t begin = 0;; begin += CHANGES_WINDOW / 2) {
        size_t end = begin + CHANGES_WINDOW;
        divide(values, begin, end < marks->count ? end : marks->count, marks);
        if (end >= marks->count) {
            return;
        }
    }
}

size_t changes_find(const double *values, size_t count, struct change **changes)
{
    struct marks marks = {.at = alloc_array(count + 1, sizeof *marks.at), .count = count};
    size_t found = 0;
    size_t begin = 0;
    *changes = alloc_array(count, sizeof **changes);
    mark_windows(values, &marks);
    while (remove_weakest(values, &marks)) {
    }
    for (size_t at = next_mark(&marks, 0); at < count; at = next_mark(&marks, at)) {
        size_t end = next_mark(&marks, at);
        (*changes)[found++] = (struct change){.at = at,
                                              .before = stats_median(values + begin, at - begin),
                                              .after = stats_median(values + at, end - at),
                                              .p = level_p(values, begin, at, end)};
        begin = at;
    }
    free(marks.at);
    return found;
}

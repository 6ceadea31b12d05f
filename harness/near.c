/* near.c - see near.h. The distance counts letters that are missing, too much, wrong, or swapped
 * with their neighbour (Damerau's, of which each place is edited once). */
#include "near.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LETTERS_MAX = 63 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Row by row: what it takes to make the first letters of b from the first i letters of a. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][LETTERS_MAX + 1];
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    for (size_t k = 0; k <= b_length; k++) {
        rows[0][k] = k;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t k = 1; k <= b_length; k++) {
            bool same = a[i - 1] == b[k - 1];
            now[k] = smaller(before[k - 1] + !same, smaller(before[k], now[k - 1]) + 1);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) {
                now[k] = smaller(now[k], earlier[k - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

struct near near_begin(const char *wanted)
{
    return (struct near){.wanted = wanted, .distance = (strlen(wanted) + 2) / 3 + 1};
}

void near_offer(struct near *near, const char *name)
{
    if (strlen(name) > LETTERS_MAX || strlen(near->wanted) > LETTERS_MAX) {
        return;
    }
    size_t found = distance(near->wanted, name);
    if (found < near->distance) {
        near->distance = found;
        near->found = name;
    }
}

const char *near_hint(const struct near *near, const char *prefix, char text[NEAR_BYTES])
{
    text[0] = '\0';
    if (near->found != NULL) {
        snprintf(text, NEAR_BYTES, "; did you mean %s%s?", prefix, near->found);
    }
    return text;
}

/* nearest.c - see nearest.h. */
#include "nearest.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES 64

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's edit distance, row by row; SIZE_MAX for names too long to be one of ours. */
static size_t edit_distance(const char *from, const char *to)
{
    size_t length = strlen(to);
    size_t row[NAME_BYTES + 1];
    if (length > NAME_BYTES || strlen(from) > NAME_BYTES) {
        return (size_t)-1;
    }
    for (size_t j = 0; j <= length; j++) {
        row[j] = j;
    }
    for (size_t i = 0; from[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            size_t above = row[j + 1];
            row[j + 1] = smallest(above + 1, row[j] + 1, diagonal + (from[i] != to[j]));
            diagonal = above;
        }
    }
    return row[length];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t distance = edit_distance(nearest->wanted, candidate);
    size_t tolerated = strlen(candidate) / 2;
    if (distance <= tolerated && (nearest->best == NULL || distance < nearest->distance)) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

const char *nearest_hint(const struct nearest *nearest)
{
    static char hint[NAME_BYTES + 32];
    hint[0] = '\0';
    if (nearest->best != NULL) {
        snprintf(hint, sizeof hint, " (did you mean %s?)", nearest->best);
    }
    return hint;
}

/* nearest.h - finds what somebody may have meant by a mistyped name. */
#ifndef SWITCHYARD_NEAREST_H
#define SWITCHYARD_NEAREST_H

#include <stddef.h>

/* The best candidate so far; start from {.wanted = …}. */
struct nearest {
    const char *wanted;
    const char *best; /* NULL: nothing is near */
    size_t distance;
};

/* Considers one more name. */
void nearest_offer(struct nearest *nearest, const char *candidate);

/* " (did you mean X?)" in a static buffer, or "" if nothing is near. */
const char *nearest_hint(const struct nearest *nearest);

#endif

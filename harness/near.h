/* near.h - what the user may have meant. */
#ifndef SWITCHYARD_HARNESS_NEAR_H
#define SWITCHYARD_HARNESS_NEAR_H

#include <stddef.h>

/* The search for the name that is nearest to a mistyped one, among those that are offered. */
struct near {
    const char *wanted;
    const char *found; /* NULL: none is near */
    size_t distance;
};

/* Begins a search; at most a third of the letters may be wrong. */
struct near near_begin(const char *wanted);

/* Offers a name, which must live as long as the search. */
void near_offer(struct near *near, const char *name);

#define NEAR_BYTES 128

/* "; did you mean NAME?" with the prefix before the name, or "". */
const char *near_hint(const struct near *near, const char *prefix, char text[NEAR_BYTES]);

#endif

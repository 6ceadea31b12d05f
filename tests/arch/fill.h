/* fill.h - calls with known values in the registers that a call must preserve (fill.S). */
#ifndef SWITCHYARD_TESTS_FILL_H
#define SWITCHYARD_TESTS_FILL_H

#include <stdint.h>

#include "arch_test.h"

typedef int (*fill_fn)(void *a, void *b, void *c);

/* Fills all callee-saved registers from before[CALLEE_SAVED], calls fn(a, b, c), writes what these
 * registers hold then to after[CALLEE_SAVED], and returns what fn returned. */
int fill_call(const uint64_t *before, uint64_t *after, fill_fn fn, void *a, void *b, void *c);

/* Sets the control words of this thread; the layout is that of arch_control_words. */
void fill_control_words(uint64_t words);

#endif

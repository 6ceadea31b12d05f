/* futex.h - wait and wake on a 32-bit word, private to the process. */
#ifndef SWITCHYARD_BASE_FUTEX_H
#define SWITCHYARD_BASE_FUTEX_H

#include <stdint.h>

#include <switchyard/types.h>

#include "base/atomic.h"

/* Sleeps while *word == expected, until woken or until the deadline (SY_FOREVER: none). May return
 * early without cause: callers look at the word again. Returns 0 or -ETIMEDOUT. */
int futex_wait(_Atomic uint32_t *word, uint32_t expected, sy_time deadline);

/* Wakes up to count sleepers; returns how many. */
int futex_wake(_Atomic uint32_t *word, int count);

#endif

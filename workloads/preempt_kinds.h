/* preempt_kinds.h - the hogs of preempt.hog: work that never waits, each kind in another place when
 * it is to be preempted.
 *
 *   0 calls      of the runtime that never wait: a semaphore is posted and taken
 *   1 functions  small ones call each other; compiled with -fsplit-stack, where that exists
 *   2 loop       without any call
 *   3 malloc     and free, of 64 to 4,096 bytes
 *   4 qsort      of 2,000 numbers
 *   5 memcpy     of 256 KiB
 *
 * A step takes some microseconds or less, but for 2, 4 and 5, some ten. Between steps a hog reads
 * the clock, by a call that is none of the runtime's scheduler and has no prologue check.
 */
#ifndef SWITCHYARD_PREEMPT_KINDS_H
#define SWITCHYARD_PREEMPT_KINDS_H

#include "base/atomic.h"
#include "trial.h"

#define PREEMPT_KINDS 6
#define PREEMPT_KINDS_HELP "0 calls, 1 functions, 2 loop, 3 malloc, 4 qsort, 5 memcpy"

struct preempt_stint {
    _Alignas(128) _Atomic uint64_t done; /* steps; the hog's */
    _Atomic bool over;                   /* ends the stint; written by the probe */
    sy_time end;                         /* ends it, too */
};

struct preempt_kind {
    void (*run)(struct preempt_stint *stint); /* one stint */
};

/* kind < PREEMPT_KINDS. */
const struct preempt_kind *preempt_kind_at(uint32_t kind);

#endif

/* atomic.h - the seam through which both runtimes reach every atomic.
 *
 * Only explicit memory orders exist here. Every use says in a comment why its order suffices and
 * which access it pairs with. Because every access goes through these names, the same sources can
 * be built against an explorer of weak memory or a deterministic scheduler.
 */
#ifndef SWITCHYARD_BASE_ATOMIC_H
#define SWITCHYARD_BASE_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define load_relaxed(object) atomic_load_explicit((object), memory_order_relaxed)
#define load_acquire(object) atomic_load_explicit((object), memory_order_acquire)
#define store_relaxed(object, value) atomic_store_explicit((object), (value), memory_order_relaxed)
#define store_release(object, value) atomic_store_explicit((object), (value), memory_order_release)
#define exchange_acquire(object, value)                                                            \
    atomic_exchange_explicit((object), (value), memory_order_acquire)
#define fetch_add_relaxed(object, value)                                                           \
    atomic_fetch_add_explicit((object), (value), memory_order_relaxed)
#define fetch_add_acq_rel(object, value)                                                           \
    atomic_fetch_add_explicit((object), (value), memory_order_acq_rel)
#define fetch_add_seq_cst(object, value)                                                           \
    atomic_fetch_add_explicit((object), (value), memory_order_seq_cst)

#define fetch_or_release(object, value)                                                            \
    atomic_fetch_or_explicit((object), (value), memory_order_release)
#define fetch_and_release(object, value)                                                           \
    atomic_fetch_and_explicit((object), (value), memory_order_release)
#define fetch_sub_release(object, value)                                                           \
    atomic_fetch_sub_explicit((object), (value), memory_order_release)

/* Strong compare-and-swap; *expected is updated on failure. */
#define cas_acquire(object, expected, desired)                                                     \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_acquire, \
                                            memory_order_relaxed)
#define cas_release(object, expected, desired)                                                     \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_release, \
                                            memory_order_relaxed)
#define cas_acq_rel(object, expected, desired)                                                     \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_acq_rel, \
                                            memory_order_acquire)

#define cas_seq_cst(object, expected, desired)                                                     \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_seq_cst, \
                                            memory_order_relaxed)

/* Full fence: a store before it is visible before a load after it is made. */
#define fence_seq_cst() atomic_thread_fence(memory_order_seq_cst)

/* Stops only the compiler from moving a load before a store; the other side of the pair makes
 * the processor keep the order too (see proc.h). */
#define fence_compiler() atomic_signal_fence(memory_order_seq_cst)

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

#endif

/* spin.h - a lock for a few instructions: test and test-and-set, then give up the CPU.
 *
 * Held for short times, at worst a system call that wakes somebody or makes guard pages. So the
 * holder is running or has been descheduled by the kernel; a waiter spins a little and then lets
 * the kernel run others.
 */
#ifndef SWITCHYARD_BASE_SPIN_H
#define SWITCHYARD_BASE_SPIN_H

#include <sys/syscall.h>

#include "base/atomic.h"

#define SPIN_ROUNDS                                                                                \
    100 /* pauses before the CPU is given up: about 4 us where a pause takes 40 ns */

struct spin {
    _Atomic uint32_t held; /* 0 free, 1 held */
};

#if defined(__x86_64__)
static inline void spin_pause(void)
{
    __builtin_ia32_pause();
}

/* sched_yield(2), in the caller's own code: a thread that waits in the runtime shall be seen to be
 * there (preempt_signal.h). */
static inline void spin_yield(void)
{
    long result = SYS_sched_yield;
    __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
}
#else
static inline void spin_pause(void)
{
    __asm__ volatile("yield");
}

static inline void spin_yield(void)
{
    register long number __asm__("x8") = SYS_sched_yield;
    register long result __asm__("x0");
    __asm__ volatile("svc 0" : "=r"(result) : "r"(number) : "memory");
}
#endif

static inline void spin_pauses(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        spin_pause();
    }
}

/* One step of waiting: a pause, or the CPU after SPIN_ROUNDS of them. */
static inline void spin_wait(uint32_t *rounds)
{
    if (++*rounds % SPIN_ROUNDS == 0) {
        spin_yield();
    } else {
        spin_pause();
    }
}

/* False if it is held. */
static inline bool spin_try_lock(struct spin *spin)
{
    /* relaxed: a hint, that leaves the line with the holder. Acquire: pairs with the release in
     * spin_unlock */
    return load_relaxed(&spin->held) == 0 && exchange_acquire(&spin->held, 1) == 0;
}

static inline void spin_lock(struct spin *spin)
{
    uint32_t rounds = 0;
    /* acquire: pairs with the release in spin_unlock */
    while (unlikely(exchange_acquire(&spin->held, 1) != 0)) {
        /* relaxed: only a hint that the exchange may succeed now */
        while (load_relaxed(&spin->held) != 0) {
            spin_wait(&rounds);
        }
    }
}

static inline void spin_unlock(struct spin *spin)
{
    /* release: pairs with the acquire in spin_lock */
    store_release(&spin->held, 0);
}

#endif

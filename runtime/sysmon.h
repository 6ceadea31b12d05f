/* sysmon.h - the one thread that watches from outside: it needs no proc, so it works when all are
 * busy. It retakes procs from blocking calls (blocking.h), prints the schedule trace and the dump
 * that SIGQUIT asks for (quit.h). It sleeps as long as none of this is to be done.
 *
 * It naps NAP_MIN while a blocking call is new, and up to twice as long from nap to nap while
 * nothing happens. A call that begins during a longer nap wakes it (sysmon_notify); so a call
 * is found within about two naps of 20 us, and calls that follow closely cost no wake-up.
 */
#ifndef SWITCHYARD_SYSMON_H
#define SWITCHYARD_SYSMON_H

#include <switchyard/time.h>

#include "base/atomic.h"

#define SYSMON_PATIENCE (20 * SY_MICROSECOND) /* how long a call may block before that */

struct sysmon {
    _Atomic uint32_t drowsy;   /* 1: in a nap longer than NAP_MIN, about to be, or without a thread;
                                * futex word */
    _Atomic uint32_t requests; /* bits of enum sysmon_request */
    _Atomic uint32_t exists;   /* 1: there is a thread to serve them */
};

enum sysmon_request { SYSMON_STOP = 1, SYSMON_DUMP = 2 };

extern struct sysmon sysmon;

/* Makes the thread, unless there is one. If the system refuses it, the next blocking call tries
 * again. */
void sysmon_start(void);

/* Ends the thread. When nothing runs any more. */
void sysmon_stop(void);

/* Asks for something; false if there is no thread that could do it. Also in a signal handler. */
bool sysmon_ask(enum sysmon_request request);

/* Wakes it from a long nap; makes the thread if there is none. */
void sysmon_rouse(void);

/* A blocking call has begun. */
static inline void sysmon_notify(void)
{
    fence_seq_cst(); /* blocking, then drowsy: pairs with the fence in nap */
    /* relaxed: ordered by the fence */
    if (unlikely(load_relaxed(&sysmon.drowsy) != 0)) {
        sysmon_rouse();
    }
}

#endif

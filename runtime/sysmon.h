/* sysmon.h - the one thread that watches from outside: it needs no proc, so it works when all are
 * busy. It retakes procs from blocking calls (blocking.h), prints the schedule trace and the dump
 * that SIGQUIT asks for (quit.h). It sleeps as long as none of this is to be done.
 *
 * It naps NAP_MIN while a blocking call is new, and up to twice as long from nap to nap while
 * nothing happens. A call that begins during a longer nap wakes it (sysmon_notify); so a call
 * is found within about two naps of 20 us, and calls that follow closely cost no wake-up.
 *
 * It also appoints the watch (scheduler.h) where that does not hurry: a server that goes from idle
 * to busy and back with each request would otherwise wake a second worker each time, only to have
 * it on watch for some microseconds. While that goes on sysmon naps up to 10 ms, and appoints one
 * if the same state, idle procs and nobody on watch, has lasted since its last look.
 */
#ifndef SWITCHYARD_SYSMON_H
#define SWITCHYARD_SYSMON_H

#include <signal.h>

#include <switchyard/time.h>

#include "base/atomic.h"

#define SYSMON_PATIENCE (20 * SY_MICROSECOND) /* how long a call may block before that */

enum drowsiness {
    AWAKE,  /* or in the shortest nap */
    DROWSY, /* in a longer nap, or about to be: a new blocking call ends it */
    ASLEEP  /* without a deadline, or there is no thread: so does the wish for a watch */
};

struct sysmon {
    _Atomic uint32_t drowsy;    /* enum drowsiness; futex word */
    _Atomic uint32_t unwatched; /* 1: somebody wants a watch since sysmon looked last */
    _Atomic uint32_t requests;  /* bits of enum sysmon_request */
    _Atomic uint32_t exists;    /* 1: there is a thread to serve them */
};

enum sysmon_request { SYSMON_STOP = 1, SYSMON_DUMP = 2, SYSMON_LOOK = 4 /* giveback.h */ };

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

/* The same, but makes no thread. */
void sysmon_wake(void);

/* By sysmon, around the making of a thread, which inherits the signal mask of the one that makes
 * it: sysmon blocks all. *all keeps its mask meanwhile. */
void sysmon_begin_making(sigset_t *all);
void sysmon_end_making(const sigset_t *all);

/* A blocking call has begun. */
static inline void sysmon_notify(void)
{
    fence_seq_cst(); /* blocking, then drowsy: pairs with the fence in nap */
    /* relaxed: ordered by the fence */
    if (unlikely(load_relaxed(&sysmon.drowsy) != AWAKE)) {
        sysmon_rouse();
    }
}

/* A watch is due, but need not be appointed at once. */
static inline void sysmon_want_watch(void)
{
    store_relaxed(&sysmon.unwatched, 1); /* relaxed: the fence orders it */
    fence_seq_cst();                     /* unwatched, then drowsy: pairs with the fence in nap */
    /* relaxed: ordered by the fence */
    if (unlikely(load_relaxed(&sysmon.drowsy) == ASLEEP)) {
        sysmon_rouse();
    }
}

#endif

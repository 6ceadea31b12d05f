/* trace.h - what the scheduler did, in a ring of events for each thread; of both runtimes.
 *
 * To record an event, wherever a thread of a runtime is, also inside of sections and locks:
 *
 *     trace_event(TRACE_READY, handle_number(task->handle.id), waker, NULL);
 *
 * which is one load and one branch that is predicted as not taken while no trace is being recorded.
 * If the arguments cost something, test first and record then:
 *
 *     if (unlikely(trace_is_on())) {
 *         trace_record(TRACE_STOP, number, 0, TRACE_WORD_RECV);
 *     }
 *
 * Tasks and procs are given by their numbers (handle_number), 0 for none. A word is a constant of
 * letters, digits, '_' and '-'; only its address is kept. Neither call switches, takes a lock (but
 * at a thread's first event of a trace) or changes errno.
 * The runtime calls trace_thread_ends() as the last thing in each of its threads that may have
 * recorded, and trace_reset() when none of them runs any more. The other functions are what
 * sy_trace_start and its like answer with. docs/protocol.md has the text format.
 */
#ifndef SWITCHYARD_BASE_TRACE_H
#define SWITCHYARD_BASE_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/atomic.h"

enum trace_kind {               /* task            other                         word */
                  TRACE_CREATE, /* the new one     who made it, 0: sy_run        - */
                  TRACE_START,  /* who runs        0                             - */
                  TRACE_STOP,   /* who ran         0                             why: TRACE_WORD_...
                                 */
                  TRACE_READY,  /* who may run     who woke it, 0: timer, poller - */
                  TRACE_STEAL,  /* how many tasks  the proc they come from - */
                  TRACE_BLOCK, /* who goes        0                             what for, or none */
                  TRACE_UNBLOCK, /* who comes back  0                             - */
                  TRACE_POLL,    /* 0               events that the poller got    - */
                  TRACE_TIMER,   /* 0               timers that came due          - */
                  TRACE_KINDS
};

/* Why a task stops. */
#define TRACE_WORD_END "end"
#define TRACE_WORD_YIELD "yield"
#define TRACE_WORD_JOIN "join"
#define TRACE_WORD_SEND "send"
#define TRACE_WORD_RECV "recv"
#define TRACE_WORD_MUTEX "mutex"
#define TRACE_WORD_COND "cond"
#define TRACE_WORD_SEM "sem"
#define TRACE_WORD_WAITGROUP "waitgroup"
#define TRACE_WORD_SELECT "select"
#define TRACE_WORD_RWLOCK "rwlock"
#define TRACE_WORD_ONCE "once"
#define TRACE_WORD_BARRIER "barrier"
#define TRACE_WORD_SLEEP "sleep"
#define TRACE_WORD_READ "read"   /* for a descriptor to become readable, or a connection */
#define TRACE_WORD_WRITE "write" /* for a descriptor to become writable, or connected */
#define TRACE_WORD_BLOCKING "blocking"

#define TRACE_EVENTS_MAX ((size_t)1 << 24) /* in each ring */

extern _Atomic bool trace_on; /* written by trace.c only */

static inline bool trace_is_on(void)
{
    // relaxed: a hint; trace.c says why an event that comes late, or is missed, does no harm
    return load_relaxed(&trace_on);
}

/* Records an event of the calling thread, with the time. Cold. */
void trace_record(enum trace_kind kind, uint32_t task, uint32_t other, const char *word);

static inline void trace_event(enum trace_kind kind, uint32_t task, uint32_t other,
                               const char *word)
{
    if (unlikely(trace_is_on())) {
        trace_record(kind, task, other, word);
    }
}

/* As sy_trace_start, sy_trace_stop and sy_trace_write; also -EBUSY from trace_start and trace_write
 * while another thread is in trace_write. backend is the name in the first line. */
int trace_start(size_t events);
int trace_stop(void);
ssize_t trace_write(int fd, const char *backend);

/* The calling thread will record no more: its ring may be freed by the next trace_start. */
void trace_thread_ends(void);

/* Ends a trace that is being recorded, and frees all rings. No thread may be recording. */
void trace_reset(void);

#endif

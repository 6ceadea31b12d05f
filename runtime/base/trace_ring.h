/* trace_ring.h - the rings of trace.c, for trace_write.c. The protocol is in trace.c. */
#ifndef SWITCHYARD_BASE_TRACE_RING_H
#define SWITCHYARD_BASE_TRACE_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/atomic.h"

struct trace_slot {
    _Atomic uint64_t when;
    _Atomic uint64_t who; /* task << 32 | other */
    _Atomic uint64_t kind;
    _Atomic(const char *) word;
};

_Static_assert(sizeof(struct trace_slot) == 32, "half a cache line");

struct trace_ring {
    /* owner writes, reader reads (4, 5): */
    _Atomic uint64_t count; /* events recorded so far */
    /* owner; all but place it writes under `lock`: */
    struct trace_slot *events;
    uint64_t slots;
    uint64_t place;  /* count % slots, without the division */
    uint64_t trace;  /* of which trace it holds events (3) */
    uint32_t worker; /* 1 for the first that recorded in this trace */
    bool ended;      /* the owner has said trace_thread_ends */
    /* lock: */
    struct trace_ring *next;
};

enum trace_state { TRACE_IDLE, TRACE_RECORDING, TRACE_STOPPED, TRACE_WRITING };

struct traces {
    pthread_mutex_t lock;
    /* lock: */
    enum trace_state state;
    struct trace_ring *rings;
    uint64_t slots; /* of each ring of this trace */
    uint32_t workers;
    uint64_t homeless; /* events of this trace for which there was no memory */
    /* written under the lock, read by anyone: */
    _Atomic uint64_t trace;
    _Atomic uint64_t run;
};

extern struct traces traces;

#endif

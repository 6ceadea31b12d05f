/* descriptor.h - who is in a system call on which descriptor, and how they are got out of it.
 *
 * Each descriptor number has a record, made at its first use and kept until the process ends. A
 * thread enters before its first system call of an operation and leaves after the last one.
 */
#ifndef SWITCHYARD_PTHREAD_DESCRIPTOR_H
#define SWITCHYARD_PTHREAD_DESCRIPTOR_H

#include <pthread.h>
#include <stdbool.h>

#include "base/atomic.h"

/* What was found behind the number. A hint: the descriptor may have been closed by close(2), and
 * its number be another one's. */
enum kind {
    KIND_UNKNOWN,
    KIND_SOCKET,
    KIND_PIPE,  /* and it does not block any more */
    KIND_OTHER, /* never kept as a hint */
};

/* An operation under way, on the stack of its thread. */
struct caller {
    /* immutable: */
    pthread_t thread;
    /* the record's lock: */
    struct caller *next;
    struct caller *previous;
    /* written under the record's lock, read by the thread at any time: */
    _Atomic bool cancelled;
};

struct descriptor {
    _Alignas(64) pthread_mutex_t lock;
    pthread_cond_t left; /* signalled when cancelled_callers becomes 0 */
    /* lock: */
    struct caller *callers;
    uint32_t cancelled_callers; /* how many of them are cancelled */
    bool closing;
    /* atomic: */
    _Atomic uint8_t kind; /* enum kind */
};

/* Enters. -EBADF: negative, or being closed. -ENOMEM: no memory for the record. */
int descriptor_enter(int fd, struct caller *caller, struct descriptor **entered);

/* Leaves. */
void descriptor_leave(struct descriptor *descriptor, struct caller *caller);

/* True once the operation shall answer -ECANCELED instead of waiting. The thread also gets EINTR
 * from the system call that it is in. */
static inline bool caller_is_cancelled(struct caller *caller)
{
    // relaxed: who misses it is interrupted, again and again (descriptor.c, 3)
    return load_relaxed(&caller->cancelled);
}

/* As sy_io_cancel and sy_io_close: when they return, all who were in a call have left it. */
int descriptor_cancel(int fd);
int descriptor_close(int fd);

/* The calling thread, and those that it will make, can be interrupted. */
void descriptor_thread_begins(void);

/* Gives the signal back. When no task runs. */
void descriptor_end_run(void);

#endif

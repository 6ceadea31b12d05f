/* trace_text.h - what a worker recorded of its schedule: the text format of docs/protocol.md.
 *
 * Read strictly: a trace that is cut, or that no worker wrote, is refused with its line. What may
 * have happened to a good trace, that its oldest events are lost, is told in it.
 */
#ifndef SWITCHYARD_HARNESS_TRACE_TEXT_H
#define SWITCHYARD_HARNESS_TRACE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "result.h"

#define TRACE_EVENTS_MAX ((size_t)1 << 24)
#define TRACE_WORDS_MAX 64
#define TRACE_WORD_BYTES 32

enum trace_kind {
    TRACE_CREATE,  /* task: the new one; other: who made it */
    TRACE_START,   /* task runs from now on */
    TRACE_STOP,    /* task runs no more; word: why */
    TRACE_READY,   /* task may run; other: who woke it, 0: a timer or the poller */
    TRACE_STEAL,   /* task: how many were taken; other: from which proc */
    TRACE_BLOCK,   /* task enters a call that may block in the kernel */
    TRACE_UNBLOCK, /* task comes back from it */
    TRACE_POLL,    /* other: how many events the poller got */
    TRACE_TIMER,   /* other: how many timers came due */
    TRACE_KINDS
};

struct trace_event {
    int64_t ns;
    uint32_t task;
    uint32_t other;
    uint32_t worker; /* index in workers */
    uint8_t kind;
    uint8_t word; /* index in words; 0: none */
};

struct trace {
    char backend[16];
    uint32_t *workers; /* their numbers, ascending */
    size_t workers_count;
    struct trace_event *events; /* of each worker in the order of time */
    size_t events_count;
    uint64_t lost; /* events that were overwritten, or for which there was no memory */
    char words[TRACE_WORDS_MAX][TRACE_WORD_BYTES]; /* the first is "" */
    size_t words_count;
};

/* "create", "start", … */
const char *trace_kind_name(enum trace_kind kind);

/* Reads a whole trace. -EINVAL, -EFBIG or -EIO and one line with source and line number in error;
 * the trace is then empty. */
int trace_read(FILE *in, const char *source, struct trace *trace, char error[RESULT_ERROR_BYTES]);

/* The same from a file. */
int trace_load(const char *path, struct trace *trace, char error[RESULT_ERROR_BYTES]);

/* All events in the order of time, of all workers. To be freed. */
const struct trace_event **trace_by_time(const struct trace *trace);

void trace_destroy(struct trace *trace);

#endif

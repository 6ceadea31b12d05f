/* trace_text.h - reads the text of a trace (docs/protocol.md) and checks each line of it. */
#ifndef SWITCHYARD_TESTS_TRACE_TEXT_H
#define SWITCHYARD_TESTS_TRACE_TEXT_H

#include <stdint.h>
#include <sys/types.h>

#include <switchyard/types.h>

enum { TRACE_TEXT_BYTES = 4 << 20, TRACE_TASKS = 4096 };

struct trace_task {
    uint32_t created; /* how many such events */
    uint32_t creator; /* who made it, the last time */
    uint32_t started;
    uint32_t ended; /* stops that say "end" */
};

struct trace_text {
    char text[TRACE_TEXT_BYTES];
    /* Of trace_text_parse. */
    int64_t events;
    int64_t lost;
    int64_t most_of_a_worker; /* events */
    sy_time first_ns;
    sy_time last_ns;
    struct trace_task tasks[TRACE_TASKS]; /* by their numbers; greater ones are not counted */
    /* While it parses. */
    int64_t of_this_worker;
    sy_time last_of_this_worker_ns;
};

/* Calls sy_trace_write and stores what it wrote in text. Returns what it returned. From a task. */
ssize_t trace_text_read(struct trace_text *trace);

/* Checks text line by line; what is not as documented is recorded (expect.h). It needs more stack
 * than a line has bytes. Changes text, by ending each line in a zero. */
void trace_text_parse(struct trace_text *trace);

#endif

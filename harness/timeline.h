/* timeline.h - what each worker did when: spans of time and arrows between them, from a trace.
 *
 * A *span* is a time in which a row (a worker) did one thing. The spans of one row are disjoint,
 * but for calls that block, which lie within the run of their task. An *arrow* leads from where a
 * task was made runnable to where it started: create  the task was new          wake  it had waited
 *   steal   either of these, but on another worker, which stole in between. The trace tells how
 * many tasks a steal took, not which; so this is concluded, and cannot be wrong by more than tasks
 * that came to the same worker through the global queue just then. A *mark* is an event without
 * duration.
 *
 * Events are taken in the order of time over all workers. Two threads may record in another order
 * than things happened; an event that fits nothing (the stop of a task that did not run) is counted
 * and left out, and the create or ready of a task that runs already makes no arrow. A trace may
 * begin in the middle of a run: a task that stops, creates or wakes another as the first thing that
 * is known of a worker has been running there.
 */
#ifndef SWITCHYARD_HARNESS_TIMELINE_H
#define SWITCHYARD_HARNESS_TIMELINE_H

#include "trace_text.h"

enum span_kind {
    SPAN_RUN,       /* a task runs */
    SPAN_BLOCK,     /* its call may block in the kernel */
    SPAN_SCHEDULER, /* from the first to the last event between two runs */
};

struct span {
    int64_t from; /* ns since the first event of the trace */
    int64_t to;
    uint32_t row;
    uint32_t task; /* 0: none */
    uint8_t kind;
    uint8_t word; /* why a run stopped, what a call is for; 0: unknown */
};

enum arrow_kind { ARROW_CREATE, ARROW_WAKE, ARROW_STEAL, ARROW_KINDS };

struct arrow {
    int64_t from;
    int64_t to;
    uint32_t from_row;
    uint32_t to_row;
    uint32_t task;
    uint8_t kind;
    int64_t stole; /* when the worker stole; < 0 unless this is its first start since then */
};

struct mark {
    int64_t ns;
    uint32_t row;
    uint32_t value; /* tasks stolen, events polled, timers due, or the task created */
    uint32_t other; /* the proc stolen from, or who created it */
    uint8_t kind;   /* enum trace_kind: CREATE, STEAL, POLL or TIMER */
};

/* How many tasks are runnable and do not run, as far as the trace saw it; after each change. */
struct level {
    int64_t ns;
    uint32_t ready;
};

struct timeline {
    struct span *spans; /* in the order of their ends */
    size_t spans_count;
    struct arrow *arrows; /* in the order of their ends */
    size_t arrows_count;
    struct mark *marks; /* in the order of time */
    size_t marks_count;
    struct level *levels;
    size_t levels_count;
    int64_t first_ns; /* of the clock of the trace */
    int64_t length;   /* ns */
    size_t rows;
    size_t rows_left_out;  /* workers beyond rows_max, and all that they did */
    size_t parts_left_out; /* events that came when there were parts_max parts already */
    size_t unfit;          /* events that fitted nothing */
    size_t tasks;          /* different ones that ran */
    size_t steals;
    size_t stolen; /* tasks, by all steals */
};

/* Keeps the first rows_max workers, and the parts (spans, arrows, marks, levels) until there are
 * parts_max of them. What is counted (tasks, steals, stolen) is counted over the whole trace. */
void timeline_build(const struct trace *trace, size_t rows_max, size_t parts_max,
                    struct timeline *timeline);

void timeline_destroy(struct timeline *timeline);

#endif

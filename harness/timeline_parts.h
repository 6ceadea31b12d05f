/* timeline_parts.h - a timeline while it is built: what is known of the workers and tasks at one
 * moment, and the parts collected so far. For timeline.c. */
#ifndef SWITCHYARD_HARNESS_TIMELINE_PARTS_H
#define SWITCHYARD_HARNESS_TIMELINE_PARTS_H

#include <stdbool.h>

#include "task_table.h"
#include "timeline.h"

/* What a worker is doing. */
struct row_state {
    bool running;
    bool began; /* it has started or stopped a task */
    uint32_t task;
    int64_t since;
    int64_t blocked_since; /* < 0: not in a call */
    uint8_t blocked_word;
    int64_t scheduler_from; /* first and last event since the last run; < 0: none */
    int64_t scheduler_to;
    int64_t stole; /* when last; < 0: never */
    bool implied;  /* nobody said that the task began here */
    bool fresh;    /* it has started no task since then */
};

struct builder {
    const struct trace *trace;
    struct timeline *timeline;
    size_t parts_max;
    size_t room[4]; /* of spans, arrows, marks, levels */
    int64_t *first_of_row;
    struct row_state *rows;
    struct task_table tasks;
    uint32_t ready;
    const struct trace_event *event;
    int64_t now;
};

/* Are there as many parts as wanted? */
bool parts_full(const struct builder *builder);

/* Each adds a part unless its row is left out. The mark is the current event, the level the current
 * number of tasks that are ready. */
void parts_add_span(struct builder *builder, const struct span *span);
void parts_add_arrow(struct builder *builder, const struct arrow *arrow);
void parts_add_mark(struct builder *builder);
void parts_add_level(struct builder *builder);

#endif

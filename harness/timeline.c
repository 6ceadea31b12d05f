/* timeline.c - see timeline.h. */
#include "timeline.h"

#include <stdbool.h>
#include <stdlib.h>

#include "alloc.h"
#include "task_table.h"

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

/* --- Parts ----------------------------------------------------------------------------------- */

static bool is_full(struct builder *builder)
{
    const struct timeline *timeline = builder->timeline;
    size_t parts = timeline->spans_count + timeline->arrows_count + timeline->marks_count +
                   timeline->levels_count;
    return parts >= builder->parts_max;
}

static void add_span(struct builder *builder, const struct span *span)
{
    struct timeline *timeline = builder->timeline;
    if (span->row >= timeline->rows) {
        return;
    }
    timeline->spans =
        alloc_grow(timeline->spans, timeline->spans_count, &builder->room[0], sizeof *span);
    timeline->spans[timeline->spans_count++] = *span;
}

static void add_arrow(struct builder *builder, const struct arrow *arrow)
{
    struct timeline *timeline = builder->timeline;
    if (arrow->from_row >= timeline->rows || arrow->to_row >= timeline->rows) {
        return;
    }
    timeline->arrows =
        alloc_grow(timeline->arrows, timeline->arrows_count, &builder->room[1], sizeof *arrow);
    timeline->arrows[timeline->arrows_count++] = *arrow;
}

static void add_mark(struct builder *builder)
{
    struct timeline *timeline = builder->timeline;
    const struct trace_event *event = builder->event;
    bool counts_in_task = event->kind == TRACE_STEAL || event->kind == TRACE_CREATE;
    if (event->worker >= timeline->rows) {
        return;
    }
    timeline->marks = alloc_grow(timeline->marks, timeline->marks_count, &builder->room[2],
                                 sizeof *timeline->marks);
    timeline->marks[timeline->marks_count++] =
        (struct mark){.ns = builder->now,
                      .row = event->worker,
                      .value = counts_in_task ? event->task : event->other,
                      .other = counts_in_task ? event->other : 0,
                      .kind = event->kind};
}

static void add_level(struct builder *builder)
{
    struct timeline *timeline = builder->timeline;
    timeline->levels = alloc_grow(timeline->levels, timeline->levels_count, &builder->room[3],
                                  sizeof *timeline->levels);
    timeline->levels[timeline->levels_count++] = (struct level){builder->now, builder->ready};
}

/* --- Events ---------------------------------------------------------------------------------- */

static struct row_state *row_of(struct builder *builder)
{
    return &builder->rows[builder->event->worker];
}

/* The scheduler is at work; within a run it is not, and the event belongs to the task. */
static void note_scheduler(struct builder *builder)
{
    struct row_state *row = row_of(builder);
    if (!row->running) {
        row->scheduler_from = row->scheduler_from < 0 ? builder->now : row->scheduler_from;
        row->scheduler_to = builder->now;
    }
}

static void end_scheduler(struct builder *builder, uint32_t worker)
{
    struct row_state *row = &builder->rows[worker];
    if (row->scheduler_from >= 0) {
        add_span(builder, &(struct span){.from = row->scheduler_from,
                                         .to = row->scheduler_to,
                                         .row = worker,
                                         .kind = SPAN_SCHEDULER});
        row->scheduler_from = -1;
    }
}

static void end_block(struct builder *builder, uint32_t worker, int64_t now)
{
    struct row_state *row = &builder->rows[worker];
    if (row->blocked_since >= 0) {
        add_span(builder, &(struct span){.from = row->blocked_since,
                                         .to = now,
                                         .row = worker,
                                         .task = row->task,
                                         .kind = SPAN_BLOCK,
                                         .word = row->blocked_word});
        row->blocked_since = -1;
    }
}

static void end_run(struct builder *builder, uint32_t worker, int64_t now, uint8_t word)
{
    struct row_state *row = &builder->rows[worker];
    if (row->running) {
        end_block(builder, worker, now);
        add_span(builder, &(struct span){.from = row->since,
                                         .to = now,
                                         .row = worker,
                                         .task = row->task,
                                         .kind = SPAN_RUN,
                                         .word = word});
        row->running = false;
    }
}

static void begin_run(struct builder *builder, struct task_state *task)
{
    struct row_state *row = row_of(builder);
    row->running = true;
    row->began = true;
    row->task = task->task;
    row->since = builder->now;
    row->blocked_since = -1;
    task->row = builder->event->worker;
}

static void draw_arrow(struct builder *builder, const struct task_state *task)
{
    uint32_t worker = builder->event->worker;
    const struct row_state *row = &builder->rows[worker];
    bool stolen = task->row != worker && row->stole >= task->since;
    uint8_t kind = task->is_new ? ARROW_CREATE : ARROW_WAKE;
    add_arrow(builder, &(struct arrow){.from = task->since,
                                       .to = builder->now,
                                       .from_row = task->row,
                                       .to_row = worker,
                                       .task = task->task,
                                       .kind = stolen ? ARROW_STEAL : kind});
}

static void on_start(struct builder *builder)
{
    struct row_state *row = row_of(builder);
    struct task_state *task = task_table_find(&builder->tasks, builder->event->task);
    if (row->running) { /* the stop is missing */
        builder->timeline->unfit++;
        end_run(builder, builder->event->worker, builder->now, 0);
    }
    end_scheduler(builder, builder->event->worker);
    if (task->runnable) {
        draw_arrow(builder, task);
        builder->ready--;
        add_level(builder);
    }
    builder->timeline->tasks += !task->ran;
    task->ran = true;
    task->runnable = false;
    task->running++;
    begin_run(builder, task);
}

/* A worker whose oldest events are lost may begin with a stop: the task ran since before. */
static void on_stop(struct builder *builder)
{
    struct row_state *row = row_of(builder);
    struct task_state *task = task_table_find(&builder->tasks, builder->event->task);
    if (!row->began) {
        row->running = true;
        row->began = true;
        row->task = task->task;
        row->since = builder->first_of_row[builder->event->worker];
        row->scheduler_from = -1;
        builder->timeline->tasks += !task->ran;
        task->ran = true;
    } else if (!row->running || row->task != task->task) {
        builder->timeline->unfit++;
        return;
    }
    end_run(builder, builder->event->worker, builder->now, builder->event->word);
    task->running -= task->running > 0;
}

static void on_runnable(struct builder *builder, bool is_new)
{
    struct task_state *task = task_table_find(&builder->tasks, builder->event->task);
    note_scheduler(builder);
    if (task->running > 0) {
        return;
    }
    if (!task->runnable) {
        builder->ready++;
        add_level(builder);
    }
    task->runnable = true;
    task->is_new = is_new;
    task->ran = task->ran && !is_new; /* a new task may have the number of one that has ended */
    task->row = builder->event->worker;
    task->since = builder->now;
}

static void on_block(struct builder *builder)
{
    struct row_state *row = row_of(builder);
    if (!row->running || row->task != builder->event->task || row->blocked_since >= 0) {
        builder->timeline->unfit++;
        return;
    }
    row->blocked_since = builder->now;
    row->blocked_word = builder->event->word;
}

/* A task may come back from its call on another worker: it has moved there. */
static void move_here(struct builder *builder, struct task_state *task)
{
    struct row_state *row = row_of(builder);
    struct row_state *from = &builder->rows[task->row];
    if (row->running || task->running == 0 || !from->running || from->task != task->task) {
        builder->timeline->unfit += row->began;
        return;
    }
    end_run(builder, task->row, builder->now, 0);
    end_scheduler(builder, builder->event->worker);
    begin_run(builder, task);
}

static void on_unblock(struct builder *builder)
{
    const struct row_state *row = row_of(builder);
    if (row->running && row->task == builder->event->task && row->blocked_since >= 0) {
        end_block(builder, builder->event->worker, builder->now);
    } else {
        move_here(builder, task_table_find(&builder->tasks, builder->event->task));
    }
}

static void on_event(struct builder *builder)
{
    switch ((enum trace_kind)builder->event->kind) {
    case TRACE_CREATE:
        add_mark(builder);
        on_runnable(builder, true);
        break;
    case TRACE_READY:
        on_runnable(builder, false);
        break;
    case TRACE_START:
        on_start(builder);
        break;
    case TRACE_STOP:
        on_stop(builder);
        break;
    case TRACE_BLOCK:
        on_block(builder);
        break;
    case TRACE_UNBLOCK:
        on_unblock(builder);
        break;
    case TRACE_STEAL:
        row_of(builder)->stole = builder->now;
        add_mark(builder);
        note_scheduler(builder);
        break;
    case TRACE_POLL:
    case TRACE_TIMER:
        add_mark(builder);
        note_scheduler(builder);
        break;
    case TRACE_KINDS:
        break;
    }
}

/* --- The whole ------------------------------------------------------------------------------- */

/* By time; events of the same time in the order of the file. */
static int compare_events(const void *left, const void *right)
{
    const struct trace_event *a = *(const struct trace_event *const *)left;
    const struct trace_event *b = *(const struct trace_event *const *)right;
    if (a->ns != b->ns) {
        return a->ns < b->ns ? -1 : 1;
    }
    return (a > b) - (a < b);
}

static const struct trace_event **order_events(const struct trace *trace)
{
    const struct trace_event **order = alloc_array(trace->events_count, sizeof(void *));
    for (size_t i = 0; i < trace->events_count; i++) {
        order[i] = &trace->events[i];
    }
    qsort(order, trace->events_count, sizeof(void *), compare_events);
    return order;
}

static void start_rows(struct builder *builder)
{
    size_t workers = builder->trace->workers_count;
    builder->rows = alloc_array(workers, sizeof *builder->rows);
    builder->first_of_row = alloc_array(workers, sizeof *builder->first_of_row);
    for (size_t i = 0; i < workers; i++) {
        builder->rows[i].blocked_since = -1;
        builder->rows[i].scheduler_from = -1;
        builder->rows[i].stole = -1;
    }
    for (size_t i = builder->trace->events_count; i > 0; i--) {
        const struct trace_event *event = &builder->trace->events[i - 1];
        builder->first_of_row[event->worker] = event->ns - builder->timeline->first_ns;
    }
}

/* What is still going on when the trace ends. */
static void end_rows(struct builder *builder, int64_t now)
{
    for (size_t i = 0; i < builder->trace->workers_count; i++) {
        end_run(builder, (uint32_t)i, now, 0);
        end_scheduler(builder, (uint32_t)i);
    }
}

static void count_steal(struct timeline *timeline, const struct trace_event *event)
{
    if (event->kind == TRACE_STEAL) {
        timeline->steals++;
        timeline->stolen += event->task;
    }
}

void timeline_build(const struct trace *trace, size_t rows_max, size_t parts_max,
                    struct timeline *timeline)
{
    struct builder builder = {.trace = trace, .timeline = timeline, .parts_max = parts_max};
    const struct trace_event **order = order_events(trace);
    size_t rows = trace->workers_count < rows_max ? trace->workers_count : rows_max;
    *timeline = (struct timeline){
        .first_ns = order[0]->ns, .rows = rows, .rows_left_out = trace->workers_count - rows};
    start_rows(&builder);
    for (size_t i = 0; i < trace->events_count; i++) {
        count_steal(timeline, order[i]);
        if (timeline->parts_left_out > 0 || is_full(&builder)) {
            timeline->parts_left_out++;
            continue;
        }
        builder.event = order[i];
        builder.now = order[i]->ns - timeline->first_ns;
        timeline->length = builder.now;
        on_event(&builder);
    }
    end_rows(&builder, timeline->length);
    free(order);
    free(builder.rows);
    free(builder.first_of_row);
    task_table_destroy(&builder.tasks);
}

void timeline_destroy(struct timeline *timeline)
{
    free(timeline->spans);
    free(timeline->arrows);
    free(timeline->marks);
    free(timeline->levels);
    *timeline = (struct timeline){.spans = NULL};
}

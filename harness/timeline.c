/* timeline.c - see timeline.h. */
#include "timeline.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "timeline_parts.h"

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
        parts_add_span(builder, &(struct span){.from = row->scheduler_from,
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
        parts_add_span(builder, &(struct span){.from = row->blocked_since,
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
        parts_add_span(builder, &(struct span){.from = row->since,
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
    row->fresh = false;
    row->implied = false;
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
    parts_add_arrow(builder, &(struct arrow){.from = task->since,
                                             .to = builder->now,
                                             .from_row = task->row,
                                             .to_row = worker,
                                             .task = task->task,
                                             .kind = stolen ? ARROW_STEAL : kind,
                                             .stole = stolen && row->fresh ? row->stole : -1});
}

/* The task is runnable no more, but runs. */
static void count_run(struct builder *builder, struct task_state *task)
{
    if (task->runnable) {
        builder->ready--;
        parts_add_level(builder);
    }
    builder->timeline->tasks += !task->ran;
    task->ran = true;
    task->runnable = false;
    task->running++;
}

static void on_start(struct builder *builder)
{
    struct row_state *row = row_of(builder);
    if (row->running) { /* the stop is missing: of an implied run it is, in a good trace */
        builder->timeline->unfit += !row->implied;
        task_table_find(&builder->tasks, row->task)->running = 0;
        end_run(builder, builder->event->worker, builder->now, 0);
    }
    struct task_state *task = task_table_find(&builder->tasks, builder->event->task);
    end_scheduler(builder, builder->event->worker);
    task->early = !task->ran && !task->runnable;
    if (task->runnable) {
        draw_arrow(builder, task);
    }
    count_run(builder, task);
    begin_run(builder, task);
}

/* A trace may begin in the middle of a run: the task ran since before the worker's first event. */
static void imply_run(struct builder *builder, uint32_t number)
{
    struct row_state *row = row_of(builder);
    struct task_state *task = task_table_find(&builder->tasks, number);
    row->running = true;
    row->began = true;
    row->implied = true;
    row->task = number;
    row->since = builder->first_of_row[builder->event->worker];
    row->scheduler_from = -1;
    count_run(builder, task);
    task->row = builder->event->worker;
}

static void on_stop(struct builder *builder)
{
    struct row_state *row = row_of(builder);
    if (!row->began) {
        imply_run(builder, builder->event->task);
    }
    if (!row->running || row->task != builder->event->task) {
        builder->timeline->unfit++;
        return;
    }
    struct task_state *task = task_table_find(&builder->tasks, row->task);
    end_run(builder, builder->event->worker, builder->now, builder->event->word);
    task->running -= task->running > 0;
    if (strcmp(builder->trace->words[builder->event->word], "end") == 0) {
        task->ran = false; /* the next one with this number is another task */
    }
}

static void on_runnable(struct builder *builder, bool is_new)
{
    if (!row_of(builder)->began && builder->event->other != 0) { /* who does so runs here */
        imply_run(builder, builder->event->other);
    }
    struct task_state *task = task_table_find(&builder->tasks, builder->event->task);
    note_scheduler(builder);
    if (task->running > 0 || (is_new && task->early)) {
        task->early = task->early && !is_new;
        return;
    }
    if (!task->runnable) {
        builder->ready++;
        parts_add_level(builder);
    }
    task->runnable = true;
    task->is_new = is_new;
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

static void on_steal(struct builder *builder)
{
    row_of(builder)->stole = builder->now;
    row_of(builder)->fresh = true;
    parts_add_mark(builder);
    note_scheduler(builder);
}

static void on_event(struct builder *builder)
{
    switch ((enum trace_kind)builder->event->kind) {
    case TRACE_CREATE:
        parts_add_mark(builder);
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
        on_steal(builder);
        break;
    case TRACE_POLL:
    case TRACE_TIMER:
        parts_add_mark(builder);
        note_scheduler(builder);
        break;
    case TRACE_KINDS:
        break;
    }
}

/* --- The whole ------------------------------------------------------------------------------- */

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
    const struct trace_event **order = trace_by_time(trace);
    size_t rows = trace->workers_count < rows_max ? trace->workers_count : rows_max;
    *timeline = (struct timeline){
        .first_ns = order[0]->ns, .rows = rows, .rows_left_out = trace->workers_count - rows};
    start_rows(&builder);
    for (size_t i = 0; i < trace->events_count; i++) {
        count_steal(timeline, order[i]);
        if (timeline->parts_left_out > 0 || parts_full(&builder)) {
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

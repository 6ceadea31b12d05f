/* timeline_parts.c - see timeline_parts.h. */
#include "timeline_parts.h"

#include "alloc.h"

bool parts_full(const struct builder *builder)
{
    const struct timeline *timeline = builder->timeline;
    size_t parts = timeline->spans_count + timeline->arrows_count + timeline->marks_count +
                   timeline->levels_count;
    return parts >= builder->parts_max;
}

void parts_add_span(struct builder *builder, const struct span *span)
{
    struct timeline *timeline = builder->timeline;
    if (span->row >= timeline->rows) {
        return;
    }
    timeline->spans =
        alloc_grow(timeline->spans, timeline->spans_count, &builder->room[0], sizeof *span);
    timeline->spans[timeline->spans_count++] = *span;
}

void parts_add_arrow(struct builder *builder, const struct arrow *arrow)
{
    struct timeline *timeline = builder->timeline;
    if (arrow->from_row >= timeline->rows || arrow->to_row >= timeline->rows) {
        return;
    }
    timeline->arrows =
        alloc_grow(timeline->arrows, timeline->arrows_count, &builder->room[1], sizeof *arrow);
    timeline->arrows[timeline->arrows_count++] = *arrow;
}

void parts_add_mark(struct builder *builder)
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

void parts_add_level(struct builder *builder)
{
    struct timeline *timeline = builder->timeline;
    timeline->levels = alloc_grow(timeline->levels, timeline->levels_count, &builder->room[3],
                                  sizeof *timeline->levels);
    timeline->levels[timeline->levels_count++] = (struct level){builder->now, builder->ready};
}

/* trace_chrome.c - see trace_chrome.h.
 *
 * The array form, an event a line. pid is the back end, tid the worker, ts and dur are microseconds
 * with three decimals, which hold nanoseconds exactly. Numbers are formatted from integers.
 */
#include "trace_chrome.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "plot_text.h"

static const char *const arrow_names[ARROW_KINDS] = {
    [ARROW_CREATE] = "create",
    [ARROW_WAKE] = "wake",
    [ARROW_STEAL] = "steal",
};

/* Begins an event; the caller adds members and the closing brace. */
static void begin_event(struct chrome_writer *writer, char phase, uint32_t worker)
{
    fprintf(writer->out, "%s\n{\"ph\":\"%c\",\"pid\":%zu,\"tid\":%" PRIu32,
            writer->events++ == 0 ? "" : ",", phase, writer->processes, worker);
}

static void put_time(struct chrome_writer *writer, const char *name, int64_t ns)
{
    fprintf(writer->out, ",\"%s\":%" PRId64 ".%03d", name, ns / 1000, (int)(ns % 1000));
}

/* A metadata event with the one argument; takes the value. */
static void put_metadata(struct chrome_writer *writer, uint32_t worker, const char *name,
                         const char *argument, json_t *value)
{
    begin_event(writer, 'M', worker);
    fprintf(writer->out, ",\"name\":\"%s\",\"args\":{\"%s\":", name, argument);
    json_dumpf(value, writer->out, JSON_ENCODE_ANY | JSON_COMPACT);
    fputs("}}", writer->out);
    json_decref(value);
}

static json_t *describe_params(const struct cell *cell)
{
    json_t *params = json_object();
    for (size_t i = 0; i < cell->params_count; i++) {
        json_object_set_new(params, cell->params[i].name, json_integer(cell->params[i].value));
    }
    return params;
}

/* What was run, and what is counted over the whole trace: the parts below may be cut. */
static void put_about(struct chrome_writer *writer, const struct cell *cell,
                      const struct trace *trace, const struct timeline *timeline)
{
    json_t *about = json_pack("{s:s, s:s, s:s, s:i, s:s?, s:o}", "schema", TIMELINE_SCHEMA,
                              "backend", trace->backend, "workload", cell->workload->name, "procs",
                              cell->procs, "tune", cell->tune, "params", describe_params(cell));
    json_t *counts = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "workers",
        (json_int_t)trace->workers_count, "tasks", (json_int_t)timeline->tasks, "events",
        (json_int_t)trace->events_count, "events_lost", (json_int_t)trace->lost, "events_left_out",
        (json_int_t)timeline->parts_left_out, "events_unfit", (json_int_t)timeline->unfit,
        "workers_left_out", (json_int_t)timeline->rows_left_out, "steals",
        (json_int_t)timeline->steals, "tasks_stolen", (json_int_t)timeline->stolen);
    json_object_update(about, counts);
    json_decref(counts);
    put_metadata(writer, 0, "switchyard", "about", about);
}

/* What is not in the file, beside the name of the process. */
static void put_losses(struct chrome_writer *writer, const struct trace *trace,
                       const struct timeline *timeline)
{
    char labels[160] = "";
    if (trace->lost > 0) {
        text_append(labels, sizeof labels, "%" PRIu64 " events overwritten ", trace->lost);
    }
    if (timeline->parts_left_out > 0) {
        text_append(labels, sizeof labels, "last %zu events left out ", timeline->parts_left_out);
    }
    if (timeline->rows_left_out > 0) {
        text_append(labels, sizeof labels, "%zu workers left out ", timeline->rows_left_out);
    }
    if (labels[0] != '\0') {
        labels[strlen(labels) - 1] = '\0';
        put_metadata(writer, 0, "process_labels", "labels", json_string(labels));
    }
}

static void put_names(struct chrome_writer *writer, const struct cell *cell,
                      const struct trace *trace, const struct timeline *timeline)
{
    put_metadata(writer, 0, "process_name", "name",
                 json_sprintf("%s: %s", trace->backend, cell->workload->name));
    put_metadata(writer, 0, "process_sort_index", "sort_index",
                 json_integer((json_int_t)writer->processes));
    put_losses(writer, trace, timeline);
    for (size_t i = 0; i < timeline->rows; i++) {
        put_metadata(writer, trace->workers[i], "thread_name", "name",
                     json_sprintf("worker %" PRIu32, trace->workers[i]));
        put_metadata(writer, trace->workers[i], "thread_sort_index", "sort_index",
                     json_integer(trace->workers[i]));
    }
}

static void put_span(struct chrome_writer *writer, const struct trace *trace,
                     const struct span *span)
{
    const char *word = trace->words[span->word];
    begin_event(writer, 'X', trace->workers[span->row]);
    put_time(writer, "ts", span->from);
    put_time(writer, "dur", span->to - span->from);
    switch ((enum span_kind)span->kind) {
    case SPAN_RUN:
        fprintf(writer->out,
                ",\"cat\":\"run\",\"name\":\"task %" PRIu32 "\",\"args\":{\"task\":%" PRIu32
                ",\"stop\":\"%s\"}}",
                span->task, span->task, word);
        break;
    case SPAN_BLOCK:
        fprintf(writer->out,
                ",\"cat\":\"block\",\"name\":\"blocking%s%s\",\"args\":{\"task\":%" PRIu32 "}}",
                word[0] != '\0' ? ": " : "", word, span->task);
        break;
    case SPAN_SCHEDULER:
        fputs(",\"cat\":\"scheduler\",\"name\":\"scheduler\"}", writer->out);
        break;
    }
}

/* Both ends of an arrow; each is bound to the span around it. */
static void put_arrow(struct chrome_writer *writer, const struct trace *trace,
                      const struct arrow *arrow)
{
    const char *name = arrow_names[arrow->kind];
    uint64_t id = ++writer->arrows;
    begin_event(writer, 's', trace->workers[arrow->from_row]);
    put_time(writer, "ts", arrow->from);
    fprintf(writer->out,
            ",\"id\":%" PRIu64 ",\"cat\":\"%s\",\"name\":\"%s\",\"args\":{\"task\":%" PRIu32, id,
            name, name, arrow->task);
    if (arrow->stole >= 0) {
        put_time(writer, "steal_ts", arrow->stole);
    }
    fputs("}}", writer->out);
    begin_event(writer, 'f', trace->workers[arrow->to_row]);
    put_time(writer, "ts", arrow->to);
    fprintf(writer->out, ",\"id\":%" PRIu64 ",\"bp\":\"e\",\"cat\":\"%s\",\"name\":\"%s\"}", id,
            name, name);
}

static void put_mark(struct chrome_writer *writer, const struct trace *trace,
                     const struct mark *mark)
{
    begin_event(writer, 'i', trace->workers[mark->row]);
    put_time(writer, "ts", mark->ns);
    fputs(",\"s\":\"t\"", writer->out);
    switch ((enum trace_kind)mark->kind) {
    case TRACE_STEAL:
        fprintf(writer->out,
                ",\"name\":\"steal\",\"args\":{\"tasks\":%" PRIu32 ",\"from_proc\":%" PRIu32 "}}",
                mark->value, mark->other);
        break;
    case TRACE_CREATE:
        fprintf(writer->out,
                ",\"name\":\"create\",\"args\":{\"task\":%" PRIu32 ",\"by\":%" PRIu32 "}}",
                mark->value, mark->other);
        break;
    default:
        fprintf(writer->out, ",\"name\":\"%s\",\"args\":{\"events\":%" PRIu32 "}}",
                trace_kind_name((enum trace_kind)mark->kind), mark->value);
        break;
    }
}

static void put_level(struct chrome_writer *writer, const struct level *level)
{
    begin_event(writer, 'C', 0);
    put_time(writer, "ts", level->ns);
    fprintf(writer->out, ",\"name\":\"ready tasks\",\"args\":{\"tasks\":%" PRIu32 "}}",
            level->ready);
}

void chrome_begin(struct chrome_writer *writer, FILE *out)
{
    *writer = (struct chrome_writer){.out = out};
    fputc('[', out);
}

void chrome_add(struct chrome_writer *writer, const struct cell *cell, const struct trace *trace,
                const struct timeline *timeline)
{
    writer->processes++;
    put_about(writer, cell, trace, timeline);
    put_names(writer, cell, trace, timeline);
    for (size_t i = 0; i < timeline->spans_count; i++) {
        put_span(writer, trace, &timeline->spans[i]);
    }
    for (size_t i = 0; i < timeline->arrows_count; i++) {
        put_arrow(writer, trace, &timeline->arrows[i]);
    }
    for (size_t i = 0; i < timeline->marks_count; i++) {
        put_mark(writer, trace, &timeline->marks[i]);
    }
    for (size_t i = 0; i < timeline->levels_count; i++) {
        put_level(writer, &timeline->levels[i]);
    }
}

void chrome_end(struct chrome_writer *writer)
{
    fputs("\n]\n", writer->out);
}

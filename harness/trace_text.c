/* trace_text.c - see trace_text.h. */
#include "trace_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "complaint.h"
#include "selection.h"

#define MAGIC "switchyard-trace/1 "
#define LINE_BYTES 160
#define FIELDS_MAX 5

static const char *const kind_names[TRACE_KINDS] = {
    [TRACE_CREATE] = "create", [TRACE_START] = "start",     [TRACE_STOP] = "stop",
    [TRACE_READY] = "ready",   [TRACE_STEAL] = "steal",     [TRACE_BLOCK] = "block",
    [TRACE_POLL] = "poll",     [TRACE_UNBLOCK] = "unblock", [TRACE_TIMER] = "timer",
};

struct reader {
    FILE *in;
    const char *source;
    struct trace *trace;
    char *error;
    size_t line; /* the number of the one that was read last, from 1 */
    char text[LINE_BYTES];
    int64_t last_ns;     /* of this worker */
    size_t workers_room; /* of the arrays, doubled when full */
    size_t events_room;
};

const char *trace_kind_name(enum trace_kind kind)
{
    return kind_names[kind];
}

static int refuse(const struct reader *reader, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(const struct reader *reader, int status, const char *format, ...)
{
    char what[RESULT_ERROR_BYTES / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(reader->error, RESULT_ERROR_BYTES, "%.200s: line %zu: %s", reader->source,
             reader->line, what);
    complaint_make_printable(reader->error);
    return status;
}

/* The next line without its newline into text. 1, 0 at the end, or a refusal. */
static int next_line(struct reader *reader)
{
    reader->line++;
    errno = 0;
    if (fgets(reader->text, sizeof reader->text, reader->in) == NULL) {
        return ferror(reader->in) ? refuse(reader, -EIO, "%s", strerror(errno)) : 0;
    }
    size_t length = strlen(reader->text);
    if (length == 0 || reader->text[length - 1] != '\n') {
        return refuse(reader, -EINVAL,
                      length + 1 == sizeof reader->text ? "too long" : "the trace is cut here");
    }
    reader->text[length - 1] = '\0';
    return 1;
}

/* Splits text at single blanks. How many fields; FIELDS_MAX + 1 if there are more. */
static size_t split(char *text, char *fields[FIELDS_MAX])
{
    size_t count = 0;
    char *field;
    while ((field = strsep(&text, " ")) != NULL) {
        if (count == FIELDS_MAX) {
            return FIELDS_MAX + 1;
        }
        fields[count++] = field;
    }
    return count;
}

static bool is_plain(const char *word, size_t room)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)word[i]) && word[i] != '_' && word[i] != '-') {
            return false;
        }
    }
    return length > 0 && length < room;
}

/* The index of the word among those seen, or a new one; -1 if it is none or there are too many. */
static int find_word(struct trace *trace, const char *word)
{
    for (size_t i = 0; i < trace->words_count; i++) {
        if (strcmp(trace->words[i], word) == 0) {
            return (int)i;
        }
    }
    if (trace->words_count == TRACE_WORDS_MAX || !is_plain(word, TRACE_WORD_BYTES)) {
        return -1;
    }
    snprintf(trace->words[trace->words_count], TRACE_WORD_BYTES, "%s", word);
    return (int)trace->words_count++;
}

static int find_kind(const char *name)
{
    for (int kind = 0; kind < TRACE_KINDS; kind++) {
        if (strcmp(kind_names[kind], name) == 0) {
            return kind;
        }
    }
    return -1;
}

static int add_worker(struct reader *reader, const char *number)
{
    struct trace *trace = reader->trace;
    int64_t value = 0;
    if (parse_number(number, 0, UINT32_MAX, &value) < 0) {
        return refuse(reader, -EINVAL, "\"worker\" needs a number");
    }
    trace->workers = alloc_grow(trace->workers, trace->workers_count, &reader->workers_room,
                                sizeof *trace->workers);
    trace->workers[trace->workers_count++] = (uint32_t)value;
    reader->last_ns = 0;
    return 0;
}

static int parse_event(struct reader *reader, char *const *fields, size_t count,
                       struct trace_event *event)
{
    int64_t ns = 0;
    int64_t task = 0;
    int64_t other = 0;
    int kind = find_kind(fields[1]);
    int word = count == 5 ? find_word(reader->trace, fields[4]) : 0;
    if (kind < 0) {
        return refuse(reader, -EINVAL, "unknown kind of event \"%.40s\"", fields[1]);
    }
    if (parse_number(fields[0], 0, INT64_MAX, &ns) < 0 ||
        parse_number(fields[2], 0, UINT32_MAX, &task) < 0 ||
        parse_number(fields[3], 0, UINT32_MAX, &other) < 0) {
        return refuse(reader, -EINVAL, "needs three numbers: TIME_NS KIND TASK OTHER [WORD]");
    }
    if (word < 0) {
        return refuse(reader, -EINVAL, "\"%.40s\" is no word, or one too many", fields[4]);
    }
    *event = (struct trace_event){.ns = ns,
                                  .task = (uint32_t)task,
                                  .other = (uint32_t)other,
                                  .kind = (uint8_t)kind,
                                  .word = (uint8_t)word};
    return 0;
}

static int add_event(struct reader *reader, char *const *fields, size_t count)
{
    struct trace *trace = reader->trace;
    struct trace_event event = {.ns = 0};
    int status = parse_event(reader, fields, count, &event);
    if (status < 0) {
        return status;
    }
    if (event.ns < reader->last_ns) {
        return refuse(reader, -EINVAL, "goes back in time");
    }
    if (trace->events_count == TRACE_EVENTS_MAX) {
        return refuse(reader, -EFBIG, "more than %zu events: trace a shorter run",
                      TRACE_EVENTS_MAX);
    }
    reader->last_ns = event.ns;
    event.worker = (uint32_t)(trace->workers_count - 1);
    trace->events =
        alloc_grow(trace->events, trace->events_count, &reader->events_room, sizeof *trace->events);
    trace->events[trace->events_count++] = event;
    return 0;
}

static int add_lost(struct reader *reader, const char *number)
{
    int64_t value = 0;
    if (parse_number(number, 1, INT64_MAX, &value) < 0) {
        return refuse(reader, -EINVAL, "\"lost\" needs a number");
    }
    reader->trace->lost += (uint64_t)value;
    return 0;
}

static int read_line(struct reader *reader)
{
    char *fields[FIELDS_MAX] = {NULL};
    size_t count = split(reader->text, fields);
    if (count == 2 && strcmp(fields[0], "worker") == 0) {
        return add_worker(reader, fields[1]);
    }
    if (count == 2 && strcmp(fields[0], "lost") == 0) {
        return add_lost(reader, fields[1]);
    }
    if (count != 4 && count != 5) {
        return refuse(reader, -EINVAL, "is neither \"worker N\" nor an event");
    }
    if (reader->trace->workers_count == 0) {
        return refuse(reader, -EINVAL, "an event before the first \"worker N\"");
    }
    return add_event(reader, fields, count);
}

static int read_head(struct reader *reader)
{
    struct trace *trace = reader->trace;
    int status = next_line(reader);
    if (status < 0) {
        return status;
    }
    if (status == 0) {
        return refuse(reader, -EINVAL, "the trace is empty");
    }
    size_t length = strlen(MAGIC);
    if (strncmp(reader->text, MAGIC, length) != 0 ||
        !is_plain(reader->text + length, sizeof trace->backend)) {
        return refuse(reader, -EINVAL, "is not \"" MAGIC "BACKEND\"");
    }
    snprintf(trace->backend, sizeof trace->backend, "%s", reader->text + length);
    return 0;
}

/* Workers come in no particular order: their indices shall follow their numbers. */
struct numbered {
    uint32_t number;
    uint32_t index;
};

static int compare_numbers(const void *left, const void *right)
{
    const struct numbered *a = left;
    const struct numbered *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

static int sort_workers(const struct reader *reader)
{
    struct trace *trace = reader->trace;
    int status = 0;
    struct numbered *order = alloc_array(trace->workers_count, sizeof *order);
    uint32_t *place = alloc_array(trace->workers_count, sizeof *place);
    for (size_t i = 0; i < trace->workers_count; i++) {
        order[i] = (struct numbered){trace->workers[i], (uint32_t)i};
    }
    qsort(order, trace->workers_count, sizeof *order, compare_numbers);
    for (size_t i = 0; i < trace->workers_count; i++) {
        if (i > 0 && order[i].number == order[i - 1].number) {
            status = refuse(reader, -EINVAL, "worker %u is there twice", order[i].number);
        }
        trace->workers[i] = order[i].number;
        place[order[i].index] = (uint32_t)i;
    }
    for (size_t i = 0; i < trace->events_count; i++) {
        trace->events[i].worker = place[trace->events[i].worker];
    }
    free(order);
    free(place);
    return status;
}

int trace_read(FILE *in, const char *source, struct trace *trace, char error[RESULT_ERROR_BYTES])
{
    struct reader reader = {.in = in, .source = source, .trace = trace, .error = error};
    *trace = (struct trace){.words_count = 1};
    int status = read_head(&reader);
    int more = 1;
    while (status == 0 && (more = next_line(&reader)) > 0) {
        status = read_line(&reader);
    }
    status = more < 0 ? more : status;
    if (status == 0 && trace->events_count == 0) {
        status = refuse(&reader, -EINVAL, "the trace has no events");
    }
    status = status == 0 ? sort_workers(&reader) : status;
    if (status < 0) {
        trace_destroy(trace);
    }
    return status;
}

int trace_load(const char *path, struct trace *trace, char error[RESULT_ERROR_BYTES])
{
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        int status = -errno;
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: %s", path, strerror(errno));
        *trace = (struct trace){.words_count = 1};
        return status;
    }
    int status = trace_read(in, path, trace, error);
    fclose(in);
    return status;
}

void trace_destroy(struct trace *trace)
{
    free(trace->workers);
    free(trace->events);
    *trace = (struct trace){.words_count = 1};
}

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

const struct trace_event **trace_by_time(const struct trace *trace)
{
    const struct trace_event **order = alloc_array(trace->events_count, sizeof(void *));
    for (size_t i = 0; i < trace->events_count; i++) {
        order[i] = &trace->events[i];
    }
    qsort(order, trace->events_count, sizeof(void *), compare_events);
    return order;
}

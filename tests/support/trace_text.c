/* trace_text.c - see trace_text.h. */
#include "support/trace_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"

ssize_t trace_text_read(struct trace_text *trace)
{
    int file = memfd_create("trace", MFD_CLOEXEC);
    ssize_t events = sy_trace_write(file);
    ssize_t bytes = pread(file, trace->text, sizeof trace->text - 1, 0);
    expect_ge(events, 0);
    expect_ge(bytes, 1);
    expect_le(bytes, (ssize_t)sizeof trace->text - 2); /* all of it */
    trace->text[bytes > 0 ? bytes : 0] = '\0';
    close(file);
    return events;
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(word, *words) != 0) {
        words++;
    }
    return *words != NULL;
}

static void count_event(struct trace_text *trace, const char *kind, uint32_t number, uint32_t other,
                        const char *word)
{
    if (number >= TRACE_TASKS) {
        return;
    }
    struct trace_task *task = &trace->tasks[number];
    if (strcmp(kind, "create") == 0) {
        task->created++;
        task->creator = other;
    } else if (strcmp(kind, "start") == 0) {
        task->started++;
    } else if (strcmp(kind, "stop") == 0 && strcmp(word, "end") == 0) {
        task->ended++;
    }
}

static void check_words(const char *kind, const char *word, bool has_word)
{
    static const char *const kinds[] = {"create", "start",   "stop", "ready", "steal",
                                        "block",  "unblock", "poll", "timer", NULL};
    static const char *const reasons[] = {
        "end",    "yield",  "join", "send",    "recv",  "mutex", "cond",  "sem", "waitgroup",
        "select", "rwlock", "once", "barrier", "sleep", "read",  "write", NULL};
    expect_true(is_one_of(kind, kinds));
    if (strcmp(kind, "stop") == 0) {
        expect_true(is_one_of(word, reasons));
    } else {
        expect_true(!has_word || strcmp(kind, "block") == 0);
    }
}

/* TIME_NS KIND TASK OTHER [WORD] */
static void parse_event(struct trace_text *trace, const char *line)
{
    char kind[16] = "";
    char word[32] = "";
    char copy[160];
    uint32_t task = 0;
    uint32_t other = 0;
    sy_time time = -1;
    int words = sscanf(line, "%" SCNd64 " %15s %" SCNu32 " %" SCNu32 " %31s", &time, kind, &task,
                       &other, word);
    expect_ge(words, 4);
    snprintf(copy, sizeof copy, "%" PRId64 " %s %" PRIu32 " %" PRIu32 "%s%s", time, kind, task,
             other, words == 5 ? " " : "", word);
    expect_eq(strcmp(copy, line), 0); /* one space between words, nothing more */
    check_words(kind, word, words == 5);
    count_event(trace, kind, task, other, word);
    expect_ge(time, trace->last_of_this_worker_ns);
    trace->last_of_this_worker_ns = time;
    trace->first_ns = time < trace->first_ns ? time : trace->first_ns;
    trace->last_ns = time > trace->last_ns ? time : trace->last_ns;
    trace->events++;
    trace->of_this_worker++;
    if (trace->of_this_worker > trace->most_of_a_worker) {
        trace->most_of_a_worker = trace->of_this_worker;
    }
}

static void parse_line(struct trace_text *trace, const char *line)
{
    int64_t number = 0;
    if (sscanf(line, "worker %" SCNd64, &number) == 1) {
        expect_ge(number, 1);
        trace->of_this_worker = 0;
        trace->last_of_this_worker_ns = 0;
    } else if (sscanf(line, "lost %" SCNd64, &number) == 1) {
        expect_ge(number, 1);
        trace->lost += number;
    } else {
        parse_event(trace, line);
    }
}

void trace_text_parse(struct trace_text *trace)
{
    size_t head = offsetof(struct trace_text, events);
    char header[64];
    memset((char *)trace + head, 0, sizeof *trace - head);
    trace->first_ns = SY_FOREVER;
    snprintf(header, sizeof header, "switchyard-trace/1 %s", sy_backend());
    bool first = true;
    char *line = trace->text;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1, first = false) {
        *end = '\0';
        if (first) {
            expect_eq(strcmp(line, header), 0);
        } else {
            parse_line(trace, line);
        }
    }
    expect_eq(*line, '\0'); /* the last line ends in a newline too */
    expect_true(!first);
}

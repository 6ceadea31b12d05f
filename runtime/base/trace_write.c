/* trace_write.c - the text of a trace; docs/protocol.md defines it, trace.c has the protocol. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/output.h"
#include "base/trace.h"
#include "base/trace_ring.h"

#define TEXT_BYTES ((size_t)16 << 10)
#define LINE_BYTES ((size_t)128) /* the longest line: three numbers and two words */
#define WORD_BYTES_MAX 32

/* The text that is not written yet. Used by one thread at a time, in the state WRITING. */
static struct {
    int fd;
    int status; /* 0, or the first error; after that nothing is written */
    size_t used;
    char bytes[TEXT_BYTES];
} text;

static void flush_text(void)
{
    if (text.status == 0) {
        text.status = output_write(text.fd, text.bytes, text.used);
    }
    text.used = 0;
}

__attribute__((format(printf, 1, 2))) static void add_line(const char *format, ...)
{
    va_list arguments;
    if (TEXT_BYTES - text.used < LINE_BYTES) {
        flush_text();
    }
    va_start(arguments, format);
    int length = vsnprintf(text.bytes + text.used, LINE_BYTES, format, arguments);
    va_end(arguments);
    text.used += length < (int)LINE_BYTES ? (size_t)length : LINE_BYTES - 1;
}

static void add_event(uint64_t when, uint64_t who, uint64_t kind, const char *word)
{
    static const char *const names[TRACE_KINDS] = {
        [TRACE_CREATE] = "create", [TRACE_START] = "start",     [TRACE_STOP] = "stop",
        [TRACE_READY] = "ready",   [TRACE_STEAL] = "steal",     [TRACE_BLOCK] = "block",
        [TRACE_POLL] = "poll",     [TRACE_UNBLOCK] = "unblock", [TRACE_TIMER] = "timer",
    };
    add_line("%llu %s %u %u%s%.*s\n", (unsigned long long)when, names[kind], (uint32_t)(who >> 32),
             (uint32_t)who, word == NULL ? "" : " ", WORD_BYTES_MAX, word == NULL ? "" : word);
}

/* Writes event `index` of the ring; false if it was overwritten meanwhile (5). */
static bool read_event(struct trace_ring *ring, uint64_t index)
{
    struct trace_slot *event = &ring->events[index % ring->slots];
    // acquire, all four: pair with the releases in trace_record (5)
    uint64_t when = load_acquire(&event->when);
    uint64_t who = load_acquire(&event->who);
    uint64_t kind = load_acquire(&event->kind);
    const char *word = load_acquire(&event->word);
    // relaxed: ordered after the loads above by their acquire
    if (load_relaxed(&ring->count) >= index + ring->slots) {
        return false;
    }
    add_event(when, who, kind, word);
    return true;
}

/* Writes what a worker recorded, and returns the number of events. */
static ssize_t write_ring(struct trace_ring *ring)
{
    // acquire: pairs with the release in trace_record (4)
    uint64_t count = load_acquire(&ring->count);
    uint64_t first = count < ring->slots ? 0 : count - ring->slots + 1; // (6)
    uint64_t lost = first;
    add_line("worker %u\n", ring->worker);
    for (uint64_t index = first; index < count && text.status == 0; index++) {
        lost += !read_event(ring, index);
    }
    if (lost != 0) {
        add_line("lost %llu\n", (unsigned long long)lost);
    }
    return (ssize_t)(count - lost);
}

/* The state is WRITING, so that no ring comes, goes or changes hands. */
static ssize_t write_all(int fd, const char *backend)
{
    ssize_t events = 0;
    text.fd = fd;
    text.status = 0;
    text.used = 0;
    add_line("switchyard-trace/1 %s\n", backend);
    if (traces.homeless != 0) {
        add_line("lost %llu\n", (unsigned long long)traces.homeless);
    }
    for (struct trace_ring *ring = traces.rings; ring != NULL && text.status == 0;
         ring = ring->next) {
        // relaxed: changed by trace_start only
        if (ring->trace == load_relaxed(&traces.trace)) {
            events += write_ring(ring);
        }
    }
    flush_text();
    return text.status != 0 ? text.status : events;
}

/* Gets into the state WRITING. */
static int begin_writing(void)
{
    static const int answers[] = {[TRACE_IDLE] = -EINVAL,
                                  [TRACE_RECORDING] = -EBUSY,
                                  [TRACE_STOPPED] = 0,
                                  [TRACE_WRITING] = -EBUSY};
    pthread_mutex_lock(&traces.lock);
    int status = answers[traces.state];
    traces.state = status == 0 ? TRACE_WRITING : traces.state;
    pthread_mutex_unlock(&traces.lock);
    return status;
}

ssize_t trace_write(int fd, const char *backend)
{
    ssize_t events = begin_writing();
    if (events == 0) {
        events = write_all(fd, backend);
        pthread_mutex_lock(&traces.lock);
        traces.state = TRACE_STOPPED;
        pthread_mutex_unlock(&traces.lock);
    }
    return events;
}

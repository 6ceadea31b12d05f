/* trace.c - see trace.h.
 *
 * A ring is a head in the list of rings, and memory for its events. Who may do what:
 *  1. A thread makes its ring at its first event, under `lock`, and only while a trace is being
 *     recorded. Only the owner writes events, and only the owner frees or replaces their memory: at
 *     its first event of a later trace, under `lock`. So a thread that was late (it found
 * `trace_on` set, and stores its event after trace_stop or even after the next trace_start) still
 * writes to its own memory.
 *  2. A head is freed by trace_start if its owner has said trace_thread_ends, and by trace_reset
 *     when no thread records. Neither happens while a trace is being written.
 *  3. A trace has a number. A ring whose number is not the current one belongs to an earlier trace
 *     and is not looked at. The owner's thread-local pointer is good only in the run in which the
 *     ring was made: `run` counts the calls of trace_reset.
 *
 * Writing and reading an event, a ring of `slots` slots, one more than there are events to keep:
 *  4. The owner stores event n into slot n % slots, each word with release, and then n + 1 into
 *     `count`, with release.
 *  5. The reader loads `count` (acquire): the events below it are complete.  It loads the words of
 *     event i, each with acquire, and then `count` again. Whoever overwrites slot i % slots writes
 *     event i + slots or a later one, and has stored a count of at least i + slots before. So if
 *     the reader got a word of that, it now finds count >= i + slots, and drops event i as lost.
 *     If it finds less, what it has read is event i. That holds however late a writer is.
 *  6. The slot that is about to be overwritten always counts as lost: hence the one more.
 *
 * Rejected: a mark "in use" that the writer sets before it tests `trace_on`. It would need a full
 * fence for each event.
 */
#include "base/trace.h"

#include <errno.h>
#include <sys/mman.h>

#include <switchyard/time.h>

#include "base/trace_ring.h"

struct traces traces = {.lock = PTHREAD_MUTEX_INITIALIZER};

_Atomic bool trace_on;

static __thread struct {
    struct trace_ring *ring;
    uint64_t run; /* in which ring was made */
} mine;

/* --- Rings ----------------------------------------------------------------------------------- */

static void *map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void free_events(struct trace_ring *ring)
{
    if (ring->events != NULL) {
        munmap(ring->events, ring->slots * sizeof *ring->events);
        ring->events = NULL;
    }
}

/* The calling thread's ring, whatever trace it is of; NULL if it has none. */
static struct trace_ring *own_ring(void)
{
    // relaxed: changed only when no thread of a runtime runs
    return mine.run == load_relaxed(&traces.run) ? mine.ring : NULL;
}

/* Under the lock: the calling thread's ring, with or without events. NULL without memory. */
static struct trace_ring *own_or_new_ring(void)
{
    struct trace_ring *ring = own_ring();
    if (ring != NULL) {
        return ring;
    }
    ring = map(sizeof *ring);
    if (ring != NULL) {
        ring->next = traces.rings;
        traces.rings = ring;
        mine.ring = ring;
        mine.run = load_relaxed(&traces.run); // relaxed: as in own_ring
    }
    return ring;
}

/* Under the lock, while recording: gives the calling thread an empty ring for this trace (1). NULL
 * without memory. */
static struct trace_ring *join_trace(void)
{
    struct trace_ring *ring = own_or_new_ring();
    if (ring == NULL) {
        return NULL;
    }
    if (ring->slots != traces.slots) {
        free_events(ring);
    }
    if (ring->events == NULL) {
        ring->events = map(traces.slots * sizeof *ring->events);
    }
    if (ring->events == NULL) {
        return NULL;
    }
    ring->slots = traces.slots;
    ring->place = 0;
    ring->worker = ++traces.workers;
    // relaxed, both: the reader finds the ring under the lock
    store_relaxed(&ring->count, 0);
    ring->trace = load_relaxed(&traces.trace);
    return ring;
}

/* A thread's first event of a trace: its ring, or NULL if the event cannot be kept. */
__attribute__((noinline)) static struct trace_ring *first_event(void)
{
    struct trace_ring *ring = NULL;
    int saved_errno = errno;
    pthread_mutex_lock(&traces.lock);
    if (traces.state == TRACE_RECORDING) {
        ring = join_trace();
        traces.homeless += ring == NULL;
    }
    pthread_mutex_unlock(&traces.lock);
    errno = saved_errno;
    return ring;
}

/* --- Recording ------------------------------------------------------------------------------- */

void trace_record(enum trace_kind kind, uint32_t task, uint32_t other, const char *word)
{
    struct trace_ring *ring = own_ring();
    // relaxed: a thread that is late may find the number of the next trace, and joins that, or
    // find the old one, and writes to the ring that it has (1)
    if (unlikely(ring == NULL || ring->trace != load_relaxed(&traces.trace))) {
        ring = first_event();
        if (ring == NULL) {
            return;
        }
    }
    uint64_t count = load_relaxed(&ring->count); // relaxed: only the owner writes it
    struct trace_slot *event = &ring->events[ring->place];
    ring->place = ring->place + 1 == ring->slots ? 0 : ring->place + 1;
    // release, all four: pair with the acquires in read_event (5)
    store_release(&event->when, (uint64_t)sy_now());
    store_release(&event->who, (uint64_t)task << 32 | other);
    store_release(&event->kind, (uint64_t)kind);
    store_release(&event->word, word);
    // release: pairs with the acquires in write_ring and read_event (4, 5)
    store_release(&ring->count, count + 1);
}

void trace_thread_ends(void)
{
    struct trace_ring *ring = own_ring();
    if (unlikely(ring != NULL)) {
        pthread_mutex_lock(&traces.lock);
        ring->ended = true;
        mine.ring = NULL;
        pthread_mutex_unlock(&traces.lock);
    }
}

/* --- Starting and stopping ------------------------------------------------------------------- */

/* Under the lock: frees the rings whose owners have ended, or all. */
static void free_rings(bool all)
{
    struct trace_ring **link = &traces.rings;
    while (*link != NULL) {
        struct trace_ring *ring = *link;
        if (all || ring->ended) {
            *link = ring->next;
            free_events(ring);
            munmap(ring, sizeof *ring);
        } else {
            link = &ring->next;
        }
    }
}

/* Under the lock. */
static int start_locked(size_t events)
{
    if (traces.state == TRACE_RECORDING || traces.state == TRACE_WRITING) {
        return -EBUSY;
    }
    free_rings(false);
    fetch_add_relaxed(&traces.trace, 1); // relaxed: written under the lock; see trace_record
    traces.slots = events + 1;
    traces.workers = 0;
    traces.homeless = 0;
    /* So that it is told at once if there is no memory for even one ring. */
    bool possible = join_trace() != NULL;
    traces.state = possible ? TRACE_RECORDING : TRACE_IDLE;
    store_relaxed(&trace_on, possible); // relaxed: a hint, as in trace_is_on
    return possible ? 0 : -ENOMEM;
}

int trace_start(size_t events)
{
    if (events < 1 || events > TRACE_EVENTS_MAX) {
        return -EINVAL;
    }
    pthread_mutex_lock(&traces.lock);
    int status = start_locked(events);
    pthread_mutex_unlock(&traces.lock);
    return status;
}

int trace_stop(void)
{
    pthread_mutex_lock(&traces.lock);
    bool recording = traces.state == TRACE_RECORDING;
    if (recording) {
        store_relaxed(&trace_on, false); // relaxed: a hint, as in trace_is_on
        traces.state = TRACE_STOPPED;
    }
    pthread_mutex_unlock(&traces.lock);
    return recording ? 0 : -EINVAL;
}

void trace_reset(void)
{
    pthread_mutex_lock(&traces.lock);
    store_relaxed(&trace_on, false); // relaxed: no thread records
    traces.state = TRACE_IDLE;
    free_rings(true);
    fetch_add_relaxed(&traces.run, 1); // relaxed: as in own_ring
    pthread_mutex_unlock(&traces.lock);
}

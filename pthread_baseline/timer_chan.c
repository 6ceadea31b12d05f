/* timer_chan.c - timers that send on channels: one thread that waits for the earliest of a heap.
 *
 * Protocol, all under one lock:
 *  1. An armed timer has an entry in the heap, and knows its place there; entries[place - 1] is
 *     then its own. A timer with any other place is not armed: storage of an earlier run is known
 *     by that.
 *  2. The thread takes the earliest entry that is due out of the heap, or puts its next tick
 *     there, and sends, holding the lock. A send does not wait, and takes the lock of the channel
 *     only, under which nobody takes this one.
 *  3. sy_timer_stop takes the lock: so no send is under way then, and none begins later.
 *  4. Who arms a timer that becomes the earliest signals the thread.
 *  5. Tasks say that they want the lock (`wanted`) before they take it. The thread keeps it while
 *     anything is due, but not for more than PATIENCE sends in a row if somebody wants it: timers
 *     whose periods are shorter than a send would keep everybody out for ever.
 *  6. The thread is made by the first sy_timer_set of a run and joined by timer_end_run, which sets
 *     `ends` when no task is left.
 *
 * Rejected: timerfd or POSIX timers, a kernel object for each timer; a thread for each timer.
 */
#include "timer_chan.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <time.h>

#include <switchyard/time.h>

#include "base/atomic.h"
#include "base/trace.h"
#include "chan.h"
#include "deadline.h"
#include "task.h"

#define TIMERS_MAX (1u << 22)
#define PATIENCE 64u
#define ARITY 4u /* children of an entry: two lines of the cache hold four entries */

struct timer {
    /* immutable after init: */
    sy_chan chan;
    /* lock: */
    sy_time period;
    uint32_t place; /* in the heap, from 1; 0 if it is not armed, but see 1 */
};

_Static_assert(sizeof(struct timer) <= sizeof(sy_timer), "sy_timer is too small");
_Static_assert(_Alignof(struct timer) <= _Alignof(sy_timer), "sy_timer is not aligned enough");

struct entry {
    sy_time when;
    struct timer *timer;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* the earliest entry, or `ends` */
    /* lock: */
    struct entry *entries; /* room for TIMERS_MAX; NULL without a thread */
    uint32_t count;
    bool ends;
    uint32_t sends; /* since the thread last gave the lock away */
    pthread_t thread;
    /* atomic: */
    _Atomic uint32_t wanted; /* tasks that have the lock or wait for it */
} timers = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static struct timer *timer_of(sy_timer *storage)
{
    return (void *)storage;
}

static void lock_timers(void)
{
    fetch_add_relaxed(&timers.wanted, 1); /* relaxed: a hint */
    pthread_mutex_lock(&timers.lock);
}

static void unlock_timers(void)
{
    pthread_mutex_unlock(&timers.lock);
    fetch_add_relaxed(&timers.wanted, UINT32_MAX); /* one less; relaxed: a hint */
}

/* --- The heap, under the lock ---------------------------------------------------------------- */

static void put(uint32_t index, struct entry entry)
{
    timers.entries[index] = entry;
    entry.timer->place = index + 1;
}

static void sift_up(uint32_t index, struct entry entry)
{
    while (index > 0 && timers.entries[(index - 1) / ARITY].when > entry.when) {
        put(index, timers.entries[(index - 1) / ARITY]);
        index = (index - 1) / ARITY;
    }
    put(index, entry);
}

/* The earliest child of index, or count if it has none. */
static uint32_t earliest_child(uint32_t index)
{
    uint32_t best = index * ARITY + 1;
    if (best >= timers.count) {
        return timers.count;
    }
    uint32_t last = best + ARITY - 1 < timers.count ? best + ARITY - 1 : timers.count - 1;
    for (uint32_t child = best + 1; child <= last; child++) {
        if (timers.entries[child].when < timers.entries[best].when) {
            best = child;
        }
    }
    return best;
}

static void sift_down(uint32_t index, struct entry entry)
{
    uint32_t child = earliest_child(index);
    while (child < timers.count && timers.entries[child].when < entry.when) {
        put(index, timers.entries[child]);
        index = child;
        child = earliest_child(index);
    }
    put(index, entry);
}

static bool is_armed(const struct timer *timer)
{
    uint32_t place = timer->place;
    return place != 0 && place <= timers.count && timers.entries[place - 1].timer == timer;
}

static void disarm(struct timer *timer)
{
    uint32_t index = timer->place - 1;
    struct entry last = timers.entries[--timers.count];
    timer->place = 0;
    if (last.timer == timer) {
        return;
    }
    if (index > 0 && timers.entries[(index - 1) / ARITY].when > last.when) {
        sift_up(index, last);
    } else {
        sift_down(index, last);
    }
}

/* --- The thread ------------------------------------------------------------------------------ */

/* The next tick after `when` that is not late by a whole period: the first after now. */
static sy_time next_tick(sy_time when, sy_time period, sy_time now)
{
    sy_time next = 0;
    sy_time late = 0;
    if (__builtin_sub_overflow(now, when, &late)) {
        late = SY_FOREVER;
    }
    sy_time skipped = late - late % period;
    bool beyond =
        __builtin_add_overflow(when, skipped, &next) || __builtin_add_overflow(next, period, &next);
    return beyond ? SY_FOREVER : next;
}

/* Step 2. */
static void fire(sy_time now)
{
    struct entry due = timers.entries[0];
    if (due.timer->period > 0) {
        due.when = next_tick(due.when, due.timer->period, now);
        sift_down(0, due);
    } else {
        disarm(due.timer);
    }
    trace_event(TRACE_TIMER, 0, 1, NULL);
    chan_offer(due.timer->chan, &now);
}

/* Under the lock, which it gives away: until the earliest entry is due or changes. */
static void await_earliest(void)
{
    sy_time when = timers.count == 0 ? SY_FOREVER : timers.entries[0].when;
    if (when == SY_FOREVER) {
        pthread_cond_wait(&timers.changed, &timers.lock);
    } else {
        struct timespec limit = deadline_timespec(when);
        pthread_cond_clockwait(&timers.changed, &timers.lock, CLOCK_MONOTONIC, &limit);
    }
}

/* Step 5. Under the lock, which it gives away for as long as a waiter needs to wake up. */
static void give_way(void)
{
    static const struct timespec shortly = {.tv_nsec = 1};
    if (++timers.sends < PATIENCE || load_relaxed(&timers.wanted) == 0) { /* relaxed: a hint */
        return;
    }
    timers.sends = 0;
    pthread_mutex_unlock(&timers.lock);
    clock_nanosleep(CLOCK_MONOTONIC, 0, &shortly, NULL);
    pthread_mutex_lock(&timers.lock);
}

static void *serve(void *arg)
{
    pthread_mutex_lock(&timers.lock);
    while (!timers.ends) {
        sy_time now = sy_now();
        if (timers.count > 0 && timers.entries[0].when <= now) {
            fire(now);
            give_way();
        } else {
            timers.sends = 0;
            await_earliest();
        }
    }
    pthread_mutex_unlock(&timers.lock);
    trace_thread_ends();
    return arg;
}

/* --- Beginning and end, under the lock ------------------------------------------------------- */

#define HEAP_BYTES (TIMERS_MAX * sizeof(struct entry))

/* Only pages that are touched cost memory. */
static bool begin(void)
{
    void *heap = mmap(NULL, HEAP_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (heap == MAP_FAILED) {
        return false;
    }
    timers.count = 0;
    timers.ends = false;
    if (pthread_create(&timers.thread, NULL, serve, NULL) != 0) {
        munmap(heap, HEAP_BYTES);
        return false;
    }
    timers.entries = heap;
    return true;
}

void timer_end_run(void)
{
    if (timers.entries == NULL) { /* no lock needed: no task, no thread */
        return;
    }
    pthread_mutex_lock(&timers.lock);
    timers.ends = true;
    pthread_cond_signal(&timers.changed);
    pthread_mutex_unlock(&timers.lock);
    pthread_join(timers.thread, NULL);
    munmap(timers.entries, HEAP_BYTES);
    timers.entries = NULL;
    timers.count = 0;
}

/* --- The public functions -------------------------------------------------------------------- */

int sy_timer_init(sy_timer *storage, sy_chan chan)
{
    task_require("sy_timer_init");
    if (storage == NULL) {
        return -EINVAL;
    }
    ssize_t bytes = chan_element_bytes(chan);
    if (bytes != (ssize_t)sizeof(sy_time)) {
        return bytes < 0 ? (int)bytes : -EINVAL;
    }
    *timer_of(storage) = (struct timer){.chan = chan};
    return 0;
}

/* Under the lock. */
static int set(struct timer *timer, sy_time when, sy_time period)
{
    if (timers.entries == NULL && !begin()) {
        return -EAGAIN;
    }
    bool armed = is_armed(timer);
    if (!armed && timers.count == TIMERS_MAX) {
        return -EAGAIN;
    }
    if (armed) {
        disarm(timer);
    }
    timer->period = period;
    sift_up(timers.count++, (struct entry){when, timer});
    if (timers.entries[0].timer == timer) {
        pthread_cond_signal(&timers.changed);
    }
    return armed;
}

int sy_timer_set(sy_timer *storage, sy_time when, sy_time period)
{
    task_require("sy_timer_set");
    if (period < 0) {
        return -EINVAL;
    }
    lock_timers();
    int status = set(timer_of(storage), when, period);
    unlock_timers();
    return status;
}

int sy_timer_stop(sy_timer *storage)
{
    struct timer *timer = timer_of(storage);
    task_require("sy_timer_stop");
    lock_timers();
    bool armed = is_armed(timer);
    if (armed) {
        disarm(timer);
    }
    unlock_timers();
    return armed;
}

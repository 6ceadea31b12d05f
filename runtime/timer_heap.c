/* timer_heap.c - see timer_heap.h. */
#include "timer_heap.h"

#include <errno.h>
#include <sys/mman.h>

#define ARITY 4
#define LINE_BYTES 64

/* Entry 1, the first child of entry 0, begins a cache line, and so do all first children. */
#define OFFSET_BYTES (LINE_BYTES - sizeof(struct timer_entry))

int timer_heap_init(struct timer_heap *heap, uint16_t proc, size_t capacity)
{
    size_t bytes = capacity * sizeof *heap->entries + LINE_BYTES;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return -ENOMEM;
    }
    *heap = (struct timer_heap){.memory = memory, .bytes = bytes, .proc = proc};
    heap->entries = (struct timer_entry *)(void *)((char *)memory + OFFSET_BYTES);
    store_relaxed(&heap->next, SY_FOREVER); /* relaxed: nobody else knows it yet */
    return 0;
}

void timer_heap_destroy(struct timer_heap *heap)
{
    munmap(heap->memory, heap->bytes);
    *heap = (struct timer_heap){0};
}

/* --- under the lock ----------------------------------------------------------------------- */

static void place(struct timer_heap *heap, uint32_t index, struct timer_entry entry)
{
    heap->entries[index] = entry;
    entry.timer->place = index + 1;
}

static void sift_up(struct timer_heap *heap, uint32_t index, struct timer_entry entry)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / ARITY;
        if (heap->entries[parent].when <= entry.when) {
            break;
        }
        place(heap, index, heap->entries[parent]);
        index = parent;
    }
    place(heap, index, entry);
}

/* The earliest child of index, or count if it has none. */
static uint32_t earliest_child(const struct timer_heap *heap, uint32_t index)
{
    uint32_t first = index * ARITY + 1;
    uint32_t best = first;
    if (first >= heap->count) {
        return heap->count;
    }
    for (uint32_t child = first + 1; child < first + ARITY && child < heap->count; child++) {
        if (heap->entries[child].when < heap->entries[best].when) {
            best = child;
        }
    }
    return best;
}

static void sift_down(struct timer_heap *heap, uint32_t index, struct timer_entry entry)
{
    for (;;) {
        uint32_t child = earliest_child(heap, index);
        if (child == heap->count || heap->entries[child].when >= entry.when) {
            break;
        }
        place(heap, index, heap->entries[child]);
        index = child;
    }
    place(heap, index, entry);
}

/* After every change: publishes the earliest deadline. */
static void publish_next(struct timer_heap *heap)
{
    /* relaxed: the watch re-reads it under the scheduler's lock, see scheduler_retime */
    store_relaxed(&heap->next, heap->count > 0 ? heap->entries[0].when : SY_FOREVER);
}

static void take_out(struct timer_heap *heap, struct timer *timer)
{
    uint32_t index = timer->place - 1;
    struct timer_entry last = heap->entries[--heap->count];
    timer->place = 0;
    if (last.timer == timer) {
        return;
    }
    if (index > 0 && heap->entries[(index - 1) / ARITY].when > last.when) {
        sift_up(heap, index, last);
    } else {
        sift_down(heap, index, last);
    }
}

/* Also of the storage of a timer that was armed when an earlier run ended. */
static bool is_in(const struct timer_heap *heap, const struct timer *timer)
{
    uint32_t place = timer->place;
    return place != 0 && place <= heap->count && heap->entries[place - 1].timer == timer;
}

/* --- without the lock --------------------------------------------------------------------- */

bool timer_heap_insert(struct timer_heap *heap, struct timer *timer, sy_time when)
{
    spin_lock(&heap->lock);
    bool earliest = when < timer_heap_next(heap);
    store_relaxed(&timer->proc, heap->proc); /* relaxed: whoever reads it takes the lock then */
    /* release: pairs with the acquire in timer_disarm; a periodic timer that is armed anew by the
     * worker that fires it is that worker's no more */
    store_release(&timer->firing, 0);
    sift_up(heap, heap->count++, (struct timer_entry){when, timer});
    publish_next(heap);
    spin_unlock(&heap->lock);
    return earliest;
}

bool timer_heap_remove(struct timer_heap *heap, struct timer *timer, bool *armed)
{
    spin_lock(&heap->lock);
    /* Before the others: who fires a periodic timer arms it in another heap, whose lock is not held
     * here; proc and place change then, and firing = 0 says so.
     * acquire: pairs with the release in timer_heap_insert */
    bool fired = load_acquire(&timer->firing) != 0;
    /* relaxed: unless it is fired, it changes only under the lock of the heap that it names */
    bool here = load_relaxed(&timer->proc) == heap->proc;
    *armed = here && !fired && is_in(heap, timer);
    if (*armed) {
        take_out(heap, timer);
        publish_next(heap);
    }
    spin_unlock(&heap->lock);
    return here;
}

struct timer *timer_heap_take_due(struct timer_heap *heap, sy_time now)
{
    struct timer *timer = NULL;
    spin_lock(&heap->lock);
    if (heap->count > 0 && heap->entries[0].when <= now) {
        timer = heap->entries[0].timer;
        take_out(heap, timer);
        publish_next(heap);
        store_relaxed(&timer->firing, 1); /* relaxed: read under or after the lock */
    }
    spin_unlock(&heap->lock);
    return timer;
}

bool timer_heap_move(struct timer_heap *from, struct timer_heap *to)
{
    spin_lock(&to->lock);
    spin_lock(&from->lock);
    bool earliest = timer_heap_next(from) < timer_heap_next(to);
    for (uint32_t i = 0; i < from->count; i++) {
        /* relaxed: under both locks */
        store_relaxed(&from->entries[i].timer->proc, to->proc);
        sift_up(to, to->count++, from->entries[i]);
    }
    from->count = 0;
    publish_next(from);
    publish_next(to);
    spin_unlock(&from->lock);
    spin_unlock(&to->lock);
    return earliest;
}

/* global.c - see global.h. */
#include "global.h"

#include <errno.h>
#include <sys/mman.h>

static struct {
    struct task **tasks;     /* lock; [capacity] */
    uint32_t head;           /* lock: the oldest; starts over at 0 whenever the queue is empty */
    uint32_t capacity;       /* immutable after init */
    _Atomic uint32_t length; /* written under the lock, read by anyone */
} global;

int global_init(uint32_t max_tasks)
{
    void *memory = mmap(NULL, (size_t)max_tasks * sizeof(void *), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return -ENOMEM;
    }
    global.tasks = memory;
    global.head = 0;
    global.capacity = max_tasks;
    store_relaxed(&global.length, 0); /* relaxed: no worker runs yet */
    return 0;
}

void global_destroy(void)
{
    munmap(global.tasks, (size_t)global.capacity * sizeof(void *));
    global.tasks = NULL;
}

uint32_t global_length(void)
{
    /* relaxed: exact under the lock; outside the fences of the wake protocol order it */
    return load_relaxed(&global.length);
}

static uint32_t wrap(uint32_t position)
{
    return position < global.capacity ? position : position - global.capacity;
}

/* How many of count entries from a position on come before the end of the array. */
static uint32_t before_end(uint32_t position, uint32_t count)
{
    uint32_t to_end = global.capacity - position;
    return count < to_end ? count : to_end;
}

void global_push(struct task *const *tasks, uint32_t count)
{
    uint32_t length = global_length();
    if (length == 0) {
        global.head = 0;
    }
    uint32_t tail = wrap(global.head + length);
    uint32_t first = before_end(tail, count);
    tasks_copy(&global.tasks[tail], tasks, first);
    tasks_copy(global.tasks, tasks + first, count - first);
    store_relaxed(&global.length, length + count); /* relaxed: as in global_length */
}

uint32_t global_batch(uint32_t count)
{
    uint32_t length = global_length();
    count = count < length ? count : length;
    for (uint32_t i = 1; i < count; i++) {
        if (global.tasks[wrap(global.head + i)]->reason == WAIT_PREEMPTED) {
            return i;
        }
    }
    return count;
}

uint32_t global_pop(struct task **tasks, uint32_t count)
{
    uint32_t length = global_length();
    count = count < length ? count : length;
    uint32_t first = before_end(global.head, count);
    tasks_copy(tasks, &global.tasks[global.head], first);
    tasks_copy(tasks + first, global.tasks, count - first);
    global.head = wrap(global.head + count);
    store_relaxed(&global.length, length - count); /* relaxed: as in global_length */
    return count;
}

/* timer.c - see timer.h. */
#include "timer.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#include <switchyard/time.h>

#include "park.h"

#define ARITY 4

struct entry {
    sy_time when;
    struct task *task;
};

static struct {
    struct spin lock;
    struct entry *heap;   /* lock */
    uint32_t count;       /* lock */
    size_t bytes;         /* immutable after init */
    _Atomic sy_time next; /* earliest deadline; written under lock, read by anyone */
} timers;

int timer_init(uint32_t max_tasks)
{
    timers.bytes = (size_t)max_tasks * sizeof *timers.heap;
    void *heap = mmap(NULL, timers.bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (heap == MAP_FAILED) {
        return -ENOMEM;
    }
    timers.heap = heap;
    timers.count = 0;
    store_relaxed(&timers.next, SY_FOREVER); /* relaxed: no worker runs yet */
    return 0;
}

void timer_destroy(void)
{
    munmap(timers.heap, timers.bytes);
    timers.heap = NULL;
}

sy_time timer_next(void)
{
    return load_relaxed(&timers.next); /* relaxed: a hint; who acts on it takes the lock */
}

static void place(uint32_t index, struct entry entry)
{
    timers.heap[index] = entry;
    entry.task->timer_place = index + 1;
}

static void sift_up(uint32_t index, struct entry entry)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / ARITY;
        if (timers.heap[parent].when <= entry.when) {
            break;
        }
        place(index, timers.heap[parent]);
        index = parent;
    }
    place(index, entry);
}

/* The earliest child of index, or count if it has none. */
static uint32_t earliest_child(uint32_t index)
{
    uint32_t first = index * ARITY + 1;
    uint32_t best = first;
    if (first >= timers.count) {
        return timers.count;
    }
    for (uint32_t child = first + 1; child < first + ARITY && child < timers.count; child++) {
        if (timers.heap[child].when < timers.heap[best].when) {
            best = child;
        }
    }
    return best;
}

static void sift_down(uint32_t index, struct entry entry)
{
    for (;;) {
        uint32_t child = earliest_child(index);
        if (child == timers.count || timers.heap[child].when >= entry.when) {
            break;
        }
        place(index, timers.heap[child]);
        index = child;
    }
    place(index, entry);
}

/* Under the lock, after every change: publishes the earliest deadline. */
static void publish_next(void)
{
    /* relaxed: the watch re-reads it under the scheduler's lock, see scheduler_retime */
    store_relaxed(&timers.next, timers.count > 0 ? timers.heap[0].when : SY_FOREVER);
}

static void heap_remove(struct task *task)
{
    uint32_t index = task->timer_place - 1;
    task->timer_place = 0;
    struct entry last = timers.heap[--timers.count];
    if (last.task == task) {
        return;
    }
    if (index > 0 && timers.heap[(index - 1) / ARITY].when > last.when) {
        sift_up(index, last);
    } else {
        sift_down(index, last);
    }
}

void timer_arm(struct task *self, sy_time deadline)
{
    spin_lock(&timers.lock);
    bool earliest = deadline < load_relaxed(&timers.next); /* relaxed: written under the lock */
    sift_up(timers.count++, (struct entry){deadline, self});
    publish_next();
    spin_unlock(&timers.lock);
    if (earliest) {
        scheduler_retime(deadline);
    }
}

void timer_disarm(struct task *self)
{
    uint32_t rounds = 0;
    spin_lock(&timers.lock);
    if (self->timer_place != 0) {
        heap_remove(self);
        publish_next();
    }
    spin_unlock(&timers.lock);
    /* acquire: pairs with the release in expire; it has let go of the task and the object */
    while (load_acquire(&self->timer_firing) != 0) {
        spin_wait(&rounds);
    }
}

/* Phase 1: the next due task, or NULL. */
static struct task *take_due(sy_time now)
{
    struct task *task = NULL;
    spin_lock(&timers.lock);
    if (timers.count > 0 && timers.heap[0].when <= now) {
        task = timers.heap[0].task;
        heap_remove(task);
        publish_next();
        store_relaxed(&task->timer_firing, 1); /* relaxed: read by disarm under or after the lock */
    }
    spin_unlock(&timers.lock);
    return task;
}

/* Phase 2. */
static void expire(struct task *task)
{
    struct proc *proc = proc_enter();
    proc = lock_acquire(proc, task->wait_lock);
    /* A sleeper is in no queue: only its timer wakes it. */
    bool waits = task->waitq != NULL || task->reason == WAIT_SLEEP;
    if (waits && task->waitq != NULL) {
        waitq_remove(task->waitq, task);
    }
    lock_release(proc);
    if (waits) {
        task_wake_in_line(proc, task, -ETIMEDOUT);
    }
    /* release: pairs with the acquire in timer_disarm */
    store_release(&task->timer_firing, 0);
    proc_leave(proc);
}

void timer_fire(sy_time now)
{
    while (timer_next() <= now) {
        struct task *task = take_due(now);
        if (task == NULL) {
            return;
        }
        expire(task);
    }
}

/* --- sleeping: a task parked under its own lock, in no queue but the heap -------------------- */

static int sleep_until(sy_time deadline, const char *function)
{
    struct proc *proc = proc_enter_named(function);
    if (deadline <= sy_now()) {
        proc_leave(proc);
        sy_yield();
        return 0;
    }
    struct task *self = proc->current;
    proc = lock_acquire(proc, &self->lock);
    task_park_until(proc, self, WAIT_SLEEP, NULL, &self->lock, deadline);
    return 0;
}

int sy_sleep_until(sy_time deadline)
{
    return sleep_until(deadline, __func__);
}

int sy_sleep(sy_time duration)
{
    sy_time deadline = 0;
    if (__builtin_add_overflow(sy_now(), duration, &deadline)) {
        deadline = duration > 0 ? SY_FOREVER : 0;
    }
    return sleep_until(deadline, __func__);
}

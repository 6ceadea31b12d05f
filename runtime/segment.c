/* segment.c - see segment.h.
 *
 * __morestack calls this while the arguments of the function that shall run, and on the way back
 * its results, are in registers. It saves the general ones; the vector registers nobody saves, so
 * this file and segment_pool.c are compiled with -mgeneral-regs-only, call nothing else, and enter
 * the kernel by themselves. tests/arch/no_vectors.sh looks at the instructions.
 */
#include "segment.h"

#include <stddef.h>

#include "growth.h"
#include "offsets.h"
#include "overflow.h"
#include "preempt.h"
#include "proc.h"
#include "segment_pool.h"
#include "stack.h"
#include "worker.h"

_Static_assert(offsetof(struct proc, current) == PROC_CURRENT, "morestack.S");
_Static_assert(offsetof(struct task, segments) == TASK_SEGMENTS, "morestack.S");
_Static_assert(offsetof(struct segment, previous) == SEGMENT_PREVIOUS, "morestack.S");
_Static_assert(offsetof(struct segment, next) == SEGMENT_NEXT, "morestack.S");
_Static_assert(offsetof(struct segment, limit) == SEGMENT_LIMIT, "morestack.S");
_Static_assert(offsetof(struct segment, bottom) == SEGMENT_BOTTOM, "morestack.S");
_Static_assert(offsetof(struct segment, task) == SEGMENT_TASK, "morestack.S");
_Static_assert(offsetof(struct segment, beyond) == SEGMENT_BEYOND, "morestack.S");
_Static_assert(offsetof(struct segment, top) == SEGMENT_TOP, "morestack.S");
_Static_assert(offsetof(struct segment, room) == SEGMENT_ROOM, "morestack.S");
_Static_assert(offsetof(struct segment, left_at) == SEGMENT_LEFT_AT, "morestack.S");

/* Frames up to this size are compared by their upper end: gcc relies on so much below the limit. */
#define SMALL_FRAME 256
#define ENTRY 16   /* from __morestack's frame pointer up to the function's stack pointer */
#define AROUND 128 /* return address and alignment between a frame and the segment's top */

/* Answers of segment_grow that are no segment. */
#define STAY ((struct segment *)0)
#define PREEMPT ((struct segment *)1)

/* For morestack.S. */
struct segment *segment_grow(uintptr_t frame, size_t bytes, size_t arguments);
void segment_leave(struct segment *to);
void *segment_allocate(size_t bytes, uintptr_t sp);

uintptr_t segment_slot_limit(uint32_t slot)
{
    size_t half = stack_usable_bytes() / 2;
    return (uintptr_t)stack_bottom(slot) + (half < SEGMENT_HEADROOM ? half : SEGMENT_HEADROOM);
}

/* --- the chain ---------------------------------------------------------------------------- */

/* A poison that came meanwhile is lost; sysmon makes it again (preempt.h). */
static void set_limit(struct task *task, uintptr_t limit)
{
    task->stack_limit = limit;
    arch_set_stack_limit(limit);
}

static void use(struct task *task, struct segment *segment)
{
    task->segments = segment;
    set_limit(task, segment->limit);
}

static void give_list(struct segment *segment)
{
    while (segment != NULL) {
        struct segment *next = segment->next;
        segment_give(segment);
        segment = next;
    }
}

/* A segment and all beyond it, with what belongs to them. */
static void give_chain(struct segment *segment)
{
    while (segment != NULL) {
        struct segment *next = segment->next;
        give_list(segment->blocks);
        segment_give(segment);
        segment = next;
    }
}

static bool holds(const struct segment *segment, uintptr_t sp)
{
    return sp - segment->bottom < segment->bytes;
}

/* The slot of a task that has no segments. */
static bool slot_holds(struct task *task, uintptr_t sp)
{
    uintptr_t bottom = (uintptr_t)stack_bottom(task->slot.index);
    return sp >= bottom && sp < (uintptr_t)stack_top(task);
}

/* True if the task runs on its own stack, and not in a signal handler on another one. If a longjmp
 * has left segments behind, the one that sp is in is the current one again. */
static bool find_current(struct task *task, uintptr_t sp)
{
    struct segment *current = task->segments;
    if (current == NULL) {
        return slot_holds(task, sp);
    }
    for (struct segment *segment = current; segment != NULL; segment = segment->previous) {
        if (holds(segment, sp)) {
            if (segment != current) {
                use(task, segment);
            }
            return true;
        }
    }
    return false;
}

size_t segment_used_bytes(struct task *task, uintptr_t sp)
{
    const struct segment *current = task->segments;
    if (current == NULL) {
        return (uintptr_t)stack_top(task) - sp;
    }
    size_t used = current->top - sp;
    for (const struct segment *segment = current; segment != NULL; segment = segment->previous) {
        const struct segment *next = segment->next;
        used += segment != current ? segment->top - segment->left_at : 0;
        for (const struct segment *block = next != NULL ? next->blocks : NULL; block != NULL;
             block = block->next) {
            used += block->bytes;
        }
    }
    return used;
}

/* Makes the limit such that the sum stays below STACK_TOTAL. In the upper half of that each
 * crossing is computed anew. */
static void set_room(struct segment *segment, size_t used)
{
    uintptr_t lowest = segment->bottom + SEGMENT_HEADROOM;
    size_t left = STACK_TOTAL - used;
    bool ends = segment->top - lowest > left;
    segment->limit = ends ? segment->top - left : lowest;
    bool far = used + segment->bytes < STACK_TOTAL / 2;
    segment->previous->room = far ? segment->top - lowest - AROUND : 0;
}

/* Behind the current one; the first one also holds the record of the slot. */
static void append(struct task *task, struct segment *segment)
{
    struct segment *current = task->segments;
    if (current == NULL) {
        current = segment - 1;
        current->previous = NULL;
        current->task = task;
        current->limit = task->stack_limit;
        current->bottom = (uintptr_t)stack_bottom(task->slot.index);
        current->top = (uintptr_t)stack_top(task);
        current->bytes = current->top - current->bottom;
        current->room = 0;
        current->left_at = 0;
        current->blocks = NULL;
        current->mapping = NULL;
        current->mapped_bytes = 0;
        task->segments = current;
    }
    segment->previous = current;
    segment->task = task;
    segment->beyond = NULL;
    current->next = segment;
    current->beyond = segment->next;
    current->room = 0;
    if (current->previous != NULL) {
        current->previous->beyond = segment;
    }
}

/* Twice the one before. */
static size_t size_of_next(const struct segment *current)
{
    bool is_slot = current == NULL || current->mapping == NULL;
    size_t last = is_slot ? stack_usable_bytes() : current->mapped_bytes;
    return last < SEGMENT_BYTES_MAX / 2 ? 2 * last : SEGMENT_BYTES_MAX;
}

/* The segment behind the current one, with room for so many bytes above its limit. */
static struct segment *next_segment(struct task *task, uintptr_t sp, size_t bytes)
{
    struct segment *current = task->segments;
    struct segment *next = current != NULL ? current->next : NULL;
    if (next != NULL && next->top - next->bottom - SEGMENT_HEADROOM >= bytes) {
        return next;
    }
    struct segment *larger = segment_take(bytes, size_of_next(current));
    if (larger == NULL) {
        overflow_die(task, (const void *)sp, "no memory for a further segment");
    }
    if (next != NULL) {
        larger->blocks = next->blocks;
        next->blocks = NULL;
        if (current->previous == NULL) {
            task->segments = NULL; /* the slot's record is in the one that is given back */
        }
        give_chain(next);
    }
    append(task, larger);
    return larger;
}

/* --- for morestack.S ---------------------------------------------------------------------- */

static struct segment *enter_next(struct task *task, uintptr_t frame, size_t bytes)
{
    uintptr_t sp = frame + ENTRY;
    size_t used = segment_used_bytes(task, sp);
    size_t needed = bytes + AROUND;
    if (needed > STACK_TOTAL || used + needed > STACK_TOTAL) {
        overflow_die(task, (const void *)sp, NULL);
    }
    struct segment *next = next_segment(task, sp, needed);
    set_room(next, used);
    next->previous->left_at = frame;
    use(task, next);
    return next;
}

/* A check of a function with a frame of so many bytes, and arguments on the stack, has failed.
 * frame: __morestack's frame pointer. Returns the segment to run the function on, which is in use
 * then; or STAY; or PREEMPT: preempt_at_prologue is to be called, and then this again. */
struct segment *segment_grow(uintptr_t frame, size_t bytes, size_t arguments)
{
    struct task *task = worker_task();
    uintptr_t sp = frame + ENTRY;
    if (task == NULL) {
        return STAY;
    }
    bool poisoned = arch_stack_limit() != task->stack_limit;
    bool own = find_current(task, sp);
    if (poisoned) {
        arch_set_stack_limit(
            task->stack_limit); /* the poison was meant for this task, or was late */
        if (own && preempt_is_due_to(task)) {
            return PREEMPT;
        }
    }
    uintptr_t lowest = bytes < SMALL_FRAME ? sp : sp - bytes;
    if (!own || lowest >= task->stack_limit) {
        return STAY;
    }
    return enter_next(task, frame, bytes + arguments);
}

/* The function has returned; `to` is the segment, or slot, where it was called. */
void segment_leave(struct segment *to)
{
    struct task *task = worker_task();
    struct segment *kept = to->next;
    give_chain(kept->next);
    kept->next = NULL;
    kept->beyond = NULL;
    kept->room = 0;
    to->beyond = NULL;
    use(task, to);
}

/* The blocks of frames that are gone: those of this piece of the stack below sp. */
static void give_dead_blocks(struct segment *next, uintptr_t sp)
{
    struct segment **place = &next->blocks;
    while (*place != NULL) {
        struct segment *block = *place;
        if (block->left_at < sp) {
            *place = block->next;
            segment_give(block);
        } else {
            place = &block->next;
        }
    }
}

/* alloca, or a variable-length array, that does not fit above the limit; sp: the caller's. */
void *segment_allocate(size_t bytes, uintptr_t sp)
{
    struct task *task = worker_task();
    if (task == NULL || !find_current(task, sp)) {
        sy_fatal("alloca by split-stack code on another stack than the task's");
    }
    struct segment *next = task->segments != NULL ? task->segments->next : NULL;
    if (next != NULL) {
        give_dead_blocks(next, sp);
    }
    size_t used = segment_used_bytes(task, sp);
    if (bytes > STACK_TOTAL || used + bytes > STACK_TOTAL) {
        overflow_die(task, (const void *)sp, NULL);
    }
    next = next != NULL ? next : next_segment(task, sp, 0);
    struct segment *block = segment_take(bytes, 0);
    if (block == NULL) {
        overflow_die(task, (const void *)sp, "no memory for alloca");
    }
    block->left_at = sp;
    block->next = next->blocks;
    next->blocks = block;
    block->bytes = bytes;
    return (void *)((block->top - bytes) & ~(uintptr_t)63);
}

/* --- the end ------------------------------------------------------------------------------ */

static struct segment *slot_of(struct segment *segment)
{
    while (segment->previous != NULL) {
        segment = segment->previous;
    }
    return segment;
}

void segment_release_some(struct task *task)
{
    struct segment *slot = slot_of(task->segments);
    task->segments = NULL;
    set_limit(task, slot->limit);
    give_chain(slot->next); /* the slot's record with the first of them */
}

_Noreturn void segment_leave_all(struct task *task, void (*end)(struct task *task, void *value),
                                 void *value)
{
    if (!segment_in_use(task)) {
        end(task, value);
    }
    arch_call_at(stack_top(task), end, task, value);
}

const struct segment *segment_of_guard(const struct task *task, const void *address)
{
    const char *place = address;
    for (const struct segment *segment = task->segments; segment != NULL;
         segment = segment->previous) {
        if (segment->mapping != NULL && place >= segment->mapping &&
            (uintptr_t)place < segment->bottom) {
            return segment;
        }
    }
    return NULL;
}

/* --- preemption ------------------------------------------------------------------------------- */

uintptr_t *segment_limit_word(void)
{
    char *thread;
    __asm__ volatile("movq %%fs:0, %0" : "=r"(thread)); /* the ABI: its own address is there */
    return (uintptr_t *)(void *)(thread + STACK_LIMIT_TLS);
}

void segment_poison(uintptr_t *word)
{
    *(volatile uintptr_t *)word = STACK_LIMIT_POISON;
}

/* segment.h - growth of a task's stack beyond its slot, for code compiled with gcc's -fsplit-stack.
 *
 * Such code compares the stack pointer with %fs:0x70 at the begin of each function. When its frame
 * does not fit above that limit it calls __morestack (arch/x86_64/morestack.S), which runs the
 * function on the next segment of a chain and comes back from there:
 *
 *     slot:     | guard | headroom | room ... left_at | frames ......... | descriptor |
 *     segment:  | guard | headroom | room ......................| frames | header     |
 *
 * Headroom is for code without checks: libc and the runtime itself. Where that is too little, the
 * guard page ends the program (overflow.h), as everywhere without -fsplit-stack.
 *
 * Segments double in size, up to SEGMENT_BYTES_MAX; all frames of a task together take STACK_TOTAL
 * at most. On the way back the segment above the one that is left is given back, so that one stays:
 * a call in a loop may cross the boundary each time. Rejected: to keep none (such a loop then costs
 * two system calls a round, the "hot split" that made Go and Rust give segments up), and to keep
 * all (the stack would never shrink).
 *
 * Who may touch a chain: the task itself, outside of sections, on the stack that it describes. For
 * others it stands still while the task does not run.
 *
 * Where there is no __morestack (other processors, sanitizers) all limits are 0 and no task has a
 * segment: segment_none.c.
 */
#ifndef SWITCHYARD_SEGMENT_H
#define SWITCHYARD_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "task.h"

#define SEGMENT_BYTES_MAX ((size_t)64 << 20)   /* but for a frame that is larger */
#define STACK_TOTAL (((size_t)1 << 30) + 4096) /* the page: frames of the runtime, at the top */

/* One piece of a stack: a segment, or the slot of a task that has segments. Offsets of the first
 * line are known to morestack.S. Owner: the task. */
struct segment {
    struct task *task;
    struct segment *next;   /* kept for the next crossing, or NULL; in use if it is current */
    uintptr_t limit;        /* as task->stack_limit while this one is in use */
    uintptr_t bottom;       /* lowest address, above the guard */
    struct segment *beyond; /* that behind the next one, or NULL: kept, but one too many */
    uintptr_t top;          /* where frames begin */
    size_t room;            /* frame and arguments below this size fit on the next one; 0: there
                             * is none, or it is to be computed anew */
    uintptr_t left_at;      /* __morestack's frame when the next one was entered */

    struct segment *previous; /* NULL: it is the slot */
    size_t bytes;             /* from the bottom to the top */

    /* What alloca and variable-length arrays got on the previous one when that was full; by next.
     * Of each, left_at tells the frame that it belongs to. */
    struct segment *blocks;
    char *mapping; /* with the guard; NULL: it is the slot */
    size_t mapped_bytes;
} __attribute__((aligned(64)));

/* The stack limit of a slot when its task begins. */
uintptr_t segment_slot_limit(uint32_t slot);

/* True if the task runs on a segment. */
static inline bool segment_in_use(const struct task *task)
{
    return task->segments != NULL && task->segments->previous != NULL;
}

void segment_release_some(struct task *task);

/* At the end of a task, in its slot, in no section: gives all segments back. */
static inline void segment_release_all(struct task *task)
{
    if (task->segments != NULL) {
        segment_release_some(task);
    }
}

/* Calls end(task, value) in the task's slot: if it is on a segment, at the top of the slot, with
 * all frames given up. */
_Noreturn void segment_leave_all(struct task *task, void (*end)(struct task *task, void *value),
                                 void *value);

/* Where the checks of this thread read the limit; NULL: nowhere. */
uintptr_t *segment_limit_word(void);

/* Makes the next check of that thread, which must exist, fail: it comes to preempt_at_prologue if
 * preemption is due to the task. Any thread. */
void segment_poison(uintptr_t *word);

/* Bytes of all frames of the task, and of what they have allocated besides; sp: of the last one. */
size_t segment_used_bytes(struct task *task, uintptr_t sp);

/* The piece of the task's stack whose guard page holds the address; NULL if none does. Only pieces
 * beyond the slot are looked at. Signal-safe. */
const struct segment *segment_of_guard(const struct task *task, const void *address);

#endif

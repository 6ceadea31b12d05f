/* task.h - the descriptor of a green task, and queues of waiting tasks.
 *
 * A descriptor lives at the top of its own stack slot (stack.h), where one page holds both while
 * the task is shallow; or, where stacks hibernate, in an array. Its memory is type-stable: a slot
 * never holds anything else, so a stale handle may always look at its generation.
 *
 * States, and the only functions that change them (park.c, task.c):
 *
 *             spawn               choose                 end
 *     FREE ----------> SPAWNED ----------> RUNNING ----------> ENDED --join/detach--> FREE
 *                                          ^ | | \--------(detached)----------------> FREE
 *                       READY -- choose ---+ | |
 *                        ^ ^------ yield ----+ |
 *                        +-- ready -- PARKED <-+ park
 *
 * Who owns the stack: the worker that runs the task while RUNNING; nobody else ever. A task is in
 * at most one queue: a run queue while SPAWNED or READY, a wait queue or the timer heap (or both of
 * these last two) while PARKED.
 */
#ifndef SWITCHYARD_TASK_INTERNAL_H
#define SWITCHYARD_TASK_INTERNAL_H

#include <switchyard/task.h>

#include "base/handle.h"
#include "lock.h"
#include "pool.h"
#include "sanitize.h"
#include "timer_heap.h"

struct proc;
struct segment;

enum task_state {
    TASK_FREE,
    TASK_SPAWNED,
    TASK_READY,
    TASK_RUNNING,
    TASK_PARKED,
    TASK_ENDED,
};

enum wait_reason {
    WAIT_NONE,
    WAIT_JOIN,
    WAIT_CHAN_SEND,
    WAIT_CHAN_RECV,
    WAIT_MUTEX,
    WAIT_COND,
    WAIT_SEM,
    WAIT_WAITGROUP,
    WAIT_SELECT,
    WAIT_RWLOCK,
    WAIT_ONCE,
    WAIT_BARRIER,
    WAIT_SLEEP,
    WAIT_READ,      /* for a descriptor to become readable; object: its entry in netpoll.c */
    WAIT_WRITE,     /* the same, writable */
    WAIT_BLOCKING,  /* in a call that may block in the kernel (blocking.h); RUNNING, not PARKED */
    WAIT_PREEMPTED, /* set aside with its thread (preempt_signal.h); RUNNING, not PARKED */
    WAIT_REASONS,
    STOPPED_END = WAIT_REASONS /* no wait: see proc.h */
};

/* For parked_at: no task, but a select's place in a wait queue (select.h). Only the line of waiting
 * is used of it. */
#define STAND_IN (-1)

struct task;

/* First come, first served; guarded by the lock of the object that holds it. */
struct waitq {
    struct task *first;
    struct task *last;
};

struct task {
    /* First cache line: switch, spawn, end and join.
     * sp, stack_limit and result are known to switch.S. Owner of sp: the worker that runs the task;
     * valid for others once the task has been switched away. */
    void *sp;              /* saved stack pointer */
    uintptr_t stack_limit; /* owner: below it, code compiled with -fsplit-stack grows the stack
                            * (segment.h); 0: never. In %fs:0x70 while the task runs */
    int32_t result;   /* what the blocking call returns when the task resumes; set by the waker */
    uint8_t state;    /* enum task_state: see above */
    uint8_t reason;   /* enum wait_reason; owner, when it parks */
    bool detached;    /* lock */
    bool ended;       /* lock: value is final; state says so too, but has no lock */
    struct lock lock; /* the task's own lock: its end, its join, its name, its sleep */
    struct waitq joiner; /* lock; at most one; empty at birth, since the last one was woken */
    struct slot slot;    /* generation and index */

    /* Second line: what only messages and waiting need. The body and its argument are in the first
     * frame on the stack, so that a birth, a run and an end touch few lines. */
    const void *spawn_site;   /* return address of sy_spawn or sy_go */
    uint8_t nopreempt;        /* owner: regions that it is in (preempt.h); beside the name, so that
                               * one store clears both at birth */
    char name[SY_NAME_BYTES]; /* lock */
    uint32_t waits_since;     /* owner, lock of the mutex: when it came to one, see mutex.c */
    union {
        void **wanted; /* lock, before the end: where the joiner wants the value, or NULL */
        void *value;   /* lock, once ended: what the body returned */
    } join;
    struct segment *segments; /* owner: the one in use, NULL: none beside the slot (segment.h) */
    struct member *member;    /* owner: its place in a scope (base/scope.h), or NULL */
    struct local *locals;     /* owner: its values (base/local.h), or NULL. The end of a task leaves
                               * all three NULL, so that birth need not touch them */
    void *fiber[SANITIZE_FIBERS]; /* the sanitizer's own handle of this stack (sanitize.h) */

    /* Third line: waiting. Guarded by wait_lock's object, but for the last two. At rest (not
     * parked) waitq is NULL and the timer in no heap, so that birth need not touch this line. */
    struct task *next;      /* in a wait queue, the global queue */
    struct task *prev;      /* in a wait queue */
    struct waitq *waitq;    /* the one it is in, or NULL */
    void *element;          /* channel: where to copy from or to */
    const void *object;     /* what it waits on, for the dump */
    struct lock *wait_lock; /* the lock that guards a wait with a deadline */
    sy_time parked_at;      /* the proc's coarse clock when it last parked; or STAND_IN */
    struct timer timer;     /* of a wait with a deadline */
} __attribute__((aligned(64)));

/* Copies pointers to tasks; the arrays do not overlap. */
static inline void tasks_copy(struct task **restrict to, struct task *const *restrict from,
                              uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
}

static inline void waitq_push(struct waitq *queue, struct task *task)
{
    task->next = NULL;
    task->prev = queue->last;
    if (queue->last != NULL) {
        queue->last->next = task;
    } else {
        queue->first = task;
    }
    queue->last = task;
    task->waitq = queue;
}

static inline void waitq_push_front(struct waitq *queue, struct task *task)
{
    task->prev = NULL;
    task->next = queue->first;
    if (queue->first != NULL) {
        queue->first->prev = task;
    } else {
        queue->last = task;
    }
    queue->first = task;
    task->waitq = queue;
}

static inline void waitq_remove(struct waitq *queue, struct task *task)
{
    if (task->prev != NULL) {
        task->prev->next = task->next;
    } else {
        queue->first = task->next;
    }
    if (task->next != NULL) {
        task->next->prev = task->prev;
    } else {
        queue->last = task->prev;
    }
    task->waitq = NULL;
}

/* NULL if nobody waits. */
static inline struct task *waitq_pop(struct waitq *queue)
{
    struct task *task = queue->first;
    if (task == NULL) {
        return NULL;
    }
    queue->first = task->next;
    if (task->next != NULL) {
        task->next->prev = NULL;
    } else {
        queue->last = NULL;
    }
    task->waitq = NULL;
    return task;
}

/* Empties the queue; returns its tasks, first to last, linked by next. */
static inline struct task *waitq_pop_all(struct waitq *queue)
{
    struct task *first = queue->first;
    for (struct task *task = first; task != NULL; task = task->next) {
        task->waitq = NULL;
    }
    *queue = (struct waitq){0};
    return first;
}

static inline sy_task task_handle(const struct task *task)
{
    return (sy_task){handle_make(task->slot.index, slot_generation(&task->slot))};
}

/* What people call it: in messages, dumps and traces. Not 0. */
static inline uint32_t task_number(const struct task *task)
{
    return task->slot.index + 1;
}

/* Locks the task that the handle names, or leaves the lock alone and returns NULL. In the section
 * of *proc, which may be another one afterwards. */
struct task *task_lock(struct proc **proc, sy_task handle);

/* First C function of every task; called by the entry stub of switch.S. */
_Noreturn void task_main(struct task *self, sy_task_fn fn, void *arg);

/* Makes the first task, detached, ready on the proc, without a running task around. */
int task_create_first(struct proc *proc, sy_task_fn fn, void *arg);

/* What the first task returned. When the program is over. */
void *task_first_result(void);

extern struct pool task_pool; /* see task_pool.h */

/* How many slots were ever used. */
static inline uint32_t task_slots(void)
{
    /* acquire: pairs with the release in take_carved */
    return load_acquire(&task_pool.carved);
}

#endif

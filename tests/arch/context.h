/* context.h - bare contexts to switch between, without a scheduler: a task descriptor and a stack.
 */
#ifndef SWITCHYARD_TESTS_CONTEXT_H
#define SWITCHYARD_TESTS_CONTEXT_H

#include "park.h"

#define CONTEXT_STACK_BYTES ((size_t)64 << 10)

struct context {
    struct task task; /* first: task_main gets its address */
    void (*body)(struct context *self);
    void *stack;
    struct context *back; /* whom to switch to when the body has returned */
    uint64_t number;      /* for the test */
};

/* The proc in whose section the calling thread is; reset by context_proc_init. */
extern struct proc context_proc;
void context_proc_init(struct proc *proc);

/* Makes a context that runs body when it is first switched to, with these control words. */
void context_init(struct context *context, void (*body)(struct context *self), uint64_t words);
void context_destroy(struct context *context);

/* Enters the section of context_proc and switches. */
int context_switch(struct context *from, struct context *to);

#endif

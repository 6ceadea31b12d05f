/* context.c - see context.h. Also stands in for the parts of the runtime that the switch needs. */
#include "context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tune.h"

__thread struct proc *proc_current = &proc_nobody;
struct proc proc_nobody;
struct proc context_proc;
uint32_t tune_off; /* switch.S: nothing is switched off */

void sy_task_entry(void); /* switch.S */

void context_proc_init(struct proc *proc)
{
    memset(proc, 0, sizeof *proc);
    proc->release = &proc->in_section;
}

void context_init(struct context *context, void (*body)(struct context *self), uint64_t words)
{
    char *stack = mmap(NULL, CONTEXT_STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        perror("mmap");
        exit(EXIT_FAILURE);
    }
    *context = (struct context){.body = body, .stack = stack};
    context->task.sp =
        arch_frame(stack + CONTEXT_STACK_BYTES, sy_task_entry, words, &context->task, NULL, NULL);
}

void context_destroy(struct context *context)
{
    munmap(context->stack, CONTEXT_STACK_BYTES);
}

int context_switch(struct context *from, struct context *to)
{
    store_relaxed(&context_proc.in_section, 1);
    return sy_switch(&from->task, &to->task, &context_proc);
}

/* As the runtime's: the first C function of a context, which must not return. */
_Noreturn void task_main(struct task *task, sy_task_fn fn, void *arg)
{
    (void)fn; /* that they arrive is tested through the runtime: conformance */
    (void)arg;
    struct context *self = (struct context *)task;
    self->body(self);
    store_relaxed(&context_proc.in_section, 1);
    sy_resume(NULL, &self->back->task, &context_proc);
    __builtin_unreachable();
}

/* overflow.c - see overflow.h. All here is async-signal-safe: no locks, no malloc, no stdio. */
#include "overflow.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "hibernate.h"
#include "pass_signal.h"
#include "proc.h"
#include "segment.h"
#include "stack.h"
#include "text.h"
#include "worker.h"

static struct sigaction previous; /* written while no other worker runs, and by pass_signal.c */

/* --- what it says ------------------------------------------------------------------------- */

static void add_task(struct text *text, const struct task *task)
{
    text_add(text, "fatal error: stack overflow in task ");
    text_add_number(text, task_number(task));
    text_add(text, " \"");
    text_add(text, task->name);
    text_add(text, "\"\n");
}

static void add_bounds(struct text *text, const void *sp, const char *what, const void *bottom,
                       size_t bytes)
{
    text_add(text, "    sp ");
    text_add_pointer(text, sp);
    text_add(text, ", ");
    text_add(text, what);
    text_add_pointer(text, bottom);
    text_add(text, " ... ");
    text_add_pointer(text, (const char *)bottom + bytes);
    text_add(text, " (");
    text_add_number(text, bytes);
    text_add(text, " bytes)");
}

static void add_spawn_site(struct text *text, const struct task *task)
{
    text_add(text, ", spawned at ");
    text_add_pointer(text, task->spawn_site);
    text_add(text, "\n");
}

/* Of the slot; it may be another task's than the running one's, by a wild pointer. */
static void add_slot(struct text *text, const struct task *task, const void *sp)
{
    add_task(text, task);
    add_bounds(text, sp, "stack ", stack_bottom(task->slot.index), stack_usable_bytes());
    add_spawn_site(text, task);
    if (segment_in_use(task) && task == worker_task()) {
        text_add(text, "    it came back from its segments by longjmp: see docs/stacks.md\n");
    }
}

static void add_segment(struct text *text, struct task *task, const struct segment *segment,
                        const void *sp)
{
    add_task(text, task);
    add_bounds(text, sp, "segment ", (const void *)segment->bottom, segment->bytes);
    text_add(text, ", ");
    text_add_number(text, segment_used_bytes(task, (uintptr_t)sp));
    text_add(text, " bytes in use in all");
    add_spawn_site(text, task);
}

static void add_worker(struct text *text, const struct worker *worker, const void *sp)
{
    text_add(text, "fatal error: stack overflow on the own stack of a worker\n");
    add_bounds(text, sp, "stack ", worker->stack_bottom, worker->stack_bytes);
    text_add(text, "\n");
}

/* --- whose it is -------------------------------------------------------------------------- */

/* The page below the thread's own stack. */
static bool worker_guard_hit(const struct worker *worker, const char *address)
{
    const char *bottom = worker->stack_bottom;
    return bottom != NULL && address < bottom && address >= bottom - stack_region.page;
}

/* True if the fault was an overflow, which is reported then. */
static bool report(const void *address, const void *sp)
{
    struct text text = {.used = 0};
    uint32_t slot = 0;
    const struct worker *worker = worker_self();
    struct task *task = worker_task();
    const struct segment *segment = task != NULL ? segment_of_guard(task, address) : NULL;
    if (stack_guard_hit(address, &slot)) {
        add_slot(&text, stack_task(slot), sp);
    } else if (segment != NULL) {
        add_segment(&text, task, segment, sp);
    } else if (worker != NULL && worker_guard_hit(worker, address)) {
        add_worker(&text, worker, sp);
    } else {
        return false;
    }
    text_write(&text, STDERR_FILENO);
    return true;
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *machine = context;
    if (hibernate_fault(signal, info)) {
        return;
    }
    bool sent = info->si_code <= 0; /* by a process: then si_addr is something else */
    if (!sent && report(info->si_addr, arch_stack_pointer(machine))) {
        struct sigaction standard = {.sa_handler = SIG_DFL};
        sigaction(signal, &standard, NULL);
    } else {
        pass_signal_fault(&previous, signal, info, context);
    }
}

_Noreturn void overflow_die(struct task *task, const void *sp, const char *reason)
{
    struct text text = {.used = 0};
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t fault;
    if (segment_in_use(task)) {
        add_segment(&text, task, task->segments, sp);
    } else {
        add_slot(&text, task, sp);
    }
    if (reason != NULL) {
        text_add(&text, "    ");
        text_add(&text, reason);
        text_add(&text, "\n");
    }
    text_write(&text, STDERR_FILENO);
    sigaction(SIGSEGV, &standard, NULL);
    sigemptyset(&fault);
    sigaddset(&fault, SIGSEGV);
    pthread_sigmask(SIG_UNBLOCK, &fault, NULL);
    raise(SIGSEGV);
    _exit(128 + SIGSEGV); /* not reached: the default action ends the process */
}

void overflow_install(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &previous);
}

void overflow_remove(void)
{
    struct sigaction current;
    sigaction(SIGSEGV, NULL, &current);
    if (current.sa_sigaction == on_fault) { /* else the program has put its own there since */
        sigaction(SIGSEGV, &previous, NULL);
    }
}

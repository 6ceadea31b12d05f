/* overflow.c - see overflow.h. All here is async-signal-safe: no locks, no malloc, no stdio. */
#include "overflow.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "hibernate.h"
#include "proc.h"
#include "stack.h"
#include "text.h"

static struct sigaction previous; /* written while no other worker runs */

static void report(uint32_t slot, const void *sp)
{
    struct text text = {.used = 0};
    const struct task *task = stack_task(slot);
    const char *bottom = stack_bottom(slot);
    text_add(&text, "fatal error: stack overflow in task ");
    text_add_number(&text, slot + 1);
    text_add(&text, " \"");
    text_add(&text, task->name);
    text_add(&text, "\"\n    sp ");
    text_add_pointer(&text, sp);
    text_add(&text, ", stack ");
    text_add_pointer(&text, bottom);
    text_add(&text, " ... ");
    text_add_pointer(&text, bottom + stack_usable_bytes());
    text_add(&text, " (");
    text_add_number(&text, stack_usable_bytes());
    text_add(&text, " bytes), spawned at ");
    text_add_pointer(&text, task->spawn_site);
    text_add(&text, "\n");
    text_write(&text, STDERR_FILENO);
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *machine = context;
    uint32_t slot = 0;
    if (hibernate_fault(signal, info)) {
        return;
    }
    bool sent = info->si_code <= 0; /* by a process: then si_addr is something else */
    if (!sent && stack_guard_hit(info->si_addr, &slot)) {
        report(slot, arch_stack_pointer(machine));
        struct sigaction standard = {.sa_handler = SIG_DFL};
        sigaction(signal, &standard, NULL);
    } else {
        sigaction(signal, &previous, NULL);
    }
    if (sent) {
        raise(signal); /* it does not happen again by itself */
    }
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

/* hibernate_signal.c - see hibernate_signal.h. All here is async-signal-safe. */
#include "hibernate_signal.h"

#include <signal.h>
#include <stddef.h>

#include "hibernate.h"
#include "pass_signal.h"

static struct sigaction previous; /* written while no other worker runs, and by pass_signal.c */

static void on_fault(int signal, siginfo_t *info, void *context)
{
    if (!hibernate_fault(signal, info)) {
        pass_signal_fault(&previous, signal, info, context);
    }
}

void hibernate_install(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    if (hibernate.slots != NULL) {
        sigfillset(&action.sa_mask);
        sigaction(SIGBUS, &action, &previous);
    }
}

void hibernate_remove(void)
{
    struct sigaction current;
    sigaction(SIGBUS, NULL, &current);
    if (current.sa_sigaction == on_fault) { /* else the program has put its own there since */
        sigaction(SIGBUS, &previous, NULL);
    }
}

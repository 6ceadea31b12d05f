/* pass_signal.c - see pass_signal.h. All here is async-signal-safe. */
#include "pass_signal.h"

#include <stddef.h>
#include <ucontext.h>

static bool has_handler(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) != 0 ||
           (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN);
}

/* The kernel puts back the mask of before when the runtime's handler returns. */
static void set_mask(const struct sigaction *action, int signal, const ucontext_t *machine)
{
    sigset_t blocked;
    sigorset(&blocked, &machine->uc_sigmask, &action->sa_mask);
    if ((action->sa_flags & SA_NODEFER) == 0) {
        sigaddset(&blocked, signal);
    }
    pthread_sigmask(SIG_SETMASK, &blocked, NULL);
}

bool pass_signal_call(struct sigaction *previous, int signal, siginfo_t *info, void *context)
{
    struct sigaction action = *previous;
    if (!has_handler(&action)) {
        return false;
    }
    if ((action.sa_flags & (int)SA_RESETHAND) != 0) {
        previous->sa_flags = 0;
        previous->sa_handler = SIG_DFL;
    }
    set_mask(&action, signal, context);
    if ((action.sa_flags & SA_SIGINFO) != 0) {
        action.sa_sigaction(signal, info, context);
    } else {
        action.sa_handler(signal);
    }
    return true;
}

void pass_signal_fault(struct sigaction *previous, int signal, siginfo_t *info, void *context)
{
    bool sent = info->si_code <= 0; /* by a process: it does not happen again by itself */
    if (pass_signal_call(previous, signal, info, context) ||
        (sent && previous->sa_handler == SIG_IGN)) {
        return;
    }
    sigaction(signal, previous, NULL);
    if (sent) {
        raise(signal);
    }
}

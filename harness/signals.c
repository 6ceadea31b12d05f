/* signals.c - see signals.h. The signals are blocked outside ppoll, so none can fall between the
 * look at the flag and the wait. */
#include "signals.h"

#include <stddef.h>

static volatile sig_atomic_t interrupted;
static sigset_t unblocked;

static const int handled[] = {SIGINT, SIGTERM, SIGHUP};

enum { HANDLED = sizeof handled / sizeof handled[0] };

static void note(int signal)
{
    (void)signal;
    interrupted = 1;
}

void signals_install(void)
{
    struct sigaction action = {.sa_handler = note};
    sigset_t blocked;
    sigemptyset(&action.sa_mask);
    sigemptyset(&blocked);
    for (size_t i = 0; i < HANDLED; i++) {
        struct sigaction inherited;
        sigaction(handled[i], NULL, &inherited);
        if (inherited.sa_handler != SIG_IGN) { /* nohup stays nohup */
            sigaddset(&blocked, handled[i]);
            sigaction(handled[i], &action, NULL);
        }
    }
    signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit fails, and the old file stays */
    sigprocmask(SIG_BLOCK, &blocked, &unblocked);
    for (size_t i = 0; i < HANDLED; i++) {
        sigdelset(&unblocked, handled[i]); /* inherited as blocked: we still want to hear them */
    }
}

bool signals_interrupted(void)
{
    sigset_t pending;
    if (interrupted == 0 && sigpending(&pending) == 0) {
        for (size_t i = 0; i < HANDLED; i++) {
            interrupted |= sigismember(&pending, handled[i]) == 1;
        }
    }
    return interrupted != 0;
}

const sigset_t *signals_mask(void)
{
    return &unblocked;
}

void signals_reset(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (size_t i = 0; i < HANDLED; i++) {
        sigaction(handled[i], &standard, NULL);
    }
    sigaction(SIGPIPE, &standard, NULL);
    sigaction(SIGXFSZ, &standard, NULL);
    sigprocmask(SIG_SETMASK, &unblocked, NULL);
}

/* sigpipe.c - see sigpipe.h. */
#include "base/sigpipe.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

static sigset_t only_sigpipe(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

static bool is_pending(void)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGPIPE) == 1;
}

void sigpipe_block(struct sigpipe *before)
{
    sigset_t set = only_sigpipe();
    sigset_t old;
    before->pending = is_pending();
    pthread_sigmask(SIG_BLOCK, &set, &old);
    before->blocked = sigismember(&old, SIGPIPE) == 1;
}

void sigpipe_restore(const struct sigpipe *before)
{
    static const struct timespec at_once = {0};
    sigset_t set = only_sigpipe();
    while (!before->pending && is_pending()) {
        /* Another thread may take one that was meant for the process: then none is pending. */
        if (sigtimedwait(&set, NULL, &at_once) < 0 && errno != EINTR) {
            break;
        }
    }
    if (!before->blocked) {
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
}

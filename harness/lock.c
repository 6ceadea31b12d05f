/* lock.c - see lock.h and flock(2). The descriptor stays open until the process ends, and is not
 * inherited by workers. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"

#define STANDARD_PATH "/tmp/switchyard.lock"
#define RETRY_NS 200000000

static int open_lock(const char *path)
{
    /* Opened first, made only if missing: the kernel refuses O_CREAT on another user's file in /tmp
     * (fs.protected_regular). flock needs no right to write. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0 && errno == ENOENT) {
        file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    }
    return file < 0 ? -errno : file;
}

static int wait_for_lock(int file)
{
    const struct timespec pause = {.tv_nsec = RETRY_NS};
    while (flock(file, LOCK_EX | LOCK_NB) != 0) {
        ppoll(NULL, 0, &pause, signals_mask());
        if (signals_interrupted()) {
            return -EINTR;
        }
    }
    return 0;
}

int lock_machine(bool wait)
{
    const char *path = getenv("SWITCHYARD_LOCK");
    path = path != NULL ? path : STANDARD_PATH;
    int file = open_lock(path);
    if (file < 0) {
        fprintf(stderr, "switchyard: %s: %s\n", path, strerror(-file));
        return file;
    }
    if (flock(file, LOCK_EX | LOCK_NB) == 0) {
        return 0;
    }
    fprintf(stderr, "switchyard: another harness is measuring on this machine%s\n",
            wait ? "; waiting until it has finished" : "");
    int status = wait ? wait_for_lock(file) : -EBUSY;
    if (status < 0) {
        close(file);
    }
    return status;
}

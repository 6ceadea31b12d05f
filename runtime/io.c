/* io.c - the public calls on descriptors. How a call waits is in descriptor.h; reading and writing
 * are in transfer.c.
 *
 * Accepting makes no system call to find out what it got: the new socket is of the listener's kind.
 *
 * Connecting asks by connect(2) again whether it is done. That tells "still in progress" from
 * "done" and from the reason why it failed, where SO_ERROR says 0 for the first two: a wake-up may
 * have been for the hang-up that epoll reports of a socket which was never connected.
 * A Unix socket whose listener's queue is full says -EAGAIN, and no event tells when there is room:
 * then we ask again after a while.
 */
#include <errno.h>
#include <unistd.h>

#include <switchyard/io.h>
#include <switchyard/task.h>
#include <switchyard/time.h>

#include "hibernate.h"
#include "netpoll.h"
#include "transfer.h"

#define FULL_NAP (200 * SY_MICROSECOND)

/* --- system calls: no switch in these, see descriptor.c ----------------------------------------
 */

static __attribute__((noinline)) int listen_once(int fd, const struct sockaddr *address,
                                                 socklen_t length, int backlog)
{
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, address, length) != 0 || listen(fd, backlog) != 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

static __attribute__((noinline)) int socket_for(const struct sockaddr *address)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd >= 0 ? fd : -errno;
}

static __attribute__((noinline)) int accept_once(int fd, struct sockaddr *address,
                                                 socklen_t *length)
{
    int got = accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return got >= 0 ? got : -errno;
}

static __attribute__((noinline)) int connect_once(int fd, const struct sockaddr *address,
                                                  socklen_t length)
{
    return connect(fd, address, length) == 0 ? 0 : -errno;
}

/* --- listening -------------------------------------------------------------------------------- */

int sy_listen(const struct sockaddr *address, socklen_t length, int backlog)
{
    tasks_only();
    if (address == NULL && length > 0) {
        return -EFAULT;
    }
    if (length < sizeof address->sa_family) {
        return -EINVAL;
    }
    hibernate_pin(address, length);
    int fd = socket_for(address);
    if (fd >= 0) {
        fd = listen_once(fd, address, length, backlog);
    }
    hibernate_unpin(address, length);
    return fd >= 0 ? descriptor_adopt(fd, KIND_UNKNOWN) : fd;
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* Starts a call on a socket: its entry, and its generation into *wait. NULL and *error if it is
 * none. */
static struct descriptor *begin(struct wait *wait, int *error)
{
    struct descriptor *entry = descriptor_at(wait->fd);
    *error = -EBADF;
    if (entry == NULL) {
        return NULL;
    }
    /* acquire: pairs with the release in descriptor.c; before the system call */
    uint32_t state = load_acquire(&entry->state);
    if (state_kind(state) != KIND_SOCKET) {
        descriptor_doubt(wait->fd);
        *error = descriptor_open(wait->fd, &state);
        if (*error != 0) {
            return NULL;
        }
    }
    wait->generation = state_generation(state);
    *error = 0;
    return entry;
}

/* Step 1. False if the descriptor is another one since the call began. */
static bool note_edges(struct descriptor *entry, struct wait *wait)
{
    /* acquire, both: as in transfer_when_ready */
    wait->seen = load_acquire(&entry->edges[wait->direction]);
    return state_generation(load_acquire(&entry->state)) == wait->generation;
}

/* --- accepting -------------------------------------------------------------------------------- */

static int accept_guarded(struct descriptor *entry, struct wait *wait, struct sockaddr *address,
                          socklen_t *length)
{
    netpoll_call_begin(wait->fd);
    int got = note_edges(entry, wait) ? accept_once(wait->fd, address, length) : -ECANCELED;
    netpoll_call_end();
    return got;
}

static int accept_when_ready(struct descriptor *entry, struct wait *wait, struct sockaddr *address,
                             socklen_t *length)
{
    for (;;) {
        int got = accept_guarded(entry, wait, address, length);
        if (got == -EAGAIN) {
            int error = descriptor_wait(wait);
            if (error != 0) {
                return error;
            }
        } else if (got != -EINTR && got != -ECONNABORTED) {
            return got;
        }
    }
}

static int accept_until(int fd, struct sockaddr *address, socklen_t *length, sy_time deadline)
{
    struct wait wait = {.fd = fd, .direction = READING, .deadline = deadline};
    int got = DESCRIPTOR_REUSED;
    uint32_t state = 0;
    if (address != NULL && length == NULL) {
        return -EFAULT; /* accept4(2) finds it when it has taken the connection */
    }
    while (got == DESCRIPTOR_REUSED) {
        struct descriptor *entry = begin(&wait, &got);
        if (entry == NULL) {
            return got;
        }
        got = accept_when_ready(entry, &wait, address, length);
        /* acquire: as in begin */
        state = load_acquire(&entry->state);
    }
    if (got >= 0) {
        bool same = state_generation(state) == wait.generation; /* not closed since */
        got = descriptor_adopt(got, same ? state & (STATE_KIND | STATE_DRAINS) : KIND_UNKNOWN);
    }
    if (unlikely(netpoll_turn_over())) {
        netpoll_give_turn();
    }
    return got;
}

/* Where the peer's address goes may be on another task's stack, which may be cold by now. */
static int accept_pinned(int fd, struct sockaddr *address, socklen_t *length, sy_time deadline)
{
    hibernate_pin(address, 1); /* wherever it ends; *length may be unreadable: the kernel tells */
    hibernate_pin(length, sizeof *length);
    int got = accept_until(fd, address, length, deadline);
    hibernate_unpin(length, sizeof *length);
    hibernate_unpin(address, 1);
    return got;
}

int sy_accept_until(int fd, struct sockaddr *address, socklen_t *length, sy_time deadline)
{
    tasks_only();
    return accept_pinned(fd, address, length, deadline);
}

int sy_accept(int fd, struct sockaddr *address, socklen_t *length)
{
    tasks_only();
    return accept_pinned(fd, address, length, SY_FOREVER);
}

/* --- connecting ------------------------------------------------------------------------------- */

static int nap_until(sy_time deadline)
{
    sy_time now = sy_now();
    if (deadline <= now) {
        return -ETIMEDOUT;
    }
    return sy_sleep_until(deadline - now < FULL_NAP ? deadline : now + FULL_NAP);
}

static int connect_guarded(struct descriptor *entry, struct wait *wait,
                           const struct sockaddr *address, socklen_t length)
{
    netpoll_call_begin(wait->fd);
    int result = note_edges(entry, wait) ? connect_once(wait->fd, address, length) : -ECANCELED;
    netpoll_call_end();
    return result;
}

static int connect_until(int fd, const struct sockaddr *address, socklen_t length, sy_time deadline)
{
    struct wait wait = {.fd = fd, .direction = WRITING, .deadline = deadline};
    bool begun = false;
    int error = 0;
    if (descriptor_at(fd) == NULL) {
        return -EBADF;
    }
    descriptor_doubt(fd); /* it may be new, from socket(2) */
    struct descriptor *entry = begin(&wait, &error);
    while (error == 0) {
        int result = connect_guarded(entry, &wait, address, length);
        if (result == 0 || (result == -EISCONN && begun)) {
            return 0;
        }
        if (result == -EINPROGRESS || result == -EALREADY) {
            begun = true;
            error = descriptor_wait(&wait);
        } else if (result == -EAGAIN) {
            error = nap_until(deadline);
        } else if (result != -EINTR) {
            return result;
        }
    }
    return error == DESCRIPTOR_REUSED ? -EBADF : error; /* closed by close(2), and in use again */
}

static int connect_pinned(int fd, const struct sockaddr *address, socklen_t length,
                          sy_time deadline)
{
    hibernate_pin(address, length);
    int error = connect_until(fd, address, length, deadline);
    hibernate_unpin(address, length);
    return error;
}

int sy_connect_until(int fd, const struct sockaddr *address, socklen_t length, sy_time deadline)
{
    tasks_only();
    return connect_pinned(fd, address, length, deadline);
}

int sy_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    tasks_only();
    return connect_pinned(fd, address, length, SY_FOREVER);
}

/* --- reading and writing ---------------------------------------------------------------------- */

/* The buffer of a write is only read. */
static void *without_const(const void *pointer)
{
    return (void *)(uintptr_t)pointer;
}

ssize_t sy_read_until(int fd, void *buffer, size_t bytes, sy_time deadline)
{
    tasks_only();
    return transfer_buffer(fd, READING, buffer, bytes, deadline);
}

ssize_t sy_read(int fd, void *buffer, size_t bytes)
{
    tasks_only();
    return transfer_buffer(fd, READING, buffer, bytes, SY_FOREVER);
}

ssize_t sy_write_until(int fd, const void *buffer, size_t bytes, sy_time deadline)
{
    tasks_only();
    return transfer_buffer(fd, WRITING, without_const(buffer), bytes, deadline);
}

ssize_t sy_write(int fd, const void *buffer, size_t bytes)
{
    tasks_only();
    return transfer_buffer(fd, WRITING, without_const(buffer), bytes, SY_FOREVER);
}

ssize_t sy_readv_until(int fd, const struct iovec *pieces, int count, sy_time deadline)
{
    tasks_only();
    return transfer_pieces(fd, READING, pieces, count, deadline);
}

ssize_t sy_readv(int fd, const struct iovec *pieces, int count)
{
    tasks_only();
    return transfer_pieces(fd, READING, pieces, count, SY_FOREVER);
}

ssize_t sy_writev_until(int fd, const struct iovec *pieces, int count, sy_time deadline)
{
    tasks_only();
    return transfer_pieces(fd, WRITING, pieces, count, deadline);
}

ssize_t sy_writev(int fd, const struct iovec *pieces, int count)
{
    tasks_only();
    return transfer_pieces(fd, WRITING, pieces, count, SY_FOREVER);
}

int sy_io_cancel(int fd)
{
    tasks_only();
    return descriptor_cancel(fd);
}

int sy_io_close(int fd)
{
    tasks_only();
    return descriptor_close(fd);
}

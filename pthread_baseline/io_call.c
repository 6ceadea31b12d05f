/* io_call.c - see io_call.h.
 *
 * How each operation is made, so that it is one system call when it need not wait, never waits
 * longer than it may, and a write waits only until there is room for some:
 *
 *            without a deadline                     with a deadline
 *  read      read(2), which waits                   socket: recv(2) with MSG_DONTWAIT
 *                                                   pipe: made non-blocking, then read(2)
 *                                                   other: poll(2), then read(2)
 *  write     socket: send(2) with MSG_DONTWAIT      the same
 *            pipe: made non-blocking, then write(2) the same
 *            other: write(2), which waits           poll(2), then write(2)
 *  accept    accept4(2), which waits                made non-blocking, then accept4(2)
 *  connect   connect(2), which waits                made non-blocking as long as it lasts
 *
 * Where a call answers EAGAIN, the thread waits in ppoll(2) and tries again; so descriptors that
 * were non-blocking before are served, too. Any of these may end with EINTR, because of a signal of
 * the program, or because of a cancellation (descriptor.c). connect(2) can be made again on Linux:
 * it goes on where it was, and says in the end what became of it.
 *
 * "Other" with a deadline has a gap: if another thread takes what poll has seen, read(2) waits
 * beyond the deadline. Ttys are shared with other programs, so their flags are left alone.
 */
#include "io_call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>

#include <switchyard/time.h>

#include "base/scope.h"
#include "deadline.h"

/* connect(2) to a Unix socket whose backlog is full answers EAGAIN, and poll does not help. */
#define FULL_BACKLOG_PAUSE SY_MILLISECOND

int io_set_nonblocking(int fd, bool nonblocking)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) {
        return -errno;
    }
    if (((flags & O_NONBLOCK) != 0) == nonblocking) {
        return 0;
    }
    return fcntl(fd, F_SETFL, flags ^ O_NONBLOCK) < 0 ? -errno : 1;
}

/* --- Waiting --------------------------------------------------------------------------------- */

/* Until the descriptor is ready, at most until `limit`. 0, -EINTR, or -ETIMEDOUT. */
static int poll_until(int fd, short events, sy_time limit)
{
    struct pollfd request = {.fd = fd, .events = events};
    sy_time now = limit == SY_FOREVER ? 0 : sy_now();
    struct timespec left = deadline_timespec(limit > now ? limit - now : 0);
    int count = ppoll(&request, 1, limit == SY_FOREVER ? NULL : &left, NULL);
    if (count == 0) {
        return -ETIMEDOUT;
    }
    return count < 0 ? -errno : 0;
}

static int poll_call(void *arg, sy_time limit)
{
    const struct io_call *call = arg;
    return poll_until(call->fd, call->wait == WAIT_READ ? POLLIN : POLLOUT, limit);
}

static int await_ready(struct io_call *call)
{
    return cancel_wait(call->task, poll_call, call, call->deadline);
}

static int await_backlog(const struct io_call *call)
{
    sy_time now = sy_now();
    struct member *member = call->task->member;
    if (member != NULL && call->deadline > now && cancel_is_set(&member->cancel)) {
        return -ECANCELED;
    }
    sy_time next = now + FULL_BACKLOG_PAUSE;
    bool last = call->deadline <= next;
    int status = poll_until(-1, 0, last ? call->deadline : next);
    return status == -ETIMEDOUT && !last ? 0 : status;
}

/* --- How to make the system call ------------------------------------------------------------- */

/* KIND_SOCKET, KIND_PIPE or KIND_OTHER, or a negative errno value. */
static int ask_kind(int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0) {
        return -errno;
    }
    if (S_ISSOCK(status.st_mode)) {
        return KIND_SOCKET;
    }
    return S_ISFIFO(status.st_mode) ? KIND_PIPE : KIND_OTHER;
}

/* What is behind the number, by the hint if there is one. A pipe is made non-blocking; where the
 * hint says that it has been, that is made sure if a wrong hint could make the call overdue. */
static int find_kind(const struct io_call *call, struct descriptor *descriptor)
{
    // relaxed: a hint that concerns nothing else in memory
    int hint = load_relaxed(&descriptor->kind);
    int kind = hint == KIND_UNKNOWN ? ask_kind(call->fd) : hint;
    if (kind == KIND_PIPE && (hint == KIND_UNKNOWN || call->deadline != SY_FOREVER)) {
        int status = io_set_nonblocking(call->fd, true);
        kind = status < 0 ? status : kind;
    }
    if (kind == KIND_SOCKET || kind == KIND_PIPE) {
        store_relaxed(&descriptor->kind, (uint8_t)kind); // relaxed: a hint
    }
    return kind;
}

/* See the table at the top. 0, or a negative errno value. */
static int choose_call(struct io_call *call, struct descriptor *descriptor)
{
    if (io_choose_plain(call, descriptor)) {
        return 0;
    }
    int kind = find_kind(call, descriptor);
    if (kind < 0) {
        return kind;
    }
    call->kind = (enum kind)kind;
    call->poll_first = kind == KIND_OTHER && call->deadline != SY_FOREVER;
    return 0;
}

/* --- The loop -------------------------------------------------------------------------------- */

/* Before the call is made again. 0, or a negative errno value. */
static int wait_after(struct io_call *call, struct descriptor *descriptor, ssize_t result)
{
    bool connects = call->wait == WAIT_WRITE && !call->transfers;
    switch (result) {
    case -EINTR:
        return 0;
    case -EAGAIN:
        return connects ? await_backlog(call) : await_ready(call);
    case -EINPROGRESS:
    case -EALREADY:
        return await_ready(call);
    default:
        /* The hint was wrong: forget it, and look. */
        store_relaxed(&descriptor->kind, KIND_UNKNOWN); // relaxed: a hint
        return choose_call(call, descriptor);
    }
}

/* The next attempt. */
static ssize_t try_again(struct io_call *call)
{
    ssize_t status = call->poll_first ? await_ready(call) : 0;
    return status == 0 ? call->attempt(call) : status;
}

ssize_t io_go_on(struct io_call *call, struct descriptor *descriptor, struct caller *caller,
                 ssize_t result)
{
    int status = choose_call(call, descriptor);
    while (status == 0 || status == -EINTR) {
        status = wait_after(call, descriptor, result);
        if (status != 0 && status != -EINTR) {
            break;
        }
        if (caller_is_cancelled(caller)) {
            return -ECANCELED;
        }
        result = try_again(call);
        if (io_is_final(call, result)) {
            return result;
        }
    }
    return status;
}

/* io_call.h - an operation on a descriptor: system calls until one of them does not have to wait
 * any more, with deadline and cancellation. */
#ifndef SWITCHYARD_PTHREAD_IO_CALL_H
#define SWITCHYARD_PTHREAD_IO_CALL_H

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "descriptor.h"
#include "task.h"

struct io_call {
    int fd;
    enum wait wait; /* WAIT_READ or WAIT_WRITE: what to wait for */
    sy_time deadline;
    /* Set by io_perform; how to make it again: */
    struct task *task;
    ssize_t (*attempt)(const struct io_call *call);
    union {
        struct {
            void *buffer;
            size_t bytes;
        } bytes;
        struct {
            const struct iovec *first;
            int count;
        } pieces;
        struct {
            struct sockaddr *peer;
            const struct sockaddr *target;
            socklen_t *room;
            socklen_t length;
        } address;
    };
    /* How to make the system call; */
    bool transfers; /* it reads or writes, on any kind of descriptor */
    bool poll_first;
    enum kind kind; /* KIND_SOCKET: with MSG_DONTWAIT; else the plain call */
};

/* Chooses how to make the first system call, if that is plain: without asking the kernel. */
static inline bool io_choose_plain(struct io_call *call, struct descriptor *descriptor)
{
    bool deadline = call->deadline != SY_FOREVER;
    if (!call->transfers || (call->wait == WAIT_READ && !deadline)) {
        call->kind = KIND_OTHER;
        return true;
    }
    // relaxed: a hint that concerns nothing else in memory
    call->kind = (enum kind)load_relaxed(&descriptor->kind);
    return call->kind == KIND_SOCKET || (call->kind == KIND_PIPE && !deadline);
}

/* True if the call was made and need not be made again. */
static inline bool io_is_final(const struct io_call *call, ssize_t result)
{
    if (likely(result >= 0)) {
        return true;
    }
    bool wrong_kind = result == -ENOTSOCK && call->transfers && call->kind == KIND_SOCKET;
    return result != -EINTR && result != -EAGAIN && result != -EINPROGRESS && result != -EALREADY &&
           !wrong_kind;
}

/* Goes on until the result is final, after a first call that was not (or -EINTR: there was none).
 */
ssize_t io_go_on(struct io_call *call, struct descriptor *descriptor, struct caller *caller,
                 ssize_t result);

/* Performs it, for the calling task. attempt makes the system call and returns its result, or a
 * negative errno value. Returns the result of the last attempt, -EBADF, -ENOMEM,
 * -ETIMEDOUT or -ECANCELED. Inlined together with the attempt, since each return from a function
 * that was called before the system call is mispredicted after it. */
static inline __attribute__((always_inline)) ssize_t io_perform(
    struct task *task, struct io_call *call, ssize_t (*attempt)(const struct io_call *call))
{
    call->task = task;
    call->attempt = attempt;
    struct caller caller;
    struct descriptor *descriptor = NULL;
    int status = descriptor_enter(call->fd, &caller, &descriptor);
    if (unlikely(status != 0)) {
        return status;
    }
    task_waits(task, call->wait);
    ssize_t result = io_choose_plain(call, descriptor) ? attempt(call) : -EINTR;
    if (unlikely(!io_is_final(call, result))) {
        result = io_go_on(call, descriptor, &caller, result);
    }
    task_runs(task);
    descriptor_leave(descriptor, &caller);
    return result;
}

/* Sets or clears O_NONBLOCK. Returns 1 if that changed it, 0 if not, or a negative errno value. */
int io_set_nonblocking(int fd, bool nonblocking);

#endif

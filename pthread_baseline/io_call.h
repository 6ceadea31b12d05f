/* io_call.h - an operation on a descriptor: system calls until one of them does not have to wait
 * any more, with deadline and cancellation. */
#ifndef SWITCHYARD_PTHREAD_IO_CALL_H
#define SWITCHYARD_PTHREAD_IO_CALL_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "descriptor.h"
#include "task.h"

struct io_call {
    int fd;
    enum wait wait; /* WAIT_READ or WAIT_WRITE: what to wait for */
    sy_time deadline;
    /* Makes the system call; returns its result, or a negative errno value. */
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
    /* How to make the system call; set by io_perform for transfers: */
    bool transfers; /* it reads or writes, and may be of any kind of descriptor */
    bool poll_first;
    enum kind kind; /* KIND_SOCKET: with MSG_DONTWAIT; else the plain call */
};

/* Performs it, for the calling task. Returns the result of the last attempt, -EBADF, -ENOMEM,
 * -ETIMEDOUT or -ECANCELED. */
ssize_t io_perform(struct task *task, struct io_call *call);

/* Sets or clears O_NONBLOCK. Returns 1 if that changed it, 0 if not, or a negative errno value. */
int io_set_nonblocking(int fd, bool nonblocking);

#endif

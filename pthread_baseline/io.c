/* io.c - input and output: blocking system calls of the task's thread (io_call.c says which). */
#include <switchyard/io.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <unistd.h>

#include "cancel.h"
#include "descriptor.h"
#include "io_call.h"
#include "task.h"

/* The result of a system call, as the API has it. */
static inline ssize_t result_of(ssize_t result)
{
    return result < 0 ? -errno : result;
}

/* --- Bytes ----------------------------------------------------------------------------------- */

static inline ssize_t attempt_read(const struct io_call *call)
{
    void *buffer = call->bytes.buffer;
    size_t bytes = call->bytes.bytes;
    return result_of(call->kind == KIND_SOCKET ? recv(call->fd, buffer, bytes, MSG_DONTWAIT)
                                               : read(call->fd, buffer, bytes));
}

/* SIGPIPE is blocked in all tasks' threads (run.c). */
static inline ssize_t attempt_write(const struct io_call *call)
{
    const void *buffer = call->bytes.buffer;
    size_t bytes = call->bytes.bytes;
    return result_of(call->kind == KIND_SOCKET
                         ? send(call->fd, buffer, bytes, MSG_DONTWAIT | MSG_NOSIGNAL)
                         : write(call->fd, buffer, bytes));
}

/* A transfer of no bytes waits for nothing. */
static ssize_t read_by(struct task *task, int fd, void *buffer, size_t bytes, sy_time deadline)
{
    struct io_call call = {.fd = fd,
                           .wait = WAIT_READ,
                           .deadline = bytes == 0 ? SY_FOREVER : cancel_deadline(task, deadline),
                           .bytes = {buffer, bytes},
                           .transfers = true};
    if (buffer == NULL && bytes > 0) {
        return -EFAULT;
    }
    return io_perform(task, &call, attempt_read);
}

static ssize_t write_by(struct task *task, int fd, const void *buffer, size_t bytes,
                        sy_time deadline)
{
    struct io_call call = {.fd = fd,
                           .wait = WAIT_WRITE,
                           .deadline = bytes == 0 ? SY_FOREVER : cancel_deadline(task, deadline),
                           .bytes = {(void *)(uintptr_t)buffer, bytes}, /* which it only reads */
                           .transfers = true};
    if (buffer == NULL && bytes > 0) {
        return -EFAULT;
    }
    return io_perform(task, &call, attempt_write);
}

ssize_t sy_read(int fd, void *buffer, size_t bytes)
{
    return read_by(task_require("sy_read"), fd, buffer, bytes, SY_FOREVER);
}

ssize_t sy_read_until(int fd, void *buffer, size_t bytes, sy_time deadline)
{
    return read_by(task_require("sy_read_until"), fd, buffer, bytes, deadline);
}

ssize_t sy_write(int fd, const void *buffer, size_t bytes)
{
    return write_by(task_require("sy_write"), fd, buffer, bytes, SY_FOREVER);
}

ssize_t sy_write_until(int fd, const void *buffer, size_t bytes, sy_time deadline)
{
    return write_by(task_require("sy_write_until"), fd, buffer, bytes, deadline);
}

/* --- Pieces ---------------------------------------------------------------------------------- */

static struct msghdr message_of(const struct io_call *call)
{
    return (struct msghdr){.msg_iov = (struct iovec *)(uintptr_t)call->pieces.first,
                           .msg_iovlen = (size_t)call->pieces.count};
}

static ssize_t attempt_readv(const struct io_call *call)
{
    struct msghdr message = message_of(call);
    return result_of(call->kind == KIND_SOCKET
                         ? recvmsg(call->fd, &message, MSG_DONTWAIT)
                         : readv(call->fd, call->pieces.first, call->pieces.count));
}

static ssize_t attempt_writev(const struct io_call *call)
{
    struct msghdr message = message_of(call);
    return result_of(call->kind == KIND_SOCKET
                         ? sendmsg(call->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL)
                         : writev(call->fd, call->pieces.first, call->pieces.count));
}

/* 0, or what is wrong with the pieces; and whether they are of any bytes at all. */
static int check_pieces(const struct iovec *pieces, int count, bool *some)
{
    *some = false;
    if (count < 0 || count > IOV_MAX) {
        return -EINVAL;
    }
    if (pieces == NULL && count > 0) {
        return -EFAULT;
    }
    for (int i = 0; i < count; i++) {
        bool bytes = pieces[i].iov_len > 0;
        if (bytes && pieces[i].iov_base == NULL) {
            return -EFAULT;
        }
        *some |= bytes;
    }
    return 0;
}

static ssize_t readv_by(struct task *task, int fd, const struct iovec *pieces, int count,
                        sy_time deadline)
{
    bool some = false;
    int status = check_pieces(pieces, count, &some);
    if (status != 0) {
        return status;
    }
    struct io_call call = {.fd = fd,
                           .wait = WAIT_READ,
                           .deadline = some ? cancel_deadline(task, deadline) : SY_FOREVER,
                           .pieces = {pieces, count},
                           .transfers = true};
    return io_perform(task, &call, attempt_readv);
}

static ssize_t writev_by(struct task *task, int fd, const struct iovec *pieces, int count,
                         sy_time deadline)
{
    bool some = false;
    int status = check_pieces(pieces, count, &some);
    if (status != 0) {
        return status;
    }
    struct io_call call = {.fd = fd,
                           .wait = WAIT_WRITE,
                           .deadline = some ? cancel_deadline(task, deadline) : SY_FOREVER,
                           .pieces = {pieces, count},
                           .transfers = true};
    return io_perform(task, &call, attempt_writev);
}

ssize_t sy_readv(int fd, const struct iovec *pieces, int count)
{
    return readv_by(task_require("sy_readv"), fd, pieces, count, SY_FOREVER);
}

ssize_t sy_readv_until(int fd, const struct iovec *pieces, int count, sy_time deadline)
{
    return readv_by(task_require("sy_readv_until"), fd, pieces, count, deadline);
}

ssize_t sy_writev(int fd, const struct iovec *pieces, int count)
{
    return writev_by(task_require("sy_writev"), fd, pieces, count, SY_FOREVER);
}

ssize_t sy_writev_until(int fd, const struct iovec *pieces, int count, sy_time deadline)
{
    return writev_by(task_require("sy_writev_until"), fd, pieces, count, deadline);
}

/* --- Connections ----------------------------------------------------------------------------- */

static int listen_on(int fd, const struct sockaddr *address, socklen_t length, int backlog)
{
    int yes = 1;
    bool bad = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
               bind(fd, address, length) < 0 || listen(fd, backlog) < 0;
    return bad ? -errno : 0;
}

int sy_listen(const struct sockaddr *address, socklen_t length, int backlog)
{
    task_require("sy_listen");
    if (address == NULL && length > 0) {
        return -EFAULT;
    }
    if (length < sizeof address->sa_family) {
        return -EINVAL;
    }
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    int status = listen_on(fd, address, length, backlog);
    if (status != 0) {
        close(fd);
    }
    return status != 0 ? status : fd;
}

static ssize_t attempt_accept(const struct io_call *call)
{
    return result_of(accept4(call->fd, call->address.peer, call->address.room, SOCK_CLOEXEC));
}

static int accept_by(struct task *task, int fd, struct sockaddr *address, socklen_t *length,
                     sy_time deadline)
{
    struct io_call call = {.fd = fd,
                           .wait = WAIT_READ,
                           .deadline = cancel_deadline(task, deadline),
                           .address = {.peer = address, .room = length}};
    if (address != NULL && length == NULL) {
        return -EFAULT;
    }
    int changed = call.deadline == SY_FOREVER ? 0 : io_set_nonblocking(fd, true);
    if (changed < 0) {
        return changed;
    }
    int status = (int)io_perform(task, &call, attempt_accept);
    if (changed > 0 && status == -ENOTSOCK) {
        io_set_nonblocking(fd, false);
    }
    return status;
}

int sy_accept(int fd, struct sockaddr *address, socklen_t *length)
{
    return accept_by(task_require("sy_accept"), fd, address, length, SY_FOREVER);
}

int sy_accept_until(int fd, struct sockaddr *address, socklen_t *length, sy_time deadline)
{
    return accept_by(task_require("sy_accept_until"), fd, address, length, deadline);
}

static ssize_t attempt_connect(const struct io_call *call)
{
    return result_of(connect(call->fd, call->address.target, call->address.length));
}

static int connect_by(struct task *task, int fd, const struct sockaddr *address, socklen_t length,
                      sy_time deadline)
{
    struct io_call call = {.fd = fd,
                           .wait = WAIT_WRITE,
                           .deadline = cancel_deadline(task, deadline),
                           .address = {.target = address, .length = length}};
    if (address == NULL && length > 0) {
        return -EFAULT;
    }
    int changed = call.deadline == SY_FOREVER ? 0 : io_set_nonblocking(fd, true);
    if (changed < 0) {
        return changed;
    }
    int status = (int)io_perform(task, &call, attempt_connect);
    if (changed > 0 && status != -ECANCELED) { /* cancelled by close: it may be another one now */
        io_set_nonblocking(fd, false);
    }
    return status;
}

int sy_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    return connect_by(task_require("sy_connect"), fd, address, length, SY_FOREVER);
}

int sy_connect_until(int fd, const struct sockaddr *address, socklen_t length, sy_time deadline)
{
    return connect_by(task_require("sy_connect_until"), fd, address, length, deadline);
}

/* --- Cancel and close ------------------------------------------------------------------------ */

int sy_io_cancel(int fd)
{
    task_require("sy_io_cancel");
    return descriptor_cancel(fd);
}

int sy_io_close(int fd)
{
    task_require("sy_io_close");
    return descriptor_close(fd);
}

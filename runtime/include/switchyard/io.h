/* io.h - input, output, and calls that block in the kernel.
 *
 * A task that must wait for a descriptor parks, and its worker runs other tasks meanwhile
 * (baseline: the thread waits in the kernel). Sockets, pipes, FIFOs and ttys wait through epoll.
 * Regular files, which epoll refuses, are read and written as sy_blocking does.
 *
 * Any descriptor may be given, also one that was opened elsewhere; the first use here makes
 * sockets and pipes non-blocking for as long as they are open (green). Close with
 * sy_io_close what was used here: after close(2), tasks that wait on the descriptor go on waiting,
 * and another descriptor that gets its number, if it is a blocking one, may hold a worker (green).
 * Errors are those of the system call of the same name, and:
 *   -ETIMEDOUT  the deadline passed; a deadline that has passed already tries once
 *   -ECANCELED  sy_io_close or sy_io_cancel of the descriptor while the caller waited; or the
 *               caller's scope was cancelled (scope.h)
 *   -EFAULT     a NULL buffer with bytes > 0, found before anything else is done
 *   -ENOMEM     no memory to register the descriptor
 * A signal is no error: interrupted calls are made again, with the same deadline. Writing to a
 * closed pipe or socket answers -EPIPE and never raises SIGPIPE.
 * Counts are those of one system call: a read or write may transfer less than was asked for.
 * All of these may switch, and are for tasks, unless said otherwise.
 */
#ifndef SWITCHYARD_IO_H
#define SWITCHYARD_IO_H

#include <sys/socket.h>
#include <sys/uio.h>

#include <switchyard/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads up to bytes into buffer; waits until there is something. Returns how many bytes, 0 at the
 * end. read(2). */
ssize_t sy_read(int fd, void *buffer, size_t bytes);
ssize_t sy_read_until(int fd, void *buffer, size_t bytes, sy_time deadline);

/* Writes up to bytes of buffer; waits until there is room for some. Returns how many. write(2). */
ssize_t sy_write(int fd, const void *buffer, size_t bytes);
ssize_t sy_write_until(int fd, const void *buffer, size_t bytes, sy_time deadline);

/* The same from and to count pieces. readv(2), writev(2): -EINVAL for count < 0 or > IOV_MAX. */
ssize_t sy_readv(int fd, const struct iovec *pieces, int count);
ssize_t sy_readv_until(int fd, const struct iovec *pieces, int count, sy_time deadline);
ssize_t sy_writev(int fd, const struct iovec *pieces, int count);
ssize_t sy_writev_until(int fd, const struct iovec *pieces, int count, sy_time deadline);

/* Makes a TCP or Unix stream socket that listens at the address, with SO_REUSEADDR and
 * close-on-exec. backlog as in listen(2). Returns the descriptor, or an error of socket(2), bind(2)
 * or listen(2). Does not switch. */
int sy_listen(const struct sockaddr *address, socklen_t length, int backlog);

/* Takes the next connection; waits until there is one. Stores the peer's address if address is not
 * NULL (*length: room, then its length). Returns a descriptor, close-on-exec. accept4(2). */
int sy_accept(int fd, struct sockaddr *address, socklen_t *length);
int sy_accept_until(int fd, struct sockaddr *address, socklen_t *length, sy_time deadline);

/* Connects the socket; waits until it is connected or refused. Returns 0. connect(2). */
int sy_connect(int fd, const struct sockaddr *address, socklen_t length);
int sy_connect_until(int fd, const struct sockaddr *address, socklen_t length, sy_time deadline);

/* Wakes every task that waits on the descriptor with -ECANCELED; it stays open and usable.
 * 0, or -EBADF. Does not switch. */
int sy_io_cancel(int fd);

/* Wakes every task that waits on the descriptor with -ECANCELED and closes it. No wake-up that was
 * meant for the old descriptor reaches a later one with the same number. 0, or -EBADF. close(2).
 * Does not switch. */
int sy_io_close(int fd);

/* Runs fn(arg) on the caller's stack as code that may block in the kernel: if it takes longer than
 * about 20 us, another worker goes on with the tasks of this proc. Returns what fn returned.
 * fn, which is not NULL, is outside of the runtime: it must not call what only tasks may call, and
 * sy_self() is the zero handle there. */
void *sy_blocking(void *(*fn)(void *arg), void *arg);

#ifdef __cplusplus
}
#endif

#endif

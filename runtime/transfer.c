/* transfer.c - see transfer.h.
 *
 * A call that need not wait takes no lock: it looks at the entry's state, makes the system call,
 * and notes what a short read tells. So that a task whose calls never wait does not keep the others
 * from running, it yields once in a while (netpoll_turn_over).
 */
#include "transfer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <switchyard/task.h>

#include "blocking.h"
#include "hibernate.h"
#include "netpoll.h"

/* One of the two: bytes of a buffer, or pieces. */
struct call {
    int fd;
    enum direction direction;
    void *buffer;
    size_t bytes;               /* of all pieces too */
    const struct iovec *pieces; /* or NULL */
    int count;
};

/* --- system calls: no switch in these, see descriptor.c ----------------------------------------
 */

static __attribute__((noinline)) ssize_t call_plain(const struct call *call)
{
    ssize_t done = 0;
    if (call->pieces == NULL) {
        done = call->direction == READING ? read(call->fd, call->buffer, call->bytes)
                                          : write(call->fd, call->buffer, call->bytes);
    } else {
        done = call->direction == READING ? readv(call->fd, call->pieces, call->count)
                                          : writev(call->fd, call->pieces, call->count);
    }
    return done >= 0 ? done : -errno;
}

/* MSG_DONTWAIT although the socket is non-blocking: it may be shared with a process that thinks
 * otherwise. */
static __attribute__((noinline)) ssize_t call_socket(const struct call *call)
{
    ssize_t done = 0;
    if (call->pieces == NULL) {
        done = call->direction == READING
                   ? recv(call->fd, call->buffer, call->bytes, MSG_DONTWAIT)
                   : send(call->fd, call->buffer, call->bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
        struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)call->pieces,
                                 .msg_iovlen = (size_t)call->count};
        done = call->direction == READING
                   ? recvmsg(call->fd, &message, MSG_DONTWAIT)
                   : sendmsg(call->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    return done >= 0 ? done : -errno;
}

static __attribute__((noinline)) bool is_ready(int fd, enum direction direction)
{
    struct pollfd asked = {.fd = fd, .events = direction == READING ? POLLIN : POLLOUT};
    return poll(&asked, 1, 0) > 0;
}

/* --- transfers -------------------------------------------------------------------------------- */

/* May switch. */
static ssize_t call_blocking(const struct call *call)
{
    blocking_begin();
    ssize_t done = call_plain(call);
    blocking_end();
    return done;
}

/* Of a descriptor that does not block. -ECANCELED: it is another one by now. */
static ssize_t call_guarded(const struct call *call, struct descriptor *entry, uint32_t state)
{
    /* A read of no bytes never waits as read(2), but as recv(2) it may. */
    bool plain = state_kind(state) == KIND_PIPE || (call->bytes == 0 && call->direction == READING);
    ssize_t done = -ECANCELED;
    netpoll_call_begin(call->fd);
    /* acquire: as in transfer_when_ready */
    if (likely(state_generation(load_acquire(&entry->state)) == state_generation(state))) {
        done = likely(!plain) ? call_socket(call) : call_plain(call);
    }
    netpoll_call_end();
    return done;
}

/* Step 2. */
static ssize_t try_once(const struct call *call, struct descriptor *entry, uint32_t state)
{
    if (unlikely(state_kind(state) == KIND_DEVICE)) { /* a transfer of no bytes waits for nothing */
        bool now = call->bytes == 0 || is_ready(call->fd, call->direction);
        return now ? call_blocking(call) : -EAGAIN;
    }
    return call_guarded(call, entry, state);
}

/* How a wait without a try before it ends when its time is up. */
static ssize_t try_at_last(const struct call *call, struct descriptor *entry, uint32_t state)
{
    ssize_t done = try_once(call, entry, state);
    if (done == -ENOTSOCK) {
        return DESCRIPTOR_REUSED;
    }
    return done == -EAGAIN || done == -EINTR ? -ETIMEDOUT : done;
}

/* What a read tells about the next one. */
static void note_read(const struct call *call, struct descriptor *entry, uint32_t state,
                      uint32_t seen, ssize_t done)
{
    if (done == 0 && call->bytes > 0 && (state & STATE_HUNG) == 0) {
        descriptor_hung(call->fd);
    } else if ((state & STATE_DRAINS) != 0) {
        /* relaxed: whoever reads it compares it with edges, and waits only under the lock, where
         * they must still be the same. A full read leaves something that is no longer equal. */
        store_relaxed(&entry->drained, done < (ssize_t)call->bytes ? seen + 1 : seen);
    }
}

static bool is_drained(const struct call *call, struct descriptor *entry, uint32_t state,
                       uint32_t seen)
{
    /* relaxed: as in note_read */
    return call->direction == READING && (state & (STATE_DRAINS | STATE_HUNG)) == STATE_DRAINS &&
           call->bytes > 0 && load_relaxed(&entry->drained) == seen + 1;
}

/* Until it is done, of a descriptor that epoll takes. */
static ssize_t transfer_when_ready(const struct call *call, struct descriptor *entry,
                                   uint32_t state, sy_time deadline)
{
    struct wait wait = {.fd = call->fd,
                        .direction = call->direction,
                        .generation = state_generation(state),
                        .deadline = deadline};
    for (;;) {
        /* acquire, both: before the system call; pairs with the releases in descriptor.c, of which
         * the state's comes first */
        wait.seen = load_acquire(&entry->edges[call->direction]);
        state = load_acquire(&entry->state);
        if (state_generation(state) != wait.generation) {
            return -ECANCELED;
        }
        wait.skipped = is_drained(call, entry, state, wait.seen);
        ssize_t done = wait.skipped ? -EAGAIN : try_once(call, entry, state);
        if (done >= 0 && call->direction == READING) {
            note_read(call, entry, state, wait.seen, done);
        }
        if (likely(done != -EAGAIN && done != -EINTR)) {
            return done == -ENOTSOCK ? DESCRIPTOR_REUSED : done;
        }
        int error = done == -EAGAIN ? descriptor_wait(&wait) : 0;
        if (error == -ETIMEDOUT && wait.skipped) { /* it has not tried at all */
            return try_at_last(call, entry, state);
        }
        if (error != 0) {
            return error;
        }
    }
}

static ssize_t transfer_file(const struct call *call)
{
    ssize_t done = 0;
    do {
        done = call_blocking(call);
    } while (done == -EINTR);
    return done;
}

static ssize_t transfer(const struct call *call, sy_time deadline)
{
    struct descriptor *entry = descriptor_at(call->fd);
    ssize_t done = -EBADF;
    if (unlikely(entry == NULL)) {
        return done;
    }
    do {
        /* acquire: as in transfer_when_ready */
        uint32_t state = load_acquire(&entry->state);
        if (unlikely(!state_is_known(state))) {
            int error = descriptor_open(call->fd, &state);
            if (error != 0) {
                return error;
            }
        }
        done = state_kind(state) == KIND_FILE ? transfer_file(call)
                                              : transfer_when_ready(call, entry, state, deadline);
        if (unlikely(done == DESCRIPTOR_REUSED)) {
            descriptor_doubt(call->fd);
        }
    } while (done == DESCRIPTOR_REUSED);
    if (unlikely(netpoll_turn_over())) {
        netpoll_give_turn();
    }
    return done;
}

ssize_t transfer_buffer(int fd, enum direction direction, void *buffer, size_t bytes,
                        sy_time deadline)
{
    if (unlikely(buffer == NULL && bytes > 0)) {
        return -EFAULT;
    }
    struct call call = {.fd = fd, .direction = direction, .buffer = buffer, .bytes = bytes};
    hibernate_pin(buffer, bytes);
    ssize_t done = transfer(&call, deadline);
    hibernate_unpin(buffer, bytes);
    return done;
}

/* 0, -EINVAL or -EFAULT; *bytes: the sum. */
static int check_pieces(const struct iovec *pieces, int count, size_t *bytes)
{
    if (count < 0 || count > IOV_MAX) {
        return -EINVAL;
    }
    if (pieces == NULL && count > 0) {
        return -EFAULT;
    }
    for (int i = 0; i < count; i++) {
        if (pieces[i].iov_base == NULL && pieces[i].iov_len > 0) {
            return -EFAULT;
        }
        if (__builtin_add_overflow(*bytes, pieces[i].iov_len, bytes) || *bytes > SSIZE_MAX) {
            return -EINVAL;
        }
    }
    return 0;
}

ssize_t transfer_pieces(int fd, enum direction direction, const struct iovec *pieces, int count,
                        sy_time deadline)
{
    static const struct iovec none;
    struct call call = {.fd = fd, .direction = direction, .pieces = pieces, .count = count};
    int error = check_pieces(pieces, count, &call.bytes);
    if (error != 0) {
        return error;
    }
    call.pieces = pieces != NULL ? pieces : &none;
    hibernate_pin_pieces(pieces, count);
    ssize_t done = transfer(&call, deadline);
    hibernate_unpin_pieces(pieces, count);
    return done;
}

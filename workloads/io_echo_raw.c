/* io_echo_raw.c - the echo server as raw epoll loops (io_echo.h): the limit that io.echo is
 * compared with.
 *
 * Loop threads are tasks in sy_blocking, so the runtime has no part in what they do. Each has an
 * epoll instance of its own; loop 0 accepts, and deals the connections out in turn. Connection i
 * belongs to loop i % loops, and its record is number i / loops in that loop's own table, so that
 * loops share no cache lines.
 *   1. Loop 0 writes the record and then adds the descriptor to the owner's epoll instance; the
 *      owner reads the record when epoll_wait has told it of the connection.
 *   2. Only the owner touches the record after that, until the loops have ended.
 *   3. The eventfd `end`, which nobody reads, is in every epoll instance; a write to it ends all.
 *
 * A connection is watched edge-triggered. That needs no second read: a read that is shorter than
 * asked for has emptied the socket, and what comes later is another edge. (The end of a connection
 * in the same edge is missed, but the client does not end before its last answer, and `end` takes
 * care of the others.) Level-triggered took more CPU: 5.9 against 5.5 us a request with 10
 * connections, 7.1 against 6.9 with 1,000 (least of 7 processes each, in turn, on a busy machine
 * with 2 CPUs of a virtual Xeon, 2026-11).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io_echo.h"
#include "net_server.h"

#define EVENTS 512
#define LISTENER UINT32_MAX /* among the numbers of connections */
#define END (UINT32_MAX - 1)

struct raw_connection {
    int fd; /* -1: closed */
    uint64_t echoed;
};

struct raw_loop {
    struct raw_server *server;
    int epoll;
    struct raw_connection *connections;
    sy_task task;
};

struct raw_server {
    int listener;
    int end;
    uint32_t loop_count;
    struct raw_loop *loops;
    uint32_t capacity;
    uint32_t accepted; /* loop 0's */
};

static int watch(int epoll, int fd, uint32_t events, uint32_t number)
{
    struct epoll_event event = {.events = events, .data.u32 = number};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void close_connection(struct raw_connection *connection)
{
    close(connection->fd);
    connection->fd = -1;
}

static void accept_all(struct raw_server *server)
{
    int fd = -1;
    while ((fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (server->accepted == server->capacity) {
            close(fd);
            continue;
        }
        uint32_t number = server->accepted++;
        struct raw_loop *owner = &server->loops[number % server->loop_count];
        struct raw_connection *connection = &owner->connections[number / server->loop_count];
        connection->fd = fd;
        if (watch(owner->epoll, fd, EPOLLIN | EPOLLET, number) < 0) {
            close_connection(connection);
        }
    }
}

/* The connection ends at the end of its input, at an error, and if it had no room for an answer. */
static void echo(struct raw_connection *connection)
{
    unsigned char message[NET_BYTES_MAX];
    ssize_t count = recv(connection->fd, message, sizeof message, 0);
    if (count > 0 && send(connection->fd, message, (size_t)count, MSG_NOSIGNAL) == count) {
        connection->echoed += (uint64_t)count;
    } else if (count >= 0 || errno != EAGAIN) {
        close_connection(connection);
    }
}

/* The loop's thread, in sy_blocking. */
static void *loop_main(void *arg)
{
    struct raw_loop *loop = arg;
    struct raw_server *server = loop->server;
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(loop->epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            uint32_t number = events[i].data.u32;
            if (number == END) {
                return NULL;
            }
            if (number == LISTENER) {
                accept_all(server);
            } else {
                echo(&loop->connections[number / server->loop_count]);
            }
        }
    }
}

static void *loop_task(void *arg)
{
    sy_task_set_name(sy_self(), "raw loop"); /* for dumps */
    return sy_blocking(loop_main, arg);
}

static int make_loop(struct raw_server *server, struct raw_loop *loop)
{
    uint32_t share = server->capacity / server->loop_count + 1;
    loop->server = server;
    loop->connections = malloc(share * sizeof *loop->connections);
    if (loop->connections == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < share; i++) {
        loop->connections[i] = (struct raw_connection){.fd = -1};
    }
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    return loop->epoll < 0 || watch(loop->epoll, server->end, EPOLLIN, END) < 0 ? -errno : 0;
}

/* Not inlined: errno belongs to a thread, and the caller may go on in another one after it has
 * switched. */
static __attribute__((noinline)) int make_loops(struct raw_server *server)
{
    server->loops = calloc(server->loop_count, sizeof *server->loops);
    server->end = eventfd(0, EFD_CLOEXEC);
    if (server->loops == NULL || server->end < 0) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < server->loop_count; i++) {
        server->loops[i].epoll = -1;
    }
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < server->loop_count; i++) {
        status = make_loop(server, &server->loops[i]);
    }
    if (status == 0) {
        fcntl(server->listener, F_SETFL, O_NONBLOCK);
        status = watch(server->loops[0].epoll, server->listener, EPOLLIN, LISTENER);
    }
    return status;
}

/* Ends the loops that were started, and frees everything. */
static void end_loops(struct raw_server *server, uint32_t started)
{
    const uint64_t one = 1;
    (void)!write(server->end, &one, sizeof one);
    for (uint32_t i = 0; i < started; i++) {
        sy_join(server->loops[i].task, NULL);
    }
}

static void release(struct raw_server *server)
{
    for (uint32_t i = 0; i < server->accepted; i++) {
        struct raw_loop *owner = &server->loops[i % server->loop_count];
        struct raw_connection *connection = &owner->connections[i / server->loop_count];
        if (connection->fd >= 0) {
            close_connection(connection);
        }
    }
    for (uint32_t i = 0; server->loops != NULL && i < server->loop_count; i++) {
        free(server->loops[i].connections);
        if (server->loops[i].epoll >= 0) {
            close(server->loops[i].epoll);
        }
    }
    if (server->end >= 0) {
        close(server->end);
    }
    sy_io_close(server->listener);
    free(server->loops);
    free(server);
}

static int start_loops(struct trial *trial, struct raw_server *server)
{
    int status = make_loops(server);
    if (status < 0) {
        return trial_fail(trial, status, "no epoll loops: %s", strerrorname_np(-status));
    }
    for (uint32_t i = 0; i < server->loop_count; i++) {
        status = sy_spawn(&server->loops[i].task, loop_task, &server->loops[i]);
        if (status < 0) {
            trial_refused(trial, i, status);
            end_loops(server, i);
            return status;
        }
    }
    return 0;
}

static int start(struct trial *trial, struct io_echo_server *io_server)
{
    struct raw_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for the raw server");
    }
    server->loop_count = io_server->loops;
    server->capacity = io_server->connections;
    io_server->port = 0;
    server->end = -1;
    server->listener = net_listen(trial, &io_server->port);
    int status = server->listener < 0 ? server->listener : start_loops(trial, server);
    if (status < 0) {
        release(server);
        return status;
    }
    io_server->state = server;
    return 0;
}

static int stop(struct trial *trial, struct io_echo_server *io_server)
{
    struct raw_server *server = io_server->state;
    (void)trial;
    end_loops(server, server->loop_count);
    for (uint32_t i = 0; i < server->accepted; i++) {
        const struct raw_loop *owner = &server->loops[i % server->loop_count];
        io_server->echoed[i] += owner->connections[i / server->loop_count].echoed;
    }
    release(server);
    return 0;
}

const struct io_echo_kind io_echo_raw = {
    .start = start, .stop = stop, .throughput = "raw_throughput", .latency = "raw_latency"};

/* net_server.c - see net_server.h. */
#include "net_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "refusal.h"

#define EXHAUSTED_PAUSE (10 * SY_MILLISECOND) /* for some connection to end */

bool net_write_all(int fd, const void *data, size_t bytes)
{
    const char *next = data;
    while (bytes > 0) {
        ssize_t count = sy_write(fd, next, bytes);
        if (count < 0) {
            return false;
        }
        next += count;
        bytes -= (size_t)count;
    }
    return true;
}

int net_listen(struct trial *trial, uint16_t *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    const int yes = 1;
    int fd = sy_listen((const struct sockaddr *)&address, length, NET_BACKLOG);
    if (fd < 0) {
        return trial_fail(trial, fd, "cannot listen on port %u: %s", *port, strerrorname_np(-fd));
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    getsockname(fd, (struct sockaddr *)&address, &length);
    *port = ntohs(address.sin_port);
    return fd;
}

static struct net_connection *take_slot(struct net_server *server, int fd)
{
    sy_mutex_lock(&server->mutex);
    struct net_connection *connection = server->free;
    if (connection != NULL) {
        server->free = connection->next_free;
        connection->fd = fd;
    }
    sy_mutex_unlock(&server->mutex);
    return connection;
}

/* Returns the descriptor, which nobody else uses from now on. */
static int return_slot(struct net_connection *connection)
{
    struct net_server *server = connection->server;
    sy_mutex_lock(&server->mutex);
    int fd = connection->fd;
    connection->fd = -1;
    connection->next_free = server->free;
    server->free = connection;
    sy_mutex_unlock(&server->mutex);
    return fd;
}

static void *connection_main(void *arg)
{
    struct net_connection *connection = arg;
    struct net_server *server = connection->server;
    sy_task_set_name(sy_self(), "connection"); /* for dumps */
    server->serve(connection);
    sy_io_close(return_slot(connection));
    sy_waitgroup_done(&server->open);
    return NULL;
}

static void begin_connection(struct net_server *server, int fd)
{
    struct net_connection *connection = take_slot(server, fd);
    if (connection == NULL) {
        sy_io_close(fd);
        return;
    }
    sy_waitgroup_add(&server->open, 1);
    int status = sy_go(connection_main, connection);
    if (status < 0) {
        refusal_note(status);
        sy_io_close(return_slot(connection));
        sy_waitgroup_done(&server->open);
        return;
    }
    server->accepted++;
}

/* accept(2) passes on errors of the connection that it was about to take; and when descriptors or
 * memory have run out, some may come free. */
static bool may_go_on(int error)
{
    switch (-error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        sy_sleep(EXHAUSTED_PAUSE);
        return true;
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTUNREACH:
        return true;
    default:
        return false;
    }
}

static void *accept_all(void *arg)
{
    struct net_server *server = arg;
    sy_task_set_name(sy_self(), "acceptor");
    for (;;) {
        int fd = sy_accept(server->listener, NULL, NULL);
        if (fd >= 0) {
            begin_connection(server, fd);
        } else if (!may_go_on(fd)) {
            return NULL; /* -EINVAL: it was shut down */
        }
    }
}

/* Writes to all of the table, so that it is in memory from now on. */
static int make_table(struct net_server *server)
{
    server->table = malloc(server->capacity * sizeof *server->table);
    if (server->table == NULL) {
        return -ENOMEM;
    }
    server->free = NULL;
    for (uint32_t i = server->capacity; i-- > 0;) {
        server->table[i] = (struct net_connection){
            .server = server, .index = i, .fd = -1, .next_free = server->free};
        server->free = &server->table[i];
    }
    return 0;
}

int net_server_start(struct trial *trial, struct net_server *server)
{
    refusal_reset(trial);
    server->accepted = 0;
    sy_mutex_init(&server->mutex);
    sy_waitgroup_init(&server->open);
    server->listener = net_listen(trial, &server->port);
    if (server->listener < 0) {
        return server->listener;
    }
    int status = make_table(server);
    if (status < 0) {
        trial_fail(trial, status, "no memory for %u connections", server->capacity);
    } else {
        status = sy_spawn(&server->acceptor, accept_all, server);
        status = status < 0 ? trial_refused(trial, 0, status) : 0;
    }
    if (status < 0) {
        sy_io_close(server->listener);
        free(server->table);
    }
    return status;
}

static void shut_down_all(struct net_server *server)
{
    sy_mutex_lock(&server->mutex);
    for (uint32_t i = 0; i < server->capacity; i++) {
        if (server->table[i].fd >= 0) {
            shutdown(server->table[i].fd, SHUT_RDWR);
        }
    }
    sy_mutex_unlock(&server->mutex);
}

int net_server_stop(struct trial *trial, struct net_server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    sy_join(server->acceptor, NULL);
    sy_io_close(server->listener);
    shut_down_all(server);
    sy_waitgroup_wait(&server->open);
    sy_waitgroup_destroy(&server->open);
    sy_mutex_destroy(&server->mutex);
    free(server->table);
    return refusal_report(trial);
}

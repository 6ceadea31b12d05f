/* io_echo_tasks.c - the echo server with a task for each connection (io_echo.h). */
#include <errno.h>
#include <stdlib.h>

#include "io_echo.h"
#include "net_server.h"

static void echo(const struct net_connection *connection)
{
    struct io_echo_server *echo_server = connection->server->shared;
    unsigned char message[NET_BYTES_MAX];
    uint64_t echoed = 0;
    ssize_t count = 0;
    while ((count = sy_read(connection->fd, message, sizeof message)) > 0) {
        if (!net_write_all(connection->fd, message, (size_t)count)) {
            break;
        }
        echoed += (uint64_t)count;
    }
    echo_server->echoed[connection->index] += echoed;
}

static int start(struct trial *trial, struct io_echo_server *server)
{
    struct net_server *net = calloc(1, sizeof *net);
    if (net == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for the server");
    }
    net->serve = echo;
    net->shared = server;
    net->capacity = server->connections;
    int status = net_server_start(trial, net);
    if (status < 0) {
        free(net);
        return status;
    }
    server->state = net;
    server->port = net->port;
    return 0;
}

static int stop(struct trial *trial, struct io_echo_server *server)
{
    int status = net_server_stop(trial, server->state);
    free(server->state);
    return status;
}

const struct io_echo_kind io_echo_tasks = {
    .start = start, .stop = stop, .throughput = "throughput", .latency = "latency"};

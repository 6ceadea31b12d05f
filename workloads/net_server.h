/* net_server.h - a server with a task for each connection: accepts, spawns, stops.
 *
 * One task accepts and spawns a task for each connection, which runs `serve` and closes it.
 *
 * How it stops: shutdown(2) of the listening socket ends the accepting task, whether it waits or is
 * about to (closing the descriptor instead could let it accept on whatever has the number next).
 * When it has ended, shutdown of each open connection lets its task read an end. A connection is
 * open in this sense until its task, holding the mutex, takes the descriptor out of the table: so
 * none is shut down after it was closed.
 */
#ifndef SWITCHYARD_NET_SERVER_H
#define SWITCHYARD_NET_SERVER_H

#include "trial.h"

#define NET_BACKLOG 4096

struct net_server;

struct net_connection {
    /* immutable while it is open */
    struct net_server *server;
    uint32_t index; /* in the table; the first ones are dealt out in order */

    int fd;                           /* mutex to change it; -1: closed */
    struct net_connection *next_free; /* mutex */
};

/* Serves one connection until its end. From the connection's task. */
typedef void (*net_serve_fn)(const struct net_connection *connection);

struct net_server {
    /* immutable after the start */
    net_serve_fn serve;
    void *shared; /* the workload's */
    uint16_t port;
    int listener;
    sy_task acceptor;
    uint32_t capacity;
    struct net_connection *table;

    /* mutex: */
    sy_mutex mutex;
    struct net_connection *free;

    sy_waitgroup open; /* connections whose tasks have not ended */
    uint64_t accepted; /* the acceptor's, then, after the stop, anyone's */
};

/* Listens on 127.0.0.1 at the port (0: any free one), with TCP_NODELAY for what it accepts. Stores
 * the port that it is. Returns the descriptor, or what trial_fail returned. Does not switch. */
int net_listen(struct trial *trial, uint16_t *port);

/* Starts it with serve, shared and capacity (connections open at once) and the wanted port set.
 * Returns 0, or what trial_fail returned. Does not switch. */
int net_server_start(struct trial *trial, struct net_server *server);

/* Stops it and waits for all its tasks. Returns 0, or what trial_fail returned if a task was
 * refused. May switch. */
int net_server_stop(struct trial *trial, struct net_server *server);

/* Writes all of it; false if the connection is broken. From a task; may switch. */
bool net_write_all(int fd, const void *data, size_t bytes);

#endif

/* io_echo.h - the two servers that io.echo measures against each other, behind one face.
 *
 * Both read at most NET_BYTES_MAX bytes at a time, which is a whole message, and write them back.
 * A connection has one message under way, so its socket always has room for the answer.
 */
#ifndef SWITCHYARD_IO_ECHO_H
#define SWITCHYARD_IO_ECHO_H

#include "net_client.h"
#include "trial.h"

struct io_echo_server {
    /* what is asked for: set before start */
    uint32_t connections;
    uint32_t loops;   /* threads of the raw server */
    uint64_t *echoed; /* of each connection, in the order of acceptance: bytes, written by stop */

    /* what start stores */
    uint16_t port;
    void *state; /* the server's own */
};

struct io_echo_kind {
    /* Starts it, with its port stored. 0, or what trial_fail returned. May switch. */
    int (*start)(struct trial *trial, struct io_echo_server *server);
    /* Stops it when the client is gone, and fills echoed. 0, or what trial_fail returned. May
     * switch. */
    int (*stop)(struct trial *trial, struct io_echo_server *server);
    const char *throughput; /* names of its metrics */
    const char *latency;
};

extern const struct io_echo_kind io_echo_tasks; /* a task for each connection */
extern const struct io_echo_kind io_echo_raw;   /* raw epoll loops: the limit */

#endif

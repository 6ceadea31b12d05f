/* net_client.h - the load generator of the I/O workloads, a process of its own.
 *
 * It is a plain epoll loop in one thread, without any of the runtime, so that it is the same, and
 * as cheap, for every server. It works in a closed loop: each connection has one message under way
 * and sends the next one when the answer is there and is right.
 *   1. It opens all connections, some at a time, and lets each send its first message, which is not
 *      counted. Then it writes a report: all are open, or why not.
 *   2. It waits for a byte on its control pipe.
 *   3. It sends the requests, then writes a second report, and after it the histogram.
 * The end of the control pipe ends the process, whatever it is doing: it does not outlive the
 * worker. Its sockets are closed by a reset (SO_LINGER 0), which leaves no TIME_WAIT behind.
 *
 * A latency is the time from before the message is handed to the kernel until its answer has been
 * read. It includes the time that the answer waits for this loop, which serves others meanwhile.
 */
#ifndef SWITCHYARD_NET_CLIENT_H
#define SWITCHYARD_NET_CLIENT_H

#include <stdint.h>

enum net_protocol { NET_ECHO, NET_HTTP };

#define NET_BYTES_MIN 16   /* an echo message carries its connection's number and its own */
#define NET_BYTES_MAX 1024 /* what the servers' buffers hold */

#define NET_PATIENCE_MS 20000 /* without any event for so long, something was lost */

struct net_load {
    enum net_protocol protocol;
    uint16_t port;        /* of 127.0.0.1 */
    uint32_t connections; /* >= 1 */
    uint32_t bytes;       /* of a message, NET_BYTES_MIN ... NET_BYTES_MAX; echo only */
    uint64_t requests;    /* of all connections together: each one's first is not counted */
    int patience_ms;
};

#define NET_REASON_BYTES 160

struct net_report {
    int32_t error;       /* 0 or a negative errno */
    uint32_t buckets;    /* of the histogram: that many struct net_bucket follow */
    uint64_t requests;   /* answered, each with exactly the right bytes */
    uint64_t checksum;   /* over what these answers were */
    uint64_t elapsed_ns; /* from before the first was sent until the last was answered */
    char reason[NET_REASON_BYTES];
};

struct net_bucket {
    uint64_t lowest_ns; /* as in histogram.h */
    uint64_t count;
};

/* Requests of one connection: they are dealt out evenly, the first ones get one more. */
uint64_t net_load_share(const struct net_load *load, uint32_t connection);

/* Does all of it: commands from the descriptor control, reports to the descriptor reports. Returns
 * 0, or the negative errno that the last report holds. */
int net_client_run(const struct net_load *load, int control, int reports);

/* The process: control is stdin, reports go to stdout, words is what net_client_words wrote. Runs
 * on the CPUs that its parent may not use, if there are any. Returns the exit status. */
int net_client_main(const char *words);

#define NET_CLIENT_OPTION "--net-client" /* the worker's first argument, for this mode */
#define NET_WORDS_BYTES 80

/* The load as the one argument that follows the option. */
void net_client_words(const struct net_load *load, char words[NET_WORDS_BYTES]);

#endif

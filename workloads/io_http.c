/* io.http - an HTTP/1.1 server with a task for each connection.
 *
 * As in io.echo, the load generator (net_client.h) is a process of its own with one request under
 * way on each of `connections`: GET /, answered with a body of 13 bytes. The parser is http_parser
 * (io_http_session.c). With `serve` > 0 there is no load generator: the server answers whoever
 * comes for that many seconds, says its address on stderr, and measures nothing.
 *
 * Metric: `throughput`, requests/s = requests / time from the first request until the last answer,
 *         by the client's clock; one sample an epoch. All connections are open by then, and each
 *         has had one answer that is not counted.
 *         `latency`, ns: each counted request, from before it is sent until its answer was read by
 *         the client.
 * Work:   tasks = connections and the one that accepts; messages = the requests counted.
 * Proof:  the client compares each answer with exactly the bytes that are due, and nothing may be
 *         left on any connection at the end; the server's own count must agree. The checksum is
 *         over all answers.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "io_http.h"
#include "net_client_process.h"
#include "net_server.h"

#define SERVE_CONNECTIONS 65536 /* for outside clients; descriptors run out before */

struct http {
    struct net_load load;
    struct net_server net;
    sy_mutex mutex;
    uint64_t served; /* mutex: requests answered with 200, of the connections that have ended */
};

static void serve(const struct net_connection *connection)
{
    struct http *http = connection->server->shared;
    uint64_t served = io_http_serve(connection->fd);
    sy_mutex_lock(&http->mutex);
    http->served += served;
    sy_mutex_unlock(&http->mutex);
}

static int start(struct trial *trial, struct http *http, uint32_t capacity)
{
    http->served = 0;
    http->net = (struct net_server){.serve = serve,
                                    .shared = http,
                                    .capacity = capacity,
                                    .port = (uint16_t)trial_param(trial, "port")};
    return net_server_start(trial, &http->net);
}

static int hand_in(struct trial *trial, const struct http *http, const struct net_report *report)
{
    uint64_t requests = http->load.requests;
    if (report->requests != requests || http->served != requests + http->load.connections) {
        return trial_fail(trial, -EPROTO,
                          "of %" PRIu64 " requests, %" PRIu64 " were answered and %" PRIu64
                          " with the uncounted ones served",
                          requests, report->requests, http->served);
    }
    trial_sample(trial, "throughput", "requests/s",
                 (double)requests * (double)SY_SECOND / (double)report->elapsed_ns);
    trial_work(trial, &(struct workload_work){.tasks = http->load.connections + 1,
                                              .messages = requests,
                                              .checksum = report->checksum});
    return 0;
}

/* The server's reason to fail goes before the client's, which may be its consequence. */
static int run_epoch(struct trial *trial, void *state)
{
    struct http *http = state;
    struct net_client client;
    struct net_report report = {0};
    int status = start(trial, http, http->load.connections);
    if (status < 0) {
        return status;
    }
    http->load.port = http->net.port;
    status = net_client_start(&client, &http->load);
    status = status < 0 ? status : net_client_measure(&client, trial, "latency", &report);
    net_client_end(&client);
    int stopped = net_server_stop(trial, &http->net);
    if (stopped < 0) {
        return stopped;
    }
    return status < 0 ? trial_fail(trial, status, "%s", client.reason)
                      : hand_in(trial, http, &report);
}

static int serve_outside(struct trial *trial, struct http *http, int64_t seconds)
{
    int status = start(trial, http, SERVE_CONNECTIONS);
    if (status < 0) {
        return status;
    }
    fprintf(stderr, "http://127.0.0.1:%u/ for %" PRId64 " s\n", http->net.port, seconds);
    sy_sleep(seconds * SY_SECOND);
    status = net_server_stop(trial, &http->net);
    trial_note(trial, "%" PRIu64 " requests were answered on %" PRIu64 " connections", http->served,
               http->net.accepted);
    return status;
}

static int run(struct trial *trial)
{
    int64_t seconds = trial_param(trial, "serve");
    struct http http = {.mutex = SY_MUTEX_INIT,
                        .load = {.protocol = NET_HTTP,
                                 .connections = (uint32_t)trial_param(trial, "connections"),
                                 .bytes = NET_BYTES_MIN,
                                 .requests = (uint64_t)trial_param(trial, "requests")}};
    io_http_prepare();
    int status = net_client_descriptors(trial, http.load.connections);
    if (status < 0) {
        return status;
    }
    return seconds > 0 ? serve_outside(trial, &http, seconds)
                       : trial_each_epoch(trial, run_epoch, &http);
}

static const struct workload_param params[] = {
    {"connections", 100, 1, 1000000, "connections", "open at the same time"},
    {"requests", 20000, 1, 1000000000, "requests", "of all connections, an epoch"},
    {"port", 0, 0, 65535, "1", "of 127.0.0.1; 0: any free one"},
    {"serve", 0, 0, 86400, "s", "serve outside clients so long; 0: measure with the own client"},
    {0}};

const struct workload io_http = {
    .name = "io.http",
    .summary = "An HTTP/1.1 server with a task for each connection",
    .params = params,
    .run = run,
};

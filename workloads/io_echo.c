/* io.echo - echo over loopback, a task for each connection; beside it, raw epoll loops.
 *
 * The load generator (net_client.h) is a process of its own, of one thread, on the CPUs that the
 * worker is not pinned to; if there are none it shares the worker's. Each of `connections` has one
 * message under way. An epoch lets it run twice, with all connections opened anew: against the
 * server with a task for each connection (io_echo_tasks.c: a loop around sy_accept spawns them),
 * and against the server of raw epoll loops on as many threads as there are procs (io_echo_raw.c),
 * in this order and in the other in turn. So the two are measured under the same conditions, and
 * the raw server, which uses nothing of the runtime, is the limit of what this load allows.
 *
 * Metric: `throughput`, requests/s = requests / time from the first message until the last answer,
 *         by the client's clock; one sample an epoch. All connections are open by then, and each
 *         has had one message echoed that is not counted.
 *         `latency`, ns: each counted request, from before it is sent until its answer was read by
 *         the client, which includes the time that it waits for the client.
 *         `raw_throughput`, `raw_latency`: the same of the raw epoll loops.
 *         `rss`, B a connection = (open - before) / connections: resident memory of the worker
 *         when all connections are open, have had one message echoed and wait for the next, less
 *         that when there was none. One sample a process, of the first epoch, for later ones find
 *         the memory in place. The table with an entry for each connection is there "before", and
 *         not counted; nor is what the kernel holds. With few connections the code that is loaded
 *         when it first runs weighs most.
 * Work:   tasks = connections and the one that accepts; messages = the requests counted; of both
 *         servers, but for the raw one's threads. The uncounted ones are left out.
 * Proof:  messages carry the connection's number and their own; the client compares each answer
 *         with exactly these bytes, and nothing may be left on any connection at the end. The
 *         servers' own counts of bytes, by connection, must add up. The checksum is over all
 *         answers.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io_echo.h"
#include "ledger.h"
#include "net_client_process.h"

#define SETTLE                                                                                     \
    (20 * SY_MILLISECOND) /* for the last tasks to get from their answer to their wait             \
                           */

struct echo {
    struct net_load load;
    struct io_echo_server server;
    uint64_t epochs; /* begun so far */
    const struct ledger *before;
    const struct ledger *open;
    uint64_t messages; /* of this epoch, both servers */
    uint64_t checksum;
};

/* The client counted what came back; the server must have echoed as much, on every connection. */
static int check_server(struct trial *trial, const struct echo *echo)
{
    uint64_t total = 0;
    uint64_t least = (1 + echo->load.requests / echo->load.connections) * echo->load.bytes;
    for (uint32_t i = 0; i < echo->load.connections; i++) {
        uint64_t bytes = echo->server.echoed[i];
        if (bytes != least && bytes != least + echo->load.bytes) {
            return trial_fail(trial, -EPROTO,
                              "the server echoed %" PRIu64 " bytes on connection %u", bytes, i);
        }
        total += bytes;
    }
    if (total != (echo->load.connections + echo->load.requests) * echo->load.bytes) {
        return trial_fail(trial, -EPROTO, "the server echoed %" PRIu64 " bytes in all", total);
    }
    return 0;
}

static void take_open(struct trial *trial, struct echo *echo)
{
    if (echo->open == NULL) {
        sy_sleep(SETTLE);
        echo->open = trial_memory(trial, "open");
    }
}

/* What the client reports, if all went well. */
static int hand_in(struct trial *trial, struct echo *echo, const struct io_echo_kind *kind,
                   const struct net_report *report)
{
    if (report->requests != echo->load.requests) {
        return trial_fail(trial, -EPROTO, "%" PRIu64 " of %" PRIu64 " requests were answered",
                          report->requests, echo->load.requests);
    }
    trial_sample(trial, kind->throughput, "requests/s",
                 (double)report->requests * (double)SY_SECOND / (double)report->elapsed_ns);
    echo->messages += report->requests;
    echo->checksum += report->checksum;
    return check_server(trial, echo);
}

/* The server's reason to fail goes before the client's, which may be its consequence. */
static int measure(struct trial *trial, struct echo *echo, const struct io_echo_kind *kind)
{
    struct net_client client;
    struct net_report report = {0};
    memset(echo->server.echoed, 0, echo->load.connections * sizeof *echo->server.echoed);
    int status = kind->start(trial, &echo->server);
    if (status < 0) {
        return status;
    }
    if (echo->before == NULL) {
        echo->before = trial_memory(trial, "before");
    }
    echo->load.port = echo->server.port;
    status = net_client_start(&client, &echo->load);
    if (status == 0) {
        take_open(trial, echo);
        status = net_client_measure(&client, trial, kind->latency, &report);
    }
    net_client_end(&client);
    int stopped = kind->stop(trial, &echo->server);
    if (stopped < 0) {
        return stopped;
    }
    return status < 0 ? trial_fail(trial, status, "%s", client.reason)
                      : hand_in(trial, echo, kind, &report);
}

/* The first measurement of the process is that of the tasks, for `rss`. */
static int run_epoch(struct trial *trial, void *state)
{
    struct echo *echo = state;
    const struct io_echo_kind *kinds[] = {&io_echo_tasks, &io_echo_raw};
    uint64_t first = echo->epochs++ % 2;
    echo->messages = 0;
    echo->checksum = 0;
    int status = measure(trial, echo, kinds[first]);
    status = status < 0 ? status : measure(trial, echo, kinds[1 - first]);
    if (status == 0) {
        trial_work(trial, &(struct workload_work){.tasks = echo->load.connections + 1,
                                                  .messages = echo->messages,
                                                  .checksum = echo->checksum});
    }
    return status;
}

static void hand_in_memory(struct trial *trial, const struct echo *echo)
{
    double held = (double)echo->open->rss_bytes - (double)echo->before->rss_bytes;
    trial_sample(trial, "rss", "B", held / echo->load.connections);
}

static int run(struct trial *trial)
{
    struct echo echo = {.load = {.protocol = NET_ECHO,
                                 .connections = (uint32_t)trial_param(trial, "connections"),
                                 .bytes = (uint32_t)trial_param(trial, "bytes"),
                                 .requests = (uint64_t)trial_param(trial, "requests")}};
    int status = net_client_descriptors(trial, echo.load.connections);
    if (status < 0) {
        return status;
    }
    echo.server.connections = echo.load.connections;
    echo.server.loops = trial_procs(trial);
    echo.server.echoed = malloc(echo.load.connections * sizeof *echo.server.echoed);
    if (echo.server.echoed == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %u counts", echo.load.connections);
    }
    status = trial_each_epoch(trial, run_epoch, &echo);
    if (status == 0) {
        hand_in_memory(trial, &echo);
    }
    free(echo.server.echoed);
    return status;
}

static const struct workload_param params[] = {
    {"connections", 100, 1, 1000000, "connections", "open at the same time"},
    {"requests", 20000, 1, 1000000000, "requests", "of all connections, an epoch and server"},
    {"bytes", 64, NET_BYTES_MIN, NET_BYTES_MAX, "B", "of a message"},
    {0}};

const struct workload io_echo = {
    .name = "io.echo",
    .summary = "Echo over loopback with a task for each connection, beside raw epoll loops",
    .params = params,
    .run = run,
};

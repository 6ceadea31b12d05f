/* net_client.c - see net_client.h. */
#include "net_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "net_client_message.h"

#define EVENTS 512         /* taken from epoll at a time */
#define RAMP 512           /* connections opened at a time, far below the servers' backlog */
#define CONTROL UINT32_MAX /* the control pipe, among the numbers of connections */
#define NANOSECONDS 1000000000

struct connection {
    int fd;            /* -1: not open */
    bool under_way;    /* a message was sent whose answer is not complete */
    uint32_t received; /* bytes of that answer */
    uint64_t sequence; /* of the last message sent */
    uint64_t last;     /* of the last message to send */
    uint64_t sent_ns;
};

struct client {
    const struct net_load *load;
    int control;
    int epoll;
    struct connection *connections;
    uint32_t waiting; /* connections that have a message under way */
    struct histogram *latencies;
    struct net_report report;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

uint64_t net_load_share(const struct net_load *load, uint32_t connection)
{
    return load->requests / load->connections + (connection < load->requests % load->connections);
}

static int fail(struct client *client, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Keeps the first reason. Returns error. */
static int fail(struct client *client, int error, const char *format, ...)
{
    va_list arguments;
    if (client->report.error == 0) {
        va_start(arguments, format);
        vsnprintf(client->report.reason, sizeof client->report.reason, format, arguments);
        va_end(arguments);
        client->report.error = error;
    }
    return error;
}

static int fail_errno(struct client *client, const char *call, uint32_t number)
{
    int error = errno;
    return fail(client, -error, "connection %u: %s: %s", number, call, strerrorname_np(error));
}

/* One message under way at a time always finds room in its socket. */
static int send_message(struct client *client, uint32_t number, uint64_t now)
{
    struct connection *connection = &client->connections[number];
    struct net_message request;
    net_message_request(&request, client->load, number, connection->sequence);
    connection->sent_ns = now;
    connection->received = 0;
    connection->under_way = true;
    client->waiting++;
    ssize_t sent = send(connection->fd, request.data, request.bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
        return fail_errno(client, "send", number);
    }
    if ((size_t)sent != request.bytes) {
        return fail(client, -EIO, "connection %u: a part of a message was sent", number);
    }
    return 0;
}

/* The answer is complete and right. */
static int count_answer(struct client *client, uint32_t number, const struct net_message *answer)
{
    struct connection *connection = &client->connections[number];
    uint64_t now = now_ns();
    connection->under_way = false;
    client->waiting--;
    if (connection->sequence == 0) {
        return 0;
    }
    histogram_record(client->latencies, now - connection->sent_ns);
    client->report.requests++;
    client->report.checksum += net_message_sum(answer, number, connection->sequence);
    if (connection->sequence == connection->last) {
        return 0;
    }
    connection->sequence++;
    return send_message(client, number, now);
}

static int fail_at(struct client *client, uint32_t number, const char *what)
{
    const struct connection *connection = &client->connections[number];
    return fail(client, -EPROTO, "connection %u, message %llu: %s", number,
                (unsigned long long)connection->sequence, what);
}

/* Checks bytes that came on the connection, as many as are missing and one more at most. */
static int take(struct client *client, uint32_t number, const unsigned char *data, size_t count)
{
    struct connection *connection = &client->connections[number];
    struct net_message answer;
    net_message_answer(&answer, client->load, number, connection->sequence);
    if (!connection->under_way || connection->received + count > answer.bytes) {
        return fail_at(client, number, "more came back than the answer");
    }
    if (memcmp(answer.data + connection->received, data, count) != 0) {
        return fail_at(client, number, "other bytes came back");
    }
    connection->received += (uint32_t)count;
    return connection->received < answer.bytes ? 0 : count_answer(client, number, &answer);
}

static int receive(struct client *client, uint32_t number)
{
    unsigned char data[NET_BYTES_MAX + 1];
    ssize_t count = recv(client->connections[number].fd, data, sizeof data, MSG_DONTWAIT);
    if (count > 0) {
        return take(client, number, data, (size_t)count);
    }
    if (count == 0) {
        return fail_at(client, number, "the server closed the connection");
    }
    return errno == EAGAIN || errno == EINTR ? 0 : fail_errno(client, "recv", number);
}

/* A short read has emptied the socket, so the edge-triggered event needs no second one; unless the
 * end came in the same event, for there will be no other. A full read is too long for an answer,
 * and an error in any case. */
static int on_event(struct client *client, const struct epoll_event *event)
{
    uint32_t number = event->data.u32;
    if (number == CONTROL) {
        return fail(client, -ECANCELED, "the worker is gone");
    }
    int status = receive(client, number);
    if (status == 0 && (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        status = receive(client, number);
    }
    return status;
}

static int fail_patience(struct client *client)
{
    uint32_t number = 0;
    while (!client->connections[number].under_way) {
        number++;
    }
    return fail(client, -ETIMEDOUT,
                "no answer for %d ms: %u connections wait, the first of them is %u, for message "
                "%llu",
                client->load->patience_ms, client->waiting, number,
                (unsigned long long)client->connections[number].sequence);
}

/* Until no message is under way. */
static int serve_events(struct client *client)
{
    struct epoll_event events[EVENTS];
    int status = 0;
    while (status == 0 && client->waiting > 0) {
        int count = epoll_wait(client->epoll, events, EVENTS, client->load->patience_ms);
        if (count == 0) {
            return fail_patience(client);
        }
        if (count < 0 && errno != EINTR) {
            return fail(client, -errno, "epoll_wait: %s", strerrorname_np(errno));
        }
        for (int i = 0; status == 0 && i < count; i++) {
            status = on_event(client, &events[i]);
        }
    }
    return status;
}

static int watch(struct client *client, int fd, uint32_t events, uint32_t number)
{
    struct epoll_event event = {.events = events | EPOLLET, .data.u32 = number};
    return epoll_ctl(client->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* connect(2) on loopback returns when the connection is in the server's queue. */
static int open_connection(struct client *client, uint32_t number)
{
    struct connection *connection = &client->connections[number];
    const struct linger reset = {.l_onoff = 1};
    const int yes = 1;
    const struct sockaddr_in server = {.sin_family = AF_INET,
                                       .sin_port = htons(client->load->port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) {
        return fail_errno(client, "socket", number);
    }
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(connection->fd, (const struct sockaddr *)&server, sizeof server) < 0) {
        return fail_errno(client, "connect", number);
    }
    if (watch(client, connection->fd, EPOLLIN | EPOLLRDHUP, number) < 0) {
        return fail_errno(client, "epoll_ctl", number);
    }
    return send_message(client, number, now_ns());
}

static int open_all(struct client *client)
{
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < client->load->connections; i++) {
        status = open_connection(client, i);
        if (status == 0 && i % RAMP == RAMP - 1) {
            status = serve_events(client);
        }
    }
    return status < 0 ? status : serve_events(client);
}

/* Nothing may be left on any connection, and each must be open still. */
static int check_silence(struct client *client)
{
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < client->load->connections; i++) {
        status = receive(client, i);
    }
    return status;
}

static int send_all(struct client *client)
{
    int status = 0;
    uint64_t begin = now_ns();
    for (uint32_t i = 0; status == 0 && i < client->load->connections; i++) {
        client->connections[i].last = net_load_share(client->load, i);
        if (client->connections[i].last > 0) {
            client->connections[i].sequence = 1;
            status = send_message(client, i, now_ns());
        }
    }
    status = status < 0 ? status : serve_events(client);
    client->report.elapsed_ns = now_ns() - begin;
    return status < 0 ? status : check_silence(client);
}

static int write_all(int fd, const void *data, size_t bytes)
{
    const char *next = data;
    while (bytes > 0) {
        ssize_t count = write(fd, next, bytes);
        if (count < 0 && errno != EINTR) {
            return -errno;
        }
        next += count > 0 ? count : 0;
        bytes -= count > 0 ? (size_t)count : 0;
    }
    return 0;
}

/* The buckets that are not empty. NULL without memory. */
static struct net_bucket *list_buckets(const struct histogram *histogram, uint32_t *count)
{
    struct net_bucket *buckets = malloc(HISTOGRAM_BUCKETS * sizeof *buckets);
    *count = 0;
    for (size_t i = 0; buckets != NULL && i < HISTOGRAM_BUCKETS; i++) {
        if (histogram->counts[i] > 0) {
            buckets[(*count)++] = (struct net_bucket){histogram_lowest(i), histogram->counts[i]};
        }
    }
    return buckets;
}

static int write_report(struct client *client, int reports)
{
    struct net_bucket *buckets = list_buckets(client->latencies, &client->report.buckets);
    if (buckets == NULL) {
        return fail(client, -ENOMEM, "no memory for the report");
    }
    int status = write_all(reports, &client->report, sizeof client->report);
    if (status == 0) {
        status = write_all(reports, buckets, client->report.buckets * sizeof *buckets);
    }
    free(buckets);
    return status;
}

static int wait_for_go(struct client *client)
{
    char go = 0;
    return read(client->control, &go, 1) == 1 ? 0 : fail(client, -ECANCELED, "the worker is gone");
}

static int run_phases(struct client *client, int reports)
{
    int status = open_all(client);
    status = status < 0 ? status : write_report(client, reports);
    status = status < 0 ? status : wait_for_go(client);
    status = status < 0 ? status : send_all(client);
    int written = write_report(client, reports);
    return status < 0 ? status : written;
}

static int prepare(struct client *client)
{
    uint32_t connections = client->load->connections;
    client->connections = calloc(connections, sizeof *client->connections);
    client->latencies = histogram_new();
    client->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t i = 0; client->connections != NULL && i < connections; i++) {
        client->connections[i].fd = -1;
    }
    if (client->connections == NULL || client->latencies == NULL || client->epoll < 0) {
        return -ENOMEM;
    }
    /* no event is asked for: only the end, which is always told */
    return watch(client, client->control, 0, CONTROL) < 0 ? -errno : 0;
}

static void release(struct client *client)
{
    for (uint32_t i = 0; client->connections != NULL && i < client->load->connections; i++) {
        if (client->connections[i].fd >= 0) {
            close(client->connections[i].fd);
        }
    }
    if (client->epoll >= 0) {
        close(client->epoll);
    }
    free(client->connections);
    histogram_free(client->latencies);
}

int net_client_run(const struct net_load *load, int control, int reports)
{
    struct client client = {.load = load, .control = control};
    int status = prepare(&client);
    status = status < 0 ? status : run_phases(&client, reports);
    release(&client);
    return status;
}

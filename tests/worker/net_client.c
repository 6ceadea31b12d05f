/* Goal: the load generator accepts what is right, and finds what is not: a single changed byte, a
 * lost, doubled or mixed-up answer; and it does not outlive the one who started it.
 * Method: a child process is a server that answers rightly but for one message of one connection,
 * where it does what the row says.
 */
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io_http.h"
#include "net_client_message.h"

#define CONNECTIONS 3
#define BAD_CONNECTION 1 /* where the fault is */
#define BAD_SEQUENCE 5
#define REQUESTS 30
#define REPORTS_MAX 65536 /* what a pipe holds */

struct server {
    const struct net_load *load;
    int control; /* the other end of the client's */
    int connections[CONNECTIONS];
};

/* Changes the answer, or does something else with it. */
typedef void (*fault_fn)(const struct server *server, struct net_message *answer);

static void flip_last(const struct server *server, struct net_message *answer)
{
    (void)server;
    answer->data[answer->bytes - 1] ^= 1;
}

static void flip_first(const struct server *server, struct net_message *answer)
{
    (void)server;
    answer->data[0] ^= 0x80;
}

static void answer_the_one_before(const struct server *server, struct net_message *answer)
{
    net_message_answer(answer, server->load, BAD_CONNECTION, BAD_SEQUENCE - 1);
}

static void answer_another_connection(const struct server *server, struct net_message *answer)
{
    net_message_answer(answer, server->load, 0, BAD_SEQUENCE);
}

static void lose(const struct server *server, struct net_message *answer)
{
    (void)server;
    answer->bytes = 0;
}

static void cut(const struct server *server, struct net_message *answer)
{
    (void)server;
    answer->bytes--;
}

static void cut_and_close(const struct server *server, struct net_message *answer)
{
    send(server->connections[BAD_CONNECTION], answer->data, answer->bytes - 1, 0);
    shutdown(server->connections[BAD_CONNECTION], SHUT_RDWR);
    answer->bytes = 0;
}

static void add_a_byte(const struct server *server, struct net_message *answer)
{
    (void)server;
    answer->data[answer->bytes++] = 0;
}

static void add_to_another_connection(const struct server *server, struct net_message *answer)
{
    send(server->connections[0], answer->data, 1, 0);
}

static void leave_the_client(const struct server *server, struct net_message *answer)
{
    close(server->control);
    answer->bytes = 0;
}

static const struct row {
    enum net_protocol protocol;
    fault_fn fault;
    int error;
    const char *words; /* must be in the reason */
} rows[] = {
    {NET_ECHO, flip_last, -EPROTO, "connection 1, message 5: other bytes came back"},
    {NET_ECHO, flip_first, -EPROTO, "connection 1, message 5: other bytes came back"},
    {NET_ECHO, answer_the_one_before, -EPROTO, "connection 1, message 5: other bytes"},
    {NET_ECHO, answer_another_connection, -EPROTO, "connection 1, message 5: other bytes"},
    {NET_ECHO, lose, -ETIMEDOUT, "1 connections wait, the first of them is 1, for message 5"},
    {NET_ECHO, cut, -ETIMEDOUT, "1 connections wait, the first of them is 1, for message 5"},
    {NET_ECHO, cut_and_close, -EPROTO, "message 5: the server closed the connection"},
    {NET_ECHO, add_a_byte, -EPROTO, "connection 1, message 5: more came back than the answer"},
    {NET_ECHO, add_to_another_connection, -EPROTO, "connection 0, message "},
    {NET_ECHO, leave_the_client, -ECANCELED, "the worker is gone"},
    {NET_HTTP, flip_last, -EPROTO, "connection 1, message 5: other bytes came back"},
    {NET_HTTP, lose, -ETIMEDOUT, "1 connections wait, the first of them is 1, for message 5"},
    {NET_HTTP, add_a_byte, -EPROTO, "connection 1, message 5: more came back than the answer"},
};

#define ROWS ((int)(sizeof rows / sizeof *rows))

/* Answers one message; false at the end of the connection. */
static bool answer_one(struct server *server, uint32_t number, uint64_t sequence, fault_fn fault)
{
    struct net_message request;
    struct net_message answer;
    net_message_request(&request, server->load, number, sequence);
    int fd = server->connections[number];
    if (recv(fd, request.data, request.bytes, MSG_WAITALL) != (ssize_t)request.bytes) {
        return false;
    }
    net_message_answer(&answer, server->load, number, sequence);
    if (server->load->protocol == NET_ECHO) {
        memcpy(answer.data, request.data, request.bytes); /* an echo knows no numbers */
    }
    if (fault != NULL && number == BAD_CONNECTION && sequence == BAD_SEQUENCE) {
        fault(server, &answer);
    }
    return send(fd, answer.data, answer.bytes, MSG_NOSIGNAL) == (ssize_t)answer.bytes;
}

static _Noreturn void serve(struct server *server, int listener, fault_fn fault)
{
    struct pollfd polls[CONNECTIONS];
    uint64_t sequences[CONNECTIONS] = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < CONNECTIONS; i++) {
        server->connections[i] = accept(listener, NULL, NULL);
        polls[i] = (struct pollfd){.fd = server->connections[i], .events = POLLIN};
    }
    for (int open = CONNECTIONS; open > 0;) {
        poll(polls, CONNECTIONS, -1);
        for (uint32_t i = 0; i < CONNECTIONS; i++) {
            if (polls[i].fd >= 0 && polls[i].revents != 0 &&
                !answer_one(server, i, sequences[i]++, fault)) {
                polls[i].fd = -1;
                open--;
            }
        }
    }
    _exit(0);
}

static int listen_anywhere(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(listen(fd, CONNECTIONS), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* Runs the client against the server with the fault, and stores its last report. The server holds
 * the only writing end of the control pipe, which has the word to go in it. */
static void run_client(struct net_load *load, fault_fn fault, struct net_report *report)
{
    int control[2];
    int reports[2];
    struct server server = {.load = load};
    char *text = malloc(REPORTS_MAX);
    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(pipe(control), 0);
    ck_assert_int_eq(pipe(reports), 0);
    ck_assert_int_eq(write(control[1], "g", 1), 1);
    server.control = control[1];
    int listener = listen_anywhere(&load->port);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        serve(&server, listener, fault);
    }
    close(control[1]);
    close(listener);
    int status = net_client_run(load, control[0], reports[1]);
    close(reports[1]);
    ssize_t bytes = read(reports[0], text, REPORTS_MAX);
    ck_assert_int_ge(bytes, 2 * (ssize_t)sizeof *report);
    memcpy(report, text, sizeof *report);
    ck_assert_int_eq(report->error, 0); /* the first: all connections were open */
    memcpy(report, text + sizeof *report, sizeof *report);
    ck_assert_int_eq(status, report->error);
    ck_assert_uint_eq((size_t)bytes,
                      2 * sizeof *report + report->buckets * sizeof(struct net_bucket));
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    close(control[0]);
    close(reports[0]);
    free(text);
}

START_TEST(test_client_finds_the_fault)
{
    const struct row *row = &rows[_i];
    struct net_report report;
    bool waits = row->error == -ETIMEDOUT;
    struct net_load load = {.protocol = row->protocol,
                            .connections = CONNECTIONS,
                            .bytes = 100,
                            .requests = REQUESTS,
                            .patience_ms = waits ? 300 : NET_PATIENCE_MS};
    run_client(&load, row->fault, &report);
    ck_assert_int_eq(report.error, row->error);
    ck_assert_msg(strstr(report.reason, row->words) != NULL, "%s", report.reason);
    ck_assert_uint_lt(report.requests, REQUESTS);
}
END_TEST

/* Shares of 31 requests are 11, 10 and 10. */
START_TEST(test_client_counts_what_is_right)
{
    struct net_report first;
    struct net_report again;
    struct net_report more;
    struct net_load load = {.protocol = _i == 0 ? NET_ECHO : NET_HTTP,
                            .connections = CONNECTIONS,
                            .bytes = NET_BYTES_MAX,
                            .requests = REQUESTS + 1,
                            .patience_ms = NET_PATIENCE_MS};
    run_client(&load, NULL, &first);
    run_client(&load, NULL, &again);
    ck_assert_msg(first.error == 0, "%s", first.reason);
    ck_assert_uint_eq(first.requests, REQUESTS + 1);
    ck_assert_uint_gt(first.buckets, 0);
    ck_assert_uint_gt(first.elapsed_ns, 0);
    ck_assert_uint_eq(again.checksum, first.checksum);
    load.requests++;
    run_client(&load, NULL, &more);
    ck_assert_uint_ne(more.checksum, first.checksum);
}
END_TEST

START_TEST(test_shares_add_up)
{
    struct net_load load = {.connections = 7};
    for (load.requests = 0; load.requests < 50; load.requests++) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i < load.connections; i++) {
            sum += net_load_share(&load, i);
            ck_assert_uint_le(net_load_share(&load, i), net_load_share(&load, 0));
            ck_assert_uint_le(net_load_share(&load, 0), net_load_share(&load, i) + 1);
        }
        ck_assert_uint_eq(sum, load.requests);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("net_client");
    TCase *tests = tcase_create("net_client");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_client_finds_the_fault, 0, ROWS);
    tcase_add_loop_test(tests, test_client_counts_what_is_right, 0, 2);
    tcase_add_test(tests, test_shares_add_up);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

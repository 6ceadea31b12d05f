/* net_many.c - many connections at once. */
#include <string.h>
#include <sys/socket.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/descriptors.h"
#include "support/endpoint.h"
#include "support/expect.h"
#include "support/run.h"

enum { CONNECTIONS = 200, MESSAGE_BYTES = 1000, MESSAGES = 20 };

struct client {
    uint32_t number;
    sy_task task;
};

static struct endpoint server;
static sy_waitgroup connected; /* nobody speaks before all are connected */

/* Sends back what comes until the end. */
static void *echo(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char block[700]; /* not a divisor of a message: echoes are cut anywhere */
    ssize_t got;
    while ((got = sy_read(fd, block, sizeof block)) > 0) {
        expect_true(write_whole(fd, block, (size_t)got, sizeof block));
    }
    expect_eq(got, 0);
    expect_eq(sy_io_close(fd), 0);
    return NULL;
}

static void *serve(void *arg)
{
    int listener = *(int *)arg;
    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = sy_accept(listener, NULL, NULL);
        expect_ge(fd, 0);
        expect_eq(sy_go(echo, (void *)(intptr_t)fd), 0);
    }
    return NULL;
}

/* Each message of each client is different, so a byte that is lost, doubled, out of order or on
 * another connection changes a checksum. */
static void *talk(void *arg)
{
    struct client *client = arg;
    unsigned char message[MESSAGE_BYTES];
    int fd = endpoint_connect(&server);
    sy_waitgroup_done(&connected);
    expect_eq(sy_waitgroup_wait(&connected), 0);
    for (uint32_t i = 0; i < MESSAGES; i++) {
        fill_with_pattern(message, sizeof message, client->number * MESSAGES + i);
        uint64_t sent = checksum(message, sizeof message);
        expect_true(write_whole(fd, message, sizeof message, sizeof message));
        memset(message, 0, sizeof message);
        expect_true(read_whole(fd, message, sizeof message, 300));
        expect_true(checksum(message, sizeof message) == sent);
    }
    expect_eq(sy_io_close(fd), 0);
    return NULL;
}

static int echo_all(void *arg)
{
    static struct client clients[CONNECTIONS];
    sy_task acceptor;
    int listener = endpoint_listen(&server, *(int *)arg, CONNECTIONS);
    sy_waitgroup_init(&connected);
    sy_waitgroup_add(&connected, CONNECTIONS);
    expect_eq(sy_spawn(&acceptor, serve, &listener), 0);
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        clients[i].number = i;
        expect_eq(sy_spawn(&clients[i].task, talk, &clients[i]), 0);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        expect_eq(sy_join(clients[i].task, NULL), 0);
    }
    expect_eq(sy_join(acceptor, NULL), 0);
    expect_eq(sy_io_close(listener), 0);
    expect_eq(sy_waitgroup_destroy(&connected), 0);
    return 0;
}

/* Goal: two hundred connections at once, all bytes back, in order, on their own connection. */
START_TEST(test_io_many_connections_echo)
{
    int families[] = {AF_INET, AF_UNIX};
    run_tasks(RUN_PROCS[_i], echo_all, &families[0]);
    run_tasks(RUN_PROCS[_i], echo_all, &families[1]);
}
END_TEST

static void *come_and_go(void *arg)
{
    char byte;
    (void)arg;
    for (int i = 0; i < 20; i++) {
        int fd = endpoint_connect(&server);
        expect_eq(sy_write(fd, "b", 1), 1);
        expect_eq(sy_read(fd, &byte, 1), 1);
        expect_eq(sy_io_close(fd), 0);
    }
    return NULL;
}

static int serve_short_ones(void *arg)
{
    enum { VISITORS = 10 };
    sy_task visitors[VISITORS];
    sy_task acceptor;
    int listener = endpoint_listen(&server, *(int *)arg, CONNECTIONS);
    expect_eq(sy_spawn(&acceptor, serve, &listener), 0);
    for (int i = 0; i < VISITORS; i++) {
        expect_eq(sy_spawn(&visitors[i], come_and_go, NULL), 0);
    }
    for (int i = 0; i < VISITORS; i++) {
        expect_eq(sy_join(visitors[i], NULL), 0);
    }
    expect_eq(sy_join(acceptor, NULL), 0);
    expect_eq(sy_io_close(listener), 0);
    return 0;
}

/* Goal: connections that open and close all the time, so that their numbers are used again and
 * again by several tasks at once. */
START_TEST(test_io_short_connections)
{
    int families[] = {AF_INET, AF_UNIX};
    run_tasks(RUN_PROCS[_i], serve_short_ones, &families[0]);
    run_tasks(RUN_PROCS[_i], serve_short_ones, &families[1]);
}
END_TEST

Suite *suite_net_many(void)
{
    Suite *suite = suite_create("net_many");
    TCase *tests = tcase_create("net_many");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_io_many_connections_echo, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_short_connections, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}

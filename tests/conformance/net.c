/* net.c - listening, accepting, connecting: addresses, flags, errors, deadlines. TCP over loopback,
 * and Unix sockets. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/descriptors.h"
#include "support/endpoint.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/waiter.h"

static int connect_and_accept(void *arg)
{
    const int family = *(int *)arg;
    struct endpoint server = {.length = 0};
    struct endpoint peer = {.length = sizeof peer.address};
    struct endpoint client_name = {.length = sizeof client_name.address};
    int listener = endpoint_listen(&server, family, 8);
    int client = endpoint_socket(family);
    expect_eq(sy_connect(client, &server.address.any, server.length), 0);
    int accepted = sy_accept(listener, &peer.address.any, &peer.length);
    expect_ge(accepted, 0);
    expect_eq(fcntl(listener, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    expect_eq(fcntl(accepted, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    expect_eq(getsockname(client, &client_name.address.any, &client_name.length), 0);
    expect_eq(peer.address.any.sa_family, family);
    expect_eq(peer.length, client_name.length);
    expect_eq(memcmp(&peer.address, &client_name.address, peer.length), 0);
    expect_eq(sy_write(client, "to server", 9), 9);
    drain(accepted, 9);
    expect_eq(sy_write(accepted, "to client", 9), 9);
    drain(client, 9);
    expect_eq(sy_connect(client, &server.address.any, server.length), -EISCONN);
    close_both((int[]){client, accepted});
    expect_eq(sy_io_close(listener), 0);
    return 0;
}

/* Goal: a connection carries bytes both ways; the accepted one knows its peer. */
START_TEST(test_io_connect_and_accept)
{
    int families[] = {AF_INET, AF_UNIX};
    for (size_t i = 0; i < 2; i++) {
        run_tasks(RUN_PROCS[_i], connect_and_accept, &families[i]);
    }
}
END_TEST

static int accept_addresses(void *arg)
{
    struct endpoint server = {.length = 0};
    struct endpoint peer = {.length = 0};
    int clients[3];
    int accepted[3];
    (void)arg;
    int listener = endpoint_listen(&server, AF_INET, 8);
    for (int i = 0; i < 3; i++) {
        clients[i] = endpoint_connect(&server);
    }
    accepted[0] = sy_accept(listener, NULL, NULL);
    accepted[1] = sy_accept(listener, &peer.address.any, &peer.length); /* no room */
    expect_eq(peer.length, sizeof(struct sockaddr_in));                 /* but how much it takes */
    expect_eq(peer.address.any.sa_family, 0);
    peer.length = sizeof(sa_family_t);
    accepted[2] = sy_accept_until(listener, &peer.address.any, &peer.length, 0);
    expect_eq(peer.length, sizeof(struct sockaddr_in));
    expect_eq(peer.address.any.sa_family, AF_INET);
    expect_eq(peer.address.inet.sin_port, 0); /* cut */
    for (int i = 0; i < 3; i++) {
        close_both((int[]){clients[i], accepted[i]});
    }
    expect_eq(sy_io_close(listener), 0);
    return 0;
}

/* Goal: the address is stored as far as there is room; its whole length is told. */
START_TEST(test_io_accept_stores_addresses)
{
    run_tasks(RUN_PROCS[_i], accept_addresses, NULL);
}
END_TEST

static int refuse_connections(void *arg)
{
    struct endpoint nobody = {.length = 0};
    struct sockaddr_un missing = {.sun_family = AF_UNIX, .sun_path = "/tmp/switchyard/no/such"};
    (void)arg;
    int families[] = {AF_INET, AF_UNIX};
    for (int i = 0; i < 2; i++) {
        int bound = endpoint_bind(&nobody, families[i]); /* but it does not listen */
        int client = endpoint_socket(families[i]);
        expect_eq(sy_connect(client, &nobody.address.any, nobody.length), -ECONNREFUSED);
        expect_eq(sy_io_close(client), 0);
        client = endpoint_socket(families[i]);
        sy_time deadline = sy_now() + 3600 * SY_SECOND;
        expect_eq(sy_connect_until(client, &nobody.address.any, nobody.length, deadline),
                  -ECONNREFUSED);
        close_both((int[]){client, bound});
    }
    int client = endpoint_socket(AF_UNIX);
    expect_eq(sy_connect(client, (struct sockaddr *)&missing, sizeof missing), -ENOENT);
    expect_eq(sy_connect(client, &nobody.address.any, 1), -EINVAL);
    expect_eq(sy_connect(client, NULL, sizeof missing), -EFAULT);
    expect_eq(sy_io_close(client), 0);
    return 0;
}

START_TEST(test_io_connect_is_refused)
{
    run_tasks(RUN_PROCS[_i], refuse_connections, NULL);
}
END_TEST

static int listen_badly(void *arg)
{
    struct endpoint taken = {.length = 0};
    struct sockaddr unknown = {.sa_family = AF_MAX};
    struct sockaddr_in foreign = {.sin_family = AF_INET};
    int on = 0;
    socklen_t length = sizeof on;
    (void)arg;
    foreign.sin_addr.s_addr = htonl(0xC0000201); /* 192.0.2.1, for documentation: not ours */
    int listener = endpoint_listen(&taken, AF_INET, 8);
    expect_eq(getsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, &length), 0);
    expect_eq(on, 1);
    expect_eq(sy_listen(&taken.address.any, taken.length, 8), -EADDRINUSE);
    expect_eq(sy_listen((struct sockaddr *)&foreign, sizeof foreign, 8), -EADDRNOTAVAIL);
    expect_eq(sy_listen(&unknown, sizeof unknown, 8), -EAFNOSUPPORT);
    expect_eq(sy_listen(&taken.address.any, sizeof(sa_family_t), 8), -EINVAL);
    expect_eq(sy_listen(NULL, sizeof foreign, 8), -EFAULT);
    int ends[2];
    open_sockets(ends);
    expect_eq(sy_accept(ends[0], NULL, NULL), -EINVAL); /* it does not listen */
    close_both(ends);
    expect_eq(sy_io_close(listener), 0);
    return 0;
}

/* Goal: errors of socket, bind and listen are told; no descriptor is left behind. */
START_TEST(test_io_listen_errors)
{
    int before = dup(STDIN_FILENO); /* the lowest number that is free */
    close(before);
    run_tasks(RUN_PROCS[_i], listen_badly, NULL);
    int after = dup(STDIN_FILENO);
    close(after);
    ck_assert_int_eq(after, before);
}
END_TEST

static int accept_until_deadline(void *arg)
{
    struct endpoint server = {.length = 0};
    (void)arg;
    int listener = endpoint_listen(&server, AF_INET, 8);
    expect_eq(sy_accept_until(listener, NULL, NULL, 0), -ETIMEDOUT);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_accept_until(listener, NULL, NULL, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    int client = endpoint_connect(&server);
    int accepted = sy_accept_until(listener, NULL, NULL, 0); /* tries once */
    expect_ge(accepted, 0);
    close_both((int[]){client, accepted});
    expect_eq(sy_io_close(listener), 0);
    return 0;
}

START_TEST(test_io_accept_deadline)
{
    run_tasks(RUN_PROCS[_i], accept_until_deadline, NULL);
}
END_TEST

static int accept_by_several(void *arg)
{
    enum { TAKERS = 4 };
    struct endpoint server = {.length = 0};
    struct waiter takers[TAKERS];
    int clients[TAKERS];
    (void)arg;
    int listener = endpoint_listen(&server, AF_INET, 8);
    blocked_begin();
    for (int i = 0; i < TAKERS; i++) {
        waiter_accept(&takers[i], listener, SY_FOREVER);
    }
    blocked_await_io(TAKERS);
    for (int i = 0; i < TAKERS; i++) {
        clients[i] = endpoint_connect(&server);
    }
    for (int i = 0; i < TAKERS; i++) {
        expect_eq(sy_join(takers[i].task, NULL), 0);
        expect_ge(takers[i].result, 0);
        close_both((int[]){clients[i], (int)takers[i].result});
    }
    expect_eq(sy_io_close(listener), 0);
    return 0;
}

/* Goal: several tasks wait for connections on one socket; each gets one. */
START_TEST(test_io_several_tasks_accept)
{
    run_tasks(RUN_PROCS[_i], accept_by_several, NULL);
}
END_TEST

static int connect_to_full(void *arg)
{
    struct endpoint server = {.length = 0};
    int clients[8];
    int accepted = 0;
    int result = 0;
    int listener = endpoint_listen(&server, *(int *)arg, 0);
    int count = 0;
    while (result == 0 && count < 8) { /* until nobody takes more */
        clients[count] = endpoint_socket(*(int *)arg);
        sy_time deadline = sy_now() + 50 * SY_MILLISECOND;
        result = sy_connect_until(clients[count], &server.address.any, server.length, deadline);
        expect_true(result == 0 || sy_now() >= deadline);
        count++;
    }
    expect_eq(result, -ETIMEDOUT);
    for (int i = 0; i < count - 1; i++) { /* those that came through are not lost */
        int connection = sy_accept(listener, NULL, NULL);
        accepted += connection >= 0;
        expect_eq(sy_io_close(connection), 0);
    }
    expect_eq(accepted, count - 1);
    for (int i = 0; i < count; i++) {
        expect_eq(sy_io_close(clients[i]), 0);
    }
    expect_eq(sy_io_close(listener), 0);
    return 0;
}

/* Goal: connecting waits while the queue of the listener is full, until the deadline. */
START_TEST(test_io_connect_deadline)
{
    int families[] = {AF_INET, AF_UNIX};
    run_tasks(RUN_PROCS[_i], connect_to_full, &families[0]);
    run_tasks(RUN_PROCS[_i], connect_to_full, &families[1]);
}
END_TEST

static int accept_without_numbers(void *arg)
{
    struct endpoint server = {.length = 0};
    struct rlimit before;
    (void)arg;
    int listener = endpoint_listen(&server, AF_INET, 8);
    int warm_up = endpoint_connect(&server); /* what the runtime opens lazily it has now */
    close_both((int[]){warm_up, sy_accept(listener, NULL, NULL)});
    int client = endpoint_connect(&server);
    expect_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    int spare = dup(listener); /* the highest number that the limit allows */
    struct rlimit none = {(rlim_t)spare, before.rlim_max};
    expect_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    expect_eq(close(spare), 0);
    int fillers[1024];
    int count = 0;
    while (count < 1024 && (fillers[count] = dup(listener)) >= 0) {
        count++;
    }
    expect_eq(sy_accept(listener, NULL, NULL), -EMFILE);
    expect_eq(sy_accept_until(listener, NULL, NULL, SY_FOREVER), -EMFILE);
    expect_eq(sy_listen(&server.address.any, server.length, 1), -EMFILE);
    expect_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    while (count > 0) {
        expect_eq(close(fillers[--count]), 0);
    }
    close_both((int[]){client, sy_accept(listener, NULL, NULL)}); /* the connection still waits */
    expect_eq(sy_io_close(listener), 0);
    return 0;
}

/* Goal: without free numbers accept answers -EMFILE, and takes the connection later. */
START_TEST(test_io_accept_without_free_numbers)
{
    run_tasks(RUN_PROCS[_i], accept_without_numbers, NULL);
}
END_TEST

static int half_close(void *arg)
{
    struct endpoint server = {.length = 0};
    struct waiter reader;
    char byte;
    (void)arg;
    int listener = endpoint_listen(&server, AF_INET, 8);
    int client = endpoint_connect(&server);
    int accepted = sy_accept(listener, NULL, NULL);
    blocked_begin();
    waiter_read(&reader, accepted, SY_FOREVER);
    blocked_await_io(1);
    expect_eq(shutdown(client, SHUT_WR), 0);
    waiter_join(&reader, 0);
    expect_eq(sy_write(accepted, "still", 5), 5);
    drain(client, 5);
    blocked_begin();
    waiter_read(&reader, client, SY_FOREVER);
    blocked_await_io(1);
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    expect_eq(setsockopt(accepted, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
    expect_eq(sy_io_close(accepted), 0); /* resets the connection */
    waiter_join(&reader, -ECONNRESET);
    expect_eq(sy_write(client, "x", 1), -EPIPE);
    expect_eq(sy_read(client, &byte, 1), 0);
    close_both((int[]){client, listener});
    return 0;
}

/* Goal: a reader that waits sees the end of one direction, and a reset. */
START_TEST(test_io_half_close_and_reset)
{
    run_tasks(RUN_PROCS[_i], half_close, NULL);
}
END_TEST

Suite *suite_net(void)
{
    Suite *suite = suite_create("net");
    TCase *tests = tcase_create("net");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_io_connect_and_accept, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_accept_stores_addresses, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_connect_is_refused, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_listen_errors, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_accept_deadline, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_several_tasks_accept, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_connect_deadline, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_accept_without_free_numbers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_io_half_close_and_reset, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}

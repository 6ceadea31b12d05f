/* Goal: io.http answers what is HTTP/1.1 and refuses what is not, whatever the pieces in which a
 * request arrives, and never goes on with a connection that it cannot trust any more.
 * Method: a worker serves; each row's request is sent with a good one behind it, and the statuses
 * of all answers until the server closes are compared: so a row shows also whether the connection
 * lives on. Once the bytes are sent at once, and once one by one (long ones in some hundred pieces,
 * for a server that has refused does not listen for ever).
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker.h"

#define TEXT_BYTES 32768
#define LONG_BYTES 9000 /* more than headers may have */
#define PIECES_MAX 500
#define LAST "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static const char *const workers[] = {WORKER_GREEN, WORKER_PTHREAD};

static const struct row {
    const char *request;  /* '@' stands for LONG_BYTES times x, '#' for 200 times */
    const char *statuses; /* of all answers; the last 200 is that to LAST */
    const char *words;    /* must be in the answers */
} rows[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "200 200", "\r\n\r\nHello, World!HTTP/1.1 200"},
    {"GET /?a=b HTTP/1.1\r\nhOsT:\r\n\r\n", "200 200", "Hello"},
    {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "200 200", "Hello"},
    {"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "200 200", "Content-Length: 13\r\n\r\nHTTP/1.1 200"},
    {"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "404 200", "\r\n\r\nNot Found"},
    {"GET /# HTTP/1.1\r\nHost: a\r\n\r\n", "404 200", "Not Found"},
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "200 200 200", "Hello"},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "200 200", "Hello"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: #\r\n\r\n", "200 200", "Hello"},
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "200 200", "Connection: keep-alive\r\n"},
    {"GET / HTTP/1.0\r\n\r\n", "200", "Connection: close\r\n"},
    {LAST, "200", "Connection: close\r\n"},
    {"GET / HTTP/1.1\r\n\r\n", "400", "Connection: close\r\n"},
    {"GET / HTTP/1.1\r\nHos: a\r\nHostt: a\r\n\r\n", "400", "Bad Request"},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400", "Bad Request"},
    {"\x16\x03\x01\x02\x01\x01", "400", "Bad Request"},
    {"hello\r\n\r\n", "400", "Bad Request"},
    {"GET / HTTP/1.1\r\nHost a\r\n\r\n", "400", "Bad Request"},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400", "Bad"},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "413", "Payload Too Large"},
    {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "413",
     ""},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "405", "Allow: GET, HEAD\r\n"},
    {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "405", "Method Not Allowed"},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505", "HTTP Version Not Supported"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: @\r\n\r\n", "431", "Request Header Fields Too Large"},
    {"GET /@ HTTP/1.1\r\nHost: a\r\n\r\n", "431", "Request Header Fields Too Large"},
};

#define ROWS ((int)(sizeof rows / sizeof *rows))

struct server {
    pid_t pid;
    uint16_t port;
};

/* It says on the first line of stderr: http://127.0.0.1:PORT/ for ... */
static uint16_t read_port(int errors)
{
    char line[128] = "";
    unsigned port = 0;
    for (size_t i = 0; i < sizeof line - 1 && strchr(line, '\n') == NULL; i++) {
        ck_assert_int_eq(read(errors, &line[i], 1), 1);
    }
    ck_assert_msg(sscanf(line, "http://127.0.0.1:%u/", &port) == 1, "%s", line);
    return (uint16_t)port;
}

/* Serves until it is killed. */
static struct server start_server(const char *worker)
{
    struct server server = {0};
    int errors[2];
    char path[512];
    char *arguments[] = {
        path, strdup("--workload"), strdup("io.http"), strdup("--param"), strdup("serve=3600"),
        NULL};
    posix_spawn_file_actions_t actions;
    snprintf(path, sizeof path, "%s/%s", SWITCHYARD_BIN, worker);
    ck_assert_int_eq(pipe(errors), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, errors[0]);
    ck_assert_int_eq(posix_spawn(&server.pid, path, &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(errors[1]);
    server.port = read_port(errors[0]);
    for (int i = 1; arguments[i] != NULL; i++) {
        free(arguments[i]);
    }
    return server;
}

static void stop_server(const struct server *server)
{
    kill(server->pid, SIGKILL);
    ck_assert_int_eq(waitpid(server->pid, NULL, 0), server->pid);
}

static int connect_to(const struct server *server)
{
    const int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(server->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

/* The row's request and LAST, with the stand-ins put in. */
static size_t write_out(const struct row *row, char *text)
{
    size_t bytes = 0;
    const char *parts[] = {row->request, LAST};
    for (size_t i = 0; i < 2; i++) {
        for (const char *c = parts[i]; *c != '\0'; c++) {
            size_t times = *c == '@' ? LONG_BYTES : *c == '#' ? 200 : 1;
            memset(text + bytes, times == 1 ? *c : 'x', times);
            bytes += times;
        }
    }
    ck_assert_uint_lt(bytes, TEXT_BYTES);
    return bytes;
}

/* Sends it, in pieces of so many bytes; the server may close meanwhile. Reads all answers. */
static void ask(const struct server *server, const char *text, size_t bytes, size_t piece,
                char *answers)
{
    int fd = connect_to(server);
    for (size_t done = 0; done < bytes; done += piece) {
        size_t rest = bytes - done < piece ? bytes - done : piece;
        if (send(fd, text + done, rest, MSG_NOSIGNAL) < 0) {
            break;
        }
    }
    shutdown(fd, SHUT_WR);
    size_t got = 0;
    ssize_t count = 0;
    while ((count = recv(fd, answers + got, TEXT_BYTES - 1 - got, 0)) > 0) {
        got += (size_t)count;
    }
    ck_assert_msg(count == 0, "the end is no end, but an error");
    answers[got] = '\0';
    close(fd);
}

static void assert_answers(const struct row *row, const char *answers)
{
    char statuses[64] = "";
    for (const char *at = answers; (at = strstr(at, "HTTP/1.1 ")) != NULL; at++) {
        size_t used = strlen(statuses);
        ck_assert_uint_lt(used, sizeof statuses - 5);
        snprintf(statuses + used, sizeof statuses - used, "%s%.3s", used > 0 ? " " : "", at + 9);
    }
    ck_assert_msg(strcmp(statuses, row->statuses) == 0, "%s: not %s but %s: %s", row->request,
                  row->statuses, statuses, answers);
    ck_assert_msg(strstr(answers, row->words) != NULL, "%s: %s", row->request, answers);
}

START_TEST(test_each_request_gets_its_answer)
{
    const struct server server = start_server(workers[_i]);
    char *text = malloc(TEXT_BYTES);
    char *answers = malloc(TEXT_BYTES);
    for (int i = 0; i < ROWS; i++) {
        size_t bytes = write_out(&rows[i], text);
        ask(&server, text, bytes, bytes, answers);
        assert_answers(&rows[i], answers);
        ask(&server, text, bytes, bytes / PIECES_MAX + 1, answers);
        assert_answers(&rows[i], answers);
    }
    stop_server(&server);
    free(text);
    free(answers);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http");
    TCase *tests = tcase_create("http");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_each_request_gets_its_answer, 0, 2);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

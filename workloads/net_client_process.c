/* net_client_process.c - see net_client_process.h. */
#include "net_client_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUCKETS_AT_ONCE 256 /* of the histogram: 4 KiB of a task's stack */
#define OWN_DESCRIPTORS 64  /* that a process needs besides those of its connections */

/* What sy_blocking gives to posix_spawn. */
struct start {
    char words[NET_WORDS_BYTES];
    int control; /* the child's stdin */
    int reports; /* the child's stdout */
    pid_t pid;
    int status;
};

/* The child starts with no signal blocked or ignored, whatever the runtime did about them. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(attributes, &signals);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static void *spawn(void *arg)
{
    struct start *start = arg;
    char option[] = NET_CLIENT_OPTION;
    char *arguments[] = {program_invocation_name, option, start->words, NULL};
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    set_signals(&attributes);
    posix_spawn_file_actions_adddup2(&actions, start->control, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, start->reports, STDOUT_FILENO);
    start->status =
        -posix_spawn(&start->pid, "/proc/self/exe", &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return NULL;
}

/* All ends are close-on-exec: else the child would hold the end of its own control pipe, and would
 * never see it close. Not inlined: errno belongs to a thread, and the caller may go on in another
 * one after it has switched. */
static __attribute__((noinline)) int make_pipes(int control[2], int reports[2])
{
    return pipe2(control, O_CLOEXEC) < 0 || pipe2(reports, O_CLOEXEC) < 0 ? -errno : 0;
}

static int start_process(struct net_client *client, const struct net_load *load)
{
    struct start start = {.control = -1, .reports = -1};
    int control[2] = {-1, -1};
    int reports[2] = {-1, -1};
    net_client_words(load, start.words);
    start.status = make_pipes(control, reports);
    if (start.status == 0) {
        start.control = control[0];
        start.reports = reports[1];
        sy_blocking(spawn, &start);
    }
    *client = (struct net_client){.control = control[1], .reports = reports[0], .pid = -1};
    if (start.status == 0) {
        client->pid = start.pid;
    }
    close(control[0]);
    close(reports[1]);
    return start.status;
}

static int fail(struct net_client *client, int error, const char *what)
{
    snprintf(client->reason, sizeof client->reason, "%s: %s", what, strerrorname_np(-error));
    return error;
}

static int read_all(struct net_client *client, void *data, size_t bytes)
{
    char *next = data;
    while (bytes > 0) {
        ssize_t count = sy_read(client->reports, next, bytes);
        if (count <= 0) {
            return fail(client, count < 0 ? (int)count : -EPIPE,
                        "the load generator ended without a report");
        }
        next += count;
        bytes -= (size_t)count;
    }
    return 0;
}

static int read_report(struct net_client *client, struct net_report *report)
{
    int status = read_all(client, report, sizeof *report);
    if (status == 0 && report->error < 0) {
        memcpy(client->reason, report->reason, sizeof client->reason);
        return report->error;
    }
    return status;
}

int net_client_start(struct net_client *client, const struct net_load *load)
{
    struct net_report report = {0};
    int status = start_process(client, load);
    if (status < 0) {
        return fail(client, status, "the load generator did not start");
    }
    return read_report(client, &report);
}

static void record_bucket(struct trial *trial, const char *latency, const struct net_bucket *bucket)
{
    for (uint64_t i = 0; i < bucket->count; i++) {
        trial_latency(trial, latency, bucket->lowest_ns);
    }
}

static int record_latencies(struct net_client *client, struct trial *trial, const char *latency,
                            uint32_t buckets)
{
    struct net_bucket some[BUCKETS_AT_ONCE];
    while (buckets > 0) {
        uint32_t count = buckets < BUCKETS_AT_ONCE ? buckets : BUCKETS_AT_ONCE;
        int status = read_all(client, some, count * sizeof *some);
        if (status < 0) {
            return status;
        }
        for (uint32_t i = 0; i < count; i++) {
            record_bucket(trial, latency, &some[i]);
        }
        buckets -= count;
    }
    return 0;
}

int net_client_measure(struct net_client *client, struct trial *trial, const char *latency,
                       struct net_report *report)
{
    ssize_t count = sy_write(client->control, "g", 1);
    if (count < 0) {
        return fail(client, (int)count, "the load generator is gone");
    }
    int status = read_report(client, report);
    return status < 0 ? status : record_latencies(client, trial, latency, report->buckets);
}

static void *reap(void *arg)
{
    struct net_client *client = arg;
    while (waitpid(client->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    return NULL;
}

void net_client_end(struct net_client *client)
{
    sy_io_close(client->control); /* its end ends the process */
    sy_io_close(client->reports);
    if (client->pid > 0) {
        sy_blocking(reap, client);
    }
}

int net_client_descriptors(struct trial *trial, uint64_t connections)
{
    struct rlimit limit = {0};
    uint64_t needed = connections + OWN_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < needed) {
        return trial_fail(trial, -EMFILE,
                          "%llu connections need %llu descriptors, and the hard limit is %llu "
                          "(ulimit -Hn)",
                          (unsigned long long)connections, (unsigned long long)needed,
                          (unsigned long long)limit.rlim_cur);
    }
    return 0;
}

/* net_client_main.c - the load generator as a process: its command line, and the CPUs it runs on.
 */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net_client.h"

void net_client_words(const struct net_load *load, char words[NET_WORDS_BYTES])
{
    snprintf(words, NET_WORDS_BYTES, "%d:%u:%u:%u:%llu", (int)load->protocol, load->port,
             load->connections, load->bytes, (unsigned long long)load->requests);
}

static int parse_words(const char *words, struct net_load *load)
{
    unsigned protocol = 0;
    unsigned port = 0;
    unsigned long long requests = 0;
    int end = 0;
    int fields = sscanf(words, "%u:%u:%u:%u:%llu%n", &protocol, &port, &load->connections,
                        &load->bytes, &requests, &end);
    load->protocol = (enum net_protocol)protocol;
    load->port = (uint16_t)port;
    load->requests = requests;
    load->patience_ms = NET_PATIENCE_MS;
    bool right = fields == 5 && words[end] == '\0' && protocol <= NET_HTTP && port <= UINT16_MAX &&
                 load->connections > 0 && load->bytes >= NET_BYTES_MIN &&
                 load->bytes <= NET_BYTES_MAX;
    return right ? 0 : -1;
}

/* Where the worker is pinned to some CPUs, its servers are measured there; so this process takes
 * the others. If there are none (the kernel then refuses), it shares the worker's. */
static void leave_the_parents_cpus(void)
{
    cpu_set_t parents;
    cpu_set_t others;
    if (sched_getaffinity(getppid(), sizeof parents, &parents) < 0) {
        return;
    }
    CPU_ZERO(&others);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &parents)) {
            CPU_SET(cpu, &others);
        }
    }
    if (sched_setaffinity(0, sizeof others, &others) < 0) {
        (void)sched_setaffinity(0, sizeof parents, &parents);
    }
}

int net_client_main(const char *words)
{
    struct net_load load = {0};
    if (parse_words(words, &load) < 0) {
        fprintf(stderr, "%s: '%s' is not what the worker writes\n", NET_CLIENT_OPTION, words);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* the worker may be gone when the last report is written */
    leave_the_parents_cpus();
    return net_client_run(&load, STDIN_FILENO, STDOUT_FILENO) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

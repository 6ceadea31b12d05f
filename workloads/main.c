/* main.c - the worker: one trial of one workload on the runtime that is linked in, as one JSON
 * object on stdout. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net_client.h"
#include "options.h"
#include "output.h"
#include "tracing.h"

/* The first task. */
static int run_workload(void *arg)
{
    struct trial *trial = arg;
    int status = trial->workload->run(trial);
    if (status < 0 && trial->error == 0) {
        trial_fail(trial, status, "the workload failed without a reason");
    }
    sy_stats_read(&trial->counters);
    tracing_write(trial);
    return 0;
}

static void run_trial(struct trial *trial)
{
    if (trial->workload->configure != NULL) {
        trial->workload->configure(trial, &trial->config);
    }
    int status = sy_run(&trial->config, run_workload, trial);
    if (status < 0) {
        trial_fail(trial, status, "the runtime did not start: %s", strerror(-status));
    }
}

/* A workload that only the green runtime can do. */
static bool skip(struct trial *trial)
{
    bool skipped = trial->workload->green_only && strcmp(sy_backend(), "green") != 0;
    if (skipped) {
        snprintf(trial->reason, sizeof trial->reason, "%s exists only in the green runtime",
                 trial->workload->name);
    }
    return skipped;
}

static int finish(int status)
{
    if (status < 0) {
        fprintf(stderr, "%s: cannot print the result: %s\n", program_invocation_short_name,
                strerror(-status));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static struct trial trial;
    struct rusage before;
    struct rusage after;
    if (argc == 3 && strcmp(argv[1], NET_CLIENT_OPTION) == 0) {
        return net_client_main(argv[2]); /* not for people: a worker starts itself again */
    }
    if (options_parse(argc, argv, &trial)) {
        return finish(output_list());
    }
    getrusage(RUSAGE_SELF, &before);
    bool skipped = skip(&trial);
    if (!skipped) {
        run_trial(&trial);
    }
    getrusage(RUSAGE_SELF, &after);
    int status = finish(output_trial(&trial, skipped, &before, &after));
    trial_release(&trial);
    return status;
}

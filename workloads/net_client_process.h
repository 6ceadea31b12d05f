/* net_client_process.h - the worker's side of the load generator: starts it, tells it to go, takes
 * its report. For the workload's first task; all may switch.
 */
#ifndef SWITCHYARD_NET_CLIENT_PROCESS_H
#define SWITCHYARD_NET_CLIENT_PROCESS_H

#include "net_client.h"
#include "trial.h"

struct net_client {
    int pid;
    int control; /* written to */
    int reports; /* read from */
    char reason[NET_REASON_BYTES];
};

/* What fails leaves a reason and does not fail the trial itself: the server may have a better one.
 */

/* Starts one and waits until all its connections are open and each has had one answer. Returns 0
 * or a negative errno; net_client_end is due in either case. */
int net_client_start(struct net_client *client, const struct net_load *load);

/* Lets it send its requests, records their latencies under the metric's name, and stores the
 * report. Returns 0 or a negative errno. */
int net_client_measure(struct net_client *client, struct trial *trial, const char *latency,
                       struct net_report *report);

/* Ends the process, if it has not ended, and waits for it: its connections are closed then. */
void net_client_end(struct net_client *client);

/* Allows this process and its children as many descriptors as the system lets them have. Returns
 * 0 if these are enough for that many connections, or what trial_fail returned. */
int net_client_descriptors(struct trial *trial, uint64_t connections);

#endif

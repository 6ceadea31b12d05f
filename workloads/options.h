/* options.h - the worker's command line (docs/protocol.md). */
#ifndef SWITCHYARD_WORKER_OPTIONS_H
#define SWITCHYARD_WORKER_OPTIONS_H

#include <stdbool.h>

#include "trial_state.h"

#define EXIT_USAGE 2

/* Parses the command line into the trial: workload, parameters, epochs, runtime configuration.
 * Returns true if only the list of workloads is asked for. On any mistake it writes one line to
 * stderr, which names the nearest valid name, and exits with EXIT_USAGE. */
bool options_parse(int argc, char **argv, struct trial *trial);

#endif

/* trace_options.h - the command line of `switchyard trace`. */
#ifndef SWITCHYARD_HARNESS_TRACE_OPTIONS_H
#define SWITCHYARD_HARNESS_TRACE_OPTIONS_H

#include "options.h"

struct trace_options {
    struct selection selection; /* one workload, number of procs, and value for each parameter */
    const char *tune;           /* of the green back end; NULL: none */
    const char *out;
    size_t rows;  /* workers shown, of each back end */
    size_t parts; /* spans, arrows and marks kept, of each back end */
    int64_t deadline_ns;
    struct worker_paths workers;
};

/* As options_parse_run; without --procs all CPUs are used. */
void trace_options_parse(int argc, char **argv, size_t cpus_count, struct trace_options *options);

void trace_options_destroy(struct trace_options *options);

#endif

/* runner.h - runs one program under watch: deadline, output cap, memory cap. */
#ifndef SWITCHYARD_HARNESS_RUNNER_H
#define SWITCHYARD_HARNESS_RUNNER_H

#include <stddef.h>
#include <stdint.h>

#include "child.h"

/* Output of a worker is well below 1 MiB. */
#define RUNNER_OUTPUT_BYTES ((size_t)16 << 20)
#define RUNNER_COMPLAINT_BYTES 512

struct run_limits {
    int64_t deadline_ns; /* from the start */
    size_t output_bytes; /* on stdout */
    size_t memory_bytes; /* resident; looked at four times a second. 0: no cap */
};

enum run_end {
    RUN_EXITED,      /* code is the exit status */
    RUN_SIGNALLED,   /* code is the signal */
    RUN_TIMEOUT,     /* killed at the deadline */
    RUN_FLOOD,       /* killed for printing too much */
    RUN_OOM,         /* killed for want of memory: code is 0 if by us, SIGKILL if by the kernel */
    RUN_INTERRUPTED, /* killed because the user wants to stop */
};

struct run_outcome {
    enum run_end end;
    int code;
    char *output; /* stdout, with a zero behind it */
    size_t output_bytes;
    char complaint[RUNNER_COMPLAINT_BYTES]; /* the last line of stderr, or its "fatal error" line;
                                               printable; "" if there was none */
    int64_t elapsed_ns;
    long long migrations; /* of its main thread to other CPUs; -1: the kernel does not tell */
    long long waited_ns;  /* how long its main thread waited for a CPU; -1 likewise */
};

/* Runs it to its end, whatever that is; nothing of it is left behind. 0 and the outcome, to be
 * ended by run_outcome_destroy, or -errno if it could not be started. */
int runner_run(const struct child_setup *setup, const struct run_limits *limits,
               struct run_outcome *outcome);

void run_outcome_destroy(struct run_outcome *outcome);

#endif

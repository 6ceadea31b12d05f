/* exact.h - what an operation of the runtime costs in counts: the same on a busy machine.
 *
 * Layer A of the gate. Each count is the difference of two runs of the same process with few and
 * with many operations, divided by the operations between, so that start and end are not in it.
 */
#ifndef SWITCHYARD_HARNESS_EXACT_H
#define SWITCHYARD_HARNESS_EXACT_H

#include "compare.h"
#include "gate_build.h"

enum exact_kind {
    EXACT_INSTRUCTIONS,
    EXACT_SYSTEM_CALLS,
    EXACT_KERNEL_SWITCHES, /* that the process asked for by waiting: ru_nvcsw */
    EXACT_KINDS,
};

/* "instructions" */
const char *exact_name(enum exact_kind kind);

struct exact_counts {
    double of[EXACT_KINDS]; /* for each operation */
};

/* With what is counted. */
struct exact_tools {
    char *valgrind; /* paths */
    char *self;     /* this program, for `switchyard syscalls` */
    char *log;      /* a temporary file */
};

/* -ENOENT: there is no valgrind. -errno; one line in error. */
int exact_tools_find(struct exact_tools *tools, char error[RESULT_ERROR_BYTES]);
void exact_tools_destroy(struct exact_tools *tools);

/* Preemption and give-back tick in time, not in operations, which are long under callgrind: finds
 * out by running it with which words the build's worker lets them be switched off, and which words
 * it does not know because it is older. As gate_build_run answers. */
int exact_words_find(struct gate_build *build, const struct cpus *cpus,
                     char error[RESULT_ERROR_BYTES]);

/* Counts one cell of one build, with the words that were found: six runs. As gate_build_run
 * answers. */
int exact_count(const struct exact_tools *tools, const struct gate_build *build,
                const struct gate_cell *cell, const struct cpus *cpus, struct exact_counts *counts,
                char error[RESULT_ERROR_BYTES]);

/* Regressed or improved by more than 0.2 %, else same. Counts near 0 may differ by a little more:
 * a process that waits once more or less in 10,000 operations is the same. */
enum verdict exact_verdict(enum exact_kind kind, double base, double head);

/* Why counting with these tools is comparable: valgrind's version and libc's, as JSON. */
json_t *exact_tools_json(const struct exact_tools *tools);

#endif

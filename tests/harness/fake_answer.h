/* fake_answer.h - the parts of the answer that a fake worker prints. */
#ifndef SWITCHYARD_TESTS_HARNESS_FAKE_ANSWER_H
#define SWITCHYARD_TESTS_HARNESS_FAKE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

struct request {
    const char *workload;
    int procs;
    int epochs;
    int warmup;
    const char *tune;  /* NULL: none */
    const char *trace; /* file, or NULL */
    long long tasks;
    long long rounds;
};

/* The head names the workload; the tail says how many tasks were run. Between them come the status,
 * with a reason or NULL, and the metrics. */
void print_head(const struct request *request, const char *workload);
void print_status(const char *status, const char *reason);
void print_metrics(const char *samples);
void print_tail(long long tasks);

/* The same, with the length of the shortest epoch. */
void print_tail_counted(long long tasks, long long epoch_ns);

/* Is the variable set that FAKE_UNSET names, if it names one? */
bool has_unwanted(void);

/* With FAKE_MOVES in the environment the process changes its CPU to and fro, which disturbs it. */
void move_about(void);

/* What is measured follows from the padding of the environment, hence from the seed: two runs with
 * the same seed give the same results, and other seeds others. */
size_t padding(void);
void print_padded_metrics(void);

/* The trace is the file BACKEND.txt of the folder that FAKE_TRACES names. */
void write_trace(const struct request *request);

#endif

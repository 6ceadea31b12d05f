/* gate.h - `switchyard gate`: what it was asked, what it found, and how both are told. */
#ifndef SWITCHYARD_HARNESS_GATE_H
#define SWITCHYARD_HARNESS_GATE_H

#include "gate_exact.h"
#include "gate_time.h"

struct gate_options {
    const char *base;     /* folder; NULL with baseline */
    const char *head;     /* folder */
    const char *baseline; /* file; NULL with base */
    const char *only;     /* glob over workloads; NULL: all */
    const char *history;  /* file with past A/A runs; NULL: none */
    const char *out;      /* file for the JSON; NULL: none */
    double inject;        /* 0.05: head is base with a yield that much slower; 0: no */
    double threshold;     /* 0.02 */
    int64_t budget_ns;
    uint64_t seed;
    bool exact; /* which layers */
    bool time;
    bool update; /* write the baseline instead */
    bool json;   /* print JSON */
    bool no_wait;
};

struct gate {
    struct gate_options options;
    struct cpus cpus;
    struct gate_build base;
    struct gate_build head;
    struct exact_layer exact;
    char exact_skipped[RESULT_ERROR_BYTES]; /* why there are no counts; "" if there are */
    struct gate_time time;
    json_t *context;
};

/* Parses the command line; a wrong one ends the program with EXIT_USAGE. */
void gate_options_parse(int argc, char **argv, struct gate_options *options);

/* Counts and judges the rows of gate->exact, or those of the baseline file, or says why not in
 * exact_skipped. -errno and one line in error. */
int gate_count(struct gate *gate, char error[RESULT_ERROR_BYTES]);

/* The number of steps of the delayed worker with which a yield of the build takes `share` longer:
 * from the time of its yield and of the reference loop, which is the same step. -errno. */
int gate_inject_steps(const struct gate_build *build, const struct cpus *cpus, double share,
                      int64_t *steps, char error[RESULT_ERROR_BYTES]);

/* The exit status by both layers' verdicts. */
int gate_status(const struct gate *gate);

void gate_print(FILE *stream, const struct gate *gate);

/* {"schema": "switchyard-gate/1", …}, docs/ci.md. A new object. */
json_t *gate_json(const struct gate *gate);

#endif

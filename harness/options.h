/* options.h - the command lines of `switchyard run`, `list` and `env`. */
#ifndef SWITCHYARD_HARNESS_OPTIONS_H
#define SWITCHYARD_HARNESS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "selection.h"

struct worker_paths {
    const char *green; /* NULL: beside the executable */
    const char *pthread;
};

struct run_options {
    const char *experiment;     /* "quick", "default", or NULL: the selection */
    struct selection selection; /* its backends also restrict an experiment */
    int trials;                 /* 0: the experiment's */
    int epochs;                 /* 0: the experiment's */
    int warmup;
    uint64_t seed;
    const char *out;    /* NULL: not said */
    const char *resume; /* the interrupted run to go on with, or NULL */
    bool planned;       /* something was said that makes the plan or bounds the trials */
    int64_t deadline_ns;
    int64_t memory_bytes; /* cap of a worker; 0: most of what is free */
    int64_t budget_ns;    /* 0: the experiment's; without experiment none */
    const char *wrong;    /* a mistake to make ("all": every one), or NULL (wrong.h) */
    bool dry_run;
    bool json; /* with dry_run */
    bool no_wait;
    bool keep_disturbed; /* reject none */
    bool calibrate;      /* raise the work of short epochs */
    bool with_go;        /* run Go's own benchmarks beside the workloads go.* */
    struct worker_paths workers;
};

struct show_options {
    struct worker_paths workers;
    bool json;
};

/* Each parses a command line. A wrong one ends the program with one clear line and EXIT_USAGE;
 * --help ends it too. The texts point into argv. */
void options_parse_run(int argc, char **argv, struct run_options *options);
/* The same for the command line that a results file tells. */
void options_parse_recorded_run(int argc, char **argv, struct run_options *options);
void options_parse_list(int argc, char **argv, struct show_options *options);
void options_parse_env(int argc, char **argv, struct show_options *options);

void options_destroy_run(struct run_options *options);

#endif

/* worker.h - runs a worker as the harness would, and keeps what it said. */
#ifndef SWITCHYARD_TESTS_WORKER_H
#define SWITCHYARD_TESTS_WORKER_H

#include <jansson.h>

#define WORKER_GREEN "switchyard-green"
#define WORKER_PTHREAD "switchyard-pthread"
#define WORKER_ARGUMENTS 24

struct worker_run {
    int exit_status; /* -1: it did not exit by itself */
    char *output;    /* stdout and stderr, as strings */
    char *errors;
};

/* Runs bin/<worker> with the arguments of a line, split at blanks, and waits for its end. Fails the
 * test if it cannot be started. */
void worker_run(struct worker_run *run, const char *worker, const char *line);

/* Frees what it said. */
void worker_release(struct worker_run *run);

/* Runs it, asserts exit status 0 and a silent stderr, and returns the one JSON object. */
json_t *worker_json(const char *worker, const char *line);

/* The string at a key, or "" if it is null; fails the test if the key is missing. */
const char *worker_string(const json_t *object, const char *key);

#endif

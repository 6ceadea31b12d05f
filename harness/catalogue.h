/* catalogue.h - what a worker can do: its workloads with their parameters, from its --list. */
#ifndef SWITCHYARD_HARNESS_CATALOGUE_H
#define SWITCHYARD_HARNESS_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result.h"

struct catalogue_param {
    char *name;
    int64_t value; /* the default */
    int64_t min;
    int64_t max;
    char *unit;
    char *help;
};

struct catalogue_workload {
    char *name;
    char *summary;
    bool green_only;
    struct catalogue_param *params;
    size_t params_count;
};

struct catalogue {
    char *backend; /* "green", "pthread" */
    char *worker;  /* path of the program */
    bool partial;  /* has only some of the workloads: who asks for others gets none, and no error */
    struct catalogue_workload *workloads;
    size_t workloads_count;
};

/* Asks the worker. On failure -errno and one line in error; -ENOENT if there is no such program. */
int catalogue_load(const char *backend, const char *worker, struct catalogue *catalogue,
                   char error[RESULT_ERROR_BYTES]);

/* As catalogue_load, from what a worker printed. */
int catalogue_parse(const char *text, size_t bytes, const char *backend, const char *worker,
                    struct catalogue *catalogue, char error[RESULT_ERROR_BYTES]);

void catalogue_destroy(struct catalogue *catalogue);

/* NULL if there is none of that name. */
const struct catalogue_workload *catalogue_find(const struct catalogue *catalogue,
                                                const char *name);
const struct catalogue_param *catalogue_param(const struct catalogue_workload *workload,
                                              const char *name);

#endif

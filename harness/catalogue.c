/* catalogue.c - see catalogue.h. */
#include "catalogue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "json_fields.h"
#include "runner.h"

/* Printing a list takes a worker a few milliseconds. */
#define LIST_DEADLINE_NS 10000000000

static const char worker_schema[] = "switchyard-worker/1";

static void parse_param(struct fields *fields, const json_t *object, struct catalogue_param *param)
{
    param->name = alloc_copy(fields_string(fields, object, "name"));
    param->unit = alloc_copy(fields_string(fields, object, "unit"));
    param->help = alloc_copy(fields_string(fields, object, "help"));
    param->min = fields_integer(fields, object, "min", INT64_MIN, INT64_MAX);
    param->max = fields_integer(fields, object, "max", param->min, INT64_MAX);
    param->value = fields_integer(fields, object, "value", param->min, param->max);
}

static void parse_workload(struct fields *fields, const json_t *object,
                           struct catalogue_workload *workload)
{
    workload->name = alloc_copy(fields_string(fields, object, "name"));
    workload->summary = alloc_copy(fields_string(fields, object, "summary"));
    workload->green_only = fields_boolean(fields, object, "green_only");
    const json_t *params = fields_array(fields, object, "params");
    workload->params = alloc_array(json_array_size(params), sizeof *workload->params);
    for (size_t i = 0; i < json_array_size(params); i++) {
        parse_param(fields, json_array_get(params, i), &workload->params[workload->params_count++]);
    }
}

static void parse_root(struct fields *fields, const json_t *root, const char *backend,
                       struct catalogue *catalogue)
{
    if (strcmp(fields_string(fields, root, "schema"), worker_schema) != 0) {
        fields_fail(fields, "schema", "is not \"%s\"", worker_schema);
    }
    if (strcmp(fields_string(fields, root, "backend"), backend) != 0) {
        fields_fail(fields, "backend", "is not \"%s\"", backend);
    }
    const json_t *workloads = fields_array(fields, root, "workloads");
    catalogue->workloads = alloc_array(json_array_size(workloads), sizeof *catalogue->workloads);
    for (size_t i = 0; i < json_array_size(workloads) && fields_ok(fields); i++) {
        fields_at(fields, "workloads[%zu]", i);
        parse_workload(fields, json_array_get(workloads, i),
                       &catalogue->workloads[catalogue->workloads_count++]);
    }
}

int catalogue_parse(const char *text, size_t bytes, const char *backend, const char *worker,
                    struct catalogue *catalogue, char error[RESULT_ERROR_BYTES])
{
    struct fields fields = {.path = ""};
    json_error_t problem;
    *catalogue = (struct catalogue){.backend = alloc_copy(backend), .worker = alloc_copy(worker)};
    json_t *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        fields_fail(&fields, "output", "line %d column %d: %s", problem.line, problem.column,
                    problem.text);
    } else {
        parse_root(&fields, root, backend, catalogue);
    }
    json_decref(root);
    if (fields_ok(&fields)) {
        return 0;
    }
    snprintf(error, RESULT_ERROR_BYTES, "%.200s --list: %s", worker, fields.error);
    catalogue_destroy(catalogue);
    return -EINVAL;
}

static int check_program(const char *worker, const char *backend, char error[RESULT_ERROR_BYTES])
{
    if (access(worker, X_OK) == 0) {
        return 0;
    }
    int status = -errno;
    snprintf(error, RESULT_ERROR_BYTES, "no %s worker at %.300s (%s); --%s PATH names another",
             backend, worker, strerror(-status), backend);
    return status;
}

int catalogue_load(const char *backend, const char *worker, struct catalogue *catalogue,
                   char error[RESULT_ERROR_BYTES])
{
    char *argv[] = {alloc_copy(worker), alloc_copy("--list"), NULL};
    struct child_setup setup = {.argv = argv};
    struct run_limits limits = {.deadline_ns = LIST_DEADLINE_NS,
                                .output_bytes = RUNNER_OUTPUT_BYTES};
    struct run_outcome outcome = {.end = RUN_EXITED};
    int status = check_program(worker, backend, error);
    if (status == 0) {
        status = runner_run(&setup, &limits, &outcome);
        snprintf(error, RESULT_ERROR_BYTES, "%.200s: %s", worker, strerror(-status));
    }
    if (status == 0 && (outcome.end != RUN_EXITED || outcome.code != 0)) {
        status = outcome.end == RUN_INTERRUPTED ? -EINTR : -EPROTO;
        snprintf(error, RESULT_ERROR_BYTES, "%.200s --list failed: %.200s", worker,
                 outcome.complaint[0] != '\0' ? outcome.complaint : "nothing on stderr");
    }
    if (status == 0) {
        status = catalogue_parse(outcome.output, outcome.output_bytes, backend, worker, catalogue,
                                 error);
    }
    run_outcome_destroy(&outcome);
    free(argv[0]);
    free(argv[1]);
    return status;
}

static void destroy_workload(struct catalogue_workload *workload)
{
    for (size_t i = 0; i < workload->params_count; i++) {
        free(workload->params[i].name);
        free(workload->params[i].unit);
        free(workload->params[i].help);
    }
    free(workload->params);
    free(workload->name);
    free(workload->summary);
}

void catalogue_destroy(struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->workloads_count; i++) {
        destroy_workload(&catalogue->workloads[i]);
    }
    free(catalogue->workloads);
    free(catalogue->backend);
    free(catalogue->worker);
    *catalogue = (struct catalogue){.backend = NULL};
}

const struct catalogue_workload *catalogue_find(const struct catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->workloads_count; i++) {
        if (strcmp(catalogue->workloads[i].name, name) == 0) {
            return &catalogue->workloads[i];
        }
    }
    return NULL;
}

const struct catalogue_param *catalogue_param(const struct catalogue_workload *workload,
                                              const char *name)
{
    for (size_t i = 0; i < workload->params_count; i++) {
        if (strcmp(workload->params[i].name, name) == 0) {
            return &workload->params[i];
        }
    }
    return NULL;
}

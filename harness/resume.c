/* resume.c - see resume.h. */
#include "resume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "compare_machine.h"
#include "fingerprint.h"
#include "json_fields.h"

/* Who measures for longer than a century has another problem. */
#define SPENT_MAX_S 3e9

/* --- What makes a run ------------------------------------------------------------------------ */

static uint64_t add_text(uint64_t mark, const char *text)
{
    /* With its zero, so that "a", "b" is not "ab". */
    return fingerprint_add(mark, text != NULL ? text : "", text != NULL ? strlen(text) + 1 : 1);
}

static uint64_t add_number(uint64_t mark, int64_t number)
{
    return fingerprint_add(mark, &number, sizeof number);
}

static uint64_t add_cell(uint64_t mark, const struct cell *cell)
{
    mark = add_text(mark, cell->workload->name);
    mark = add_text(mark, cell->catalogue->backend);
    mark = add_text(mark, cell->tune);
    mark = add_number(mark, cell->procs);
    mark = add_number(mark, cell->epochs);
    for (size_t i = 0; i < cell->params_count; i++) {
        mark = add_text(mark, cell->params[i].name);
        mark = add_number(mark, cell->params[i].value);
    }
    return mark;
}

static json_t *plan_identity(const struct plan *plan, int warmup)
{
    char text[FINGERPRINT_BYTES];
    uint64_t mark = add_number(FINGERPRINT_EMPTY, warmup);
    for (size_t i = 0; i < plan->steps_count; i++) {
        mark = add_number(mark, plan->steps[i].trial);
        mark = add_cell(mark, &plan->cells[plan->steps[i].cell]);
    }
    fingerprint_text(mark, text);
    return json_pack("{s:I, s:I, s:s}", "trials", (json_int_t)plan->steps_count, "cells",
                     (json_int_t)plan->cells_count, "mark", text);
}

int resume_identify(json_t *context, const struct plan *plan, const struct workers *workers,
                    int warmup, char error[RESULT_ERROR_BYTES])
{
    int status = 0;
    json_t *programs = json_object();
    for (size_t i = 0; i < workers->count && status == 0; i++) {
        char text[FINGERPRINT_BYTES];
        uint64_t mark = FINGERPRINT_EMPTY;
        const struct catalogue *catalogue = &workers->catalogues[i];
        status = fingerprint_file(catalogue->worker, &mark);
        fingerprint_text(mark, text);
        json_object_set_new(programs, catalogue->backend, json_string(text));
        if (status < 0) {
            snprintf(error, RESULT_ERROR_BYTES, "%.300s: %s", catalogue->worker, strerror(-status));
        }
    }
    json_object_set_new(context, "workers", programs);
    json_object_set_new(context, "plan", plan_identity(plan, warmup));
    return status;
}

/* --- The command line ------------------------------------------------------------------------ */

/* The context's command without the program's name, as an argv; NULL if it is none. */
static char **recorded_arguments(const json_t *context, int *argc)
{
    const json_t *command = json_object_get(context, "command");
    size_t count = json_array_size(command);
    if (count < 2) {
        return NULL;
    }
    char **argv = alloc_array(count, sizeof *argv);
    for (size_t i = 1; i < count; i++) {
        const char *word = json_string_value(json_array_get(command, i));
        if (word == NULL) {
            resume_free_arguments(argv);
            return NULL;
        }
        argv[i - 1] = alloc_copy(word);
    }
    *argc = (int)count - 1;
    return argv;
}

void resume_free_arguments(char **argv)
{
    for (size_t i = 0; argv != NULL && argv[i] != NULL; i++) {
        free(argv[i]);
    }
    free(argv);
}

int resume_options(const struct results *before, struct run_options *options, char ***argv,
                   char error[RESULT_ERROR_BYTES])
{
    struct run_options given = *options;
    struct fields fields = {.path = "context"};
    int argc = 0;
    uint64_t seed = (uint64_t)fields_integer(&fields, before->context, "seed", 0, INT64_MAX);
    *argv = recorded_arguments(before->context, &argc);
    if (*argv == NULL) {
        fields_fail(&fields, "command", "is no command line");
    }
    if (!fields_ok(&fields)) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: %.200s", given.resume, fields.error);
        return -EINVAL;
    }
    options_parse_recorded_run(argc, *argv, options);
    if (options->resume != NULL) {
        snprintf(error, RESULT_ERROR_BYTES, "%.300s: context.command: is itself a resumption",
                 given.resume);
        return -EINVAL;
    }
    options->seed = seed;
    options->resume = given.resume;
    options->out = given.out != NULL ? given.out : given.resume;
    options->dry_run = given.dry_run;
    options->json = given.json;
    options->no_wait = given.no_wait;
    options->workers.green =
        given.workers.green != NULL ? given.workers.green : options->workers.green;
    options->workers.pthread =
        given.workers.pthread != NULL ? given.workers.pthread : options->workers.pthread;
    return 0;
}

/* --- The same run? --------------------------------------------------------------------------- */

static int refuse_machine(const json_t *differences, char *error)
{
    const json_t *first = json_array_get(differences, 0);
    size_t others = json_array_size(differences) - 1;
    char *base = json_dumps(json_object_get(first, "base"), JSON_ENCODE_ANY);
    char *head = json_dumps(json_object_get(first, "head"), JSON_ENCODE_ANY);
    snprintf(error, RESULT_ERROR_BYTES,
             "the machine or the build of the harness differs: %.40s was %.120s and is %.120s",
             json_string_value(json_object_get(first, "what")), base != NULL ? base : "?",
             head != NULL ? head : "?");
    if (others > 0) {
        size_t used = strlen(error);
        snprintf(error + used, RESULT_ERROR_BYTES - used, ", and %zu more differ%s", others,
                 others == 1 ? "s" : "");
    }
    free(base);
    free(head);
    return -EINVAL;
}

static int check_machine(const json_t *before, const json_t *now, char *error)
{
    json_t *differences = compare_machines(before, now);
    int status = json_array_size(differences) > 0 ? refuse_machine(differences, error) : 0;
    json_decref(differences);
    return status;
}

static int check_workers(const json_t *before, const json_t *now, char *error)
{
    const char *backend;
    json_t *mark;
    json_object_foreach(json_object_get(now, "workers"), backend, mark)
    {
        if (!json_equal(json_object_get(before, backend), mark)) {
            snprintf(error, RESULT_ERROR_BYTES,
                     "the %s worker is another program than the one that was measured", backend);
            return -EINVAL;
        }
    }
    return 0;
}

static int check_plan(const json_t *before, const json_t *now, char *error)
{
    if (json_equal(before, now)) {
        return 0;
    }
    long long trials = json_integer_value(json_object_get(before, "trials"));
    long long cells = json_integer_value(json_object_get(before, "cells"));
    snprintf(error, RESULT_ERROR_BYTES,
             "its command line now makes another plan: %lld trials of %lld cells then, %lld of "
             "%lld now, or others",
             trials, cells, (long long)json_integer_value(json_object_get(now, "trials")),
             (long long)json_integer_value(json_object_get(now, "cells")));
    return -EINVAL;
}

int resume_check(const struct results *before, const json_t *context,
                 char error[RESULT_ERROR_BYTES])
{
    const json_t *workers = json_object_get(before->context, "workers");
    const json_t *plan = json_object_get(before->context, "plan");
    if (!json_is_object(workers) || !json_is_object(plan)) {
        snprintf(error, RESULT_ERROR_BYTES,
                 "it does not say which plan and workers it is of (an older switchyard wrote it)");
        return -EINVAL;
    }
    int status = check_machine(before->context, context, error);
    if (status == 0) {
        status = check_workers(workers, context, error);
    }
    return status == 0 ? check_plan(plan, json_object_get(context, "plan"), error) : status;
}

json_t *resume_context(const struct results *before, const json_t *context)
{
    json_t *merged = json_copy(before->context);
    json_t *list = json_array();
    const json_t *earlier = json_object_get(merged, "resumed");
    for (size_t i = 0; i < json_array_size(earlier); i++) {
        json_array_append(list, json_array_get(earlier, i));
    }
    json_array_append_new(list,
                          json_pack("{s:O, s:O, s:O}", "time", json_object_get(context, "time"),
                                    "load", json_object_get(context, "load"), "warnings",
                                    json_object_get(context, "warnings")));
    json_object_set_new(merged, "resumed", list);
    return merged;
}

static int64_t seconds_of(const json_t *spent, const char *name)
{
    double seconds = json_number_value(json_object_get(spent, name));
    return seconds >= 0 && seconds < SPENT_MAX_S ? (int64_t)(seconds * 1e9) : 0;
}

struct session_time resume_spent(const struct results *before)
{
    const json_t *spent = json_object_get(before->context, "spent");
    return (struct session_time){.run_ns = seconds_of(spent, "run_s"),
                                 .workers_ns = seconds_of(spent, "workers_s")};
}

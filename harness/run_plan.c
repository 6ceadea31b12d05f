/* run_plan.c - see run_plan.h. */
#include "run_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment.h"

static bool wanted_backend(const struct selection *wanted, const char *backend)
{
    for (size_t i = 0; i < wanted->backends_count; i++) {
        if (strcmp(wanted->backends[i], backend) == 0) {
            return true;
        }
    }
    return wanted->backends_count == 0;
}

/* There is a worker of Go only where it was asked for and could be built. */
static void add_go(const struct workers *workers, struct selection *selection)
{
    for (size_t i = 0; i < workers->count; i++) {
        if (strcmp(workers->catalogues[i].backend, "go") == 0) {
            selection_add_backends(selection, "go");
        }
    }
}

/* What the command line says beside the experiment's name holds for each of its selections. */
static void adjust_selection(const struct run_options *options, const struct workers *workers,
                             struct selection *selection)
{
    size_t kept = 0;
    for (size_t i = 0; i < selection->backends_count; i++) {
        if (wanted_backend(&options->selection, selection->backends[i])) {
            selection->backends[kept++] = selection->backends[i];
        } else {
            free(selection->backends[i]);
        }
    }
    selection->backends_count = kept;
    add_go(workers, selection);
    if (options->trials > 0) {
        selection->trials = options->trials;
    }
    if (options->epochs > 0) {
        selection->epochs = options->epochs;
    }
}

static int plan_experiment(const struct run_options *options, const struct cpus *cpus,
                           const struct workers *workers, struct plan *plan, char *error)
{
    size_t count = 0;
    struct selection *selections =
        experiment_selections(experiment_find(options->experiment), cpus->count, &count);
    for (size_t i = 0; i < count; i++) {
        adjust_selection(options, workers, &selections[i]);
    }
    int status = plan_build(selections, count, workers->catalogues, workers->count, options->seed,
                            plan, error);
    for (size_t i = 0; i < count; i++) {
        selection_destroy(&selections[i]);
    }
    free(selections);
    return status;
}

static int plan_selection(struct run_options *options, const struct cpus *cpus,
                          const struct workers *workers, struct plan *plan, char *error)
{
    struct selection *selection = &options->selection;
    for (size_t i = 0; i < selection->procs_count; i++) {
        if ((size_t)selection->procs[i] > cpus->count) {
            snprintf(error, RESULT_ERROR_BYTES, "--procs %d: only %zu CPUs may be used",
                     selection->procs[i], cpus->count);
            return -EINVAL;
        }
    }
    if (selection->backends_count == 0) {
        selection_add_backends(selection, "green,pthread");
    }
    add_go(workers, selection);
    int status =
        plan_build(selection, 1, workers->catalogues, workers->count, options->seed, plan, error);
    for (size_t i = 0; i < plan->cells_count && status == 0; i++) {
        struct cell *cell = &plan->cells[i];
        cell->estimate_ns =
            experiment_estimate_ns(cell->workload->name, cell->epochs, cell->estimate_ns);
    }
    return status;
}

int run_plan(struct run_options *options, const struct cpus *cpus, const struct workers *workers,
             struct plan *plan, char *error)
{
    return options->experiment != NULL ? plan_experiment(options, cpus, workers, plan, error)
                                       : plan_selection(options, cpus, workers, plan, error);
}

int64_t run_budget_ns(const struct run_options *options)
{
    bool fixed = options->experiment != NULL && options->budget_ns <= 0;
    return fixed ? experiment_find(options->experiment)->budget_ns : options->budget_ns;
}

/* plan.c - see plan.h. First the cells (what), then the steps (in which order). */
#include "plan.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "near.h"
#include "result_parts.h"
#include "rng.h"

/* --- Cells ----------------------------------------------------------------------------------- */

/* The work of plan_build: fills plan from one selection after the other. */
struct planner {
    const struct catalogue *catalogues;
    size_t catalogues_count;
    struct plan *plan;
    char *error;
};

static bool selection_matches(const struct selection *selection, const char *name)
{
    for (size_t i = 0; i < selection->globs_count; i++) {
        if (fnmatch(selection->globs[i], name, 0) == 0) {
            return true;
        }
    }
    return false;
}

static const struct catalogue *find_catalogue(const struct planner *planner, const char *backend)
{
    for (size_t i = 0; i < planner->catalogues_count; i++) {
        if (strcmp(planner->catalogues[i].backend, backend) == 0) {
            return &planner->catalogues[i];
        }
    }
    snprintf(planner->error, RESULT_ERROR_BYTES, "unknown back end \"%.100s\"", backend);
    return NULL;
}

static bool same_unit(const struct cell *a, const struct cell *b)
{
    if (strcmp(a->workload->name, b->workload->name) != 0 || a->procs != b->procs ||
        !text_same(a->tune, b->tune) || a->params_count != b->params_count) {
        return false;
    }
    for (size_t i = 0; i < a->params_count; i++) {
        if (a->params[i].value != b->params[i].value) {
            return false;
        }
    }
    return true;
}

/* Adds the cell to the plan, or to the one that is there already. */
static void add_cell(struct plan *plan, const struct cell *cell)
{
    size_t unit = plan->units;
    for (size_t i = 0; i < plan->cells_count; i++) {
        struct cell *other = &plan->cells[i];
        if (!same_unit(other, cell)) {
            continue;
        }
        unit = other->unit;
        if (other->catalogue == cell->catalogue) {
            other->trials = cell->trials > other->trials ? cell->trials : other->trials;
            return;
        }
    }
    plan->units += unit == plan->units;
    plan->cells = alloc_append(plan->cells, plan->cells_count, sizeof *plan->cells);
    plan->cells[plan->cells_count] = *cell;
    plan->cells[plan->cells_count].tune = alloc_copy(cell->tune);
    plan->cells[plan->cells_count].params = params_copy(cell->params, cell->params_count);
    plan->cells[plan->cells_count++].unit = unit;
}

static const struct sweep *find_sweep(const struct selection *selection, const char *name)
{
    for (size_t i = 0; i < selection->sweeps_count; i++) {
        if (strcmp(selection->sweeps[i].name, name) == 0) {
            return &selection->sweeps[i];
        }
    }
    return NULL;
}

/* Adds one cell for every combination of values from parameter `from` on. */
static void add_combinations(struct plan *plan, const struct selection *selection,
                             struct cell *cell, size_t from)
{
    if (from == cell->params_count) {
        add_cell(plan, cell);
        return;
    }
    const struct sweep *sweep = find_sweep(selection, cell->params[from].name);
    if (sweep == NULL) {
        add_combinations(plan, selection, cell, from + 1);
        return;
    }
    for (size_t i = 0; i < sweep->values_count; i++) {
        cell->params[from].value = sweep->values[i];
        add_combinations(plan, selection, cell, from + 1);
    }
}

/* All numbers of procs and values of parameters, with the cell's setting. */
static void add_procs(struct plan *plan, const struct selection *selection, struct cell *cell)
{
    for (size_t i = 0; i < selection->procs_count; i++) {
        cell->procs = selection->procs[i];
        for (size_t k = 0; k < cell->params_count; k++) {
            cell->params[k].value = cell->workload->params[k].value;
        }
        add_combinations(plan, selection, cell, 0);
    }
}

/* Only the green runtime has settings. */
static bool may_tune(const struct catalogue *catalogue)
{
    return strcmp(catalogue->backend, "green") == 0;
}

static void add_workload(struct plan *plan, const struct selection *selection,
                         const struct catalogue *catalogue,
                         const struct catalogue_workload *workload)
{
    struct cell cell = {.catalogue = catalogue,
                        .workload = workload,
                        .params = alloc_array(workload->params_count, sizeof *cell.params),
                        .params_count = workload->params_count,
                        .trials = selection->trials,
                        .epochs = selection->epochs,
                        .estimate_ns = selection->estimate_ns};
    for (size_t i = 0; i < workload->params_count; i++) {
        cell.params[i].name = workload->params[i].name;
    }
    if (selection->tunes_count == 0) {
        add_procs(plan, selection, &cell);
    }
    for (size_t i = 0; i < selection->tunes_count; i++) {
        cell.tune = selection->tunes[i];
        if (cell.tune == NULL || may_tune(catalogue)) {
            add_procs(plan, selection, &cell);
        }
    }
    free(cell.params);
}

static int check_values(const struct planner *planner, const struct catalogue_workload *workload,
                        const struct sweep *sweep)
{
    const struct catalogue_param *param = catalogue_param(workload, sweep->name);
    for (size_t i = 0; param != NULL && i < sweep->values_count; i++) {
        if (sweep->values[i] < param->min || sweep->values[i] > param->max) {
            snprintf(planner->error, RESULT_ERROR_BYTES,
                     "%.100s: %.60s=%lld is not in %lld ... %lld", workload->name, param->name,
                     (long long)sweep->values[i], (long long)param->min, (long long)param->max);
            return -EINVAL;
        }
    }
    return 0;
}

/* Every value that will be used must be within its limits. */
static int check_workload(const struct planner *planner, const struct selection *selection,
                          const struct catalogue_workload *workload)
{
    int status = 0;
    for (size_t i = 0; i < selection->sweeps_count && status == 0; i++) {
        status = check_values(planner, workload, &selection->sweeps[i]);
    }
    return status;
}

static int refuse_workload(const struct planner *planner, const struct catalogue *catalogue,
                           const char *name)
{
    char hint[NEAR_BYTES];
    struct near near = near_begin(name);
    for (size_t i = 0; i < catalogue->workloads_count; i++) {
        near_offer(&near, catalogue->workloads[i].name);
    }
    snprintf(planner->error, RESULT_ERROR_BYTES, "no workload of %.60s matches \"%.100s\"%s%s",
             catalogue->backend, name, near_hint(&near, "", hint),
             near.found == NULL ? "; see switchyard list" : "");
    return -EINVAL;
}

static int refuse_param(const struct planner *planner, const struct selection *selection,
                        const struct catalogue *catalogue, const char *name)
{
    char hint[NEAR_BYTES];
    struct near near = near_begin(name);
    for (size_t i = 0; i < catalogue->workloads_count; i++) {
        const struct catalogue_workload *workload = &catalogue->workloads[i];
        bool selected = selection_matches(selection, workload->name);
        for (size_t k = 0; k < workload->params_count && selected; k++) {
            near_offer(&near, workload->params[k].name);
        }
    }
    snprintf(planner->error, RESULT_ERROR_BYTES,
             "unknown parameter \"%.100s\": no selected workload has it%s", name,
             near_hint(&near, "", hint));
    return -EINVAL;
}

/* Every pattern must match a workload of the back end. */
static int check_globs(const struct planner *planner, const struct selection *selection,
                       const struct catalogue *catalogue)
{
    for (size_t i = 0; i < selection->globs_count; i++) {
        bool found = false;
        for (size_t k = 0; k < catalogue->workloads_count && !found; k++) {
            found = fnmatch(selection->globs[i], catalogue->workloads[k].name, 0) == 0;
        }
        if (!found) {
            return refuse_workload(planner, catalogue, selection->globs[i]);
        }
    }
    return 0;
}

/* Every parameter must be one of a matching workload. */
static int check_names(const struct planner *planner, const struct selection *selection,
                       const struct catalogue *catalogue)
{
    for (size_t i = 0; i < selection->sweeps_count; i++) {
        bool found = false;
        for (size_t k = 0; k < catalogue->workloads_count && !found; k++) {
            const struct catalogue_workload *workload = &catalogue->workloads[k];
            found = selection_matches(selection, workload->name) &&
                    catalogue_param(workload, selection->sweeps[i].name) != NULL;
        }
        if (!found) {
            return refuse_param(planner, selection, catalogue, selection->sweeps[i].name);
        }
    }
    return 0;
}

static int add_backend(struct planner *planner, const struct selection *selection,
                       const char *backend)
{
    const struct catalogue *catalogue = find_catalogue(planner, backend);
    if (catalogue == NULL) {
        return -EINVAL;
    }
    int status = catalogue->partial ? 0 : check_globs(planner, selection, catalogue);
    if (status == 0 && !catalogue->partial) {
        status = check_names(planner, selection, catalogue);
    }
    for (size_t i = 0; i < catalogue->workloads_count && status == 0; i++) {
        const struct catalogue_workload *workload = &catalogue->workloads[i];
        if (selection_matches(selection, workload->name)) {
            status = check_workload(planner, selection, workload);
            if (status == 0) {
                add_workload(planner->plan, selection, catalogue, workload);
            }
        }
    }
    return status;
}

/* --- Steps ----------------------------------------------------------------------------------- */

/* Fisher and Yates. */
static void shuffle(size_t *items, size_t count, struct rng *rng)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = rng_below(rng, (uint32_t)i);
        size_t item = items[i - 1];
        items[i - 1] = items[other];
        items[other] = item;
    }
}

static void reverse(size_t *items, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        size_t item = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = item;
    }
}

static size_t *numbers_up_to(size_t count)
{
    size_t *numbers = alloc_array(count, sizeof *numbers);
    for (size_t i = 0; i < count; i++) {
        numbers[i] = i;
    }
    return numbers;
}

/* Appends a trial of the unit's cells, in the order in which they stand in cell_order. */
static void add_unit_steps(struct plan *plan, const size_t *cell_order, size_t unit, int block)
{
    for (size_t i = 0; i < plan->cells_count; i++) {
        const struct cell *cell = &plan->cells[cell_order[i]];
        if (cell->unit == unit && block < cell->trials) {
            plan->steps[plan->steps_count++] = (struct step){cell_order[i], block};
        }
    }
}

static int longest(const struct plan *plan)
{
    int blocks = 0;
    for (size_t i = 0; i < plan->cells_count; i++) {
        blocks = plan->cells[i].trials > blocks ? plan->cells[i].trials : blocks;
    }
    return blocks;
}

static void order_steps(struct plan *plan, uint64_t seed)
{
    struct rng rng = {seed};
    size_t *unit_order = numbers_up_to(plan->units);
    size_t *cell_order = numbers_up_to(plan->cells_count);
    size_t total = 0;
    for (size_t i = 0; i < plan->cells_count; i++) {
        total += (size_t)plan->cells[i].trials;
    }
    plan->steps = alloc_array(total, sizeof *plan->steps);
    for (int block = 0; block < longest(plan); block++) {
        shuffle(unit_order, plan->units, &rng);
        if (block % 2 == 0) {
            shuffle(cell_order, plan->cells_count, &rng);
        } else {
            reverse(cell_order, plan->cells_count);
        }
        for (size_t i = 0; i < plan->units; i++) {
            add_unit_steps(plan, cell_order, unit_order[i], block);
        }
    }
    free(unit_order);
    free(cell_order);
}

int plan_build(const struct selection *selections, size_t selections_count,
               const struct catalogue *catalogues, size_t catalogues_count, uint64_t seed,
               struct plan *plan, char error[RESULT_ERROR_BYTES])
{
    struct planner planner = {catalogues, catalogues_count, plan, error};
    int status = 0;
    *plan = (struct plan){.cells = NULL};
    for (size_t i = 0; i < selections_count; i++) {
        for (size_t k = 0; k < selections[i].backends_count && status == 0; k++) {
            status = add_backend(&planner, &selections[i], selections[i].backends[k]);
        }
    }
    if (status < 0) {
        plan_destroy(plan);
        return status;
    }
    if (plan->cells_count == 0) {
        snprintf(error, RESULT_ERROR_BYTES, "nothing to run: only the green runtime can be tuned");
        return -EINVAL;
    }
    order_steps(plan, seed);
    return 0;
}

/* --- Time ------------------------------------------------------------------------------------ */

int64_t plan_estimate_ns(const struct plan *plan, size_t first)
{
    int64_t total = 0;
    for (size_t i = first; i < plan->steps_count; i++) {
        total += plan->cells[plan->steps[i].cell].estimate_ns;
    }
    return total;
}

void plan_learn(struct plan *plan, size_t cell, int64_t elapsed_ns)
{
    plan->cells[cell].estimate_ns = elapsed_ns;
}

void plan_destroy(struct plan *plan)
{
    for (size_t i = 0; i < plan->cells_count; i++) {
        params_free(plan->cells[i].params, plan->cells[i].params_count);
        free(plan->cells[i].tune);
    }
    free(plan->cells);
    free(plan->steps);
    *plan = (struct plan){.cells = NULL};
}

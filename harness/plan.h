/* plan.h - which trials an experiment consists of, and in which order they run.
 *
 * A *cell* is one workload with one set of parameters on one back end with one number of procs and
 * one setting of the runtime ("tune": techniques switched off). A
 * *unit* is the cells that differ only in the back end: what is compared. A *step* is one trial of
 * one cell. A *block* is one trial of every cell that has that many.
 *
 * Order. Each block visits the units in a random order of its own, so that slow drift of the
 * machine meets all cells alike. Within a unit the back ends run one right after the other: in a
 * random order in blocks 0, 2, 4, …, and in the reverse order of the block before in blocks 1, 3,
 * 5, … (ABBA), so that each goes first equally often. The same seed gives the same order.
 *
 * Rejected: all trials of a cell in a row (drift becomes a difference between cells), and a fully
 * random order (a ratio's two sides may lie minutes apart).
 */
#ifndef SWITCHYARD_HARNESS_PLAN_H
#define SWITCHYARD_HARNESS_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue.h"
#include "result.h"
#include "selection.h"

struct cell {
    const struct catalogue *catalogue; /* of its back end */
    const struct catalogue_workload *workload;
    int procs;                  /* 0: the runtime's own default */
    char *tune;                 /* words of SWITCHYARD_TUNE; NULL: the runtime as it is */
    struct param_value *params; /* all of the workload's, in its order */
    size_t params_count;
    size_t unit;
    int trials;
    int epochs;
    int64_t estimate_ns;
};

struct step {
    size_t cell;
    int trial; /* also the number of the block */
};

struct plan {
    struct cell *cells;
    size_t cells_count;
    size_t units;
    struct step *steps;
    size_t steps_count;
};

/* Builds the plan; the catalogues must outlive it. -EINVAL and one line in error if a selection
 * asks for what the catalogues do not have: an unknown workload, parameter or back end, or a value
 * beyond its limits. A parameter that only some of the matching workloads have applies to those. A
 * cell that two selections ask for is planned once, with the larger number of trials. */
int plan_build(const struct selection *selections, size_t selections_count,
               const struct catalogue *catalogues, size_t catalogues_count, uint64_t seed,
               struct plan *plan, char error[RESULT_ERROR_BYTES]);

/* How long the steps from `first` on will take. */
int64_t plan_estimate_ns(const struct plan *plan, size_t first);

/* Replaces the guess for a cell by what a trial of it took. */
void plan_learn(struct plan *plan, size_t cell, int64_t elapsed_ns);

void plan_destroy(struct plan *plan);

#endif

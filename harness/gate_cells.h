/* gate_cells.h - what the gate looks at: one operation of the runtime a row.
 *
 * Only the green runtime is gated. The opponent is libc and the kernel, which no commit here
 * changes, and its instruction counts depend on how the kernel schedules its threads.
 */
#ifndef SWITCHYARD_HARNESS_GATE_CELLS_H
#define SWITCHYARD_HARNESS_GATE_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue.h"

struct gate_cell {
    const char *workload;
    const char *metric; /* its time for one operation */
    const char *work;   /* the member of the worker's "work" that counts its operations */
    const char *count;  /* the parameter that says how many */
    int64_t few;        /* two values of it, between which operations are counted exactly */
    int64_t many;
    int64_t least;     /* for timing, before calibration */
    const char *fixed; /* a parameter with another value than its default, or NULL */
    int64_t fixed_value;
};

extern const struct gate_cell gate_cells[];
extern const size_t gate_cells_count;

/* The workload's parameters with the cell's values; count operations of the count parameter. Free
 * with free(): the names belong to the catalogue. NULL if the workload lacks a parameter. */
struct param_value *gate_cell_params(const struct gate_cell *cell,
                                     const struct catalogue_workload *workload, int64_t count);

#endif

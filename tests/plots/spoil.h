/* spoil.h - changes a row of golden data into one of a run that was not ok. */
#ifndef SWITCHYARD_TESTS_PLOTS_SPOIL_H
#define SWITCHYARD_TESTS_PLOTS_SPOIL_H

#include <jansson.h>

/* "failed", "timeout", … */
void spoil_row(json_t *row, const char *status);

/* All untuned green rows of the workload whose parameter has this value (NULL: all), with so many
 * procs (-1: any). There must be one. */
void spoil_cells(json_t *golden, const char *workload, int procs, const char *param, int64_t value,
                 const char *status);

#endif

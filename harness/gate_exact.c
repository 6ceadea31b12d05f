/* gate_exact.c - see gate_exact.h; the baseline file is in exact_baseline.c. */
#include "gate_exact.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "signals.h"

void exact_layer_select(struct exact_layer *layer, const struct gate_build *build, const char *only)
{
    for (size_t i = 0; i < gate_cells_count; i++) {
        const struct gate_cell *cell = &gate_cells[i];
        if ((only == NULL || fnmatch(only, cell->workload, 0) == 0) &&
            gate_build_has(build, cell)) {
            layer->rows = alloc_append(layer->rows, layer->rows_count, sizeof *layer->rows);
            layer->rows[layer->rows_count++].cell = cell;
        }
    }
}

int exact_layer_count(struct exact_layer *layer, const struct exact_tools *tools,
                      const struct gate_build *build, const struct cpus *cpus, bool is_base,
                      char error[RESULT_ERROR_BYTES])
{
    int status = 0;
    for (size_t i = 0; i < layer->rows_count && status == 0; i++) {
        struct exact_row *row = &layer->rows[i];
        if (signals_interrupted()) {
            return -EINTR;
        }
        if (!gate_build_has(build, row->cell)) {
            snprintf(error, RESULT_ERROR_BYTES, "%s has no workload %s, or not its parameters",
                     build->role, row->cell->workload);
            return -EINVAL;
        }
        status =
            exact_count(tools, build, row->cell, cpus, is_base ? &row->base : &row->head, error);
    }
    return status;
}

void exact_layer_judge(struct exact_layer *layer)
{
    for (size_t i = 0; i < layer->rows_count; i++) {
        struct exact_row *row = &layer->rows[i];
        for (int kind = 0; kind < EXACT_KINDS; kind++) {
            row->verdicts[kind] =
                exact_verdict((enum exact_kind)kind, row->base.of[kind], row->head.of[kind]);
        }
    }
}

size_t exact_layer_count_of(const struct exact_layer *layer, enum verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < layer->rows_count; i++) {
        for (int kind = 0; kind < EXACT_KINDS; kind++) {
            count += layer->rows[i].verdicts[kind] == verdict;
        }
    }
    return count;
}

void exact_layer_destroy(struct exact_layer *layer)
{
    free(layer->rows);
    *layer = (struct exact_layer){.rows = NULL};
}

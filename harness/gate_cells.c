/* gate_cells.c - see gate_cells.h.
 *
 * Between few and many lie about 10^7 instructions: what varies from run to run at the start and
 * the end of a process (a few hundred, from environment and clock) is then below 0.01 % of them.
 */
#include "gate_cells.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

const struct gate_cell gate_cells[] = {
    {"switch.yield", "switch", "switches", "rounds", 1000, 61000, 5000, "latency_rounds", 0},
    {"switch.chan", "switch", "switches", "rounds", 1000, 26000, 2500, "latency_rounds", 0},
    {"switch.mutex", "switch", "switches", "rounds", 1000, 26000, 2500, NULL, 0},
    {"switch.cond", "switch", "switches", "rounds", 1000, 26000, 2500, NULL, 0},
    {"chan.buffered", "item", "messages", "items", 1000, 101000, 10000, NULL, 0},
    {"create.serial", "create", "tasks", "rounds", 1000, 26000, 2500, NULL, 0},
    {"create.batch", "create", "tasks", "rounds", 10, 610, 25, "tasks", 100},
};

const size_t gate_cells_count = sizeof gate_cells / sizeof gate_cells[0];

static void set_value(struct param_value *params, size_t count, const char *name, int64_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(params[i].name, name) == 0) {
            params[i].value = value;
        }
    }
}

struct param_value *gate_cell_params(const struct gate_cell *cell,
                                     const struct catalogue_workload *workload, int64_t count)
{
    if (catalogue_param(workload, cell->count) == NULL ||
        (cell->fixed != NULL && catalogue_param(workload, cell->fixed) == NULL)) {
        return NULL;
    }
    struct param_value *params = alloc_array(workload->params_count, sizeof *params);
    for (size_t i = 0; i < workload->params_count; i++) {
        params[i] = (struct param_value){workload->params[i].name, workload->params[i].value};
    }
    if (cell->fixed != NULL) {
        set_value(params, workload->params_count, cell->fixed, cell->fixed_value);
    }
    set_value(params, workload->params_count, cell->count, count);
    return params;
}

/* export_github.c - github-action-benchmark's custom tools. One file holds either metrics of which
 * less is better (customSmallerIsBetter) or, with --bigger, the others (customBiggerIsBetter). */
#include <stdlib.h>

#include "alloc.h"
#include "export.h"
#include "plot_pair.h"

static json_t *row_json(const struct result_row *row)
{
    char *name = export_row_name(row);
    char *range = alloc_format("[%.6g, %.6g]", row->ci_low, row->ci_high);
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "unit", json_string(row->unit));
    json_object_set_new(object, "value", json_real(row->median));
    json_object_set_new(object, "range", json_string(range));
    json_object_set_new(object, "extra",
                        json_sprintf("95 %% interval of the median of %zu process%s",
                                     row->trials_count, row->trials_count == 1 ? "" : "es"));
    free(name);
    free(range);
    return object;
}

int export_github(struct export *export)
{
    json_t *root = json_array();
    size_t others = 0;
    for (size_t i = 0; i < export->results->rows_count; i++) {
        const struct result_row *row = &export->results->rows[i];
        if (row->unit != NULL && unit_more_is_better(row->unit) != export->bigger) {
            others++;
        } else if (!export_leave_out_failed(export, row)) {
            json_array_append_new(root, row_json(row));
        }
    }
    if (others > 0) {
        fprintf(export->notes,
                "left out: %zu rows of which %s is better: export them %s --bigger\n", others,
                export->bigger ? "less" : "more", export->bigger ? "without" : "with");
    }
    return export_json(export, root);
}

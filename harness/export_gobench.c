/* export_gobench.c - the Go benchmark text format, for benchstat: one line a trial.
 *
 *     BenchmarkSwitch.yield/switch/backend=green/rounds=20000/procs=1 10 4.05 ns/op
 *
 * Times are in ns/op and memory in B/op, units that the Go tools know; others keep their own. A
 * "Unit" line says where more is better.
 *
 * The workloads go.* get the very names of `go test -bench`, with the procs behind a dash if there
 * are more than one, so that benchstat puts them beside the lines of a Go tree; the back end is
 * told by a line before them:
 *
 *     backend: green
 *     BenchmarkChanSync-2 3 29.7 ns/op
 *
 * Parameters are not in such a name. So if there are several cells that it would fit, they keep
 * the long one.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "export.h"
#include "plot_pair.h"
#include "plot_text.h"

enum { UNIT_BYTES = 64 };

static const char go_prefix[] = "go.";

static void print_header(struct export *export)
{
    char text[256];
    const json_t *cpu = json_object_get(export->results->context, "cpu");
    fprintf(export->out, "goos: linux\npkg: switchyard\n");
    const char *model = json_string_value(json_object_get(cpu, "model"));
    if (model != NULL) {
        text_clean(text, sizeof text, model);
        fprintf(export->out, "cpu: %s\n", text);
    }
    const char *revision = json_string_value(json_object_get(export->results->context, "revision"));
    if (revision != NULL) {
        text_clean(text, sizeof text, revision);
        fprintf(export->out, "revision: %s\n", text);
    }
}

/* Units are words without blanks. */
static void name_unit(const char *unit, char out[UNIT_BYTES])
{
    if (export_seconds(unit) > 0) {
        text_format(out, UNIT_BYTES, "ns/op");
    } else if (unit_is_memory(unit)) {
        text_format(out, UNIT_BYTES, "B/op");
    } else if (strcmp(unit, "1") == 0) {
        text_format(out, UNIT_BYTES, "count/op");
    } else {
        text_clean(out, UNIT_BYTES, unit);
        for (char *c = strchr(out, ' '); c != NULL; c = strchr(c, ' ')) {
            *c = '_';
        }
    }
}

/* Once for each unit of which more is better, before the first line that has it. */
static void print_direction(struct export *export, size_t index, const char *unit)
{
    for (size_t i = 0; i < index; i++) {
        if (text_same(export->results->rows[i].unit, export->results->rows[index].unit) &&
            export->results->rows[i].status == TRIAL_OK) {
            return;
        }
    }
    if (unit_more_is_better(export->results->rows[index].unit)) {
        fprintf(export->out, "Unit %s better=higher\n", unit);
    }
}

static bool is_go_benchmark(const struct result_row *row)
{
    return strncmp(row->workload, go_prefix, strlen(go_prefix)) == 0 && row->procs > 0 &&
           row->tune == NULL && text_same(row->metric, "op");
}

/* Would another cell of the same back end get the same name? */
static bool is_ambiguous(const struct results *results, const struct result_row *row)
{
    size_t position = 0;
    size_t cells = 0;
    while (results_next(results, &position, row->workload, row->backend, row->procs, row->metric) !=
           NULL) {
        cells++;
    }
    return cells > 1;
}

/* The row's name, after the line that it needs before it. The caller frees it. */
static char *begin_row(struct export *export, const struct result_row *row)
{
    char text[64];
    if (!is_go_benchmark(row) || is_ambiguous(export->results, row)) {
        return export_row_name(row);
    }
    text_clean(text, sizeof text, row->workload + strlen(go_prefix));
    fprintf(export->out, "backend: %s\n", row->backend);
    return row->procs == 1 ? alloc_copy(text) : alloc_format("%s-%d", text, row->procs);
}

static void print_row(struct export *export, const struct result_row *row, const char *unit)
{
    char *name = begin_row(export, row);
    double seconds = export_seconds(row->unit);
    double factor = seconds > 0 ? seconds * 1e9 : 1;
    name[0] = (char)toupper((unsigned char)name[0]); /* else it is no benchmark to the Go tools */
    for (size_t i = 0; i < row->trials_count; i++) {
        const struct result_trial *trial = &row->trials[i];
        if (isfinite(trial->median)) {
            fprintf(export->out, "Benchmark%s %zu %.12g %s\n", name, export_iterations(trial),
                    trial->median * factor, unit);
        }
    }
    free(name);
}

int export_gobench(struct export *export)
{
    char unit[UNIT_BYTES];
    print_header(export);
    for (size_t i = 0; i < export->results->rows_count; i++) {
        const struct result_row *row = &export->results->rows[i];
        if (!export_leave_out_failed(export, row)) {
            name_unit(row->unit, unit);
            print_direction(export, i, unit);
            print_row(export, row, unit);
        }
    }
    return 0;
}

/* gate_exact.h - layer A of the gate: counts of two builds, or of one against a baseline file. */
#ifndef SWITCHYARD_HARNESS_GATE_EXACT_H
#define SWITCHYARD_HARNESS_GATE_EXACT_H

#include "exact.h"

struct exact_row {
    const struct gate_cell *cell;
    struct exact_counts base;
    struct exact_counts head;
    enum verdict verdicts[EXACT_KINDS];
};

struct exact_layer {
    struct exact_row *rows;
    size_t rows_count;
};

/* Makes a row of each cell that only (a glob over workloads; NULL: all) matches and the build has.
 * There may be none. */
void exact_layer_select(struct exact_layer *layer, const struct gate_build *build,
                        const char *only);

/* Counts a build's cells into base or head of the rows. As gate_build_run answers; -EINVAL if the
 * build lacks a cell. */
int exact_layer_count(struct exact_layer *layer, const struct exact_tools *tools,
                      const struct gate_build *build, const struct cpus *cpus, bool is_base,
                      char error[RESULT_ERROR_BYTES]);

/* Fills in the verdicts. */
void exact_layer_judge(struct exact_layer *layer);

/* How many counts got that verdict. */
size_t exact_layer_count_of(const struct exact_layer *layer, enum verdict verdict);

void exact_layer_destroy(struct exact_layer *layer);

/* --- The baseline file (docs/ci.md) --- */

/* What must be equal for counts to be comparable: architecture, compiler and flags of this build,
 * valgrind, libc. A new object. */
json_t *exact_fingerprint(const struct exact_tools *tools);

/* Writes the rows' head counts. -errno. */
int exact_baseline_save(const struct exact_layer *layer, const json_t *fingerprint,
                        const char *path);

/* Reads counts as base of new rows, each cell at most once, and the file's fingerprint. -errno,
 * -EINVAL for content; one line in error, with line and column. */
int exact_baseline_load(struct exact_layer *layer, json_t **fingerprint, const char *path,
                        char error[RESULT_ERROR_BYTES]);

/* The same from a text in memory; source names it in error. */
struct json_text;
int exact_baseline_from_text(struct exact_layer *layer, json_t **fingerprint,
                             const struct json_text *text, const char *source,
                             char error[RESULT_ERROR_BYTES]);

/* The first cell that the build has and the rows have not; NULL if there is none. */
const struct gate_cell *exact_baseline_lacks(const struct exact_layer *layer,
                                             const struct gate_build *build);

#endif

/* history.h - what was measured before: a file of JSON Lines that only grows (docs/ci.md).
 *
 * A line is one measurement: when, of which revision, on which machine, and its values. Times are
 * comparable on one machine only, ratios on all.
 */
#ifndef SWITCHYARD_HARNESS_HISTORY_H
#define SWITCHYARD_HARNESS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "result.h"

/* The unit of ratios, which are comparable across machines, and of ln(base / base) of A/A runs. */
#define HISTORY_RATIO "ratio"
#define HISTORY_CONTROL "ln A/A"

struct history_value {
    char *name; /* "switch.yield switch green", … */
    char *unit;
    double value;
    double low; /* the 95 % interval; NAN: none */
    double high;
};

struct history_entry {
    char *time; /* "2026-11-25T22:00:00Z" */
    char *revision;
    char *machine; /* 16 hexadecimal digits */
    json_t *about; /* what the fingerprint is made of: an object */
    struct history_value *values;
    size_t values_count;
};

struct history {
    struct history_entry *entries; /* in the file's order, the oldest first */
    size_t entries_count;
};

/* Reads and validates a file. -errno, -EINVAL for content, with one line in error that says file,
 * line and column; the history is empty then. */
int history_load(const char *path, struct history *history, char error[RESULT_ERROR_BYTES]);
/* The same from a text in memory; source names it in error. */
struct json_text;
int history_from_text(const struct json_text *text, const char *source, struct history *history,
                      char error[RESULT_ERROR_BYTES]);
void history_destroy(struct history *history);

/* The value of that name in an entry, or NULL. */
const struct history_value *history_find(const struct history_entry *entry, const char *name);

/* Appends one line, made from a results file's or a gate's JSON (history_entry_from_text). Two at
 * once do not mix. -errno; then the file is as it was. */
int history_append(const char *path, const json_t *line);

/* The line for a results.json (switchyard-results/1) or gate JSON (switchyard-gate/1). NULL and one
 * line with the place in error if it is neither, or holds nothing to keep. */
json_t *history_entry_from_text(const struct json_text *text, const char *source,
                                char error[RESULT_ERROR_BYTES]);

/* The fingerprint of the machine and build that a context describes: 16 hexadecimal digits. */
void history_machine(const json_t *context, char machine[17]);

/* The values of ln(base / base) that a machine's past A/A runs gave for a metric; free *logs. */
size_t history_controls(const struct history *history, const char *machine, const char *workload,
                        double **logs);

#endif

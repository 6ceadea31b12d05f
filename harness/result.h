/* result.h - the model of results.json (docs/protocol.md): what `run` writes, and what `plot`,
 * `report` and the summary table read.
 *
 *     struct results *results = NULL;
 *     char error[RESULT_ERROR_BYTES];
 *     if (results_load("results.json", &results, error) < 0) { one line from error; exit status 2 }
 *     size_t position = 0;
 *     const struct result_row *row;
 *     while ((row = results_next(results, &position, "create.batch", "green", 1, "create"))) …
 *     results_free(results);
 */
#ifndef SWITCHYARD_HARNESS_RESULT_H
#define SWITCHYARD_HARNESS_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "stats.h"

#define RESULT_ERROR_BYTES 512

enum trial_status {
    TRIAL_OK,
    TRIAL_FAILED,     /* the worker said so */
    TRIAL_SIGNAL,     /* it crashed */
    TRIAL_TIMEOUT,    /* the harness killed it at its deadline */
    TRIAL_OOM,        /* the kernel or a limit killed it for want of memory */
    TRIAL_BAD_OUTPUT, /* what it printed is not what the protocol asks for */
    TRIAL_SKIPPED,    /* the backend cannot do this by its nature */
};

/* The status as it stands in results.json: "ok", "bad_output", … */
const char *trial_status_name(enum trial_status status);

/* The status of that name, or -EINVAL. */
int trial_status_parse(const char *name, enum trial_status *status);

struct param_value {
    char *name;
    int64_t value;
};

/* What one process measured of one metric. */
struct result_trial {
    int number; /* which trial, from 0 */
    enum trial_status status;
    char *reason;    /* NULL when ok */
    double median;   /* of the samples or of the histogram; NAN when not ok */
    double *samples; /* in the order measured; none for a latency metric */
    size_t samples_count;
    unsigned disturbances; /* 1 << enum disturbance_cause */
    char *note;            /* a remark of the worker on a trial that is ok; NULL if none */
    json_t *work;          /* object, or NULL when not ok */
    json_t *memory;        /* array of ledgers {"label", "rss_bytes", …}, or NULL */
};

/* One metric of one cell (workload, backend, procs, tune, params). Over all trials of the cell.
 * A cell that never told its metrics (it crashed, was skipped) has one row with metric NULL.
 * All numbers are NAN unless status is TRIAL_OK. */
struct result_row {
    char *workload;
    char *backend; /* "green", "pthread" */
    int procs;     /* that were asked for; 0: the runtime's own default */
    char *tune;    /* techniques of the runtime that were switched off (SWITCHYARD_TUNE), or NULL */
    struct param_value *params; /* every parameter of the workload, in its own order */
    size_t params_count;
    char *metric;             /* NULL: see above */
    char *unit;               /* NULL with metric */
    enum trial_status status; /* ok only if all trials were; else that of the first that was not */
    char *reason;             /* NULL when ok */
    char *note;               /* of the first trial that was ok; NULL if none */
    double median;            /* of the trials' medians */
    double ci_low;            /* 95 % smoothed bootstrap over trials */
    double ci_high;
    double min;
    double max;
    double p50; /* over the histogram if there is one, else over all samples */
    double p90;
    double p99;
    double p999;
    double p9999; /* NAN also in files from before there was one */
    struct result_trial *trials;
    size_t trials_count;
    struct result_trial *rejected; /* in no number of the row (rejection.h); none without metric */
    size_t rejected_count;
    struct bucket *histogram; /* summed over trials, sorted; latency metrics only */
    size_t histogram_count;
    json_t *work; /* {"tasks", "messages", "switches", "checksum"}, NULL if trials differ in it */
    json_t *counters; /* of the first trial that was ok, as rusage and memory; may be NULL */
    json_t *rusage;
    json_t *memory;
    char *text; /* the row as it is written (row_text.h), or NULL: not made yet */
};

struct results {
    json_t *context; /* object; its members are described in docs/protocol.md */
    bool complete;   /* false: interrupted, or still running */
    struct result_row *rows;
    size_t rows_count;
    json_t *trace; /* the timeline beside the file (results_trace.h), or NULL */
};

/* Reads and validates a file. On failure answers -errno (-EINVAL for content), leaves *results
 * NULL and puts one line with file, line and column into error. */
int results_load(const char *path, struct results **results, char error[RESULT_ERROR_BYTES]);

/* As results_load, from a text in memory; source names it in error. */
struct json_text;
int results_from_text(const struct json_text *text, const char *source, struct results **results,
                      char error[RESULT_ERROR_BYTES]);

/* As results_load, from a JSON value; source names it in error. */
int results_from_json(json_t *root, const char *source, struct results **results,
                      char error[RESULT_ERROR_BYTES]);

/* Writes to a temporary file beside path, syncs it and renames it over path; links are
 * followed, and only a regular file is replaced (replace.h). -errno. */
int results_save(const struct results *results, const char *path);

/* The same for a file that is written often: whole at any time, but on the disk only when the
 * kernel gets to it. */
int results_save_soon(const struct results *results, const char *path);

void results_free(struct results *results);

/* Are both NULL, or both the same text? */
bool text_same(const char *a, const char *b);

/* Is the parameter among the row's, and what is its value? value may be NULL. */
bool result_param(const struct result_row *row, const char *name, int64_t *value);

/* Equal workload, procs, tune, metric and parameters: two backends' rows of one experiment. */
bool result_same_cell(const struct result_row *a, const struct result_row *b);

/* The row of the other backend that belongs to this one, or NULL. */
const struct result_row *results_partner(const struct results *results,
                                         const struct result_row *row, const char *backend);

/* The next row at or after *position that matches, is not tuned, and was asked for with a number of
 * procs; NULL pattern fields and procs 0 match all of these. Moves *position behind the row. NULL
 * at the end. */
const struct result_row *results_next(const struct results *results, size_t *position,
                                      const char *workload, const char *backend, int procs,
                                      const char *metric);

/* As results_next, but of the rows that are tuned so; NULL: of all rows, tuned or not. Rows with
 * the runtime's own default of procs are among them. */
const struct result_row *results_next_tuned(const struct results *results, size_t *position,
                                            const char *workload, const char *backend, int procs,
                                            const char *metric, const char *tune);

/* Did both rows do the same work (all of it, the checksum included)? */
bool result_same_work(const struct result_row *a, const struct result_row *b);

/* The medians of the trials that were ok, one number per process. Returns how many; room for
 * row->trials_count. */
size_t result_medians(const struct result_row *row, double *medians);

/* The median of the ratios numerator / denominator of trials with the same number (they ran in the
 * same block; next to each other if only the back end differs) with its 95 % interval over
 * processes. NANs if one row is not ok, if the work differs or if any of the medians is not > 0. */
struct interval result_ratio(const struct result_row *numerator,
                             const struct result_row *denominator);

#endif

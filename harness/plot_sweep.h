/* plot_sweep.h - one metric of one workload against the number of tasks, for one back end. */
#ifndef SWITCHYARD_HARNESS_PLOT_SWEEP_H
#define SWITCHYARD_HARNESS_PLOT_SWEEP_H

#include "plot_figure.h"

enum {
    SWEEP_POINTS = 64,
    SWEEP_REASON_BYTES = 160,
};

struct sweep_point {
    double n;
    struct interval y;
    size_t processes; /* trials that the interval rests on */
    const struct result_row *row;
};

struct sweep_failure {
    double n;
    char reason[SWEEP_REASON_BYTES]; /* clean */
};

/* Points and failures in ascending order of n. */
struct size_sweep {
    const char *backend;
    const char *block; /* name of its block in the data: the back end, unless set otherwise */
    const char *label; /* beside its last point: the back end in words, unless set otherwise */
    struct sweep_point points[SWEEP_POINTS];
    size_t points_count;
    size_t points_left_out; /* beyond SWEEP_POINTS */
    struct sweep_failure failures[SWEEP_POINTS];
    size_t failures_count;
};

/* The parameter of a row that says how many tasks there are, or NULL if it has none. */
const char *sweep_param(const struct result_row *row);

/* The number of tasks of a row; 0 if it has no such parameter. */
int64_t sweep_tasks(const struct result_row *row);

/* The fewest procs that a workload was run with; 0 if it was not run. */
int results_min_procs(const struct results *results, const char *workload);

/* Collects one back end's sweep; at most SWEEP_POINTS of each kind, the first of equal n wins. */
void sweep_collect(const struct results *results, const char *workload, const char *backend,
                   int procs, const char *metric, struct size_sweep *sweep);

/* As sweep_collect, against the parameter of that name, which may be 0 too; "procs": against the
 * number of procs (then give procs as 0). */
void sweep_collect_by(const struct results *results, const char *workload, const char *backend,
                      int procs, const char *metric, const char *param, struct size_sweep *sweep);

/* Adds a number of tasks that could not be reached, unless there is one of this number. */
void sweep_add_failure(struct size_sweep *sweep, double n, const char *reason);

/* Writes its block: n, median, low, high. */
void sweep_write_points(FILE *data, const struct size_sweep *sweep);

/* Writes the block "failures" of all sweeps: n, y, side (-1: the label goes to the left of the
 * cross, 1: to the right), label. A failure has no cost, so the crosses stand at the top of the
 * frame, each below the one before. width: of the panel, as a share of the drawing's. */
void sweep_write_failures(FILE *data, const struct size_sweep *sweeps, size_t count,
                          const struct frame *frame, double width);

/* The frame of logarithmic axes that holds all points, crosses and labels. */
struct frame sweep_frame(const struct size_sweep *sweeps, size_t count);

/* Writes the block "labels": x and y of the last point of each sweep, its name; kept apart
 * by a line of text. */
void sweep_write_labels(FILE *data, const struct size_sweep *sweeps, size_t count,
                        const struct frame *frame);

/* The same as a block of another name. */
void sweep_write_labels_as(const char *block, FILE *data, const struct size_sweep *sweeps,
                           size_t count, const struct frame *frame);

/* The largest and the smallest value (interval included) of all sweeps. False if there is none. */
bool sweep_range(const struct size_sweep *sweeps, size_t count, double *low, double *high);

/* The largest n that both have; -1 if there is none. */
double sweep_largest_common(const struct size_sweep *a, const struct size_sweep *b);

/* Appends "; failed: OS threads at 100 (reason)" for each failure that no cross shows. */
void sweep_tell_failures(const struct size_sweep *sweeps, size_t count, char *out, size_t size);

/* The point at n, or NULL. */
const struct sweep_point *sweep_at(const struct size_sweep *sweep, double n);

/* "3 processes a point", or "2 – 5 processes a point". */
void sweep_processes(const struct size_sweep *sweeps, size_t count, char *out, size_t size);

#endif

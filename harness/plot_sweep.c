/* plot_sweep.c - one metric of one workload against the number of tasks, for one back end. */
#include "plot_sweep.h"

#include <math.h>
#include <string.h>

#include "plot_text.h"

/* The height of a line of text as a share of the height of the drawing. */
#define LINE_SHARE 0.055

/* How many characters of a label the width of the drawing holds. */
#define AXIS_CHARACTERS 132

const char *sweep_param(const struct result_row *row)
{
    static const char *const names[] = {"tasks", "n", "leaves"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (result_param(row, names[i], NULL)) {
            return names[i];
        }
    }
    return NULL;
}

int64_t sweep_tasks(const struct result_row *row)
{
    int64_t value = 0;
    const char *name = sweep_param(row);
    return name != NULL && result_param(row, name, &value) ? value : 0;
}

int results_min_procs(const struct results *results, const char *workload)
{
    int procs = 0;
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, workload, NULL, 0, NULL)) != NULL) {
        procs = procs == 0 || row->procs < procs ? row->procs : procs;
    }
    return procs;
}

static void add_point(struct size_sweep *sweep, const struct result_row *row, double n)
{
    if (sweep_at(sweep, n) != NULL || !(row->median > 0)) {
        return;
    }
    if (sweep->points_count == SWEEP_POINTS) {
        sweep->points_left_out++;
        return;
    }
    size_t i = sweep->points_count++;
    for (; i > 0 && sweep->points[i - 1].n > n; i--) {
        sweep->points[i] = sweep->points[i - 1];
    }
    sweep->points[i] = (struct sweep_point){
        .n = n,
        .y = {row->median, row->ci_low, row->ci_high},
        .processes = row->trials_count,
        .row = row,
    };
}

void sweep_add_failure(struct size_sweep *sweep, double n, const char *reason)
{
    for (size_t i = 0; i < sweep->failures_count; i++) {
        if (sweep->failures[i].n == n) {
            return;
        }
    }
    if (sweep->failures_count == SWEEP_POINTS) {
        return;
    }
    size_t i = sweep->failures_count++;
    for (; i > 0 && sweep->failures[i - 1].n > n; i--) {
        sweep->failures[i] = sweep->failures[i - 1];
    }
    sweep->failures[i].n = n;
    text_clean(sweep->failures[i].reason, sizeof sweep->failures[i].reason, reason);
}

static void start(struct size_sweep *sweep, const char *backend)
{
    memset(sweep, 0, sizeof *sweep);
    sweep->backend = backend;
    sweep->block = backend;
    sweep->label = backend_words(backend);
}

static void add_row(struct size_sweep *sweep, const struct result_row *row, const char *metric,
                    double n)
{
    if (row->status == TRIAL_SKIPPED) {
        return;
    }
    if (row->status != TRIAL_OK) {
        sweep_add_failure(sweep, n,
                          row->reason == NULL ? trial_status_name(row->status) : row->reason);
    } else if (row->metric != NULL && strcmp(row->metric, metric) == 0) {
        add_point(sweep, row, n);
    }
}

void sweep_collect(const struct results *results, const char *workload, const char *backend,
                   int procs, const char *metric, struct size_sweep *sweep)
{
    size_t position = 0;
    const struct result_row *row;
    start(sweep, backend);
    while ((row = results_next(results, &position, workload, backend, procs, NULL)) != NULL) {
        double n = (double)sweep_tasks(row);
        if (n > 0) {
            add_row(sweep, row, metric, n);
        }
    }
}

void sweep_collect_by(const struct results *results, const char *workload, const char *backend,
                      int procs, const char *metric, const char *param, struct size_sweep *sweep)
{
    size_t position = 0;
    const struct result_row *row;
    start(sweep, backend);
    while ((row = results_next(results, &position, workload, backend, procs, NULL)) != NULL) {
        int64_t n = row->procs;
        if (strcmp(param, "procs") == 0 || result_param(row, param, &n)) {
            add_row(sweep, row, metric, (double)n);
        }
    }
}

double sweep_largest_common(const struct size_sweep *a, const struct size_sweep *b)
{
    for (size_t i = a->points_count; i > 0; i--) {
        if (sweep_at(b, a->points[i - 1].n) != NULL) {
            return a->points[i - 1].n;
        }
    }
    return -1;
}

void sweep_tell_failures(const struct size_sweep *sweeps, size_t count, char *out, size_t size)
{
    for (size_t s = 0; s < count; s++) {
        for (size_t i = 0; i < sweeps[s].failures_count; i++) {
            text_append(out, size, "; failed: %s at %s (%s)", backend_words(sweeps[s].backend),
                        text_count(sweeps[s].failures[i].n).s, sweeps[s].failures[i].reason);
        }
    }
}

const struct sweep_point *sweep_at(const struct size_sweep *sweep, double n)
{
    for (size_t i = 0; i < sweep->points_count; i++) {
        if (sweep->points[i].n == n) {
            return &sweep->points[i];
        }
    }
    return NULL;
}

void sweep_write_points(FILE *data, const struct size_sweep *sweep)
{
    if (sweep->points_count == 0) {
        return;
    }
    figure_block(data, sweep->block, "tasks\tmedian\tlow\thigh");
    for (size_t i = 0; i < sweep->points_count; i++) {
        const struct sweep_point *point = &sweep->points[i];
        fprintf(data, "%.0f\t%.6g\t%.6g\t%.6g\n", point->n, point->y.value, point->y.low,
                point->y.high);
    }
}

/* A point on a logarithmic axis, by its share of the way from low to high. */
static double on_axis(double low, double high, double share)
{
    return low * pow(high / low, share);
}

/* Back end, number and reason, as far as there is room; a reason that repeats the one before is not
 * told again. */
static void write_failure_label(FILE *data, const struct size_sweep *sweep, size_t i, double room)
{
    char label[SWEEP_REASON_BYTES + TEXT_NUMBER_BYTES];
    const char *reason = sweep->failures[i].reason;
    bool again = i > 0 && strcmp(reason, sweep->failures[i - 1].reason) == 0;
    text_format(label, sizeof label, "%s, %s: %s", backend_words(sweep->backend),
                text_count(sweep->failures[i].n).s, again ? "likewise" : reason);
    char cut[SWEEP_REASON_BYTES + TEXT_NUMBER_BYTES];
    text_format(cut, (size_t)fmin(room, sizeof cut), "%s", label);
    fprintf(data, "%s%s\n", cut, strlen(cut) < strlen(label) ? "…" : "");
}

void sweep_write_failures(FILE *data, const struct size_sweep *sweeps, size_t count,
                          const struct frame *frame, double width)
{
    size_t written = 0;
    for (size_t s = 0; s < count; s++) {
        for (size_t i = 0; i < sweeps[s].failures_count; i++) {
            const struct sweep_failure *failure = &sweeps[s].failures[i];
            double share = log(failure->n / frame->left) / log(frame->right / frame->left);
            double y = on_axis(frame->bottom, frame->top, 0.96 - LINE_SHARE * (double)written);
            if (written++ == 0) {
                figure_block(data, "failures", "tasks\ty\tside\tlabel");
            }
            fprintf(data, "%.0f\t%.6g\t%d\t", failure->n, y, share < 0.5 ? 1 : -1);
            write_failure_label(data, &sweeps[s], i,
                                fmax(share, 1 - share) * width * AXIS_CHARACTERS);
        }
    }
}

void sweep_write_labels(FILE *data, const struct size_sweep *sweeps, size_t count,
                        const struct frame *frame)
{
    sweep_write_labels_as("labels", data, sweeps, count, frame);
}

void sweep_write_labels_as(const char *block, FILE *data, const struct size_sweep *sweeps,
                           size_t count, const struct frame *frame)
{
    double heights[SWEEP_POINTS];
    const struct size_sweep *labelled[SWEEP_POINTS];
    size_t labels = 0;
    for (size_t s = 0; s < count; s++) {
        if (sweeps[s].points_count > 0) {
            labelled[labels] = &sweeps[s];
            heights[labels++] = log10(sweeps[s].points[sweeps[s].points_count - 1].y.value);
        }
    }
    figure_spread(heights, labels, LINE_SHARE * log10(frame->top / frame->bottom));
    figure_block(data, block, "tasks\ty\tlabel");
    for (size_t i = 0; i < labels; i++) {
        fprintf(data, "%.0f\t%.6g\t%s\n", labelled[i]->points[labelled[i]->points_count - 1].n,
                pow(10, heights[i]), labelled[i]->label);
    }
}

bool sweep_range(const struct size_sweep *sweeps, size_t count, double *low, double *high)
{
    *low = INFINITY;
    *high = 0;
    for (size_t s = 0; s < count; s++) {
        for (size_t i = 0; i < sweeps[s].points_count; i++) {
            *low = fmin(*low, sweeps[s].points[i].y.low);
            *high = fmax(*high, sweeps[s].points[i].y.high);
        }
    }
    return *high > 0;
}

struct frame sweep_frame(const struct size_sweep *sweeps, size_t count)
{
    struct frame frame = {.left = INFINITY};
    size_t failures = 0;
    sweep_range(sweeps, count, &frame.bottom, &frame.top);
    for (size_t s = 0; s < count; s++) {
        for (size_t i = 0; i < sweeps[s].points_count; i++) {
            frame.left = fmin(frame.left, sweeps[s].points[i].n);
            frame.right = fmax(frame.right, sweeps[s].points[i].n);
        }
        for (size_t i = 0; i < sweeps[s].failures_count; i++) {
            frame.left = fmin(frame.left, sweeps[s].failures[i].n);
            frame.right = fmax(frame.right, sweeps[s].failures[i].n);
        }
        failures += sweeps[s].failures_count;
    }
    frame.left /= 1.5;
    frame.right = on_axis(frame.left, frame.right * 1.5, 1.2); /* room for the direct labels */
    frame.bottom /= 2;
    frame.top = on_axis(frame.bottom, frame.top * 2, 1 + LINE_SHARE * (double)(failures + 1));
    return frame;
}

void sweep_processes(const struct size_sweep *sweeps, size_t count, char *out, size_t size)
{
    size_t least = SIZE_MAX;
    size_t most = 0;
    for (size_t s = 0; s < count; s++) {
        for (size_t i = 0; i < sweeps[s].points_count; i++) {
            size_t processes = sweeps[s].points[i].processes;
            least = processes < least ? processes : least;
            most = processes > most ? processes : most;
        }
    }
    size_t left_out = 0;
    for (size_t s = 0; s < count; s++) {
        left_out += sweeps[s].points_left_out;
    }
    text_format(out, size, "%s a point%s", text_processes(least, most).s,
                most == 1 ? " (too few for an interval)" : "");
    if (left_out > 0) {
        text_append(out, size, ", %zu left out", left_out);
    }
}

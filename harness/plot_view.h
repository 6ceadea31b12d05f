/* plot_view.h - the part of a timeline that a figure shows: a window of time, and some rows.
 *
 * What a viewer scrolls through does not fit a page. The window opens at the first steal, if there
 * was any, and widens until it holds enough spans, or until more rows begin to do something than a
 * page has room for.
 */
#ifndef SWITCHYARD_HARNESS_PLOT_VIEW_H
#define SWITCHYARD_HARNESS_PLOT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum {
    VIEW_ROWS = 16,
    VIEW_SPANS = 160, /* the window does not widen beyond so many */
};

enum view_kind {
    VIEW_RUN,
    VIEW_BLOCK,
    VIEW_SCHEDULER,
};

struct view_span {
    double from; /* us since the first event */
    double to;
    int64_t worker;
    int64_t task;
    enum view_kind kind;
};

struct view_arrow {
    double from;
    double to;
    int64_t from_worker;
    int64_t to_worker;
    bool moved; /* a steal brought it, else a wake-up or the start of a new task */
    bool steal; /* the first that a steal brought: `from` is the time of the steal */
    bool known; /* both ends were found */
};

struct view {
    const json_t *about; /* what was run, and counts (docs/protocol.md) */
    struct view_span *spans;
    size_t spans_count;
    struct view_arrow *arrows; /* by id - first_id */
    size_t arrows_count;
    double left; /* the window */
    double right;
    int64_t workers[VIEW_ROWS]; /* the rows shown, from the top */
    size_t workers_count;
    size_t workers_hidden; /* that do something in the window too */
};

/* Takes the timeline of the back end, without the spans of the scheduler. False if there is none,
 * or if it has no spans. */
bool view_open(const json_t *trace, const char *backend, struct view *view);

/* The row of a worker, 0 at the top, or -1 if it is not shown. */
int view_row(const struct view *view, int64_t worker);

/* A number of the view's about. 0 if it is not there. */
double view_count(const struct view *view, const char *name);

void view_close(struct view *view);

#endif

/* plot_view.c - see plot_view.h. */
#include "plot_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define FIRST_WIDTH_US 10.0

static const char *text_of(const json_t *event, const char *name)
{
    const char *text = json_string_value(json_object_get(event, name));
    return text != NULL ? text : "";
}

static double number_of(const json_t *event, const char *name)
{
    return json_number_value(json_object_get(event, name));
}

static int64_t whole_of(const json_t *event, const char *name)
{
    return json_integer_value(json_object_get(event, name));
}

/* The event that tells what was run on the back end. */
static const json_t *find_about(const json_t *trace, const char *backend, int64_t *pid)
{
    size_t i;
    json_t *event;
    json_array_foreach(trace, i, event)
    {
        const json_t *about = json_object_get(json_object_get(event, "args"), "about");
        if (about != NULL && strcmp(text_of(about, "backend"), backend) == 0) {
            *pid = whole_of(event, "pid");
            return about;
        }
    }
    return NULL;
}

static void add_span(struct view *view, const json_t *event, size_t *room)
{
    const char *category = text_of(event, "cat");
    double from = number_of(event, "ts");
    if (strcmp(category, "scheduler") == 0) {
        return;
    }
    view->spans = alloc_grow(view->spans, view->spans_count, room, sizeof *view->spans);
    view->spans[view->spans_count++] = (struct view_span){
        .from = from,
        .to = from + number_of(event, "dur"),
        .worker = whole_of(event, "tid"),
        .task = whole_of(json_object_get(event, "args"), "task"),
        .kind = strcmp(category, "block") == 0 ? VIEW_BLOCK : VIEW_RUN,
    };
}

/* An end comes right behind its begin: so they are written. */
static void add_arrow(struct view *view, const json_t *event, bool ends, size_t *room)
{
    double us = number_of(event, "ts");
    int64_t worker = whole_of(event, "tid");
    if (ends && view->arrows_count > 0) {
        struct view_arrow *arrow = &view->arrows[view->arrows_count - 1];
        arrow->to = us;
        arrow->to_worker = worker;
        arrow->known = true;
    } else if (!ends) {
        view->arrows = alloc_grow(view->arrows, view->arrows_count, room, sizeof *view->arrows);
        const json_t *steal = json_object_get(json_object_get(event, "args"), "steal_ts");
        view->arrows[view->arrows_count++] =
            (struct view_arrow){.from = steal != NULL ? json_number_value(steal) : us,
                                .from_worker = worker,
                                .moved = strcmp(text_of(event, "cat"), "steal") == 0,
                                .steal = steal != NULL};
    }
}

static void read_events(const json_t *trace, int64_t pid, struct view *view)
{
    size_t i;
    json_t *event;
    size_t spans_room = 0;
    size_t arrows_room = 0;
    json_array_foreach(trace, i, event)
    {
        const char *phase = text_of(event, "ph");
        if (whole_of(event, "pid") != pid) {
            continue;
        }
        if (strcmp(phase, "X") == 0) {
            add_span(view, event, &spans_room);
        } else if (strcmp(phase, "s") == 0 || strcmp(phase, "f") == 0) {
            add_arrow(view, event, phase[0] == 'f', &arrows_room);
        }
    }
}

/* --- The window ------------------------------------------------------------------------------ */

static size_t spans_between(const struct view *view, double left, double right)
{
    size_t count = 0;
    for (size_t i = 0; i < view->spans_count; i++) {
        count += view->spans[i].from <= right && view->spans[i].to >= left;
    }
    return count;
}

/* Where the window opens: at the first steal whose task was seen to start, else the first span. */
static void open_window(struct view *view)
{
    const struct view_arrow *first = NULL;
    for (size_t i = 0; i < view->arrows_count; i++) {
        const struct view_arrow *arrow = &view->arrows[i];
        if (arrow->steal && arrow->known && (first == NULL || arrow->to < first->to)) {
            first = arrow;
        }
    }
    view->left = first != NULL ? first->from : view->spans[0].from;
    view->right = first != NULL ? first->to : view->spans[0].from + FIRST_WIDTH_US;
    for (size_t i = 0; first == NULL && i < view->spans_count; i++) {
        view->left = fmin(view->left, view->spans[i].from);
        view->right = view->left + FIRST_WIDTH_US;
    }
}

static int compare_workers(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* The different workers that do something in the window, the lowest numbers first. */
static size_t workers_between(const struct view *view, double left, double right, int64_t *workers)
{
    size_t count = 0;
    size_t kept = 0;
    for (size_t i = 0; i < view->spans_count; i++) {
        if (view->spans[i].from <= right && view->spans[i].to >= left) {
            workers[count++] = view->spans[i].worker;
        }
    }
    qsort(workers, count, sizeof *workers, compare_workers);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || workers[i] != workers[kept - 1]) {
            workers[kept++] = workers[i];
        }
    }
    return kept;
}

/* workers: room for one a span. */
static void widen_window(struct view *view, int64_t *workers)
{
    double begin = INFINITY;
    double end = 0;
    for (size_t i = 0; i < view->spans_count; i++) {
        begin = fmin(begin, view->spans[i].from);
        end = fmax(end, view->spans[i].to);
    }
    for (;;) {
        double width = fmax(view->right - view->left, FIRST_WIDTH_US);
        double left = fmax(begin, view->left - width / 4);
        double right = fmin(end, view->right + width / 2);
        bool whole = left == view->left && right == view->right;
        if (whole || spans_between(view, left, right) > VIEW_SPANS ||
            workers_between(view, left, right, workers) > VIEW_ROWS) {
            return;
        }
        view->left = left;
        view->right = right;
    }
}

static void choose_rows(struct view *view, int64_t *workers)
{
    size_t count = workers_between(view, view->left, view->right, workers);
    view->workers_count = count < VIEW_ROWS ? count : VIEW_ROWS;
    view->workers_hidden = count - view->workers_count;
    for (size_t i = 0; i < view->workers_count; i++) {
        view->workers[i] = workers[i];
    }
}

bool view_open(const json_t *trace, const char *backend, struct view *view)
{
    int64_t pid = 0;
    *view = (struct view){.about = find_about(trace, backend, &pid)};
    if (view->about == NULL) {
        return false;
    }
    read_events(trace, pid, view);
    if (view->spans_count == 0) {
        view_close(view);
        return false;
    }
    int64_t *workers = alloc_array(view->spans_count, sizeof *workers);
    open_window(view);
    widen_window(view, workers);
    choose_rows(view, workers);
    free(workers);
    return true;
}

int view_row(const struct view *view, int64_t worker)
{
    for (size_t i = 0; i < view->workers_count; i++) {
        if (view->workers[i] == worker) {
            return (int)i;
        }
    }
    return -1;
}

double view_count(const struct view *view, const char *name)
{
    return number_of(view->about, name);
}

void view_close(struct view *view)
{
    free(view->spans);
    free(view->arrows);
    *view = (struct view){.about = NULL};
}

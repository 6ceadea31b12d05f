/* plot_timeline.c - who runs what when? A window of a timeline for each back end. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_text.h"
#include "plot_view.h"

enum {
    COLOURS = 7, /* in the script */
    PIXELS_A_ROW = 30,
    LABEL_CHARACTERS = 4,
};

/* A span must be that share of the window for a character of its label. */
static const double character_share = 0.009;

static double row_height(const struct view *view, int64_t worker)
{
    return (double)view->workers_count - view_row(view, worker);
}

/* Within the window, and on a row that is shown? */
static bool is_seen(const struct view *view, const struct view_span *span)
{
    return view_row(view, span->worker) >= 0 && span->from <= view->right && span->to >= view->left;
}

static void write_spans(FILE *data, const struct view *view, const char *block, enum view_kind kind)
{
    size_t written = 0;
    for (size_t i = 0; i < view->spans_count; i++) {
        const struct view_span *span = &view->spans[i];
        if (span->kind != kind || !is_seen(view, span)) {
            continue;
        }
        if (written++ == 0) {
            figure_block(data, block, "from us\tto us\trow\tcolour");
        }
        fprintf(data, "%.3f\t%.3f\t%.0f\t%d\n", fmax(span->from, view->left),
                fmin(span->to, view->right), row_height(view, span->worker),
                (int)(span->task % COLOURS));
    }
}

/* The task's number, where there is room for it. */
static void write_names(FILE *data, const struct view *view)
{
    size_t written = 0;
    for (size_t i = 0; i < view->spans_count; i++) {
        const struct view_span *span = &view->spans[i];
        double from = fmax(span->from, view->left);
        double to = fmin(span->to, view->right);
        double room = (to - from) / (view->right - view->left) / character_share;
        if (span->kind != VIEW_RUN || !is_seen(view, span) || room < LABEL_CHARACTERS) {
            continue;
        }
        if (written++ == 0) {
            figure_block(data, "names", "us\trow\ttask");
        }
        fprintf(data, "%.3f\t%.0f\t%lld\n", (from + to) / 2, row_height(view, span->worker),
                (long long)span->task);
    }
}

static size_t write_arrows(FILE *data, const struct view *view, const char *block, bool steal)
{
    size_t written = 0;
    for (size_t i = 0; i < view->arrows_count; i++) {
        const struct view_arrow *arrow = &view->arrows[i];
        bool wanted = steal ? arrow->steal : !arrow->moved;
        if (!arrow->known || !wanted || arrow->from_worker == arrow->to_worker ||
            arrow->from < view->left || arrow->to > view->right ||
            view_row(view, arrow->from_worker) < 0 || view_row(view, arrow->to_worker) < 0) {
            continue;
        }
        if (written++ == 0) {
            figure_block(data, block, "us\trow\tus\trows");
        }
        double from = row_height(view, arrow->from_worker);
        fprintf(data, "%.3f\t%.0f\t%.3f\t%.0f\n", arrow->from, from, arrow->to - arrow->from,
                row_height(view, arrow->to_worker) - from);
    }
    return written;
}

static void write_rows(FILE *data, const struct view *view, const char *word)
{
    figure_block(data, "rows", "row\tname");
    for (size_t i = 0; i < view->workers_count; i++) {
        fprintf(data, "%zu\t%s %lld\n", view->workers_count - i, word, (long long)view->workers[i]);
    }
}

static const char *workload_of(const struct view *view)
{
    const char *name = json_string_value(json_object_get(view->about, "workload"));
    return name != NULL ? name : "?";
}

static void write_green_title(const struct view *view, struct figure_text *text)
{
    double procs = view_count(view, "procs");
    double steals = view_count(view, "steals");
    text_format(text->title, sizeof text->title, "%s: %s tasks on %s proc%s; ", workload_of(view),
                text_count(view_count(view, "tasks")).s, text_count(procs).s,
                procs == 1 ? "" : "s");
    if (steals > 0) {
        text_append(text->title, sizeof text->title, "%s steal%s moved %s of them",
                    text_count(steals).s, steals == 1 ? "" : "s",
                    text_count(view_count(view, "tasks_stolen")).s);
    } else {
        text_append(text->title, sizeof text->title, "none was stolen");
    }
}

static void write_pthread_title(const struct view *view, struct figure_text *text)
{
    text_format(text->title, sizeof text->title,
                "%s: each of %s tasks is an OS thread, and the kernel spreads them over the "
                "processors",
                workload_of(view), text_count(view_count(view, "tasks")).s);
}

static void write_texts(const struct view *view, size_t steals, size_t wakes,
                        struct figure_text *text)
{
    double procs = view_count(view, "procs");
    text_format(text->subtitle, sizeof text->subtitle,
                "One traced run, %s proc%s, %s of it. Colour: the task (%d in turn)%s%s",
                text_count(procs).s, procs == 1 ? "" : "s",
                text_ns(1000 * (view->right - view->left)).s, COLOURS,
                steals > 0 ? "; black arrow: a steal, from the worker that made the task ready to "
                             "the one that took it"
                           : "",
                wakes > 0 ? "; grey arrow: the start or wake-up of a task" : "");
    if (view->workers_hidden > 0) {
        text_append(text->subtitle, sizeof text->subtitle, "; %zu more rows are not shown",
                    view->workers_hidden);
    }
    if (view_count(view, "events_lost") > 0) {
        text_append(text->subtitle, sizeof text->subtitle, "; %s older events were overwritten",
                    text_count(view_count(view, "events_lost")).s);
    }
    text_format(text->alt, sizeof text->alt,
                "Timeline with a row for each of %zu OS threads: coloured bars show which task "
                "runs when. %s. In this window: %zu arrows of steals, %zu of tasks that were "
                "started or woken from another row.",
                view->workers_count, text->title, steals, wakes);
    text->height = 210 + PIXELS_A_ROW * (int)(view->workers_count < 4 ? 4 : view->workers_count);
    text->frame = (struct frame){.left = view->left,
                                 .right = view->right,
                                 .bottom = 0.4,
                                 .top = (double)view->workers_count + 0.6};
}

static int prepare_for(const struct results *results, const char *backend, const char *word,
                       struct figure_text *text, FILE *data)
{
    struct view view;
    if (results->trace == NULL || !view_open(results->trace, backend, &view)) {
        char reason[FIGURE_TEXT_BYTES];
        text_format(reason, sizeof reason,
                    "there is no trace.json with a timeline of %s beside the results (switchyard "
                    "trace steal.imbalance --out trace.json)",
                    backend_words(backend));
        return figure_absent(text, reason);
    }
    write_spans(data, &view, "runs", VIEW_RUN);
    write_spans(data, &view, "blocks", VIEW_BLOCK);
    write_names(data, &view);
    size_t wakes = write_arrows(data, &view, "wakes", false);
    size_t steals = write_arrows(data, &view, "steals", true);
    write_rows(data, &view, word);
    if (strcmp(backend, "green") == 0) {
        write_green_title(&view, text);
    } else {
        write_pthread_title(&view, text);
    }
    write_texts(&view, steals, wakes, text);
    view_close(&view);
    return 0;
}

static int prepare_green(const struct results *results, struct figure_text *text, FILE *data)
{
    return prepare_for(results, "green", "worker", text, data);
}

static int prepare_pthread(const struct results *results, struct figure_text *text, FILE *data)
{
    return prepare_for(results, "pthread", "thread", text, data);
}

const struct figure figure_timeline_green = {
    .name = "how_do_green_tasks_share_the_workers",
    .question = "How do green tasks share the workers?",
    .how_to_read =
        "A row is a worker, an OS thread of the runtime; a bar is the time in which it ran one "
        "task, a gap the time in which it ran none. Dark bars lie on calls that block in the "
        "kernel. An arrow from row to row is a task that moved: black, because an idle worker took "
        "it (a steal takes several tasks; the arrow is drawn for the first that then runs).",
    .threat = "One run, and a short part of it, chosen so that it shows a steal. The trace tells "
              "how many tasks a steal took, not which: a task that is made ready on one worker and "
              "starts on another that has stolen in between counts as stolen. Whether the kernel "
              "let the worker run at that moment the trace cannot tell.",
    .prepare = prepare_green,
};

const struct figure figure_timeline_pthread = {
    .name = "how_do_os_threads_share_the_processors",
    .question = "How do the same tasks look as OS threads?",
    .how_to_read =
        "A row is an OS thread, and so a task; a bar is the time from when it began or was woken "
        "to when it waits or ends. Many bars lie above each other because the kernel, not the "
        "program, decides which of them really run: at most as many as there are processors.",
    .threat = "The trace is written by the program, which does not see when the kernel takes the "
              "processor away: the bars are longer than the time in which the threads computed.",
    .prepare = prepare_pthread,
};

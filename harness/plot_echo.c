/* plot_echo.c - how many requests does a server with a task for each connection answer, and how
 * long do the slowest take? Two panels of io.echo: throughput and 99 % latency against connections,
 * of both back ends and of the raw epoll loops that each process runs beside them. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define WORKLOAD "io.echo"
#define PARAM "connections"

enum {
    GREEN,
    PTHREAD,
    RAW, /* as the processes of the green back end measured it */
    SERVERS,
};

struct panel {
    struct size_sweep sweeps[SERVERS];
    struct frame frame;
};

/* Latencies have no median of interest here: the 99th percentile over all processes. */
static void take_percentile(struct size_sweep *sweep)
{
    for (size_t i = 0; i < sweep->points_count; i++) {
        double p99 = sweep->points[i].row->p99;
        sweep->points[i].y = (struct interval){p99, p99, p99};
    }
}

static void collect(const struct results *results, int procs, bool tail, struct panel *panel)
{
    static const char *const backends[SERVERS] = {"green", "pthread", "green"};
    static const char *const blocks[2][SERVERS] = {{"green", "pthread", "raw"},
                                                   {"green_tail", "pthread_tail", "raw_tail"}};
    static const char *const metrics[2][SERVERS] = {{"throughput", "throughput", "raw_throughput"},
                                                    {"latency", "latency", "raw_latency"}};
    for (int i = 0; i < SERVERS; i++) {
        struct size_sweep *sweep = &panel->sweeps[i];
        sweep_collect_by(results, WORKLOAD, backends[i], procs, metrics[tail][i], PARAM, sweep);
        sweep->block = blocks[tail][i];
        if (tail) {
            take_percentile(sweep);
        }
    }
    panel->sweeps[RAW].label = "raw epoll loop";
    panel->sweeps[RAW].failures_count = 0; /* those of the back end are told already */
    panel->frame = sweep_frame(panel->sweeps, SERVERS);
    /* Its part of the drawing must hold the labels, too. */
    panel->frame.right *= pow(panel->frame.right / panel->frame.left, tail ? 0.18 : 0.25);
}

/* "0.95× of what a raw epoll loop does" at n connections, by processes. */
static struct interval share_of_raw(const struct panel *panel, double n)
{
    const struct sweep_point *green = sweep_at(&panel->sweeps[GREEN], n);
    const struct sweep_point *raw = sweep_at(&panel->sweeps[RAW], n);
    return green == NULL || raw == NULL ? (struct interval){NAN, NAN, NAN}
                                        : result_ratio(green->row, raw->row);
}

static struct interval times_threads(const struct panel *panel, double n)
{
    const struct sweep_point *green = sweep_at(&panel->sweeps[GREEN], n);
    const struct sweep_point *pthread = sweep_at(&panel->sweeps[PTHREAD], n);
    return green == NULL || pthread == NULL ? (struct interval){NAN, NAN, NAN}
                                            : result_ratio(green->row, pthread->row);
}

static void write_title(const struct panel *panel, struct figure_text *text)
{
    double n = sweep_largest_common(&panel->sweeps[GREEN], &panel->sweeps[PTHREAD]);
    n = n < 0 ? sweep_largest_common(&panel->sweeps[GREEN], &panel->sweeps[RAW]) : n;
    struct interval raw = share_of_raw(panel, n);
    struct interval threads = times_threads(panel, n);
    if (!isfinite(raw.value) && !isfinite(threads.value)) {
        text_format(text->title, sizeof text->title,
                    "An echo server with a task for each connection: nothing to compare it with");
        return;
    }
    text_format(text->title, sizeof text->title,
                "With %s connections a green thread for each answers", text_count(n).s);
    if (isfinite(raw.value)) {
        text_append(text->title, sizeof text->title, " %s as many requests as a raw epoll loop",
                    text_ratio(raw.value).s);
    }
    if (isfinite(threads.value)) {
        text_append(text->title, sizeof text->title, "%s %s as many as an OS thread for each",
                    isfinite(raw.value) ? " and" : "", text_ratio(threads.value).s);
    }
}

static void write_texts(const struct panel *panel, int procs, struct figure_text *text)
{
    char processes[64];
    sweep_processes(panel->sweeps, SERVERS, processes, sizeof processes);
    write_title(panel, text);
    text_format(text->subtitle, sizeof text->subtitle,
                WORKLOAD ", %d proc%s, %s, one request under way on each connection. Left: median "
                         "with 95 %% bootstrap interval; right: 99 %% of all requests are faster",
                procs, procs == 1 ? "" : "s", processes);
    text_format(text->alt, sizeof text->alt,
                "Two line charts against the number of connections, all axes logarithmic: requests "
                "a second, and the latency that 99 %% of the requests stay below, for a green "
                "thread for each connection, an OS thread for each, and raw epoll loops. %s.",
                text->title);
    sweep_tell_failures(panel->sweeps, SERVERS, text->alt, sizeof text->alt);
    text->height = 560;
}

static void write_panel(FILE *data, const struct panel *panel)
{
    for (int i = 0; i < SERVERS; i++) {
        sweep_write_points(data, &panel->sweeps[i]);
    }
}

static void write_right_frame(FILE *data, const struct frame *frame)
{
    figure_block(data, "right", "left\tright\tbottom\ttop");
    fprintf(data, "%.6g\t%.6g\t%.6g\t%.6g\n", frame->left, frame->right, frame->bottom, frame->top);
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct panel throughput;
    struct panel tail;
    double low;
    double high;
    int procs = results_min_procs(results, WORKLOAD);
    collect(results, procs, false, &throughput);
    collect(results, procs, true, &tail);
    if (!sweep_range(throughput.sweeps, SERVERS, &low, &high) ||
        !sweep_range(tail.sweeps, SERVERS, &low, &high)) {
        return figure_absent(text, "the results hold no run of " WORKLOAD " that was ok");
    }
    text->frame = throughput.frame;
    write_panel(data, &throughput);
    sweep_write_labels(data, throughput.sweeps, SERVERS, &throughput.frame);
    sweep_write_failures(data, throughput.sweeps, SERVERS, &throughput.frame, 0.5);
    write_panel(data, &tail);
    sweep_write_labels_as("tail_labels", data, tail.sweeps, SERVERS, &tail.frame);
    write_right_frame(data, &tail.frame);
    write_texts(&throughput, procs, text);
    return 0;
}

const struct figure figure_echo = {
    .name = "how_many_requests_does_a_server_answer",
    .question = "How many requests does a server with a task for each connection answer, and how "
                "long do the slowest take?",
    .how_to_read =
        "Left, higher is better; right, lower is better. The blue line is the limit: epoll loops "
        "written by hand that do the same echo in the same process, without any tasks. The green "
        "line's distance to it is what the runtime costs; the orange line is what the kernel's "
        "threads do with the same source. A cross stands where a server could not hold so many "
        "connections.",
    .threat =
        "Client and server share one machine, and on a small one the same processors: the client "
        "costs as much as the server, and all lines are closer together than the servers are. "
        "Each connection waits for its answer before it asks again (a closed loop), so a slow "
        "answer delays the next question and the tail is told too low.",
    .prepare = prepare,
};

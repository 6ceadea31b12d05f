/* plot_deep.c - does memory come back after deep recursion? Resident memory over time. */
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_text.h"

#define WORKLOAD "memory.deep"

enum { BEFORE, DEEP, AFTER, TIMES = 7, BACKENDS = 2 };

static const char *const metrics[TIMES] = {"rss_before", "rss_deep",   "rss_0ms",   "rss_100ms",
                                           "rss_300ms",  "rss_1000ms", "rss_2000ms"};
static const char *const backends[BACKENDS] = {"green", "pthread"};

static const struct result_row *find(const struct results *results, const char *backend,
                                     const char *metric)
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, WORKLOAD, backend, 0, metric)) != NULL) {
        if (row->status == TRIAL_OK && row->median > 0) {
            return row;
        }
    }
    return NULL;
}

/* False if a time is missing. */
static bool find_all(const struct results *results, const char *backend,
                     const struct result_row *rows[TIMES])
{
    for (int i = 0; i < TIMES; i++) {
        rows[i] = find(results, backend, metrics[i]);
        if (rows[i] == NULL) {
            return false;
        }
    }
    return true;
}

static void write_rows(FILE *data, const char *backend, const struct result_row *const rows[TIMES])
{
    figure_block(data, backend, "time (0 before, 1 deep, 2 ... after)\tbytes\tlow\thigh");
    for (int i = 0; i < TIMES; i++) {
        double low = rows[i]->ci_low > 0 ? rows[i]->ci_low : rows[i]->median;
        fprintf(data, "%d\t%.6g\t%.6g\t%.6g\n", i, rows[i]->median, low, rows[i]->ci_high);
    }
}

/* Each behind the end of its line. */
static void write_label(FILE *data, const char *backend, const struct result_row *const rows[TIMES])
{
    fprintf(data, "%d\t%.6g\t%s: %s of before\n", TIMES - 1, rows[TIMES - 1]->median,
            backend_words(backend), text_ratio(rows[TIMES - 1]->median / rows[BEFORE]->median).s);
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    const struct result_row *all[BACKENDS][TIMES];
    bool there[BACKENDS];
    double least = INFINITY;
    double most = 0;
    for (int b = 0; b < BACKENDS; b++) {
        const struct result_row **rows = all[b];
        there[b] = find_all(results, backends[b], rows);
        if (!there[b]) {
            continue;
        }
        write_rows(data, backends[b], rows);
        for (int i = 0; i < TIMES; i++) {
            least = fmin(least, rows[i]->median);
            most = fmax(most, rows[i]->ci_high);
        }
        text_append(text->title, sizeof text->title, "%s %s hold %s of what they did before",
                    text->title[0] == '\0' ? "A second after deep recursion" : ",",
                    backend_words(backends[b]),
                    text_ratio(rows[TIMES - 2]->median / rows[BEFORE]->median).s);
    }
    if (most <= 0) {
        return figure_absent(text, "the results hold no run of " WORKLOAD " that was ok");
    }
    figure_block(data, "labels", "time\tbytes\tlabel");
    for (int b = 0; b < BACKENDS; b++) {
        if (there[b]) {
            write_label(data, backends[b], all[b]);
        }
    }
    text_format(text->subtitle, sizeof text->subtitle,
                WORKLOAD ". Resident memory of the process. Bar: 95 %% bootstrap interval");
    text_format(text->alt, sizeof text->alt,
                "Lines, logarithmic up: resident memory before, during and after recursion. %s.",
                text->title);
    text->height = 520;
    text->frame =
        (struct frame){.left = -0.4, .right = TIMES + 1.2, .bottom = least / 2, .top = most * 2};
    return 0;
}

const struct figure figure_deep = {
    .name = "does_deep_memory_come_back",
    .question = "Does the memory of deep recursion come back?",
    .how_to_read = "From left to right: all tasks wait, and nobody was deep yet; all are deep; and "
                   "so long after the last one came up again. Time is not to scale.",
    .threat = "Each kernel and each libc may give memory back on its own, later than the two "
              "seconds shown. The stacks are large enough for the depth, so nothing grows here "
              "but pages.",
    .prepare = prepare,
};

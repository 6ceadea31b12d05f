/* plot_lateness.c - how late does a sleeper wake? The percentile curves of timer.storm. */
#include <errno.h>
#include <string.h>

#include "plot_curves.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define WORKLOAD "timer.storm"
#define METRIC "lateness"

/* One marker a number of sleepers, the same for both back ends. */
static int marker_of(const struct curves *curves, int64_t tasks)
{
    int next = 1;
    for (size_t i = 0; i < curves->count; i++) {
        if (sweep_tasks(curves->curves[i].row) == tasks) {
            return curves->curves[i].marker;
        }
        next = curves->curves[i].marker >= next ? curves->curves[i].marker + 1 : next;
    }
    return next;
}

static const struct curve *find_curve(const struct curves *curves, int backend, int64_t tasks)
{
    for (size_t i = 0; i < curves->count; i++) {
        if (curves->curves[i].backend == backend && sweep_tasks(curves->curves[i].row) == tasks) {
            return &curves->curves[i];
        }
    }
    return NULL;
}

static void collect(const struct results *results, struct curves *curves)
{
    int procs = results_min_procs(results, WORKLOAD);
    size_t position = 0;
    const struct result_row *row;
    memset(curves, 0, sizeof *curves);
    while ((row = results_next(results, &position, WORKLOAD, NULL, procs, METRIC)) != NULL) {
        char label[CURVE_LABEL_BYTES];
        int64_t tasks = sweep_tasks(row);
        int backend = strcmp(row->backend, "green") == 0 ? 1 : 2;
        if (find_curve(curves, backend, tasks) == NULL) {
            text_format(label, sizeof label, "%s %s", text_count((double)tasks).s,
                        backend_words(row->backend));
            curves_add(curves, row, marker_of(curves, tasks), label);
        }
    }
}

/* The largest number of sleepers that both back ends had (0: none), and the largest of green. */
static void find_sizes(const struct curves *curves, int64_t *common, int64_t *most)
{
    *common = *most = 0;
    for (size_t i = 0; i < curves->count; i++) {
        int64_t tasks = sweep_tasks(curves->curves[i].row);
        if (curves->curves[i].backend == 1 && tasks > *most) {
            *most = tasks;
        }
        if (curves->curves[i].backend == 1 && tasks > *common &&
            find_curve(curves, 2, tasks) != NULL) {
            *common = tasks;
        }
    }
}

static void write_title(const struct curves *curves, struct figure_text *text)
{
    int64_t common;
    int64_t most;
    find_sizes(curves, &common, &most);
    if (common == 0) {
        const struct curve *first = &curves->curves[0];
        text_format(text->title, sizeof text->title, "Half of %s wake at most %s late",
                    first->label, text_ns(first->row->p50).s);
        return;
    }
    text_format(text->title, sizeof text->title,
                "Of %s sleepers half wake at most %s late as green threads, %s as OS threads",
                text_count((double)common).s, text_ns(find_curve(curves, 1, common)->row->p50).s,
                text_ns(find_curve(curves, 2, common)->row->p50).s);
    if (most > common) {
        text_append(text->title, sizeof text->title, "; of %s green ones %s",
                    text_count((double)most).s, text_ns(find_curve(curves, 1, most)->row->p50).s);
    }
}

static void write_texts(const struct curves *curves, struct figure_text *text)
{
    const struct result_row *row = curves->curves[0].row;
    int64_t rate = 0;
    write_title(curves, text);
    text_format(text->subtitle, sizeof text->subtitle, WORKLOAD ", %d proc%s", row->procs,
                row->procs == 1 ? "" : "s");
    if (result_param(row, "rate", &rate)) {
        text_append(text->subtitle, sizeof text->subtitle,
                    ", wake-ups spread evenly at %s a second", text_count((double)rate).s);
    }
    text_append(text->subtitle, sizeof text->subtitle,
                ". At least %s wake-ups a curve. Every value contains the cost of reading the "
                "clock. A marker has ten or more later ones behind it",
                text_count((double)curves_least(curves)).s);
    if (curves->left_out > 0) {
        text_append(text->subtitle, sizeof text->subtitle, "; not drawn for want of room: %zu",
                    curves->left_out);
    }
    text_format(text->alt, sizeof text->alt,
                "Percentile curves of how late sleepers wake: share of wake-ups in nines across, "
                "nanoseconds on a logarithmic axis up. %s.",
                text->title);
    curves_describe(curves, text->alt, sizeof text->alt);
    text->height = 620;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct curves curves;
    collect(results, &curves);
    if (curves.count == 0) {
        return figure_absent(text, "the results hold no run of " WORKLOAD " that was ok");
    }
    curves_write(data, &curves, &text->frame);
    write_texts(&curves, text);
    return 0;
}

const struct figure figure_lateness = {
    .name = "how_late_does_a_sleeper_wake",
    .question = "How late does a task wake that sleeps until a given moment?",
    .how_to_read =
        "Read across how many of the sleepers woke at most so late: 50 %, 90 %, 99 %, … (each step "
        "is ten times rarer), and up how late that was. The moments are spread evenly, so that a "
        "curve which rises with the number of sleepers shows wake-ups that wait for each other.",
    .threat = "The kernel's own timer slack (50 µs by default) and, on a virtual machine, the time "
              "that the hypervisor takes to wake a halted processor are in all curves: on an idle "
              "machine they are most of it. How late a sleeper is says nothing about the cost of "
              "arming its timer.",
    .prepare = prepare,
};

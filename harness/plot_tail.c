/* plot_tail.c - how long can a switch take? The percentile curves of all hop latencies. */
#include <errno.h>
#include <string.h>

#include "plot_curves.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define METRIC "hop_latency"
#define HEADLINE "switch.chan"

/* The number of the workload among those collected so far, or the next free one. */
static int workload_number(const struct curves *curves, const char *workload)
{
    int next = 1;
    for (size_t i = 0; i < curves->count; i++) {
        if (strcmp(curves->curves[i].row->workload, workload) == 0) {
            return curves->curves[i].marker;
        }
        next = curves->curves[i].marker >= next ? curves->curves[i].marker + 1 : next;
    }
    return next;
}

/* Has this workload, back end and procs a curve already (of other parameters)? */
static bool is_collected(const struct curves *curves, const struct result_row *row)
{
    for (size_t i = 0; i < curves->count; i++) {
        if (strcmp(curves->curves[i].row->workload, row->workload) == 0 &&
            strcmp(curves->curves[i].row->backend, row->backend) == 0) {
            return true;
        }
    }
    return false;
}

static void collect(const struct results *results, struct curves *curves)
{
    size_t position = 0;
    const struct result_row *row;
    memset(curves, 0, sizeof *curves);
    while ((row = results_next(results, &position, NULL, NULL, 0, METRIC)) != NULL) {
        char label[CURVE_LABEL_BYTES];
        if (row->procs != results_min_procs(results, row->workload) || is_collected(curves, row)) {
            continue;
        }
        text_format(label, sizeof label, "%s, %s", row->workload, backend_words(row->backend));
        curves_add(curves, row, workload_number(curves, row->workload), label);
    }
}

/* The curve of a workload (NULL: any) and back end. */
static const struct curve *find_curve(const struct curves *curves, const char *workload,
                                      int backend)
{
    for (size_t i = 0; i < curves->count; i++) {
        const struct curve *curve = &curves->curves[i];
        if (curve->backend == backend &&
            (workload == NULL || strcmp(curve->row->workload, workload) == 0)) {
            return curve;
        }
    }
    return NULL;
}

/* The title speaks of the headline workload, else of the first that has both sides. */
static void write_title(const struct curves *curves, struct figure_text *text)
{
    const struct curve *green = find_curve(curves, HEADLINE, 1);
    green = green != NULL ? green : find_curve(curves, NULL, 1);
    const struct curve *pthread =
        green == NULL ? NULL : find_curve(curves, green->row->workload, 2);
    char workload[CURVE_LABEL_BYTES];
    if (green == NULL || pthread == NULL) {
        const struct result_row *row = curves->curves[0].row;
        text_clean(workload, sizeof workload, row->workload);
        text_format(text->title, sizeof text->title, "%s: 99.9 %% of the hops of %s end within %s",
                    workload, backend_words(row->backend), text_ns(row->p999).s);
        return;
    }
    bool rare = curve_is_rare(green) && curve_is_rare(pthread);
    text_clean(workload, sizeof workload, green->row->workload);
    text_format(text->title, sizeof text->title,
                "%s: %s %% of the hops end within %s as green threads and %s as OS threads",
                workload, rare ? "99.99" : "99.9", text_ns(curve_tail_ns(green, rare)).s,
                text_ns(curve_tail_ns(pthread, rare)).s);
}

static void write_texts(const struct curves *curves, struct figure_text *text)
{
    size_t processes = curves->curves[0].row->trials_count;
    write_title(curves, text);
    text_format(
        text->subtitle, sizeof text->subtitle,
        "Each hop timed alone, at least %s hops a curve, from %zu process%s. Every value "
        "contains the cost of reading the clock. A marker has ten or more slower hops behind "
        "it",
        text_count((double)curves_least(curves)).s, processes, processes == 1 ? "" : "es");
    if (curves->left_out > 0) {
        text_append(text->subtitle, sizeof text->subtitle, "; not drawn for want of room: %zu",
                    curves->left_out);
    }
    text_format(text->alt, sizeof text->alt,
                "Percentile curves of hop latency: share of hops in nines across, nanoseconds on a "
                "logarithmic axis up. %s.",
                text->title);
    curves_describe(curves, text->alt, sizeof text->alt);
    text->height = 620;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct curves curves;
    collect(results, &curves);
    if (curves.count == 0) {
        return figure_absent(text, "the results hold no latency histogram");
    }
    curves_write(data, &curves, &text->frame);
    write_texts(&curves, text);
    return 0;
}

const struct figure figure_tail = {
    .name = "how_long_can_a_switch_take",
    .question = "How long does a switch take at worst, not only on average?",
    .how_to_read =
        "Read across how many of the hops were at least this fast: 90 %, 99 %, 99.9 %, … (each "
        "step is ten times rarer), and up how long they took. A curve that stays flat far to the "
        "right is predictable; a bend upwards is the rare slow hop that a user notices.",
    .threat = "Reading the clock twice costs as much as several green switches and is contained "
              "in each value, so the medians here are higher than those of the batches. On a "
              "virtual machine the hypervisor's own pauses are in the tail of both.",
    .prepare = prepare,
};

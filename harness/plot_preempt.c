/* plot_preempt.c - how long can a task keep the processor? The tail of a probe beside hogs, with
 * each mechanism of preemption on and off, and beside OS threads. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_text.h"
#include "preempt_rows.h"

#define GAP 1.6 /* rows between two kinds */
#define ROW_PIXELS 19
#define LABEL_SHARE 0.30 /* of the axis, for the names on the left */

/* One row of the drawing. */
struct line {
    const struct result_row *row;
    double y;
    int colour;
};

struct lines {
    struct line lines[PREEMPT_KINDS_MAX * (PREEMPT_VARIANTS + 1)];
    size_t count;
    double headings[PREEMPT_KINDS_MAX]; /* y, NAN: the kind has no row */
    double bottom;
};

static void add(struct lines *lines, const struct result_row *row, double *y, int colour)
{
    if (row != NULL) {
        lines->lines[lines->count++] = (struct line){row, *y, colour};
        *y -= 1;
    }
}

static void collect(const struct results *results, struct lines *lines)
{
    double y = 0;
    memset(lines, 0, sizeof *lines);
    for (int kind = 0; kind < PREEMPT_KINDS_MAX; kind++) {
        size_t before = lines->count;
        double heading = y;
        y -= 1;
        for (int variant = 0; variant < PREEMPT_VARIANTS; variant++) {
            add(lines, preempt_row(results, "green", kind, preempt_variants[variant].tune), &y, 1);
        }
        add(lines, preempt_row(results, "pthread", kind, NULL), &y, 2);
        bool some = lines->count > before;
        lines->headings[kind] = some ? heading : NAN;
        y = some ? y - (GAP - 1) : heading;
    }
    lines->bottom = y;
}

static const char *name_of(const struct result_row *row)
{
    if (strcmp(row->backend, "pthread") == 0) {
        return "OS threads";
    }
    for (int variant = 0; variant < PREEMPT_VARIANTS; variant++) {
        if (text_same(row->tune, preempt_variants[variant].tune)) {
            return preempt_variants[variant].words;
        }
    }
    return "";
}

/* The worst 99 % over all kinds, of the rows tuned so; 0: there is none. */
static double worst_of(const struct lines *lines, const char *backend, const char *tune)
{
    double worst = 0;
    for (size_t i = 0; i < lines->count; i++) {
        const struct result_row *row = lines->lines[i].row;
        if (strcmp(row->backend, backend) == 0 && text_same(row->tune, tune)) {
            worst = fmax(worst, row->p99);
        }
    }
    return worst;
}

/* "calls, loop" */
static void name_kinds(const struct lines *lines, char *out, size_t size)
{
    for (int kind = 0; kind < PREEMPT_KINDS_MAX; kind++) {
        if (isfinite(lines->headings[kind])) {
            text_append(out, size, "%s%s", out[0] == '\0' ? "" : ", ", preempt_kinds[kind]);
        }
    }
}

static void write_title(const struct lines *lines, struct figure_text *text)
{
    double on = worst_of(lines, "green", NULL);
    double off = worst_of(lines, "green", preempt_variants[PREEMPT_NONE].tune);
    double threads = worst_of(lines, "pthread", NULL);
    char kinds[128] = "";
    name_kinds(lines, kinds, sizeof kinds);
    text_format(text->title, sizeof text->title,
                "Beside a hog (%s) a green thread runs within %s in 99 %% of the cases", kinds,
                text_ns(on).s);
    if (threads > 0) {
        text_append(text->title, sizeof text->title, ", an OS thread within %s",
                    text_ns(threads).s);
    }
    if (off > 0) {
        text_append(text->title, sizeof text->title, "; without preemption within %s",
                    text_ns(off).s);
    }
}

static size_t processes_of(const struct result_row *row)
{
    return row->trials_count;
}

static size_t wakeups_of(const struct result_row *row)
{
    size_t count = 0;
    for (size_t i = 0; i < row->histogram_count; i++) {
        count += row->histogram[i].count;
    }
    return count;
}

/* "1 – 4", "4": how many there are of something, by line. */
static struct text_number count_of(const struct lines *lines,
                                   size_t (*count_one)(const struct result_row *row))
{
    size_t least = SIZE_MAX;
    size_t most = 0;
    for (size_t i = 0; i < lines->count; i++) {
        size_t count = count_one(lines->lines[i].row);
        least = count < least ? count : least;
        most = count > most ? count : most;
    }
    return text_span(least, most);
}

static void write_texts(const struct lines *lines, struct figure_text *text)
{
    const struct result_row *row = lines->lines[0].row;
    int64_t stint = 0;
    write_title(lines, text);
    text_format(text->subtitle, sizeof text->subtitle,
                PREEMPT_WORKLOAD ", %d proc%s; a line is %s wake-ups in %s processes. Line: from "
                                 "the median to 99 %% of them; point: 99 %%",
                row->procs, row->procs == 1 ? "" : "s", count_of(lines, wakeups_of).s,
                count_of(lines, processes_of).s);
    if (result_param(row, "stint_ms", &stint)) {
        text_append(text->subtitle, sizeof text->subtitle,
                    ". Where nothing preempts it, a hog yields after %s ms",
                    text_count((double)stint).s);
    }
    text_format(text->alt, sizeof text->alt,
                "Dot chart: how late a task wakes up beside one that never waits, for each kind of "
                "the latter and each mechanism of preemption switched off. %s.",
                text->title);
    for (size_t i = 0; i < lines->count; i++) {
        const struct result_row *one = lines->lines[i].row;
        text_append(text->alt, sizeof text->alt, " %s, %s: %s.", preempt_kind_of(one), name_of(one),
                    text_ns(one->p99).s);
    }
    text->height = 190 + (int)(ROW_PIXELS * -lines->bottom);
}

static void write_frame(const struct lines *lines, struct figure_text *text)
{
    double low = INFINITY;
    double high = 0;
    for (size_t i = 0; i < lines->count; i++) {
        low = fmin(low, lines->lines[i].row->p50);
        high = fmax(high, lines->lines[i].row->p99);
    }
    low = fmax(low, 1);
    double decades = fmax(log10(high / low), 1) / (1 - LABEL_SHARE);
    text->frame = (struct frame){.left = low / pow(10, decades * LABEL_SHARE),
                                 .right = high * pow(10, 0.12 * decades),
                                 .bottom = lines->bottom,
                                 .top = 1};
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct lines lines;
    collect(results, &lines);
    if (lines.count == 0) {
        return figure_absent(text, "the results hold no run of " PREEMPT_WORKLOAD " that was ok");
    }
    write_frame(&lines, text);
    figure_block(data, "runs", "median ns\t99 % ns\ty\tcolour\tlabel");
    for (size_t i = 0; i < lines.count; i++) {
        const struct line *line = &lines.lines[i];
        fprintf(data, "%.6g\t%.6g\t%.6g\t%d\t%s\n", line->row->p50, line->row->p99, line->y,
                line->colour, text_ns(line->row->p99).s);
    }
    figure_block(data, "names", "x\ty\tname");
    for (size_t i = 0; i < lines.count; i++) {
        fprintf(data, "%.6g\t%.6g\t%s\n", text->frame.left, lines.lines[i].y,
                name_of(lines.lines[i].row));
    }
    figure_block(data, "labels", "x\ty\tkind");
    for (int kind = 0; kind < PREEMPT_KINDS_MAX; kind++) {
        if (isfinite(lines.headings[kind])) {
            fprintf(data, "%.6g\t%.6g\thog: %s\n", text->frame.left, lines.headings[kind],
                    preempt_kinds[kind]);
        }
    }
    write_texts(&lines, text);
    return 0;
}

const struct figure figure_preempt = {
    .name = "how_long_can_a_task_keep_the_processor",
    .question = "How long can a task that never waits keep the others from running?",
    .how_to_read =
        "A task sleeps, and is late by what the point says in one case of a hundred, because "
        "another one on the same processor goes on and on. Each group is a kind of such hog: it "
        "calls the runtime, calls functions, loops without a call, or is inside of malloc. Each "
        "line leaves one mechanism of preemption out: the kind that needs it then keeps the "
        "processor until its stint is over. Of fewer than 100 wake-ups the point is the latest. "
        "Without any of them it may be several stints: a "
        "worker whose only other task yields looks for due sleepers now and then, and is asked to "
        "by preemption.",
    .threat = "The stint is a choice of the workload, so the lines without preemption could be as "
              "long as one likes. On a busy machine the kernel itself lets both wait.",
    .prepare = prepare,
};

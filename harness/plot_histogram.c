/* plot_histogram.c - how often is a hop slow? Counts of hop latencies on logarithmic axes. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_pair.h"
#include "plot_text.h"

enum {
    SHAPES_MAX = 6,
    BINS_PER_DECADE = 10,
    BINS = 12 * BINS_PER_DECADE, /* 1 ns to 10^12 ns */
    LABEL_BYTES = 160,
};

/* "Slow": so many times the median. */
static const double slow_times = 10;

/* One histogram in wider bins. */
struct shape {
    const struct result_row *row;
    double counts[BINS];
    double total;
    double slow; /* above slow_times the median */
    size_t peak; /* the fullest bin */
};

struct shapes {
    struct shape shapes[SHAPES_MAX];
    size_t count;
    size_t left_out;
};

static size_t bin_of(double ns)
{
    double bin = floor(log10(fmax(ns, 1)) * BINS_PER_DECADE + 1e-9);
    return bin < BINS - 1 ? (size_t)bin : BINS - 1;
}

/* Its middle on a logarithmic axis. */
static double middle_of(size_t bin)
{
    return pow(10, ((double)bin + 0.5) / BINS_PER_DECADE);
}

static void fill(struct shape *shape, const struct result_row *row)
{
    *shape = (struct shape){.row = row};
    for (size_t i = 0; i < row->histogram_count; i++) {
        double ns = (double)row->histogram[i].low;
        double count = (double)row->histogram[i].count;
        shape->counts[bin_of(ns)] += count;
        shape->total += count;
        shape->slow += ns > slow_times * row->p50 ? count : 0;
    }
    for (size_t bin = 0; bin < BINS; bin++) {
        shape->peak = shape->counts[bin] > shape->counts[shape->peak] ? bin : shape->peak;
    }
}

static void collect(const struct results *results, struct shapes *shapes)
{
    size_t position = 0;
    const struct result_row *row;
    *shapes = (struct shapes){.count = 0};
    while ((row = results_next(results, &position, NULL, NULL, 1, "hop_latency")) != NULL) {
        if (row->status != TRIAL_OK || row->histogram_count == 0) {
            continue;
        }
        if (shapes->count == SHAPES_MAX) {
            shapes->left_out++;
            continue;
        }
        fill(&shapes->shapes[shapes->count++], row);
    }
}

static int backend_of(const struct shape *shape)
{
    return strcmp(shape->row->backend, "green") == 0 ? 1 : 2;
}

/* An empty bin has no place on a logarithmic axis: the line ends before it. */
static void write_shape(FILE *data, const struct shape *shape, int marker)
{
    bool open = false;
    for (size_t bin = 0; bin < BINS; bin++) {
        if (shape->counts[bin] > 0) {
            fprintf(data, "%.5g\t%.6g\t%d\t%d\n", middle_of(bin), shape->counts[bin],
                    backend_of(shape), marker);
            open = true;
        } else if (open) {
            fputc('\n', data);
            open = false;
        }
    }
    if (open) {
        fputc('\n', data);
    }
}

static struct frame find_frame(const struct shapes *shapes)
{
    struct frame frame = {.left = INFINITY, .right = 0, .bottom = 0.6, .top = 0};
    for (size_t i = 0; i < shapes->count; i++) {
        const struct shape *shape = &shapes->shapes[i];
        frame.top = fmax(frame.top, shape->counts[shape->peak]);
        for (size_t bin = 0; bin < BINS; bin++) {
            if (shape->counts[bin] > 0) {
                frame.left = fmin(frame.left, middle_of(bin));
                frame.right = fmax(frame.right, middle_of(bin));
            }
        }
    }
    frame.left /= 2;
    frame.right *= 2;
    frame.top *= 12; /* room for the labels above the peaks */
    return frame;
}

static void label_of(const struct results *results, const struct shape *shape, char *out,
                     size_t size)
{
    char label[PAIR_LABEL_BYTES];
    row_label(results, shape->row, label, sizeof label);
    text_format(out, size, "%s, %s", label, backend_words(shape->row->backend));
}

static void write_labels(FILE *data, const struct results *results, const struct shapes *shapes,
                         const struct frame *frame)
{
    double heights[SHAPES_MAX];
    double gap = log10(frame->top / frame->bottom) * 0.05;
    for (size_t i = 0; i < shapes->count; i++) {
        const struct shape *shape = &shapes->shapes[i];
        heights[i] = log10(shape->counts[shape->peak]) + gap;
    }
    figure_spread(heights, shapes->count, gap);
    figure_block(data, "labels", "ns\tcount\tbackend\tlabel");
    for (size_t i = 0; i < shapes->count; i++) {
        char label[LABEL_BYTES];
        label_of(results, &shapes->shapes[i], label, sizeof label);
        fprintf(data, "%.5g\t%.6g\t%d\t%s\n", middle_of(shapes->shapes[i].peak),
                pow(10, heights[i]), backend_of(&shapes->shapes[i]), label);
    }
}

/* "1 in 5,200", or "none of 10,000". */
static struct text_number share_of(const struct shape *shape)
{
    struct text_number text;
    if (shape->slow > 0) {
        text_format(text.s, sizeof text.s, "1 in %s",
                    text_significant(shape->total / shape->slow).s);
    } else {
        text_format(text.s, sizeof text.s, "none of %s", text_count(shape->total).s);
    }
    return text;
}

/* Of the first workload, on both back ends if both have it. */
static void write_title(const struct shapes *shapes, struct figure_text *text)
{
    const struct result_row *first = shapes->shapes[0].row;
    text_format(text->title, sizeof text->title, "%s: of the hops of", first->workload);
    size_t told = 0;
    for (size_t i = 0; i < shapes->count; i++) {
        const struct shape *shape = &shapes->shapes[i];
        if (strcmp(shape->row->workload, first->workload) == 0) {
            text_append(text->title, sizeof text->title, "%s %s %s", told++ == 0 ? "" : ", of",
                        backend_words(shape->row->backend), share_of(shape).s);
        }
    }
    text_append(text->title, sizeof text->title, " takes more than ten times their median");
}

static void write_texts(const struct results *results, const struct shapes *shapes,
                        struct figure_text *text)
{
    double fewest = INFINITY;
    write_title(shapes, text);
    text_format(text->alt, sizeof text->alt,
                "Histograms of hop latencies, both axes logarithmic. %s.", text->title);
    for (size_t i = 0; i < shapes->count; i++) {
        char label[LABEL_BYTES];
        const struct shape *shape = &shapes->shapes[i];
        label_of(results, shape, label, sizeof label);
        text_append(text->alt, sizeof text->alt, " %s: median %s, slowest %s.", label,
                    text_ns(shape->row->p50).s, text_ns(shape->row->max).s);
        fewest = fmin(fewest, shape->total);
    }
    text_format(text->subtitle, sizeof text->subtitle,
                "One processor, each hop timed alone, at least %s hops a line from all processes "
                "together. A point is the number of hops in a bin; ten bins are one power of ten",
                text_count(fewest).s);
    if (shapes->left_out > 0) {
        text_append(text->subtitle, sizeof text->subtitle, "; %zu more are not drawn",
                    shapes->left_out);
    }
    text->height = 600;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct shapes shapes;
    collect(results, &shapes);
    if (shapes.count == 0) {
        return figure_absent(text, "the results hold no latency of single hops on one processor");
    }
    text->frame = find_frame(&shapes);
    figure_block(data, "shapes", "ns\tcount\tbackend (1 green, 2 OS threads)\tmarker");
    for (size_t i = 0; i < shapes.count; i++) {
        write_shape(data, &shapes.shapes[i], (int)i + 1);
    }
    write_labels(data, results, &shapes, &text->frame);
    write_texts(results, &shapes, text);
    return 0;
}

const struct figure figure_histogram = {
    .name = "how_often_is_a_hop_slow",
    .question = "How often is a hop slow?",
    .how_to_read =
        "To the right: how long a hop took; upwards: how many hops took so long. Both axes are "
        "logarithmic, so that a single slow hop is as easy to see as a million fast ones. A second "
        "hill is a second way for a hop to end: an interrupt, a tick of the kernel, another "
        "program. Where a line is interrupted no hop was.",
    .threat =
        "Bins of equal width on a logarithmic axis are wider to the right, so a flat line there "
        "means that slow hops become rarer. The number of hops differs between the lines, and so "
        "does the slowest that one may expect to see.",
    .prepare = prepare,
};

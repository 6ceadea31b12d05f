/* plot_ledger.c - where does the memory of a parked task go? Stacked bars per task. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_footprint.h"
#include "plot_text.h"

enum {
    GREEN,
    PTHREAD,
    BACKENDS,
};

static const char *const backends[BACKENDS] = {"green", "pthread"};

/* A segment narrower than this share of the axis has no room for its name. */
static const double least_named_share = 0.1;

struct bar {
    size_t sizes;
    double largest; /* number of tasks */
    struct interval kinds[FOOTPRINT_KINDS];
};

static int measure(const struct results *results, const char *backend, struct bar *bar)
{
    struct footprint *footprint = footprint_new(results, backend);
    if (footprint == NULL) {
        return -ENOMEM;
    }
    bar->sizes = footprint->sizes_count;
    bar->largest = bar->sizes == 0 ? 0 : footprint->sizes[bar->sizes - 1];
    for (int kind = 0; kind < FOOTPRINT_KINDS; kind++) {
        bar->kinds[kind] = footprint_slope(footprint, kind);
    }
    footprint_free(footprint);
    return 0;
}

/* What shrank (noise of the machine-wide counters) is told in words and has no length. */
static double drawn(const struct bar *bar, int part)
{
    return fmax(bar->kinds[part].value, 0);
}

static double bar_length(const struct bar *bar)
{
    double length = 0;
    for (int part = 0; part < FOOTPRINT_PARTS; part++) {
        length += drawn(bar, part);
    }
    return length;
}

static void write_segments(FILE *data, const struct bar *bars, double axis)
{
    figure_block(data, "segments", "row\tstart\tend\tpart\tname");
    for (int b = 0; b < BACKENDS; b++) {
        double start = 0;
        for (int part = 0; part < FOOTPRINT_PARTS && bars[b].sizes > 0; part++) {
            double width = drawn(&bars[b], part);
            const char *name = width >= axis * least_named_share ? footprint_name(part) : " ";
            fprintf(data, "%d\t%.6g\t%.6g\t%d\t%s\n", BACKENDS - b, start, start + width, part + 1,
                    name);
            start += width;
        }
    }
}

/* All parts with their numbers: 4,104 B user (RSS) + 128 B page tables + …. */
static void describe_parts(const struct bar *bar, char *out, size_t size)
{
    out[0] = '\0';
    for (int part = 0; part < FOOTPRINT_PARTS; part++) {
        double bytes = bar->kinds[part].value;
        text_append(out, size, "%s%s %s", part == 0 ? "" : " + ", text_bytes(fmax(bytes, 0)).s,
                    footprint_name(part));
        if (bytes <= -0.5) { /* a whole byte when rounded; a task gives none back */
            text_append(out, size, " (noise: %s)", text_bytes(bytes).s);
        }
    }
}

static void describe_bar(const struct bar *bar, char *out, size_t size)
{
    describe_parts(bar, out, size);
    text_append(out, size, " = %s;  address space grows by %s",
                text_bytes(bar->kinds[FOOTPRINT_TOTAL].value).s,
                text_bytes(bar->kinds[FOOTPRINT_RESERVED].value).s);
}

static void write_bar_texts(FILE *data, const struct bar *bars)
{
    figure_block(data, "bars", "row\tname\tcomposition");
    for (int b = 0; b < BACKENDS; b++) {
        char composition[FIGURE_TEXT_BYTES];
        describe_bar(&bars[b], composition, sizeof composition);
        fprintf(data, "%d\t%s\t%s\n", BACKENDS - b, backend_words(backends[b]),
                bars[b].sizes == 0 ? "not measured" : composition);
    }
}

static void write_title(const struct bar *bars, struct figure_text *text)
{
    double green = bars[GREEN].kinds[FOOTPRINT_TOTAL].value;
    double pthread = bars[PTHREAD].kinds[FOOTPRINT_TOTAL].value;
    if (isfinite(green) && isfinite(pthread)) {
        double resident = bars[PTHREAD].kinds[FOOTPRINT_USER].value;
        text_format(text->title, sizeof text->title,
                    "A parked OS thread holds %s, %s what a green thread holds (%s); %.0f %% of it "
                    "is invisible in RSS",
                    text_bytes(pthread).s, text_ratio(pthread / green).s, text_bytes(green).s,
                    100 * (1 - resident / pthread));
        return;
    }
    int only = isfinite(green) ? GREEN : PTHREAD;
    text_format(text->title, sizeof text->title, "A parked %s holds %s",
                only == GREEN ? "green thread" : "OS thread",
                text_bytes(bars[only].kinds[FOOTPRINT_TOTAL].value).s);
}

static void write_texts(const struct bar *bars, struct figure_text *text)
{
    write_title(bars, text);
    text_format(text->subtitle, sizeof text->subtitle,
                FOOTPRINT_WORKLOAD ", bytes per task. Length: growth between before and all "
                                   "parked");
    text_format(text->alt, sizeof text->alt, "Stacked bars of memory per parked task. %s.",
                text->title);
    for (int b = 0; b < BACKENDS; b++) {
        char composition[FIGURE_TEXT_BYTES];
        if (bars[b].sizes == 0) {
            continue;
        }
        describe_bar(&bars[b], composition, sizeof composition);
        text_append(text->subtitle, sizeof text->subtitle, "%s %s, %s %s", b == 0 ? ";" : " ·",
                    backend_words(backends[b]), bars[b].sizes > 1 ? "slope up to" : "divided by",
                    text_count(bars[b].largest).s);
        text_append(text->alt, sizeof text->alt, " %s: %s.", backend_words(backends[b]),
                    composition);
    }
    text->height = 400;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct bar bars[BACKENDS];
    for (int b = 0; b < BACKENDS; b++) {
        int error = measure(results, backends[b], &bars[b]);
        if (error != 0) {
            return error;
        }
    }
    if (bars[GREEN].sizes == 0 && bars[PTHREAD].sizes == 0) {
        return figure_absent(text, "the results hold no run of " FOOTPRINT_WORKLOAD
                                   " with a memory ledger");
    }
    write_texts(bars, text);
    double longest = fmax(bar_length(&bars[GREEN]), bar_length(&bars[PTHREAD]));
    text->frame = (struct frame){0, longest * 1.04, 0.2, BACKENDS + 0.8};
    write_segments(data, bars, longest);
    write_bar_texts(data, bars);
    return 0;
}

const struct figure figure_ledger = {
    .name = "where_does_the_memory_of_a_task_go",
    .question = "Where does the memory of a parked task go?",
    .how_to_read =
        "The length of a bar is what one more parked task costs the machine. Resident user memory "
        "is all that most tools show; page tables, the kernel's stack and its slab objects come on "
        "top for whatever the kernel knows as a thread. Reserved address space is a promise, not "
        "memory, so it is told in words and not drawn; a runtime that reserves all its stacks when "
        "it starts shows no growth of it.",
    .threat = "Kernel stacks and slab are the whole machine's: another process that starts or ends "
              "threads meanwhile falsifies them. The tasks use next to no stack; deeper ones hold "
              "more on both sides.",
    .prepare = prepare,
};

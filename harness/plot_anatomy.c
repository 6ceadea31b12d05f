/* plot_anatomy.c - what is a switch made of? A waterfall of the green runtime's parts, and below it
 * what else hands over: the C library and the kernel. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_text.h"

enum {
    PARTS = 5,
    MEANS = 7,
    LABEL_BYTES = 128,
};

/* A way to hand over, and the workload that measures it on one processor. */
struct means {
    const char *label;
    const char *workload;
    const char *backend;
    const char *metric;
};

/* From the least to all; each holds what the one before it holds. */
static const struct means parts[PARTS] = {
    {"swap without a call: PC, SP, BP", "anatomy.swap_inline", "green", "swap"},
    {"+ a function: what a call must preserve", "anatomy.swap", "green", "swap"},
    {"+ floating-point control words", "anatomy.swap_control", "green", "swap"},
    {"+ scheduler: a yield", "switch.yield", "green", "switch"},
    {"+ a message: a hop over a channel", "switch.chan", "green", "switch"},
};

static const struct means others[MEANS] = {
    {"swap, resumed by a jump", "anatomy.swap", "green", "swap"},
    {"swap, resumed by a return", "anatomy.swap_return", "green", "swap"},
    {"yield of a green thread", "switch.yield", "green", "switch"},
    {"hop of green threads over a channel", "switch.chan", "green", "switch"},
    {"swapcontext of the C library", "anatomy.swap_context", "green", "swap"},
    {"hop of OS threads by futex", "anatomy.futex", "pthread", "hop"},
    {"hop of OS threads over a pipe", "anatomy.pipe", "pthread", "hop"},
};

struct found {
    const struct means *means;
    const struct result_row *row;
};

static size_t collect(const struct results *results, const struct means *all, size_t count,
                      struct found *found)
{
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        size_t position = 0;
        const struct result_row *row =
            results_next(results, &position, all[i].workload, all[i].backend, 1, all[i].metric);
        if (row != NULL && row->status == TRIAL_OK) {
            found[filled++] = (struct found){&all[i], row};
        }
    }
    return filled;
}

static double least(const struct found *found, size_t count)
{
    double low = INFINITY;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, fmin(found[i].row->ci_low, found[i].row->median));
    }
    return low;
}

static double most(const struct found *found, size_t count)
{
    double high = 0;
    for (size_t i = 0; i < count; i++) {
        high = fmax(high, fmax(found[i].row->ci_high, found[i].row->median));
    }
    return high;
}

/* Each bar begins where the one above it ends. */
static void write_steps(FILE *data, const struct found *found, size_t count)
{
    figure_block(data, "steps", "row\tfrom\tto\tlow\thigh\tlabel\tnumber");
    for (size_t i = 0; i < count; i++) {
        const struct result_row *row = found[i].row;
        double from = i == 0 ? 0 : found[i - 1].row->median;
        double grown = row->median - from;
        char number[LABEL_BYTES];
        if (i == 0) {
            text_format(number, sizeof number, "%s", text_ns(row->median).s);
        } else {
            text_format(number, sizeof number, "%s%s = %s", grown < 0 ? "" : "+", text_ns(grown).s,
                        text_ns(row->median).s);
        }
        fprintf(data, "%zu\t%.6g\t%.6g\t%.6g\t%.6g\t%s\t%s\n", count - i, from, row->median,
                row->ci_low, row->ci_high, found[i].means->label, number);
    }
}

static void write_means(FILE *data, const struct found *found, size_t count)
{
    figure_block(data, "means", "row\tns\tlow\thigh\tcolour\tlabel\tnumber");
    for (size_t i = 0; i < count; i++) {
        const struct result_row *row = found[i].row;
        fprintf(data, "%zu\t%.6g\t%.6g\t%.6g\t%d\t%s\t%s\n", count - i, row->median, row->ci_low,
                row->ci_high, strcmp(row->backend, "green") == 0 ? 1 : 2, found[i].means->label,
                text_ns(row->median).s);
    }
    figure_block(data, "lower", "left\tright\tbottom\ttop");
    fprintf(data, "%.6g\t%.6g\t0.4\t%.6g\n", least(found, count) / 2, most(found, count) * 6,
            (double)count + 0.6);
}

static const struct result_row *find(const struct found *found, size_t count, const char *workload)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(found[i].means->workload, workload) == 0) {
            return found[i].row;
        }
    }
    return NULL;
}

static void write_title(const struct found *steps, size_t steps_count, const struct found *means,
                        size_t means_count, struct figure_text *text)
{
    const struct result_row *last = steps[steps_count - 1].row;
    const struct result_row *futex = find(means, means_count, "anatomy.futex");
    text_format(text->title, sizeof text->title,
                "Of the %s of %s the bare swap of stacks is %.0f %%", text_ns(last->median).s,
                strcmp(last->workload, "switch.chan") == 0 ? "a hop over a channel"
                                                           : "the last part measured",
                100 * steps[0].row->median / last->median);
    if (futex != NULL) {
        text_append(text->title, sizeof text->title,
                    "; a hop that the kernel makes takes %s, %s as long", text_ns(futex->median).s,
                    text_ratio(futex->median / last->median).s);
    }
}

static void write_processes(const struct found *found, size_t count, struct figure_text *text)
{
    size_t fewest = found[0].row->trials_count;
    size_t highest = fewest;
    for (size_t i = 1; i < count; i++) {
        size_t trials = found[i].row->trials_count;
        fewest = trials < fewest ? trials : fewest;
        highest = trials > highest ? trials : highest;
    }
    if (fewest == highest) {
        text_append(text->subtitle, sizeof text->subtitle, "%zu", fewest);
    } else {
        text_append(text->subtitle, sizeof text->subtitle, "%zu – %zu", fewest, highest);
    }
}

static void write_texts(const struct found *steps, size_t steps_count, const struct found *means,
                        size_t means_count, struct figure_text *text)
{
    write_title(steps, steps_count, means, means_count, text);
    text_format(text->subtitle, sizeof text->subtitle, "One processor, ");
    write_processes(means, means_count, text);
    text_append(text->subtitle, sizeof text->subtitle,
                " processes a point. Above: medians, each bar is what is added to the one above "
                "it; below: all ways to hand over. Thin bars: 95 %% bootstrap intervals");
    text_format(text->alt, sizeof text->alt,
                "A waterfall of what a switch consists of, on a linear axis, over a dot plot of "
                "ways to hand over, on a logarithmic one. %s.",
                text->title);
    for (size_t i = 0; i < steps_count; i++) {
        text_append(text->alt, sizeof text->alt, " %s: %s.", steps[i].means->label,
                    text_ns(steps[i].row->median).s);
    }
    for (size_t i = 0; i < means_count; i++) {
        text_append(text->alt, sizeof text->alt, " %s: %s.", means[i].means->label,
                    text_ns(means[i].row->median).s);
    }
    text->height = 720;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct found steps[PARTS];
    struct found means[MEANS];
    size_t steps_count = collect(results, parts, PARTS, steps);
    size_t means_count = collect(results, others, MEANS, means);
    if (steps_count < 2 || steps[0].means != &parts[0]) {
        return figure_absent(text, "the results do not hold anatomy.swap_inline and a second part "
                                   "of a switch");
    }
    text->frame = (struct frame){.left = 0,
                                 .right = most(steps, steps_count) * 1.35,
                                 .bottom = 0.4,
                                 .top = (double)steps_count + 0.6};
    write_steps(data, steps, steps_count);
    write_means(data, means, means_count);
    write_texts(steps, steps_count, means, means_count, text);
    return 0;
}

const struct figure figure_anatomy = {
    .name = "what_is_a_switch_made_of",
    .question = "What is a switch made of?",
    .how_to_read =
        "Above, from top to bottom: the least that can be called a switch, then what a runtime has "
        "to add to it. A bar's length is what that part adds. Below, on a logarithmic axis, whole "
        "switches: how they compare with what the C library and the kernel offer. The jump and the "
        "return do the same work; the processor foresees where a jump goes, and for a return it "
        "looks at the calls of the stack that was just left.",
    .threat =
        "Each part is timed in a loop of its own, and a processor overlaps what follows: the parts "
        "of a real switch do not simply add up, and one may even seem to cost less than nothing. "
        "In a loop over two stacks all is in the first-level cache and well foreseen.",
    .prepare = prepare,
};

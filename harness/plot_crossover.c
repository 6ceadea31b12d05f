/* plot_crossover.c - where do OS threads win? A map over size of task, number and blocking. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "crossover.h"
#include "plot_figure.h"
#include "plot_text.h"

enum { ROW_HEIGHT = 46, HEAD_AND_FOOT = 240 };

enum winner { GREEN, THREADS, NOBODY, WINNERS };

static const char *const winner_blocks[WINNERS] = {"green_cheaper", "threads_cheaper", "undecided"};

/* The whole interval must lie beyond the tie. */
static enum winner winner_of(const struct interval *ratio)
{
    if (ratio->low > CROSSOVER_TIE) {
        return GREEN;
    }
    return ratio->high < 1 / CROSSOVER_TIE ? THREADS : NOBODY;
}

/* The first line is the topmost row. */
static double row_of(const struct crossovers *crossovers, size_t index)
{
    return (double)(crossovers->count - index);
}

static size_t write_winners(const struct crossovers *crossovers, enum winner winner, FILE *data)
{
    size_t cells = 0;
    for (size_t i = 0; i < crossovers->count; i++) {
        const struct crossover_line *line = &crossovers->lines[i];
        for (size_t k = 0; k < line->points_count; k++) {
            const struct crossover_point *point = &line->points[k];
            if (winner_of(&point->ratio) != winner) {
                continue;
            }
            if (cells++ == 0) {
                figure_block(data, winner_blocks[winner], "size, ns\trow\tpthread / green");
            }
            fprintf(data, "%.6g\t%.0f\t%s\n", point->size_ns, row_of(crossovers, i),
                    text_ratio(point->ratio.value).s);
        }
    }
    return cells;
}

static void write_crossings(const struct crossovers *crossovers, FILE *data)
{
    bool begun = false;
    for (size_t i = 0; i < crossovers->count; i++) {
        const struct interval *crossing = &crossovers->lines[i].crossing;
        if (!isfinite(crossing->value)) {
            continue;
        }
        if (!begun) {
            figure_block(data, "marks", "size, ns\trow\tlow\thigh");
            begun = true;
        }
        fprintf(data, "%.6g\t%.6g\t%.6g\t%.6g\n", crossing->value, row_of(crossovers, i),
                crossing->low, crossing->high);
    }
}

static void write_names(const struct crossovers *crossovers, const struct frame *frame, FILE *data)
{
    figure_block(data, "names", "left\trow\tname");
    for (size_t i = 0; i < crossovers->count; i++) {
        const struct crossover_line *line = &crossovers->lines[i];
        fprintf(data, "%.6g\t%.0f\t%s task%s, %lld %% block, %d proc%s\n", frame->left,
                row_of(crossovers, i), text_count((double)line->tasks).s,
                line->tasks == 1 ? "" : "s", (long long)line->share, line->procs,
                line->procs == 1 ? "" : "s");
    }
}

/* The largest ratio, and the range of the crossings. */
static void write_title(const struct crossovers *crossovers, const size_t cells[WINNERS],
                        struct figure_text *text)
{
    double largest = 0;
    double first = INFINITY;
    double last = 0;
    size_t crossed = 0;
    for (size_t i = 0; i < crossovers->count; i++) {
        const struct crossover_line *line = &crossovers->lines[i];
        for (size_t k = 0; k < line->points_count; k++) {
            largest = fmax(largest, line->points[k].ratio.value);
        }
        if (isfinite(line->crossing.value)) {
            first = fmin(first, line->crossing.value);
            last = fmax(last, line->crossing.value);
            crossed++;
        }
    }
    text_format(text->title, sizeof text->title,
                "Green threads are up to %s as fast; OS threads win in %zu of %zu cells",
                text_ratio(largest).s, cells[THREADS],
                cells[GREEN] + cells[THREADS] + cells[NOBODY]);
    if (crossed > 1) {
        text_append(text->title, sizeof text->title, ", and tie from tasks of %s – %s on",
                    text_ns(first).s, text_ns(last).s);
    } else if (crossed == 1) {
        text_append(text->title, sizeof text->title, ", and tie from tasks of %s on",
                    text_ns(first).s);
    }
}

static void write_texts(const struct crossovers *crossovers, const size_t cells[WINNERS],
                        struct figure_text *text)
{
    write_title(crossovers, cells, text);
    text_format(
        text->subtitle, sizeof text->subtitle,
        "crossover, %zu processes a cell. Number: time with OS threads / with green ones; "
        "colour: whose interval (95 %%) is wholly beyond a tie of 10 %%; bar: the size from "
        "which on they tie, with its interval",
        crossovers->lines[0].blocks);
    text_format(
        text->alt, sizeof text->alt,
        "Map: a row for each number of tasks and share of blocking ones, the size of a task "
        "from left to right on a logarithmic axis, in each cell how many times as long OS "
        "threads take. %s.",
        text->title);
    text->height = HEAD_AND_FOOT + ROW_HEIGHT * (int)crossovers->count;
}

static void set_frame(const struct crossovers *crossovers, struct frame *frame)
{
    double low = INFINITY;
    double high = 0;
    for (size_t i = 0; i < crossovers->count; i++) {
        const struct crossover_line *line = &crossovers->lines[i];
        low = fmin(low, line->points[0].size_ns);
        high = fmax(high, line->points[line->points_count - 1].size_ns);
    }
    *frame = (struct frame){
        .left = low / 2, .right = high * 3, .bottom = 0.4, .top = (double)crossovers->count + 0.6};
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    size_t cells[WINNERS];
    struct crossovers *crossovers = crossovers_new(results);
    if (crossovers == NULL) {
        return -ENOMEM;
    }
    if (crossovers->count == 0) {
        crossovers_free(crossovers);
        return figure_absent(text, "the results hold no run of crossover on both back ends");
    }
    set_frame(crossovers, &text->frame);
    for (int winner = 0; winner < WINNERS; winner++) {
        cells[winner] = write_winners(crossovers, winner, data);
    }
    write_crossings(crossovers, data);
    write_names(crossovers, &text->frame, data);
    write_texts(crossovers, cells, text);
    crossovers_free(crossovers);
    return 0;
}

const struct figure figure_crossover = {
    .name = "where_do_os_threads_win",
    .question = "From which size of a task on are OS threads as good?",
    .how_to_read =
        "Each row is a number of tasks, and how many of them also block in the kernel; from left "
        "to "
        "right each task has more to compute. The number says how many times as long OS threads "
        "take. On the left all is creation, on the right all is work: there both do the same.",
    .threat =
        "All tasks of a cell have one size, and a blocking call sleeps for a fixed time. Real "
        "programs have tasks of many sizes, and the small ones decide.",
    .prepare = prepare,
};

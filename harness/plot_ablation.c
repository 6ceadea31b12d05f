/* plot_ablation.c - what is each technique of the green runtime worth? The change of each metric
 * that was measured with a technique switched off, too. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_figure.h"
#include "plot_pair.h"
#include "plot_text.h"
#include "preempt_rows.h"

enum {
    CHANGES_MAX = 24,
    LABEL_BYTES = 192,
};

struct change {
    const struct result_row *off;
    const struct result_row *on;
    struct interval percent; /* > 0: it is worse without the technique */
};

struct changes {
    struct change changes[CHANGES_MAX];
    size_t count;
    size_t left_out;
};

/* The row that is equal but for the setting: the runtime as it is. */
static const struct result_row *untuned(const struct results *results, const struct result_row *row)
{
    struct result_row same = *row;
    same.tune = NULL;
    return results_partner(results, &same, row->backend);
}

static struct interval percent_of(struct interval ratio)
{
    return (struct interval){100 * (ratio.value - 1), 100 * (ratio.low - 1),
                             100 * (ratio.high - 1)};
}

/* What preempts is shown by kind of hog, in a figure of its own. */
static bool is_wanted(const struct result_row *row)
{
    return strcmp(row->workload, PREEMPT_WORKLOAD) != 0 && row->metric != NULL &&
           row->status == TRIAL_OK && row->tune != NULL && row->procs > 0 &&
           (unit_is_time(row->unit) || unit_more_is_better(row->unit));
}

static void add(struct changes *changes, const struct result_row *off, const struct result_row *on)
{
    struct interval ratio =
        unit_more_is_better(off->unit) ? result_ratio(on, off) : result_ratio(off, on);
    if (!isfinite(ratio.value)) {
        return;
    }
    if (changes->count == CHANGES_MAX) {
        changes->left_out++;
        return;
    }
    changes->changes[changes->count++] = (struct change){off, on, percent_of(ratio)};
}

/* Descending by what is lost. */
static void sort(struct changes *changes)
{
    for (size_t i = 1; i < changes->count; i++) {
        struct change moved = changes->changes[i];
        size_t j = i;
        while (j > 0 && changes->changes[j - 1].percent.value < moved.percent.value) {
            changes->changes[j] = changes->changes[j - 1];
            j--;
        }
        changes->changes[j] = moved;
    }
}

static void collect(const struct results *results, struct changes *changes)
{
    *changes = (struct changes){.count = 0};
    for (size_t i = 0; i < results->rows_count; i++) {
        const struct result_row *off = &results->rows[i];
        const struct result_row *on = is_wanted(off) ? untuned(results, off) : NULL;
        if (on != NULL) {
            add(changes, off, on);
        }
    }
    sort(changes);
}

static void describe(const struct results *results, const struct change *change, char *out,
                     size_t size)
{
    char cell[PAIR_LABEL_BYTES];
    char tune[PAIR_LABEL_BYTES];
    row_label(results, change->on, cell, sizeof cell);
    text_clean(tune, sizeof tune, change->off->tune);
    text_format(out, size, "%s: %s", tune, cell);
}

static struct text_number percent_text(double percent)
{
    struct text_number text;
    text_format(text.s, sizeof text.s, "%s%s %%", percent > 0 ? "+" : "",
                text_significant(percent).s);
    return text;
}

/* Worse, better or neither without it: the colour. */
static int verdict_of(const struct change *change)
{
    if (change->percent.low > 0) {
        return 1;
    }
    return change->percent.high < 0 ? 2 : 3;
}

static void write_rows(FILE *data, const struct results *results, const struct changes *changes)
{
    figure_block(data, "changes",
                 "row\tpercent\tlow\thigh\tverdict (1 worse without, 2 better, 3 neither)\tlabel\t"
                 "number");
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->changes[i];
        char label[LABEL_BYTES];
        describe(results, change, label, sizeof label);
        fprintf(data, "%zu\t%.6g\t%.6g\t%.6g\t%d\t%s\t%s   %s\n", changes->count - i,
                change->percent.value, change->percent.low, change->percent.high,
                verdict_of(change), label, percent_text(change->percent.value).s,
                text_quantity(change->on->median, change->on->unit).s);
    }
}

static void find_frame(const struct changes *changes, struct frame *frame)
{
    double low = 0;
    double high = 0;
    for (size_t i = 0; i < changes->count; i++) {
        low = fmin(low, changes->changes[i].percent.low);
        high = fmax(high, changes->changes[i].percent.high);
    }
    double width = fmax(high - low, 1);
    *frame =
        (struct frame){low - 0.04 * width, high + 0.04 * width, 0.4, (double)changes->count + 0.7};
}

static void write_texts(const struct results *results, const struct changes *changes,
                        struct figure_text *text)
{
    const struct change *first = NULL; /* of those that can be told from nothing */
    char label[LABEL_BYTES];
    size_t verdicts[4] = {0};
    size_t fewest = SIZE_MAX;
    size_t most = 0;
    for (size_t i = 0; i < changes->count; i++) {
        bool worse = verdict_of(&changes->changes[i]) == 1;
        first = first == NULL && worse ? &changes->changes[i] : first;
        size_t trials = changes->changes[i].off->trials_count;
        verdicts[verdict_of(&changes->changes[i])]++;
        fewest = trials < fewest ? trials : fewest;
        most = trials > most ? trials : most;
    }
    text_format(text->title, sizeof text->title,
                "Of %zu metrics measured with a technique switched off, %zu got worse, %zu better, "
                "%zu neither",
                changes->count, verdicts[1], verdicts[2], verdicts[3]);
    if (first != NULL) {
        describe(results, first, label, sizeof label);
        text_append(text->title, sizeof text->title, "; the most is lost by %s (%s)", label,
                    percent_text(first->percent.value).s);
    }
    text_format(text->subtitle, sizeof text->subtitle,
                "Green threads with one technique switched off, ");
    if (fewest < most) {
        text_append(text->subtitle, sizeof text->subtitle, "%zu – ", fewest);
    }
    text_append(text->subtitle, sizeof text->subtitle,
                "%zu process%s each. Point: median of the changes within a block; bar: "
                "95 %% bootstrap interval",
                most, most == 1 ? "" : "es");
    if (changes->left_out > 0) {
        text_append(text->subtitle, sizeof text->subtitle, "; %zu more are not drawn",
                    changes->left_out);
    }
    text_format(text->alt, sizeof text->alt,
                "Dot plot, a row for each technique that was switched off, on a linear axis of per "
                "cent. %s.",
                text->title);
    for (size_t i = 0; i < changes->count; i++) {
        describe(results, &changes->changes[i], label, sizeof label);
        text_append(text->alt, sizeof text->alt, " %s %s.", label,
                    percent_text(changes->changes[i].percent.value).s);
    }
    text->height = 230 + 26 * (int)changes->count;
}

static int prepare(const struct results *results, struct figure_text *text, FILE *data)
{
    struct changes changes;
    collect(results, &changes);
    if (changes.count == 0) {
        return figure_absent(text, "the results hold nothing that was measured with a technique "
                                   "switched off (--tune)");
    }
    find_frame(&changes, &text->frame);
    write_rows(data, results, &changes);
    write_texts(results, &changes, text);
    return 0;
}

const struct figure figure_ablation = {
    .name = "what_is_each_technique_worth",
    .question = "What is each technique of the green runtime worth?",
    .how_to_read =
        "A row is one technique, switched off by the word in front, on one workload. To the right "
        "of 0 the workload is slower without it: that is what the technique is worth there. To the "
        "left the workload would be better off without. A bar that crosses 0 decides nothing.",
    .threat =
        "Each technique is shown on a workload that was chosen for it; elsewhere it may be worth "
        "nothing, or cost. Techniques that lean on each other are worth more together than the sum "
        "of the rows.",
    .prepare = prepare,
};

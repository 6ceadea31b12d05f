/* compare_print.c - a comparison as a table for people. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "compare.h"
#include "plot_pair.h"
#include "plot_text.h"
#include "table.h"

enum {
    COLUMN_ROW,
    COLUMN_BACKEND,
    COLUMN_BASE,
    COLUMN_HEAD,
    COLUMN_RATIO,
    COLUMN_VERDICT,
    COLUMNS
};

struct line {
    char *texts[COLUMNS];
};

static const char *const titles[COLUMNS] = {"workload", "back end",    "base",
                                            "head",     "head / base", "verdict"};

static char *describe_ratio(struct interval ratio)
{
    return isfinite(ratio.value)
               ? alloc_format("%.3f [%.3f, %.3f]", ratio.value, ratio.low, ratio.high)
               : alloc_copy("–");
}

static char *describe_side(const struct result_row *row)
{
    char unit[TEXT_NUMBER_BYTES];
    if (row->status != TRIAL_OK) {
        return alloc_copy(trial_status_name(row->status));
    }
    text_clean(unit, sizeof unit, row->unit);
    return alloc_copy(text_quantity(row->median, unit).s);
}

static char *describe_verdict(const struct compare_row *row)
{
    char reason[COMPARE_REASON_BYTES];
    text_clean(reason, sizeof reason, row->reason);
    return alloc_format("%s%s%s%s", verdict_name(row->verdict),
                        row->control ? " (not judged by)" : "", reason[0] != '\0' ? ": " : "",
                        reason);
}

static void fill_line(const struct comparison *comparison, const struct compare_row *row,
                      struct line *line)
{
    char label[PAIR_LABEL_BYTES];
    char backend[PAIR_LABEL_BYTES];
    const struct result_row *told = row->base->metric != NULL ? row->base : row->head;
    row_label(told == row->base ? comparison->base : comparison->head, told, label, sizeof label);
    text_clean(backend, sizeof backend, told->backend);
    line->texts[COLUMN_ROW] = alloc_copy(label);
    line->texts[COLUMN_BACKEND] = alloc_copy(backend);
    line->texts[COLUMN_BASE] = describe_side(row->base);
    line->texts[COLUMN_HEAD] = describe_side(row->head);
    line->texts[COLUMN_RATIO] = describe_ratio(row->ratio);
    line->texts[COLUMN_VERDICT] = describe_verdict(row);
}

static const char *colour_of(const struct compare_row *row)
{
    switch (row->verdict) {
    case VERDICT_REGRESSED:
    case VERDICT_FAILED:
        return "\033[31m";
    case VERDICT_IMPROVED:
        return "\033[32m";
    case VERDICT_INCONCLUSIVE:
    case VERDICT_REFUSED:
        return "\033[33m";
    default:
        return "";
    }
}

/* The last column is not padded. */
static void print_line(FILE *stream, const struct line *line, const size_t *widths,
                       const char *colour)
{
    for (int i = 0; i < COLUMNS - 1; i++) {
        int padding = (int)(widths[i] - text_width(line->texts[i]));
        fprintf(stream, "%s%*s  ", line->texts[i], padding, "");
    }
    fprintf(stream, "%s%s%s\n", colour, line->texts[COLUMN_VERDICT],
            colour[0] != '\0' ? "\033[0m" : "");
}

static void print_table(FILE *stream, const struct comparison *comparison)
{
    size_t count = comparison->rows_count + 1;
    size_t widths[COLUMNS] = {0};
    struct line *lines = alloc_array(count, sizeof *lines);
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < COLUMNS && i == 0; k++) {
            lines[i].texts[k] = alloc_copy(titles[k]);
        }
        if (i > 0) {
            fill_line(comparison, &comparison->rows[i - 1], &lines[i]);
        }
        for (int k = 0; k < COLUMNS; k++) {
            size_t width = text_width(lines[i].texts[k]);
            widths[k] = width > widths[k] ? width : widths[k];
        }
    }
    bool colours = table_wants_colour(stream);
    for (size_t i = 0; i < count; i++) {
        bool plain = i == 0 || !colours;
        print_line(stream, &lines[i], widths, plain ? "" : colour_of(&comparison->rows[i - 1]));
        for (int k = 0; k < COLUMNS; k++) {
            free(lines[i].texts[k]);
        }
    }
    free(lines);
}

static void print_alone(FILE *stream, const char *which, const struct results *results,
                        const struct result_row *const *rows, size_t count)
{
    char label[PAIR_LABEL_BYTES];
    char backend[PAIR_LABEL_BYTES];
    for (size_t i = 0; i < count; i++) {
        row_label(results, rows[i], label, sizeof label);
        text_clean(backend, sizeof backend, rows[i]->backend);
        fprintf(stream, "only in %s: %s on %s\n", which, label, backend);
    }
}

static void print_counts(FILE *stream, const struct comparison *comparison)
{
    size_t counts[VERDICT_SKIPPED + 1] = {0};
    for (size_t i = 0; i < comparison->rows_count; i++) {
        counts[comparison->rows[i].verdict]++;
    }
    fprintf(stream, "%zu rows:", comparison->rows_count);
    const char *comma = "";
    for (size_t i = 0; i <= VERDICT_SKIPPED; i++) {
        if (counts[i] > 0) {
            fprintf(stream, "%s %zu %s", comma, counts[i], verdict_name((enum verdict)i));
            comma = ",";
        }
    }
    fprintf(stream, " (beyond %g %% counts)\n", comparison->options.threshold * 100);
}

void compare_print(FILE *stream, const struct comparison *comparison)
{
    print_table(stream, comparison);
    print_counts(stream, comparison);
    print_alone(stream, "base", comparison->base, comparison->only_base,
                comparison->only_base_count);
    print_alone(stream, "head", comparison->head, comparison->only_head,
                comparison->only_head_count);
}

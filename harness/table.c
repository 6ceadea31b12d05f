/* table.c - see table.h. */
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plot_pair.h"
#include "terminal.h"

enum {
    COLUMN_WORKLOAD,
    COLUMN_METRIC,
    COLUMN_GREEN,
    COLUMN_PTHREAD,
    COLUMN_RATIO,
    COLUMN_GO,
    COLUMN_GO_RATIO,
    COLUMNS, /* the last two only of a run with Go */
};

struct line {
    char *texts[COLUMNS];
    bool bad; /* something in it is not ok */
};

struct table {
    struct line *lines;
    size_t lines_count;
    int columns; /* that are shown */
    int widths[COLUMNS];
};

static const char *const titles[COLUMNS] = {"workload",        "metric", "green",     "pthread",
                                            "pthread / green", "go",     "go / green"};
static const char go_prefix[] = "go.";

bool table_wants_colour(FILE *stream)
{
    const char *no = getenv("NO_COLOR");
    return terminal_understands(stream) && (no == NULL || no[0] == '\0');
}

/* Columns on the screen: bytes that do not continue a UTF-8 character. */
static int display_width(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

static void add_line(struct table *table, const struct line *line)
{
    table->lines = alloc_append(table->lines, table->lines_count, sizeof *table->lines);
    table->lines[table->lines_count++] = *line;
    for (int i = 0; i < COLUMNS; i++) {
        int width = display_width(line->texts[i]);
        table->widths[i] = width > table->widths[i] ? width : table->widths[i];
    }
}

/* Does the parameter have more than one value among the workload's rows? Others are not shown. */
static bool param_varies(const struct results *results, const struct result_row *row,
                         const struct param_value *param)
{
    size_t position = 0;
    int64_t value = 0;
    const struct result_row *other;
    while ((other = results_next_tuned(results, &position, row->workload, NULL, 0, NULL, NULL)) !=
           NULL) {
        if (result_param(other, param->name, &value) && value != param->value) {
            return true;
        }
    }
    return false;
}

static char *describe_cell(const struct results *results, const struct result_row *row)
{
    char *text = alloc_copy(row->workload);
    for (size_t i = 0; i < row->params_count; i++) {
        if (param_varies(results, row, &row->params[i])) {
            char *longer = alloc_format("%s %s=%lld", text, row->params[i].name,
                                        (long long)row->params[i].value);
            free(text);
            text = longer;
        }
    }
    char *procs =
        row->procs == 0 ? alloc_copy("default procs") : alloc_format("procs=%d", row->procs);
    char *with_procs = alloc_format("%s %s%s%s", text, procs, row->tune != NULL ? " tune=" : "",
                                    row->tune != NULL ? row->tune : "");
    free(procs);
    free(text);
    return with_procs;
}

/* Three significant digits, but whole numbers in full. */
static char *format_number(double value)
{
    return fabs(value) >= 100 ? alloc_format("%.0f", value) : alloc_format("%.3g", value);
}

/* A single process has no interval. */
static char *format_interval(const struct interval *interval, size_t processes)
{
    char *value = format_number(interval->value);
    if (processes < 2) {
        return value;
    }
    char *low = format_number(interval->low);
    char *high = format_number(interval->high);
    char *text = alloc_format("%s [%s, %s]", value, low, high);
    free(value);
    free(low);
    free(high);
    return text;
}

static char *describe_value(const struct result_row *row)
{
    if (row == NULL) {
        return alloc_copy("");
    }
    if (row->status != TRIAL_OK) {
        return alloc_copy(trial_status_name(row->status));
    }
    struct interval interval = {row->median, row->ci_low, row->ci_high};
    return format_interval(&interval, row->trials_count);
}

static char *describe_ratio(const struct result_row *green, const struct result_row *other)
{
    if (green == NULL || other == NULL || green->status != TRIAL_OK || other->status != TRIAL_OK) {
        return alloc_copy("");
    }
    if (!result_same_work(green, other)) {
        return alloc_copy("work differs");
    }
    if (row_ended_at_limit(green) || row_ended_at_limit(other)) {
        return alloc_copy("(reached its max)");
    }
    size_t processes =
        green->trials_count < other->trials_count ? green->trials_count : other->trials_count;
    struct interval ratio = result_ratio(other, green);
    return isfinite(ratio.value) ? format_interval(&ratio, processes) : alloc_copy("");
}

static bool is_bad(const struct result_row *row)
{
    return row != NULL && row->status != TRIAL_OK && row->status != TRIAL_SKIPPED;
}

/* The back end's row of the metric, or the one that it has because it never told its metrics. */
static const struct result_row *find_row(const struct results *results,
                                         const struct result_row *row, const char *backend)
{
    struct result_row silent = *row;
    const struct result_row *found = results_partner(results, row, backend);
    silent.metric = NULL;
    return found != NULL ? found : results_partner(results, &silent, backend);
}

/* Has another back end told metrics for this unit? Then its lines show the failure of this one. */
static bool is_shown_elsewhere(const struct results *results, const struct result_row *row)
{
    size_t position = 0;
    const struct result_row *other;
    if (row->metric != NULL) {
        return false;
    }
    while ((other = results_next_tuned(results, &position, row->workload, NULL, row->procs, NULL,
                                       NULL)) != NULL) {
        struct result_row silent = *other;
        silent.metric = NULL;
        if (other->metric != NULL && result_same_cell(&silent, row)) {
            return true;
        }
    }
    return false;
}

/* The unit stands behind the metric unless it says nothing more. */
static char *describe_metric(const struct result_row *row)
{
    if (row->metric == NULL) {
        return alloc_copy("");
    }
    bool bare = strcmp(row->unit, "1") == 0 || strcmp(row->unit, row->metric) == 0;
    return bare ? alloc_copy(row->metric) : alloc_format("%s, %s", row->metric, row->unit);
}

/* What stands in the column of Go, for a workload that Go has. */
static char *describe_go(const struct results *results, const struct result_row *row,
                         const struct result_row *go)
{
    const json_t *about = json_object_get(results->context, "go");
    if (json_is_false(json_object_get(about, "available")) &&
        strncmp(row->workload, go_prefix, strlen(go_prefix)) == 0) {
        return alloc_copy("no go");
    }
    return describe_value(go);
}

static void add_unit(struct table *table, const struct results *results,
                     const struct result_row *row)
{
    const struct result_row *green = find_row(results, row, "green");
    const struct result_row *pthread = find_row(results, row, "pthread");
    const struct result_row *go = find_row(results, row, "go");
    struct line line = {.bad = is_bad(green) || is_bad(pthread) || is_bad(go)};
    line.texts[COLUMN_WORKLOAD] = describe_cell(results, row);
    line.texts[COLUMN_METRIC] = describe_metric(row);
    line.texts[COLUMN_GREEN] = describe_value(green);
    line.texts[COLUMN_PTHREAD] = describe_value(pthread);
    line.texts[COLUMN_RATIO] = describe_ratio(green, pthread);
    line.texts[COLUMN_GO] = describe_go(results, row, go);
    line.texts[COLUMN_GO_RATIO] = describe_ratio(green, go);
    add_line(table, &line);
}

static void add_titles(struct table *table)
{
    struct line line = {.bad = false};
    for (int i = 0; i < COLUMNS; i++) {
        line.texts[i] = alloc_copy(titles[i]);
    }
    add_line(table, &line);
}

static void print_line(FILE *stream, const struct table *table, size_t index, bool colour)
{
    const struct line *line = &table->lines[index];
    const char *begin = index == 0 ? "\033[1m" : "\033[31m";
    bool coloured = colour && (index == 0 || line->bad);
    fputs(coloured ? begin : "", stream);
    for (int i = 0; i < table->columns; i++) {
        int padding =
            i + 1 < table->columns ? table->widths[i] - display_width(line->texts[i]) + 2 : 0;
        fprintf(stream, "%s%*s", line->texts[i], padding, "");
    }
    fputs(coloured ? "\033[0m\n" : "\n", stream);
}

static void print_reasons(FILE *stream, const struct results *results)
{
    for (size_t i = 0; i < results->rows_count; i++) {
        const struct result_row *row = &results->rows[i];
        bool first = i == 0 || row[-1].reason == NULL ||
                     strcmp(row[-1].reason, row->reason != NULL ? row->reason : "") != 0;
        if (row->status != TRIAL_OK && first) {
            char *cell = describe_cell(results, row);
            fprintf(stream, "%s on %s: %s: %s\n", cell, row->backend,
                    trial_status_name(row->status), row->reason);
            free(cell);
        }
    }
}

/* Is this the first row of its unit and metric? */
static bool is_first(const struct results *results, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (result_same_cell(&results->rows[i], &results->rows[index])) {
            return false;
        }
    }
    return true;
}

void table_print(FILE *stream, const struct results *results, bool colour)
{
    const json_t *go = json_object_get(results->context, "go");
    struct table table = {.columns = json_is_object(go) ? COLUMNS : COLUMN_GO};
    add_titles(&table);
    for (size_t i = 0; i < results->rows_count; i++) {
        if (is_first(results, i) && !is_shown_elsewhere(results, &results->rows[i])) {
            add_unit(&table, results, &results->rows[i]);
        }
    }
    for (size_t i = 0; i < table.lines_count; i++) {
        print_line(stream, &table, i, colour);
        for (int k = 0; k < COLUMNS; k++) {
            free(table.lines[i].texts[k]);
        }
    }
    free(table.lines);
    print_reasons(stream, results);
    const char *no_go = json_string_value(json_object_get(go, "reason"));
    if (no_go != NULL) {
        fprintf(stream, "nothing of Go's: %s\n", no_go);
    }
}

/* report_tables.c - the sections made of rows: summary, figures, claims, failures. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "claims.h"
#include "plot_context.h"
#include "plot_figure.h"
#include "plot_file.h"
#include "plot_pair.h"
#include "plot_text.h"
#include "report_sections.h"

static void write_cell(const struct report *report, const struct result_row *row)
{
    if (row == NULL) {
        fputs(" – |", report->out);
    } else if (row->status != TRIAL_OK) {
        fprintf(report->out, " ✕ %s |", trial_status_name(row->status));
    } else {
        struct interval interval = {row->median, row->ci_low, row->ci_high};
        fputc(' ', report->out);
        text_write_markdown(report->out, text_measured(interval, row->unit, row->trials_count).s);
        if (row->note != NULL) {
            fputs(" — ", report->out);
            text_write_markdown(report->out, row->note);
        }
        fputs(" |", report->out);
    }
}

static void write_ratio(const struct report *report, const struct result_row *green,
                        const struct result_row *pthread)
{
    if (green == NULL || pthread == NULL) {
        fputs(" – |\n", report->out);
        return;
    }
    struct interval ratio = pair_ratio(green, pthread);
    if (isfinite(ratio.value)) {
        fprintf(report->out, " %s", text_ratio(ratio.value).s);
        if (green->trials_count > 1 && pthread->trials_count > 1) {
            fprintf(report->out, " (%s – %s)", text_ratio(ratio.low).s, text_ratio(ratio.high).s);
        }
        fputs(" |\n", report->out);
    } else {
        fputs(" – |\n", report->out);
    }
}

static void write_summary_row(const struct report *report, const struct result_row *green,
                              const struct result_row *pthread)
{
    char label[PAIR_LABEL_BYTES];
    const struct result_row *row = green != NULL ? green : pthread;
    row_label(report->results, row, label, sizeof label);
    fputs("| ", report->out);
    text_write_markdown(report->out, label);
    fputs(" |", report->out);
    write_cell(report, green);
    write_cell(report, pthread);
    write_ratio(report, green, pthread);
}

static bool has_metrics(const struct results *results)
{
    for (size_t i = 0; i < results->rows_count; i++) {
        if (results->rows[i].metric != NULL) {
            return true;
        }
    }
    return false;
}

int report_summary(const struct report *report)
{
    size_t position = 0;
    const struct result_row *row;
    if (!has_metrics(report->results)) {
        fputs("## All results\n\nThere are none: no trial ended with a number.\n\n", report->out);
        return 0;
    }
    fputs("## All results\n\n"
          "Median over processes with its 95 % interval; n = 1: a single process, which has none. "
          "The ratio is OS threads / green threads "
          "(turned round where more is better), so above 1 green threads do better; – where the "
          "work was not equal or one side has no number; ✕ where the trial failed (see *What "
          "failed or was skipped*). Bytes below zero are noise of counters that the kernel keeps "
          "for the whole machine.\n\n"
          "| metric | green threads | OS threads | ratio |\n|---|---|---|---|\n",
          report->out);
    while ((row = results_next_tuned(report->results, &position, NULL, NULL, 0, NULL, NULL)) !=
           NULL) {
        if (row->metric == NULL) {
            continue;
        }
        if (strcmp(row->backend, "green") == 0) {
            write_summary_row(report, row, results_partner(report->results, row, "pthread"));
        } else if (results_partner(report->results, row, "green") == NULL) {
            write_summary_row(report, NULL, row);
        }
    }
    fputc('\n', report->out);
    return 0;
}

/* Is there a drawing, and of these results? The data beside it tell. */
static bool is_drawn(const struct report *report, const struct figure *figure, const char *data,
                     size_t size)
{
    char path[PATH_MAX];
    char *drawn;
    size_t drawn_size;
    text_format(path, sizeof path, "%s/%s.svg", report->figures, figure->name);
    if (access(path, R_OK) != 0) {
        return false;
    }
    text_format(path, sizeof path, "%s/%s.dat", report->figures, figure->name);
    if (file_read(path, &drawn, &drawn_size) < 0) {
        return false;
    }
    bool same = drawn_size == size && memcmp(drawn, data, size) == 0;
    free(drawn);
    return same;
}

static int write_figure(const struct report *report, const struct figure *figure)
{
    struct figure_text text;
    char *data;
    size_t size;
    int error = figure_prepare(figure, report->results, report->source, &text, &data, &size);
    if (error == -ENOMEM) {
        free(data);
        return error;
    }
    fprintf(report->out, "### %s\n\n", figure->question);
    if (error != 0) {
        fputs("Not drawn: ", report->out);
        text_write_markdown(report->out, text.absent);
        fputs(".\n\n", report->out);
        return 0;
    }
    bool drawn = is_drawn(report, figure, data, size);
    free(data);
    fputs("**", report->out);
    text_write_markdown(report->out, text.title);
    fputs(".**\n\n", report->out);
    if (drawn) {
        fputs("![", report->out);
        text_write_markdown(report->out, text.alt);
        fprintf(report->out, "](<%s/%s.svg>)\n\n", report->link, figure->name);
    } else {
        fputs("(There is no drawing of these results yet: run `switchyard plot`.)\n\n",
              report->out);
    }
    fprintf(report->out, "*How to read it.* %s\n\n*What could make it wrong.* %s\n\n",
            figure->how_to_read, figure->threat);
    return 0;
}

int report_figures(const struct report *report)
{
    fputs("## The figures\n\n", report->out);
    for (size_t i = 0; i < FIGURES; i++) {
        int error = write_figure(report, figures[i]);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

/* Several lines within one cell of a table. */
static void write_lines(const struct report *report, const char *lines)
{
    if (lines[0] == '\0') {
        fputs(" –", report->out);
    }
    while (*lines != '\0') {
        char line[CLAIM_TEXT_BYTES];
        size_t length = strcspn(lines, "\n");
        text_format(line, sizeof line, "%.*s", (int)length, lines);
        fputc(' ', report->out);
        text_write_markdown(report->out, line);
        lines += length;
        if (*lines == '\n') {
            fputs("<br>", report->out);
            lines++;
        }
    }
    fputs(" |", report->out);
}

static int write_claim(const struct report *report, const struct claim *claim)
{
    struct outcome *outcome = malloc(sizeof *outcome);
    if (outcome == NULL) {
        return -ENOMEM;
    }
    int error = claim_judge(claim, report->results, outcome);
    if (error == 0) {
        fprintf(report->out, "| %s | %s | %s |", claim->id, claim->sentence, claim->workloads);
        write_lines(report, outcome->green);
        write_lines(report, outcome->pthread);
        fprintf(report->out, " *%s*", verdict_words(outcome->verdict));
        if (outcome->verdict == VERDICT_HOLDS_WHEN) {
            fputs(": ", report->out);
            text_write_markdown(report->out, outcome->when);
        }
        if (outcome->why[0] != '\0') {
            fputs(" — ", report->out);
            text_write_markdown(report->out, outcome->why);
        }
        fputs(" |\n", report->out);
    }
    free(outcome);
    return error;
}

int report_claims(const struct report *report)
{
    fputs(
        "## What people are taught, put to the test\n\n"
        "Verdicts are computed from the results by the rules below the table. A claim with two "
        "parts does not hold if one of them does not, and is not measured yet while one of them "
        "is open. An interval that lies across a threshold decides nothing. A cell of green "
        "threads that C6 to C12 speak of counts against the claim if it was tried and failed, and "
        "not if it was skipped. Counters, kernel time and kernel switches are those of one process "
        "of each cell: its first trial that was ok.\n\n"
        "| | claim | tested by | green threads | OS threads | verdict |\n"
        "|---|---|---|---|---|---|\n",
        report->out);
    for (size_t i = 0; i < CLAIMS; i++) {
        int error = write_claim(report, &claims[i]);
        if (error != 0) {
            return error;
        }
    }
    fputs("\nThe rules: a claim *holds* if\n\n", report->out);
    for (size_t i = 0; i < CLAIMS; i++) {
        fprintf(report->out, "- %s: %s.\n", claims[i].id, claims[i].rule);
    }
    fputc('\n', report->out);
    return 0;
}

static void write_failure(const struct report *report, const struct result_row *row)
{
    char label[PAIR_LABEL_BYTES];
    row_label(report->results, row, label, sizeof label);
    fputs("| ", report->out);
    text_write_markdown(report->out, label);
    fputs(" | ", report->out);
    text_write_markdown(report->out, backend_words(row->backend));
    fprintf(report->out, " | %s | ", trial_status_name(row->status));
    text_write_markdown(report->out, row->reason == NULL ? "no reason told" : row->reason);
    fputs(" |\n", report->out);
}

/* The trials of all cells; the metrics of one cell are of the same trials. */
static size_t finished_trials(const struct results *results)
{
    size_t trials = 0;
    for (size_t i = 0; i < results->rows_count; i++) {
        struct result_row row = results->rows[i];
        struct result_row before = i > 0 ? results->rows[i - 1] : (struct result_row){0};
        row.metric = before.metric = NULL;
        bool same =
            i > 0 && strcmp(row.backend, before.backend) == 0 && result_same_cell(&row, &before);
        trials += same ? 0 : row.trials_count;
    }
    return trials;
}

static void write_extent(const struct report *report)
{
    size_t finished = finished_trials(report->results);
    double planned = context_number(report->results->context, "planned_trials");
    if (!(planned > (double)finished) && report->results->complete) {
        return;
    }
    fprintf(report->out, "%s: ",
            report->results->complete ? "The time budget ended the run"
                                      : "The run was interrupted");
    fprintf(report->out, "%s", text_count((double)finished).s);
    if (isfinite(planned)) {
        fprintf(report->out, " of %s planned", text_count(planned).s);
    }
    fputs(" trials ended and are in this report.\n\n", report->out);
}

int report_failures(const struct report *report)
{
    size_t failures = 0;
    size_t position = 0;
    const struct result_row *row;
    fputs("## What failed or was skipped\n\n", report->out);
    write_extent(report);
    while ((row = results_next_tuned(report->results, &position, NULL, NULL, 0, NULL, NULL)) !=
           NULL) {
        if (row->status == TRIAL_OK) {
            continue;
        }
        if (failures++ == 0) {
            fputs("| cell | back end | status | reason |\n|---|---|---|---|\n", report->out);
        }
        write_failure(report, row);
    }
    fputs(failures == 0 ? "Nothing: every trial that ran did its work.\n\n" : "\n", report->out);
    return 0;
}

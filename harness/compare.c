/* compare.c - pairs the rows of two results files and judges each pair. See compare.h. */
#include "compare.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "commands.h"
#include "compare_ratio.h"
#include "plot_pair.h"

/* The same files give the same intervals each time. */
#define COMPARE_SEED 20261123

static const char *const verdict_names[] = {
    [VERDICT_SAME] = "same",           [VERDICT_IMPROVED] = "improved",
    [VERDICT_REGRESSED] = "regressed", [VERDICT_INCONCLUSIVE] = "inconclusive",
    [VERDICT_REFUSED] = "refused",     [VERDICT_FAILED] = "failed",
    [VERDICT_SKIPPED] = "skipped",
};

const char *verdict_name(enum verdict verdict)
{
    return verdict_names[verdict];
}

/* --- One pair of rows ------------------------------------------------------------------------ */

static void judge(struct compare_row *row, enum verdict verdict, const char *reason)
{
    row->verdict = verdict;
    snprintf(row->reason, sizeof row->reason, "%s", reason);
}

/* A side without numbers; the worse status of the two is told. */
static void judge_failed(struct compare_row *row)
{
    bool base_ok = row->base->status == TRIAL_OK;
    bool base_failed = !base_ok && row->base->status != TRIAL_SKIPPED;
    bool head_ok = row->head->status == TRIAL_OK;
    bool head_failed = !head_ok && row->head->status != TRIAL_SKIPPED;
    bool tell_head = head_failed || (!base_failed && !head_ok);
    const struct result_row *side = tell_head ? row->head : row->base;
    const char *which = "both";
    if (base_ok || head_ok || base_failed != head_failed) {
        which = tell_head ? "head" : "base";
    }
    row->verdict = base_failed || head_failed ? VERDICT_FAILED : VERDICT_SKIPPED;
    snprintf(row->reason, sizeof row->reason, "%s: %s: %s", which, trial_status_name(side->status),
             side->reason != NULL ? side->reason : "");
}

/* Are all values beyond 0 in this direction? 0: are they exactly 0? */
static bool all_have_sign(const double *values, size_t count, int sign)
{
    for (size_t i = 0; i < count; i++) {
        if ((values[i] > 0) - (values[i] < 0) != sign) {
            return false;
        }
    }
    return true;
}

static void judge_ratio(const struct comparison *comparison, struct compare_row *row, size_t least)
{
    size_t wanted = comparison->options.paired ? COMPARE_PAIRS_MIN : COMPARE_PROCESSES_MIN;
    judge(row,
          ratio_verdict(row->ratio, unit_more_is_better(row->base->unit),
                        comparison->options.threshold),
          "");
    if (least < wanted) {
        row->verdict = VERDICT_INCONCLUSIVE;
        snprintf(row->reason, sizeof row->reason, "%zu %s, at least %zu say something", least,
                 comparison->options.paired ? "pairs" : "processes a side", wanted);
    } else if (row_ended_at_limit(row->base) || row_ended_at_limit(row->head)) {
        snprintf(row->reason, sizeof row->reason, "%s ended at the limit it was told",
                 row_ended_at_limit(row->head) ? "head" : "base");
    }
}

/* How many trials of one row have a partner in the other. */
static size_t count_pairs(const struct result_row *base, const struct result_row *head)
{
    size_t count = 0;
    for (size_t i = 0; i < base->trials_count; i++) {
        for (size_t k = 0; k < head->trials_count; k++) {
            count += base->trials[i].number == head->trials[k].number;
        }
    }
    return count;
}

static void judge_medians(const struct comparison *comparison, struct compare_row *row,
                          const double *base, size_t base_count, const double *head,
                          size_t head_count)
{
    size_t least = base_count < head_count ? base_count : head_count;
    if (all_have_sign(base, base_count, 0) && all_have_sign(head, head_count, 0)) {
        judge(row, VERDICT_SAME, "both are exactly 0");
    } else if (!all_have_sign(base, base_count, 1) || !all_have_sign(head, head_count, 1)) {
        judge(row, VERDICT_INCONCLUSIVE, "not all processes measured more than 0: no ratio");
    } else if (comparison->options.paired) {
        row->ratio = result_ratio(row->head, row->base);
        judge_ratio(comparison, row, count_pairs(row->base, row->head));
    } else {
        row->ratio = stats_bootstrap_ratio(head, head_count, base, base_count, COMPARE_SEED);
        judge_ratio(comparison, row, least);
    }
}

static void judge_row(const struct comparison *comparison, struct compare_row *row)
{
    if (row->base->status != TRIAL_OK || row->head->status != TRIAL_OK) {
        judge_failed(row);
        return;
    }
    if (!text_same(row->base->unit, row->head->unit)) {
        judge(row, VERDICT_REFUSED, "the unit differs");
        return;
    }
    if (!result_same_work(row->base, row->head)) {
        bool varies = row->base->work == NULL || row->head->work == NULL;
        judge(row, VERDICT_REFUSED,
              varies ? "the work differs between trials" : "the work differs");
        return;
    }
    double *base = alloc_array(row->base->trials_count, sizeof *base);
    double *head = alloc_array(row->head->trials_count, sizeof *head);
    size_t base_count = result_medians(row->base, base);
    size_t head_count = result_medians(row->head, head);
    judge_medians(comparison, row, base, base_count, head, head_count);
    free(base);
    free(head);
}

/* --- All pairs ------------------------------------------------------------------------------- */

static bool is_wanted(const struct compare_options *options, const struct result_row *row)
{
    if (options->only == NULL || fnmatch(options->only, row->workload, 0) == 0) {
        return true;
    }
    char *name = alloc_format("%s/%s", row->workload, row->metric != NULL ? row->metric : "");
    bool wanted = fnmatch(options->only, name, 0) == 0;
    free(name);
    return wanted;
}

/* The same back end's row of the metric, or the one of a cell that never told its metrics. */
static const struct result_row *find_row(const struct results *results,
                                         const struct result_row *row)
{
    struct result_row silent = *row;
    const struct result_row *found = results_partner(results, row, row->backend);
    silent.metric = NULL;
    return found != NULL ? found : results_partner(results, &silent, row->backend);
}

/* Has the other file metrics for this silent cell? Then their rows show its failure. */
static bool is_told_elsewhere(const struct results *other, const struct result_row *row)
{
    for (size_t i = 0; i < other->rows_count && row->metric == NULL; i++) {
        struct result_row silent = other->rows[i];
        silent.metric = NULL;
        if (other->rows[i].metric != NULL && text_same(silent.backend, row->backend) &&
            result_same_cell(&silent, row)) {
            return true;
        }
    }
    return false;
}

static void add_row(struct comparison *comparison, const struct result_row *base,
                    const struct result_row *head)
{
    comparison->rows =
        alloc_append(comparison->rows, comparison->rows_count, sizeof *comparison->rows);
    struct compare_row *row = &comparison->rows[comparison->rows_count++];
    row->base = base;
    row->head = head;
    row->ratio = (struct interval){NAN, NAN, NAN};
    row->control = base->metric != NULL && strncmp(base->metric, "raw_", 4) == 0;
    judge_row(comparison, row);
}

static void add_alone(const struct result_row ***rows, size_t *count, const struct result_row *row)
{
    *rows = alloc_append(*rows, *count, sizeof(const struct result_row *));
    (*rows)[(*count)++] = row;
}

static void walk_base(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->base->rows_count; i++) {
        const struct result_row *base = &comparison->base->rows[i];
        const struct result_row *head = find_row(comparison->head, base);
        if (!is_wanted(&comparison->options, base) || is_told_elsewhere(comparison->head, base)) {
            continue;
        }
        if (head != NULL) {
            add_row(comparison, base, head);
        } else {
            add_alone(&comparison->only_base, &comparison->only_base_count, base);
        }
    }
}

/* What walk_base could not see: rows of head without one of the same metric in base. */
static void walk_head(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->head->rows_count; i++) {
        const struct result_row *head = &comparison->head->rows[i];
        const struct result_row *base = find_row(comparison->base, head);
        bool shown = base != NULL && text_same(base->metric, head->metric);
        if (shown || !is_wanted(&comparison->options, head) ||
            is_told_elsewhere(comparison->base, head)) {
            continue;
        }
        if (base != NULL) {
            add_row(comparison, base, head);
        } else {
            add_alone(&comparison->only_head, &comparison->only_head_count, head);
        }
    }
}

struct comparison *compare_new(const struct results *base, const struct results *head,
                               const struct compare_options *options)
{
    struct comparison *comparison = alloc_array(1, sizeof *comparison);
    comparison->base = base;
    comparison->head = head;
    comparison->options = *options;
    walk_base(comparison);
    walk_head(comparison);
    return comparison;
}

void compare_free(struct comparison *comparison)
{
    if (comparison != NULL) {
        free(comparison->rows);
        free(comparison->only_base);
        free(comparison->only_head);
    }
    free(comparison);
}

/* Did it work before, and does no longer? */
static bool is_broken(const struct compare_row *row)
{
    return row->verdict == VERDICT_FAILED && row->base->status == TRIAL_OK;
}

int compare_status(const struct comparison *comparison)
{
    int status = EXIT_FINE;
    for (size_t i = 0; i < comparison->rows_count; i++) {
        const struct compare_row *row = &comparison->rows[i];
        if (row->control) {
            continue;
        }
        if (row->verdict == VERDICT_REGRESSED || is_broken(row)) {
            return EXIT_REGRESSION;
        }
        if (row->verdict == VERDICT_INCONCLUSIVE || row->verdict == VERDICT_REFUSED) {
            status = EXIT_INCONCLUSIVE;
        }
    }
    return status;
}

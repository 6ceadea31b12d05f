/* claims_failed.c - see claims_failed.h. */
#include "claims_failed.h"

#include "claims.h"
#include "plot_pair.h"
#include "plot_text.h"

bool row_failed(const struct result_row *row)
{
    return row->status != TRIAL_OK && row->status != TRIAL_SKIPPED;
}

void tally_failure(struct tally *tally, const struct results *results, const struct result_row *row,
                   char *out)
{
    struct result_row cell = *row;
    char label[PAIR_LABEL_BYTES];
    char reason[TALLY_TEXT_BYTES];
    cell.metric = NULL;
    row_label(results, &cell, label, sizeof label);
    text_clean(reason, sizeof reason, row->reason == NULL ? "no reason told" : row->reason);
    tally_add(tally, ANSWER_NO, label);
    text_append(out, CLAIM_TEXT_BYTES, "%s%s: %s (%s)", out[0] == '\0' ? "" : "\n", label,
                trial_status_name(row->status), reason);
}

/* A cell that ended before it told its metrics has a row without one. */
static bool is_tried(const struct result_row *row, const struct tried *tried)
{
    return (tried->metric == NULL || row->metric == NULL ||
            text_same(row->metric, tried->metric)) &&
           (tried->concerns == NULL || tried->concerns(row));
}

/* The rows of one cell follow each other. */
static bool same_cell(const struct result_row *a, const struct result_row *b)
{
    struct result_row left = *a;
    struct result_row right = *b;
    left.metric = right.metric = NULL;
    return text_same(a->backend, b->backend) && result_same_cell(&left, &right);
}

size_t tally_failures(struct tally *tally, const struct results *results, const struct tried *tried,
                      char *out)
{
    size_t position = 0;
    size_t count = 0;
    const struct result_row *row;
    const struct result_row *last = NULL;
    while ((row = results_next(results, &position, tried->workload, tried->backend, 0, NULL)) !=
           NULL) {
        if (!row_failed(row) || !is_tried(row, tried) || (last != NULL && same_cell(last, row))) {
            continue;
        }
        last = row;
        tally_failure(tally, results, row, out);
        count++;
    }
    return count;
}

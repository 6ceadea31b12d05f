/* claims_parallel.c - the rules for claims about processors: speed-up, and stealing. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "claims.h"
#include "claims_failed.h"
#include "plot_text.h"

#define STEAL_WORKLOAD "steal.imbalance"
#define STEAL_OFF "nosteal"
#define METRIC "total"

/* Programs that only compute, and divide their work. */
static const char *const parallel_workloads[] = {"speedup", "mergesort", "nqueens", "matmul",
                                                 "mandelbrot"};

enum { PARALLEL_WORKLOADS = sizeof parallel_workloads / sizeof parallel_workloads[0] };

/* "Truly in parallel": the share of P that the speed-up on P procs reaches. */
static const double parallel_share = 0.9;
/* "Load is balanced": the share of P that stealing gains on P procs. Without it one proc does
 * everything, so P would be all that there is to gain. */
static const double balanced_share = 0.75;

static void add_line(char *out, const char *label, double procs, const struct interval *ratio,
                     const char *words)
{
    text_append(out, CLAIM_TEXT_BYTES, "%s%s, %s procs: %s (%s – %s) %s",
                out[0] == '\0' ? "" : "\n", label, text_count(procs).s, text_ratio(ratio->value).s,
                text_ratio(ratio->low).s, text_ratio(ratio->high).s, words);
}

/* The row of the same cell on another number of procs, or with another setting. */
static const struct result_row *find_sibling(const struct results *results,
                                             const struct result_row *row, int procs,
                                             const char *tune)
{
    size_t position = 0;
    const struct result_row *other;
    while ((other = results_next_tuned(results, &position, row->workload, row->backend, procs,
                                       row->metric, tune)) != NULL) {
        struct result_row same = *other;
        same.procs = row->procs;
        same.tune = row->tune;
        if (text_same(other->tune, tune) && result_same_cell(&same, row)) {
            return other;
        }
    }
    return NULL;
}

/* --- C8 -------------------------------------------------------------------------------------- */

static bool has_procs(const struct result_row *row)
{
    return row->procs > 1;
}

/* A row to which no other compares, because that one is missing, or failed, or did other work,
 * leaves the claim open. */
static void tell_speedup(const struct results *results, const char *workload, const char *backend,
                         char *out, struct tally *tally)
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, workload, backend, 0, METRIC)) != NULL) {
        const struct result_row *one = has_procs(row) ? find_sibling(results, row, 1, NULL) : NULL;
        struct interval ratio = {NAN, NAN, NAN};
        char cell[64];
        if (!has_procs(row) || row->status != TRIAL_OK) {
            continue;
        }
        if (one != NULL) {
            ratio = result_ratio(one, row);
        }
        text_format(cell, sizeof cell, "%s, %d procs", workload, row->procs);
        tally_add(tally, answer_above(ratio, parallel_share * row->procs), cell);
        if (isfinite(ratio.value)) {
            add_line(out, workload, row->procs, &ratio, "as fast as on one");
        }
    }
}

static void tell_speedups(const struct results *results, const char *backend, char *out,
                          struct tally *tally)
{
    for (size_t i = 0; i < PARALLEL_WORKLOADS; i++) {
        const struct tried tried = {parallel_workloads[i], backend, METRIC, has_procs};
        tell_speedup(results, parallel_workloads[i], backend, out, tally);
        tally_failures(tally, results, &tried, out);
    }
}

int judge_parallel(const struct results *results, struct outcome *outcome)
{
    struct tally green = {0};
    struct tally contrast = {0}; /* shown; the claim does not speak of OS threads */
    tell_speedups(results, "green", outcome->green, &green);
    tell_speedups(results, "pthread", outcome->pthread, &contrast);
    outcome->verdict = tally_verdict(&green);
    text_format(outcome->when, sizeof outcome->when, "%s", green.where);
    if (green.unsure > 0) {
        text_format(outcome->why, sizeof outcome->why,
                    "%zu cell%s an interval across the threshold of 0.9 for each proc, or nothing "
                    "on one proc to compare with",
                    green.unsure, green.unsure == 1 ? " has" : "s have");
    }
    return 0;
}

/* --- C9 -------------------------------------------------------------------------------------- */

static double counter(const struct result_row *row, const char *name)
{
    const json_t *value = json_object_get(row->counters, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Faster by stealing, and by stealing: none is counted where it is switched off. */
static enum answer answer_balanced(const struct result_row *on, const struct result_row *off,
                                   const struct interval *gain)
{
    double steals = counter(on, "steals");
    double without = counter(off, "steals");
    if (!isfinite(steals) || !isfinite(without) || without > 0) {
        return ANSWER_UNSURE; /* not what was to be compared */
    }
    enum answer stole = steals > 0 ? ANSWER_YES : ANSWER_NO;
    return answer_both(stole, answer_above(*gain, balanced_share * on->procs));
}

static void judge_cell(const struct results *results, const struct result_row *on,
                       struct tally *tally, struct outcome *outcome)
{
    const struct result_row *off = find_sibling(results, on, on->procs, STEAL_OFF);
    struct interval gain = {NAN, NAN, NAN};
    char cell[64];
    if (off != NULL) {
        gain = result_ratio(off, on);
    }
    text_format(cell, sizeof cell, "%d procs", on->procs);
    if (off == NULL || !isfinite(gain.value)) {
        tally_add(tally, ANSWER_UNSURE, cell); /* nothing to compare with */
        return;
    }
    tally_add(tally, answer_balanced(on, off, &gain), cell);
    add_line(outcome->green, STEAL_WORKLOAD, on->procs, &gain, "as fast as without stealing");
    text_append(outcome->green, sizeof outcome->green, "; %s steals moved %s tasks",
                text_count(counter(on, "steals")).s, text_count(counter(on, "tasks_stolen")).s);
}

int judge_stealing(const struct results *results, struct outcome *outcome)
{
    static const struct tried tried = {STEAL_WORKLOAD, "green", METRIC, has_procs};
    struct tally tally = {0};
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, STEAL_WORKLOAD, "green", 0, METRIC)) != NULL) {
        if (has_procs(row) && row->status == TRIAL_OK) {
            judge_cell(results, row, &tally, outcome);
        }
    }
    tally_failures(&tally, results, &tried, outcome->green);
    position = 0;
    while ((row = results_next(results, &position, STEAL_WORKLOAD, "pthread", 0, METRIC)) != NULL) {
        if (row->status == TRIAL_OK) {
            struct interval time = {row->median, row->ci_low, row->ci_high};
            text_append(outcome->pthread, sizeof outcome->pthread, "%s" STEAL_WORKLOAD ": %s",
                        outcome->pthread[0] == '\0' ? "" : "\n",
                        text_measured(time, row->unit, row->trials_count).s);
        }
    }
    outcome->verdict = tally_verdict(&tally);
    text_format(outcome->when, sizeof outcome->when, "%s", tally.where);
    if (tally.unsure > 0) {
        text_format(outcome->why, sizeof outcome->why,
                    "an interval lies across the threshold, the steals were not counted, or there "
                    "is nothing without stealing to compare with");
    }
    return 0;
}

/* claims_preempt.c - the rule for the claim about tasks that hog a processor. */
#include <math.h>
#include <string.h>

#include "claims.h"
#include "claims_failed.h"
#include "plot_text.h"
#include "preempt_rows.h"

/* "Cannot hog a processor": others run within two slices and a half, in 99 of 100 cases. */
static const double hogged_ns = 25e6;
/* Of fewer the share cannot be told: 99 % of them is all of them. */
static const uint64_t least_wakeups = 100;
static const double error_share = 0.05; /* of the bound on the share */

struct wakeups {
    uint64_t all;
    uint64_t late;
};

static struct wakeups count_wakeups(const struct result_row *row)
{
    struct wakeups wakeups = {0, 0};
    for (size_t i = 0; i < row->histogram_count; i++) {
        wakeups.all += row->histogram[i].count;
        wakeups.late += (double)row->histogram[i].low > hogged_ns ? row->histogram[i].count : 0;
    }
    return wakeups;
}

/* The probability that no more than so many are late, if the share is in time. */
static double chance_of(const struct wakeups *wakeups, double share)
{
    double n = (double)wakeups->all;
    double chance = 0;
    for (uint64_t late = 0; late <= wakeups->late; late++) {
        double k = (double)late;
        chance += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log1p(-share) +
                      (n - k) * log(share));
    }
    return chance;
}

/* The share in time of all such wake-ups is at least this, with 95 % confidence (Clopper and
 * Pearson, one-sided): the least share with which one may see as few late ones. */
static double share_at_least(const struct wakeups *wakeups)
{
    double low = 0;
    double high = 1;
    for (int i = 0; i < 60 && wakeups->late < wakeups->all; i++) {
        double middle = (low + high) / 2;
        if (chance_of(wakeups, middle) < error_share) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static double counted(const struct result_row *row)
{
    static const char *const names[] = {"preempts_call", "preempts_prologue", "preempts_signal"};
    double sum = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *value = json_object_get(row->counters, names[i]);
        sum += json_is_number(value) ? json_number_value(value) : NAN;
    }
    return sum;
}

/* Within the time, and by preemption; beside a hog that has the processor where nothing preempts.
 */
static enum answer answer_kind(const struct result_row *on, const struct result_row *off)
{
    if (off == NULL || !(off->p99 > hogged_ns) || counted(off) != 0 || !isfinite(counted(on))) {
        return ANSWER_UNSURE; /* that hog keeps nobody waiting */
    }
    if (count_wakeups(on).all < least_wakeups) {
        return ANSWER_UNSURE;
    }
    return on->p99 <= hogged_ns && counted(on) > 0 ? ANSWER_YES : ANSWER_NO;
}

/* "loop: 99 % of 112 within 15.0 ms, 112 in time: at least 97.4 % of all, none 50.1 ms, …" */
static void tell_kind(const struct results *results, const struct result_row *on, int kind,
                      char *out)
{
    struct wakeups wakeups = count_wakeups(on);
    text_append(out, CLAIM_TEXT_BYTES,
                "%s%s: 99 %% of %s within %s, %s in time: at least %.1f %% of all",
                out[0] == '\0' ? "" : "\n", preempt_kinds[kind], text_count((double)wakeups.all).s,
                text_ns(on->p99).s, text_count((double)(wakeups.all - wakeups.late)).s,
                floor(1000 * share_at_least(&wakeups)) / 10);
    for (int variant = 1; variant < PREEMPT_VARIANTS; variant++) {
        const struct result_row *row =
            preempt_row(results, "green", kind, preempt_variants[variant].tune);
        if (row != NULL) {
            text_append(out, CLAIM_TEXT_BYTES, ", %s %s", preempt_variants[variant].words,
                        text_ns(row->p99).s);
        }
    }
}

static bool has_one_proc(const struct result_row *row)
{
    return row->procs == 1;
}

int judge_preemption(const struct results *results, struct outcome *outcome)
{
    static const struct tried tried = {PREEMPT_WORKLOAD, "green", PREEMPT_METRIC, has_one_proc};
    struct tally tally = {0};
    for (int kind = 0; kind < PREEMPT_KINDS_MAX; kind++) {
        const struct result_row *on = preempt_row(results, "green", kind, NULL);
        const struct result_row *threads = preempt_row(results, "pthread", kind, NULL);
        if (on != NULL) {
            const struct result_row *off =
                preempt_row(results, "green", kind, preempt_variants[PREEMPT_NONE].tune);
            tally_add(&tally, answer_kind(on, off), preempt_kinds[kind]);
            tell_kind(results, on, kind, outcome->green);
        }
        if (threads != NULL) {
            text_append(outcome->pthread, sizeof outcome->pthread, "%s%s: 99 %% within %s",
                        outcome->pthread[0] == '\0' ? "" : "\n", preempt_kinds[kind],
                        text_ns(threads->p99).s);
        }
    }
    tally_failures(&tally, results, &tried, outcome->green);
    outcome->verdict = tally_verdict(&tally);
    text_format(outcome->when, sizeof outcome->when, "%s", tally.where);
    if (tally.unsure > 0) {
        text_format(outcome->why, sizeof outcome->why,
                    "beside a kind of hog nobody waits even without preemption, or it was not "
                    "measured so, or with fewer than 100 wake-ups");
    }
    return 0;
}

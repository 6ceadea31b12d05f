/* gate_judge.c - see gate_judge.h. */
#include "gate_judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

/* The same turns give the same intervals each time. */
#define JUDGE_SEED 20261125
#define CONTROL_LEVEL 0.05
/* More rejected turns than this share: what is left may not be what usually happens. */
#define REJECTED_MOST 0.9

static const struct gate_series *series_of(const struct gate_metric *metric, enum gate_stage stage)
{
    return stage == GATE_FIRST ? &metric->series : &metric->fresh;
}

static struct gate_estimate *estimate_of(struct gate_metric *metric, enum gate_stage stage)
{
    return stage == GATE_FIRST ? &metric->first : &metric->confirmation;
}

static struct paired estimate(const double *above, const double *below, size_t count)
{
    double *logs = alloc_array(count, sizeof *logs);
    for (size_t i = 0; i < count; i++) {
        logs[i] = log(above[i] / below[i]);
    }
    struct paired paired = paired_estimate(logs, count, JUDGE_SEED);
    free(logs);
    return paired;
}

/* --- One estimate ---------------------------------------------------------------------------- */

static void doubt(struct gate_estimate *about, const char *reason)
{
    about->verdict = VERDICT_INCONCLUSIVE;
    snprintf(about->reason, sizeof about->reason, "%s", reason);
}

static void judge_estimate(struct gate_estimate *about, const struct gate_series *series,
                           double delta)
{
    double turns = (double)(series->turns + series->rejected);
    bool control_differs =
        paired_excludes_one(&about->control) && about->control.sign_p < CONTROL_LEVEL;
    bool pulse_differs = log(about->reference.ratio.low) > delta / 2 ||
                         log(about->reference.ratio.high) < -delta / 2;
    about->reason[0] = '\0';
    about->verdict = paired_verdict(&about->head, delta, false);
    if (series->turns < PAIRED_LEAST) {
        doubt(about, "too few pairs");
    } else if (control_differs) {
        doubt(about, "base differs from itself (A/A)");
    } else if (pulse_differs) {
        doubt(about, "the reference loop ran differently beside head");
    } else if ((double)series->rejected > REJECTED_MOST * turns) {
        doubt(about, "nearly all turns were disturbed");
    } else if (about->verdict == VERDICT_INCONCLUSIVE) {
        doubt(about, paired_is_precise(&about->head, delta)
                         ? "the difference is about the threshold"
                         : "the interval is too wide");
    }
}

/* --- All of a question ----------------------------------------------------------------------- */

/* Which metrics have turns in the series, as indices; returns how many. */
static size_t judged(const struct gate_metric *metrics, size_t count, enum gate_stage stage,
                     size_t *indices)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (series_of(&metrics[i], stage)->turns > 0) {
            indices[found++] = i;
        }
    }
    return found;
}

/* What does not depend on the other metrics; only computed if there are new turns. */
static void estimate_series(struct gate_estimate *about, const struct gate_series *series)
{
    const double *base = series->times[ARM_BASE];
    if (about->turns == series->turns) {
        return;
    }
    about->turns = series->turns;
    about->raw_head = estimate(series->times[ARM_HEAD], base, series->turns);
    about->raw_control = estimate(series->times[ARM_CONTROL], base, series->turns);
    about->reference =
        estimate(series->references[ARM_HEAD], series->references[ARM_BASE], series->turns);
}

void gate_judge(struct gate_metric *metrics, size_t count, enum gate_stage stage)
{
    size_t *indices = alloc_array(count, sizeof *indices);
    size_t found = judged(metrics, count, stage, indices);
    struct paired *heads = alloc_array(found, sizeof *heads);
    struct paired *controls = alloc_array(found, sizeof *controls);
    for (size_t i = 0; i < found; i++) {
        struct gate_metric *metric = &metrics[indices[i]];
        struct gate_estimate *about = estimate_of(metric, stage);
        estimate_series(about, series_of(metric, stage));
        heads[i] = about->raw_head;
        controls[i] = about->raw_control;
    }
    paired_adjust(heads, found);
    paired_adjust(controls, found);
    for (size_t i = 0; i < found; i++) {
        struct gate_metric *metric = &metrics[indices[i]];
        struct gate_estimate *about = estimate_of(metric, stage);
        about->head = heads[i];
        about->control = controls[i];
        judge_estimate(about, series_of(metric, stage), metric->delta);
    }
    free(controls);
    free(heads);
    free(indices);
}

bool gate_is_open(const struct gate_metric *metric, enum gate_stage stage)
{
    const struct gate_estimate *about =
        stage == GATE_FIRST ? &metric->first : &metric->confirmation;
    if (series_of(metric, stage)->turns < PAIRED_LEAST) {
        return true;
    }
    /* A control that differs is no question of width: more turns may show that it was chance. */
    bool doubted = paired_excludes_one(&about->control) && about->control.sign_p < CONTROL_LEVEL;
    return about->verdict == VERDICT_INCONCLUSIVE &&
           (doubted || !paired_is_precise(&about->head, metric->delta));
}

bool gate_is_hit(const struct gate_metric *metric)
{
    return metric->first.verdict == VERDICT_REGRESSED || metric->first.verdict == VERDICT_IMPROVED;
}

void gate_conclude(struct gate_metric *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct gate_metric *metric = &metrics[i];
        metric->verdict = metric->series.turns > 0 ? metric->first.verdict : VERDICT_INCONCLUSIVE;
        snprintf(metric->reason, sizeof metric->reason, "%s",
                 metric->series.turns > 0 ? metric->first.reason : "no time was left for it");
        if (!gate_is_hit(metric)) {
            continue;
        }
        if (metric->fresh.turns == 0) {
            metric->verdict = VERDICT_INCONCLUSIVE;
            snprintf(metric->reason, sizeof metric->reason,
                     "%s at first; no time was left to confirm it",
                     verdict_name(metric->first.verdict));
        } else if (metric->confirmation.verdict != metric->first.verdict) {
            metric->verdict = VERDICT_INCONCLUSIVE;
            snprintf(metric->reason, sizeof metric->reason, "%s at first; on fresh data %s (%.3f)",
                     verdict_name(metric->first.verdict),
                     verdict_name(metric->confirmation.verdict),
                     metric->confirmation.head.ratio.value);
        }
    }
}

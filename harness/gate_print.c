/* gate_print.c - the gate's findings as tables for people. */
#include <math.h>
#include <string.h>

#include "commands.h"
#include "gate.h"
#include "table.h"

static const char *colour_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_REGRESSED:
        return "\033[31m";
    case VERDICT_IMPROVED:
        return "\033[32m";
    case VERDICT_INCONCLUSIVE:
        return "\033[33m";
    default:
        return "";
    }
}

static void print_verdict(FILE *stream, enum verdict verdict, const char *reason)
{
    const char *colour = table_wants_colour(stream) ? colour_of(verdict) : "";
    fprintf(stream, "%s%s%s%s%s\n", colour, verdict_name(verdict),
            reason != NULL && reason[0] != '\0' ? ": " : "", reason != NULL ? reason : "",
            colour[0] != '\0' ? "\033[0m" : "");
}

/* --- Counts ---------------------------------------------------------------------------------- */

/* Counts of 0 in both builds are what is expected of system calls and switches: not shown. */
static bool is_shown(const struct exact_row *row, int kind)
{
    return kind == EXACT_INSTRUCTIONS || row->verdicts[kind] != VERDICT_SAME ||
           fabs(row->base.of[kind]) >= 0.001;
}

static void print_exact_row(FILE *stream, const struct exact_row *row, int kind)
{
    double base = row->base.of[kind];
    double head = row->head.of[kind];
    fprintf(stream, "  %-14s %-16s %10.3f %10.3f ", row->cell->workload,
            exact_name((enum exact_kind)kind), base, head);
    if (base > 0.001) {
        fprintf(stream, "%+9.2f %%  ", 100 * (head / base - 1));
    } else {
        fprintf(stream, "%11s  ", "");
    }
    print_verdict(stream, row->verdicts[kind], NULL);
}

static void print_unknown(FILE *stream, const struct gate_build *build)
{
    if (build->clocks_unknown[0] != '\0') {
        fprintf(stream, "  %s does not know %s: if it has these clocks, they ticked\n", build->role,
                build->clocks_unknown);
    }
}

static void print_exact(FILE *stream, const struct gate *gate)
{
    if (gate->exact_skipped[0] != '\0') {
        fprintf(stream, "Exact counts: skipped: %s\n", gate->exact_skipped);
        return;
    }
    fprintf(stream, "Exact counts for one operation; more than 0.2 %% more is a regression\n");
    print_unknown(stream, &gate->base);
    print_unknown(stream, &gate->head);
    fprintf(stream, "  %-14s %-16s %10s %10s %10s\n", "operation", "count", "base", "head",
            "change");
    for (size_t i = 0; i < gate->exact.rows_count; i++) {
        for (int kind = 0; kind < EXACT_KINDS; kind++) {
            if (is_shown(&gate->exact.rows[i], kind)) {
                print_exact_row(stream, &gate->exact.rows[i], kind);
            }
        }
    }
}

/* --- Times ----------------------------------------------------------------------------------- */

static const struct gate_series *told_series(const struct gate_metric *metric)
{
    return metric->fresh.turns > 0 ? &metric->fresh : &metric->series;
}

static void print_metric(FILE *stream, const struct gate_metric *metric)
{
    const struct gate_series *series = told_series(metric);
    const struct gate_estimate *about =
        metric->fresh.turns > 0 ? &metric->confirmation : &metric->first;
    const struct interval *ratio = &about->head.ratio;
    const struct interval *control = &about->control.ratio;
    if (series->turns == 0) {
        fprintf(stream, "  %-14s ", metric->cell->workload);
        print_verdict(stream, metric->verdict, metric->reason);
        return;
    }
    fprintf(stream,
            "  %-14s %9.2f %9.2f  %.3f [%.3f, %.3f]  %7.2g  %.3f [%.3f, %.3f]  %4zu  %4.1f %%  ",
            metric->cell->workload, stats_median(series->times[ARM_BASE], series->turns),
            stats_median(series->times[ARM_HEAD], series->turns), ratio->value, ratio->low,
            ratio->high, about->head.sign_p, control->value, control->low, control->high,
            series->turns, 100 * metric->delta);
    print_verdict(stream, metric->verdict, metric->reason);
}

static void print_rejected(FILE *stream, const struct gate_time *time)
{
    size_t taken = 0;
    size_t rejected = 0;
    size_t causes[DISTURBANCES] = {0};
    for (size_t i = 0; i < time->metrics_count; i++) {
        const struct gate_series *both[] = {&time->metrics[i].series, &time->metrics[i].fresh};
        for (int k = 0; k < 2; k++) {
            taken += both[k]->turns + both[k]->rejected;
            rejected += both[k]->rejected;
            for (int cause = 0; cause < DISTURBANCES; cause++) {
                causes[cause] += both[k]->causes[cause];
            }
        }
    }
    fprintf(stream, "  rejected: %zu of %zu turns", rejected, taken);
    for (int cause = 0; cause < DISTURBANCES; cause++) {
        if (causes[cause] > 0) {
            fprintf(stream, ", %zu for %s", causes[cause],
                    disturbance_name((enum disturbance_cause)cause));
        }
    }
    fprintf(stream, "\n");
}

static void print_time(FILE *stream, const struct gate *gate)
{
    fprintf(stream,
            "Times in pairs, ns; the interval has 95 %%, p is that of the sign test (Holm), "
            "A/A is base against itself\n");
    fprintf(stream, "  %-14s %9s %9s  %-20s  %7s  %-20s  %4s  %6s\n", "operation", "base", "head",
            "head / base", "p", "A/A", "n", "delta");
    for (size_t i = 0; i < gate->time.metrics_count; i++) {
        print_metric(stream, &gate->time.metrics[i]);
    }
    print_rejected(stream, &gate->time);
}

/* --- The last line --------------------------------------------------------------------------- */

static void name_exact(FILE *stream, const struct gate *gate, enum verdict verdict, int *named)
{
    for (size_t i = 0; i < gate->exact.rows_count; i++) {
        const struct exact_row *row = &gate->exact.rows[i];
        for (int kind = 0; kind < EXACT_KINDS; kind++) {
            if (row->verdicts[kind] == verdict) {
                fprintf(stream, "%s%s %s", (*named)++ > 0 ? ", " : ": ", row->cell->workload,
                        exact_name((enum exact_kind)kind));
            }
        }
    }
}

static void name_time(FILE *stream, const struct gate *gate, enum verdict verdict, int *named)
{
    for (size_t i = 0; i < gate->time.metrics_count; i++) {
        const struct gate_metric *metric = &gate->time.metrics[i];
        if (metric->verdict == verdict) {
            fprintf(stream, "%s%s time", (*named)++ > 0 ? ", " : ": ", metric->cell->workload);
        }
    }
}

void gate_print(FILE *stream, const struct gate *gate)
{
    int named = 0;
    int status = gate_status(gate);
    if (gate->options.exact) {
        print_exact(stream, gate);
    }
    if (gate->options.time) {
        print_time(stream, gate);
    }
    if (status == EXIT_FINE || status == EXIT_SKIPPED) {
        fprintf(stream, "%s\n", status == EXIT_FINE ? "nothing regressed" : "skipped");
        return;
    }
    enum verdict verdict = status == EXIT_REGRESSION ? VERDICT_REGRESSED : VERDICT_INCONCLUSIVE;
    fprintf(stream, "%s", verdict_name(verdict));
    name_exact(stream, gate, verdict, &named);
    name_time(stream, gate, verdict, &named);
    fprintf(stream, "\n");
}

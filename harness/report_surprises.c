/* report_surprises.c - the section on what surprised: expectations that are held against the
 * results. An expectation that the results bear out, or say nothing to, is not shown. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "plot_footprint.h"
#include "plot_pair.h"
#include "plot_text.h"
#include "report_sections.h"

enum { FOUND_BYTES = 1024 };

/* From here on it is worth a line. */
static const double much_memory = 2;   /* all memory : resident memory */
static const double much_dearer = 1.5; /* one way to do the same : the other */
static const double far_tail = 10;     /* 99.9 % : median */
static const double much_colder = 5;   /* the first time : each further one */

static struct interval interval_of(const struct result_row *row)
{
    return (struct interval){row->median, row->ci_low, row->ci_high};
}

static const struct result_row *find(const struct results *results, const char *workload,
                                     const char *metric)
{
    size_t position = 0;
    const struct result_row *row = results_next(results, &position, workload, "green", 0, metric);
    return row != NULL && row->status == TRIAL_OK ? row : NULL;
}

/* Each finds what speaks against its expectation: out stays "" if nothing does. -ENOMEM. */

static int find_thread_wins(const struct results *results, char *out)
{
    struct pairs *pairs = pairs_new(results);
    const struct pair *worst = NULL;
    size_t wins = 0;
    if (pairs == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = &pairs->pairs[i];
        if (pair->ratio.high < 1 && row_has_interval(pair->green) &&
            row_has_interval(pair->pthread)) {
            wins++;
            worst = worst == NULL || pair->ratio.value < worst->ratio.value ? pair : worst;
        }
    }
    if (worst != NULL) {
        text_format(out, FOUND_BYTES,
                    "OS threads do better in %zu of %zu metrics; furthest apart in %s, where green "
                    "threads are %s as good",
                    wins, pairs->count, worst->label, text_ratio(worst->ratio.value).s);
    }
    pairs_free(pairs);
    return 0;
}

static int find_hidden_memory(const struct results *results, char *out)
{
    struct footprint *footprint = footprint_new(results, "pthread");
    if (footprint == NULL) {
        return -ENOMEM;
    }
    struct interval all = footprint_slope(footprint, FOOTPRINT_TOTAL);
    struct interval resident = footprint_slope(footprint, FOOTPRINT_USER);
    if (all.value > resident.value * much_memory) {
        text_format(out, FOUND_BYTES, "a parked OS thread holds %s, and its RSS shows %s of them",
                    text_bytes(all.value).s, text_bytes(resident.value).s);
    }
    footprint_free(footprint);
    return 0;
}

static int find_limit(const struct results *results, char *out)
{
    size_t position = 0;
    const struct result_row *row =
        results_next(results, &position, "create.limit", "pthread", 0, "tasks");
    if (row != NULL && row->status == TRIAL_OK && row->note != NULL && !row_ended_at_limit(row)) {
        text_format(out, FOUND_BYTES, "%s, after %s of them", row->note, text_count(row->median).s);
    }
    return 0;
}

static int find_return(const struct results *results, char *out)
{
    const struct result_row *jump = find(results, "anatomy.swap", "swap");
    const struct result_row *back = find(results, "anatomy.swap_return", "swap");
    if (jump != NULL && back != NULL && back->ci_low > jump->ci_high * much_dearer) {
        text_format(out, FOUND_BYTES,
                    "the same swap takes %s if it resumes by a jump, and %s if by a return, which "
                    "the processor foresees wrongly each time",
                    text_ns(jump->median).s, text_ns(back->median).s);
    }
    return 0;
}

static int find_tail(const struct results *results, char *out)
{
    size_t position = 0;
    const struct result_row *row;
    const struct result_row *worst = NULL;
    while ((row = results_next(results, &position, NULL, NULL, 0, "hop_latency")) != NULL) {
        bool far = row->status == TRIAL_OK && row->p999 > row->p50 * far_tail;
        worst =
            far && (worst == NULL || row->p999 / row->p50 > worst->p999 / worst->p50) ? row : worst;
    }
    if (worst != NULL) {
        char label[PAIR_LABEL_BYTES];
        row_label(results, worst, label, sizeof label);
        text_format(out, FOUND_BYTES,
                    "%s (%s): half of the hops take at most %s, but one in a thousand more than %s",
                    label, strcmp(worst->backend, "green") == 0 ? "green threads" : "OS threads",
                    text_ns(worst->p50).s, text_ns(worst->p999).s);
    }
    return 0;
}

/* The row that is equal but for one proc; NULL if there is none. */
static const struct result_row *on_one_proc(const struct results *results,
                                            const struct result_row *row)
{
    struct result_row one = *row;
    one.procs = 1;
    return results_partner(results, &one, row->backend);
}

/* Time only: what a whole trial takes, or each part of it. */
static int find_more_procs(const struct results *results, char *out)
{
    size_t position = 0;
    size_t slower = 0;
    double worst = 0;
    char label[PAIR_LABEL_BYTES] = "";
    const struct result_row *row;
    while ((row = results_next(results, &position, NULL, "green", 0, NULL)) != NULL) {
        const struct result_row *one = row->procs > 1 ? on_one_proc(results, row) : NULL;
        if (one == NULL || row->status != TRIAL_OK || one->status != TRIAL_OK ||
            !unit_is_time(row->unit) || !row_has_interval(row) || !(row->ci_low > one->ci_high)) {
            continue;
        }
        slower++;
        if (row->median / one->median > worst) {
            worst = row->median / one->median;
            row_label(results, row, label, sizeof label);
        }
    }
    if (slower > 0) {
        text_format(
            out, FOUND_BYTES,
            "%zu metric%s of green threads are dearer on more procs; most so %s, %s of what "
            "it takes on one",
            slower, slower == 1 ? "" : "s", label, text_ratio(worst).s);
    }
    return 0;
}

static int find_cold(const struct results *results, char *out)
{
    size_t position = 0;
    double most = much_colder;
    const struct result_row *cold;
    while ((cold = results_next(results, &position, NULL, NULL, 0, "create_cold")) != NULL) {
        static char create[] = "create";
        struct result_row same = *cold;
        same.metric = create;
        const struct result_row *warm = results_partner(results, &same, cold->backend);
        if (warm == NULL || cold->status != TRIAL_OK || warm->status != TRIAL_OK ||
            !(cold->median > warm->median * most)) {
            continue;
        }
        char label[PAIR_LABEL_BYTES];
        most = cold->median / warm->median;
        row_label(results, cold, label, sizeof label);
        text_format(out, FOUND_BYTES,
                    "%s (%s): %s for each task of the first batch, %s for each later one", label,
                    strcmp(cold->backend, "green") == 0 ? "green threads" : "OS threads",
                    text_quantity(interval_of(cold).value, cold->unit).s,
                    text_quantity(interval_of(warm).value, warm->unit).s);
    }
    return 0;
}

static const struct {
    const char *expectation;
    int (*find)(const struct results *results, char *out);
} expectations[] = {
    {"Green threads are always ahead", find_thread_wins},
    {"RSS tells what a thread costs", find_hidden_memory},
    {"Memory is what stops the next thread", find_limit},
    {"Two ways to jump back cost the same", find_return},
    {"The median tells how long a hop takes", find_tail},
    {"More processors never make it slower", find_more_procs},
    {"Each creation costs as much as the first", find_cold},
};

int report_surprises(const struct report *report)
{
    size_t shown = 0;
    fputs("## What surprised\n\n", report->out);
    for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++) {
        char found[FOUND_BYTES] = "";
        int error = expectations[i].find(report->results, found);
        if (error != 0) {
            return error;
        }
        if (found[0] == '\0') {
            continue;
        }
        if (shown++ == 0) {
            fputs("What one may expect, where these results speak against it.\n\n"
                  "| expected | found |\n|---|---|\n",
                  report->out);
        }
        fprintf(report->out, "| %s | ", expectations[i].expectation);
        text_write_markdown(report->out, found);
        fputs(" |\n", report->out);
    }
    fputs(shown == 0 ? "Nothing: none of the expectations that are held against the results is "
                       "contradicted by them.\n\n"
                     : "\n",
          report->out);
    return 0;
}

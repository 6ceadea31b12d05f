/* claims_programs.c - the rules for claims about writing programs: channels and locks (C12), many
 * tasks at once (C14), and how simple it is (C15). */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "claims.h"
#include "claims_failed.h"
#include "crossover.h"
#include "plot_figure.h"
#include "plot_pair.h"
#include "plot_text.h"

static void add_figure(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_figure(char *out, const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    text_append(out, CLAIM_TEXT_BYTES, "%s%s", out[0] == '\0' ? "" : "\n", line);
}

/* --- C12 ------------------------------------------------------------------------------------- */

/* Half an addition: medians are whole numbers, or between two of them. */
static const double lost_at_least = 0.5;

enum { HOW_CHANNEL = 0, HOW_MUTEX = 1, HOW_FORGOTTEN = 3 };

/* The row of the same cell but for one parameter, and but for a second one of any value (NULL: for
 * no other). */
static const struct result_row *find_variant(const struct results *results,
                                             const struct result_row *row, const char *param,
                                             int64_t value, const char *any)
{
    size_t position = 0;
    const struct result_row *other;
    while ((other = results_next(results, &position, row->workload, row->backend, row->procs,
                                 row->metric)) != NULL) {
        bool same = other->params_count == row->params_count;
        for (size_t i = 0; i < other->params_count && same; i++) {
            bool varied = strcmp(other->params[i].name, param) == 0;
            same = other->params[i].value == (varied ? value : row->params[i].value) ||
                   text_same(other->params[i].name, any);
        }
        if (same && other->status == TRIAL_OK) {
            return other;
        }
    }
    return NULL;
}

/* What the program costs with channels, over what it costs with mutexes, by trials of one number.
 * That both did the same is each program's own proof: the messages they count differ. */
static struct interval cost_ratio(const struct result_row *channels,
                                  const struct result_row *mutexes)
{
    double ratios[64];
    size_t count = 0;
    for (size_t i = 0; i < channels->trials_count && i < mutexes->trials_count && i < 64; i++) {
        double ratio = channels->trials[i].median / mutexes->trials[i].median;
        if (isfinite(ratio)) {
            ratios[count++] = ratio;
        }
    }
    return stats_bootstrap_median(ratios, count, 1);
}

/* A program, and its parameter that says what keeps it right. */
struct program {
    const char *workload;
    const char *metric;
    const char *param;
};

static bool is_version_wanted(const struct result_row *row)
{
    int64_t version = HOW_CHANNEL;
    return (result_param(row, "how", &version) || result_param(row, "locks", &version)) &&
           (version == HOW_CHANNEL || version == HOW_MUTEX);
}

/* Both versions of a program ran: mutexes are there, too. One that is missing leaves it open. */
static void tell_versions(const struct results *results, const char *backend,
                          const struct program *program, char *out, struct tally *tally)
{
    const struct tried tried = {program->workload, backend, program->metric, is_version_wanted};
    size_t position = 0;
    size_t found = tally_failures(tally, results, &tried, out);
    char cell[64];
    text_format(cell, sizeof cell, "%s of %s", program->workload, backend_words(backend));
    const struct result_row *row;
    while ((row = results_next(results, &position, program->workload, backend, 0,
                               program->metric)) != NULL) {
        int64_t version = 0;
        if (!result_param(row, program->param, &version) || version != HOW_CHANNEL ||
            row->status != TRIAL_OK) {
            continue;
        }
        const struct result_row *mutexes =
            find_variant(results, row, program->param, HOW_MUTEX, NULL);
        if (mutexes == NULL) {
            tally_add(tally, ANSWER_UNSURE, cell);
            continue;
        }
        struct interval ratio = cost_ratio(row, mutexes);
        tally_add(tally, isfinite(ratio.value) ? ANSWER_YES : ANSWER_UNSURE, cell);
        add_figure(out, "%s, %d proc%s: with channels %s (%s – %s) of the time with mutexes",
                   program->workload, row->procs, row->procs == 1 ? "" : "s",
                   text_ratio(ratio.value).s, text_ratio(ratio.low).s, text_ratio(ratio.high).s);
        found++;
    }
    if (found == 0) {
        tally_add(tally, ANSWER_UNSURE, cell);
    }
}

static bool is_forgotten(const struct result_row *row)
{
    int64_t how = 0;
    return result_param(row, "how", &how) && how == HOW_FORGOTTEN;
}

/* Does a forgotten lock lose additions, and a channel none? Only on several procs can it, and only
 * with so many additions that tasks meet; a channel must lose none of however many. */
static void tell_losses(const struct results *results, const char *backend, char *out,
                        struct tally *tally)
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, "counter", backend, 0, "lost")) != NULL) {
        char cell[64];
        if (!is_forgotten(row) || row->status != TRIAL_OK) {
            continue;
        }
        const struct result_row *channel =
            find_variant(results, row, "how", HOW_CHANNEL, "additions");
        add_figure(out, "counter without a guard, %d proc%s: %s additions lost an epoch%s",
                   row->procs, row->procs == 1 ? "" : "s", text_significant(row->median).s,
                   channel == NULL ? "" : ", with a channel none");
        if (row->procs > 1) {
            struct interval lost = {row->median, row->ci_low, row->ci_high};
            text_format(cell, sizeof cell, "%s, %d procs", backend_words(backend), row->procs);
            tally_add(tally,
                      channel == NULL       ? ANSWER_UNSURE
                      : channel->median > 0 ? ANSWER_NO
                                            : answer_above(lost, lost_at_least),
                      cell);
        }
    }
    const struct tried tried = {"counter", backend, "lost", is_forgotten};
    tally_failures(tally, results, &tried, out);
}

int judge_communicating(const struct results *results, struct outcome *outcome)
{
    static const char *const backends[] = {"green", "pthread"};
    static const struct program counter = {"counter", "add", "how"};
    static const struct program pipeline = {"pipeline", "item", "locks"};
    char *const outs[] = {outcome->green, outcome->pthread};
    struct tally there = {0};
    struct tally safer = {0};
    for (size_t i = 0; i < 2; i++) {
        tell_versions(results, backends[i], &counter, outs[i], &there);
        tell_versions(results, backends[i], &pipeline, outs[i], &there);
        tell_losses(results, backends[i], outs[i], &safer);
    }
    outcome->verdict = verdict_both(tally_verdict(&there), tally_verdict(&safer));
    text_format(outcome->when, sizeof outcome->when, "%s", safer.where);
    if (tally_verdict(&there) == VERDICT_HOLDS_WHEN) {
        text_append(outcome->when, sizeof outcome->when, "; %s", there.where);
    }
    text_format(outcome->why, sizeof outcome->why,
                "that mutexes are there, too, %s; that a forgotten guard loses additions where a "
                "channel has none to forget %s",
                verdict_words(tally_verdict(&there)), verdict_words(tally_verdict(&safer)));
    return 0;
}

/* --- C14 ------------------------------------------------------------------------------------- */

static const int64_t many_tasks = 1000; /* "high concurrency" */
static const double huge = 10;

static void tell_line(const struct crossover_line *line, struct tally *tally,
                      struct outcome *outcome)
{
    char cell[96];
    for (size_t i = 0; i < line->points_count; i++) {
        const struct crossover_point *point = &line->points[i];
        text_format(cell, sizeof cell, "tasks of %s, %lld %% blocking, %d procs",
                    text_ns(point->size_ns).s, (long long)line->share, line->procs);
        tally_add(tally, answer_above(point->ratio, huge), cell);
    }
    const struct crossover_point *smallest = &line->points[0];
    const struct crossover_point *largest = &line->points[line->points_count - 1];
    add_figure(outcome->green, "%s tasks, %lld %% blocking: %s as fast with %s each, %s with %s",
               text_count((double)line->tasks).s, (long long)line->share,
               text_ratio(smallest->ratio.value).s, text_ns(smallest->size_ns).s,
               text_ratio(largest->ratio.value).s, text_ns(largest->size_ns).s);
}

/* Where it flips: OS threads' side of the table. */
static void tell_crossing(const struct crossover_line *line, char *out)
{
    if (isfinite(line->crossing.value)) {
        add_figure(out, "%s tasks, %lld %% blocking: tie from tasks of %s on",
                   text_count((double)line->tasks).s, (long long)line->share,
                   text_measured(line->crossing, "ns", line->crossed).s);
    } else {
        add_figure(out, "%s tasks, %lld %% blocking: no crossing within the sizes measured",
                   text_count((double)line->tasks).s, (long long)line->share);
    }
}

int judge_advantage(const struct results *results, struct outcome *outcome)
{
    struct tally tally = {0};
    struct crossovers *crossovers = crossovers_new(results);
    if (crossovers == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < crossovers->count; i++) {
        if (crossovers->lines[i].tasks >= many_tasks) {
            tell_line(&crossovers->lines[i], &tally, outcome);
        }
        tell_crossing(&crossovers->lines[i], outcome->pthread);
    }
    crossovers_free(crossovers);
    outcome->verdict = tally_verdict(&tally);
    text_format(outcome->when, sizeof outcome->when, "%s", tally.where);
    if (tally.yes + tally.no + tally.unsure > 0) {
        text_format(outcome->why, sizeof outcome->why,
                    "of %zu cells with 1,000 tasks or more %zu are above 10×, %zu are not, and %zu "
                    "have an interval across it",
                    tally.yes + tally.no + tally.unsure, tally.yes, tally.no, tally.unsure);
    }
    return 0;
}

/* --- C15 ------------------------------------------------------------------------------------- */

/* A cell that green threads did and OS threads could not, with the same source. */
static bool only_green_did(const struct result_row *green, const struct results *results)
{
    struct result_row silent = *green;
    silent.metric = NULL;
    const struct result_row *other = results_partner(results, green, "pthread");
    other = other != NULL ? other : results_partner(results, &silent, "pthread");
    return green->status == TRIAL_OK && other != NULL && other->status != TRIAL_OK &&
           other->status != TRIAL_SKIPPED;
}

int judge_same_source(const struct results *results, struct outcome *outcome)
{
    struct tally tally = {0};
    struct pairs *pairs = pairs_new(results);
    if (pairs == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        tally_add(&tally, ANSWER_NO, pairs->pairs[i].label); /* no other code, no less code */
    }
    pairs_free(pairs);
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, NULL, "green", 0, NULL)) != NULL) {
        char label[PAIR_LABEL_BYTES];
        if (only_green_did(row, results)) {
            row_label(results, row, label, sizeof label);
            tally_add(&tally, ANSWER_YES, label);
        }
    }
    outcome->verdict = tally_verdict(&tally);
    text_format(outcome->when, sizeof outcome->when, "%s", tally.where);
    if (tally.no + tally.yes > 0) {
        text_format(
            outcome->why, sizeof outcome->why,
            "%zu metrics come from the same object files on both back ends with equal work; "
            "%zu that green threads did were too much for OS threads",
            tally.no, tally.yes);
    }
    return 0;
}

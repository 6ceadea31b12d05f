/* claims_scale.c - the rules for claims about memory, threads and numbers of tasks. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "claims.h"
#include "claims_failed.h"
#include "plot_context.h"
#include "plot_footprint.h"
#include "plot_sweep.h"
#include "plot_text.h"

#define LIMIT_WORKLOAD "create.limit"
#define COLD_WORKLOAD "memory.cold"
#define DEEP_WORKLOAD "memory.deep"
#define GROWTH_WORKLOAD "stack.deep"

/* "About 2 KB": half as much more or less, whole or in part. */
static const double green_stack_bytes[2] = {1024, 3072};
/* "Up to 1 GB", and "shrinks": to so many times of before. */
static const int64_t grown_bytes = INT64_C(1) << 30;
static const double shrunk = 1.2;
/* "1–2 MB", with a tenth for guard pages and rounding. */
static const double thread_stack_bytes[2] = {0.9 * 1048576, 2.2 * 1048576};
/* "Exhaust memory": this share of it is in use. */
static const double exhausted_share = 0.9;
/* "Thousands of tasks", "a few dozen threads", "the kernel never sees them". */
static const double thousands = 1000;
static const double few_dozen = 36;
static const double switches_per_task = 0.1;
/* "Hundreds of thousands": more than one. */
static const double hundred_thousand = 100000;

/* A line of figures. */
static void add_line(char *out, size_t size, const char *line)
{
    text_append(out, size, "%s%s", out[0] == '\0' ? "" : "\n", line);
}

/* The slope per task of one kind of memory as a line of figures. */
static struct interval tell_slope(const struct footprint *footprint, enum footprint_kind kind,
                                  char *out, size_t size)
{
    char line[CLAIM_TEXT_BYTES];
    struct interval slope = footprint_slope(footprint, kind);
    if (isfinite(slope.value)) {
        text_format(line, sizeof line, "%s per task: %s", footprint_name(kind),
                    text_interval(slope, "B").s);
        add_line(out, size, line);
    }
    return slope;
}

/* The row of a workload of the memory family that was ok, with this value of a parameter (NULL:
 * with any), or NULL. */
static const struct result_row *find_memory(const struct results *results, const char *workload,
                                            const char *backend, const char *metric,
                                            const char *param, int64_t value)
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, workload, backend, 0, metric)) != NULL) {
        int64_t own = 0;
        bool same = param == NULL || (result_param(row, param, &own) && own == value);
        if (row->status == TRIAL_OK && same) {
            return row;
        }
    }
    return NULL;
}

static struct interval interval_of(const struct result_row *row)
{
    return (struct interval){.value = row->median, .low = row->ci_low, .high = row->ci_high};
}

/* Bytes of a task that has waited for long, by policy; only shown. */
static void tell_policies(const struct results *results, struct outcome *outcome)
{
    static const char *const policies[] = {"lazy", "fixed", "hibernate"};
    char line[CLAIM_TEXT_BYTES];
    for (int64_t i = 0; i < 3; i++) {
        const struct result_row *row =
            find_memory(results, COLD_WORKLOAD, "green", "total", "policy", i + 1);
        if (row != NULL) {
            text_format(line, sizeof line, "in all per waiting task, %s: %s", policies[i],
                        text_interval(interval_of(row), "B").s);
            add_line(outcome->green, sizeof outcome->green, line);
        }
    }
}

/* Does a gigabyte of frames fit one task? No, if it was tried, and neither the machine nor the
 * deadline was too small. */
static enum answer answer_grows(const struct results *results, struct outcome *outcome)
{
    size_t position = 0;
    const struct result_row *row;
    enum answer answer = ANSWER_UNSURE;
    while ((row = results_next(results, &position, GROWTH_WORKLOAD, "green", 0, NULL)) != NULL) {
        int64_t bytes = 0;
        if (!result_param(row, "bytes", &bytes) || bytes != grown_bytes) {
            continue;
        }
        if (row->status == TRIAL_FAILED || row->status == TRIAL_SIGNAL) {
            return ANSWER_NO;
        }
        if (row->status == TRIAL_OK && row->metric != NULL && strcmp(row->metric, "total") == 0) {
            char line[CLAIM_TEXT_BYTES];
            text_format(line, sizeof line,
                        "recursion through %s of frames in one task, and back: %s",
                        text_bytes((double)bytes).s, text_interval(interval_of(row), "ms").s);
            add_line(outcome->green, sizeof outcome->green, line);
            answer = ANSWER_YES;
        }
    }
    return answer;
}

/* Is the process as small again a second after it was deep? One process is no sample. */
static enum answer answer_shrinks(const struct results *results, const char *backend, char *out,
                                  size_t size)
{
    const struct result_row *before =
        find_memory(results, DEEP_WORKLOAD, backend, "rss_before", NULL, 0);
    const struct result_row *after =
        find_memory(results, DEEP_WORKLOAD, backend, "rss_1000ms", NULL, 0);
    if (before == NULL || after == NULL || !(before->median > 0)) {
        return ANSWER_UNSURE;
    }
    char line[CLAIM_TEXT_BYTES];
    text_format(line, sizeof line, "resident a second after deep recursion: %.3g times of before",
                after->median / before->median);
    add_line(out, size, line);
    if (before->trials_count < 2 || after->trials_count < 2) {
        return ANSWER_UNSURE;
    }
    return answer_both(after->ci_low <= shrunk * before->ci_high ? ANSWER_YES : ANSWER_NO,
                       after->ci_high <= shrunk * before->ci_low ? ANSWER_YES : ANSWER_UNSURE);
}

int judge_stack(const struct results *results, struct outcome *outcome)
{
    struct footprint *green = footprint_new(results, "green");
    struct footprint *pthread = footprint_new(results, "pthread");
    if (green == NULL || pthread == NULL) {
        footprint_free(green);
        footprint_free(pthread);
        return -ENOMEM;
    }
    struct tally start = {0};
    struct tally growth = {0};
    struct tally giving = {0};
    struct interval user = tell_slope(green, FOOTPRINT_USER, outcome->green, sizeof outcome->green);
    tell_slope(green, FOOTPRINT_RESERVED, outcome->green, sizeof outcome->green);
    tell_slope(pthread, FOOTPRINT_USER, outcome->pthread, sizeof outcome->pthread);
    if (isfinite(user.value)) {
        enum answer answer = answer_within(user, green_stack_bytes[0], green_stack_bytes[1]);
        tally_add(&start, answer, "at the start");
        text_format(outcome->why, sizeof outcome->why, "a parked green thread holds %s",
                    text_bytes(user.value).s);
    }
    tell_policies(results, outcome);
    tally_add(&growth, answer_grows(results, outcome), "growth");
    tally_add(&giving, answer_shrinks(results, "green", outcome->green, sizeof outcome->green),
              "shrinking");
    (void)answer_shrinks(results, "pthread", outcome->pthread, sizeof outcome->pthread);
    if (tally_verdict(&growth) == VERDICT_NOT_MEASURED) {
        text_append(outcome->why, sizeof outcome->why, "%sgrowth to 1 GB is not measured yet",
                    outcome->why[0] == '\0' ? "" : "; ");
    }
    outcome->verdict = verdict_both(tally_verdict(&start),
                                    verdict_both(tally_verdict(&growth), tally_verdict(&giving)));
    footprint_free(green);
    footprint_free(pthread);
    return 0;
}

/* The first row of create.limit of a back end that was ok, or NULL. */
static const struct result_row *find_limit(const struct results *results, const char *backend)
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, LIMIT_WORKLOAD, backend, 0, "tasks")) != NULL) {
        if (row->status == TRIAL_OK) {
            return row;
        }
    }
    return NULL;
}

static bool was_refused(const struct result_row *row)
{
    int64_t max;
    return result_param(row, "max", &max) && row->median < (double)max;
}

/* Did memory run out when the next thread was refused? */
static enum answer answer_exhausted(const struct results *results, const struct footprint *threads,
                                    struct outcome *outcome)
{
    const struct result_row *limit = find_limit(results, "pthread");
    double machine = context_number(results->context, "host.memory_bytes");
    double each = footprint_slope(threads, FOOTPRINT_TOTAL).value;
    if (limit == NULL || !was_refused(limit) || !(machine > 0) || !isfinite(each)) {
        return ANSWER_UNSURE;
    }
    double share = limit->median * each / machine;
    text_append(outcome->why, sizeof outcome->why,
                "; %s threads held %.0f %% of the machine's memory when the next was refused: %s",
                text_count(limit->median).s, share * 100,
                limit->note == NULL ? "no reason told" : limit->note);
    return share >= exhausted_share ? ANSWER_YES : ANSWER_NO;
}

int judge_thread_stack(const struct results *results, struct outcome *outcome)
{
    struct tally reserve = {0};
    struct tally exhaust = {0};
    struct footprint *threads = footprint_new(results, "pthread");
    if (threads == NULL) {
        return -ENOMEM;
    }
    struct interval reserved =
        tell_slope(threads, FOOTPRINT_RESERVED, outcome->pthread, sizeof outcome->pthread);
    tell_slope(threads, FOOTPRINT_USER, outcome->pthread, sizeof outcome->pthread);
    tell_slope(threads, FOOTPRINT_TOTAL, outcome->pthread, sizeof outcome->pthread);
    if (isfinite(reserved.value)) {
        tally_add(&reserve, answer_within(reserved, thread_stack_bytes[0], thread_stack_bytes[1]),
                  "the reserved size");
        text_format(outcome->why, sizeof outcome->why, "a thread reserves %s",
                    text_bytes(reserved.value).s);
        tally_add(&exhaust, answer_exhausted(results, threads, outcome), "memory");
    }
    outcome->verdict = verdict_both(tally_verdict(&reserve), tally_verdict(&exhaust));
    footprint_free(threads);
    return 0;
}

/* Kernel switches of the process for each of its tasks; NAN if unknown. */
static double kernel_switches(const struct result_row *row, double tasks)
{
    const json_t *voluntary = json_object_get(row->rusage, "voluntary_switches");
    const json_t *involuntary = json_object_get(row->rusage, "involuntary_switches");
    if (!json_is_number(voluntary) || !json_is_number(involuntary)) {
        return NAN;
    }
    return (json_number_value(voluntary) + json_number_value(involuntary)) / tasks;
}

/* What was not counted decides nothing; too many threads decide alone. */
static enum answer answer_few(double threads, double switches)
{
    if (threads > few_dozen || switches >= switches_per_task) {
        return ANSWER_NO;
    }
    return isfinite(threads) && isfinite(switches) ? ANSWER_YES : ANSWER_UNSURE;
}

static bool has_thousands(const struct result_row *row)
{
    return (double)sweep_tasks(row) >= thousands;
}

/* A line for each size of memory.park: threads, kernel switches. Adds the answers to the tally. */
static int tell_threads(const struct results *results, const char *backend, char *out, size_t size,
                        struct tally *tally)
{
    struct footprint *footprint = footprint_new(results, backend);
    size_t position = 0;
    double last = 0;
    const struct result_row *row;
    if (footprint == NULL) {
        return -ENOMEM;
    }
    while ((row = results_next(results, &position, FOOTPRINT_WORKLOAD, backend, 0, NULL)) != NULL) {
        double tasks = (double)sweep_tasks(row);
        struct interval threads = footprint_at(footprint, tasks, FOOTPRINT_THREADS);
        if (row->status != TRIAL_OK || !has_thousands(row) || tasks == last ||
            !isfinite(threads.value)) {
            continue;
        }
        char line[CLAIM_TEXT_BYTES];
        char cell[64];
        double switches = kernel_switches(row, tasks);
        last = tasks;
        text_format(line, sizeof line, "%s tasks: threads %s, kernel switches a task %s",
                    text_count(tasks).s, text_count(threads.value).s,
                    switches > 0 && switches < 0.001 ? "below 0.001"
                                                     : text_significant(switches).s);
        add_line(out, size, line);
        text_format(cell, sizeof cell, "%s tasks", text_count(tasks).s);
        tally_add(tally, answer_few(threads.high, switches), cell);
    }
    const struct tried tried = {FOOTPRINT_WORKLOAD, backend, NULL, has_thousands};
    tally_failures(tally, results, &tried, out);
    footprint_free(footprint);
    return 0;
}

int judge_few_threads(const struct results *results, struct outcome *outcome)
{
    struct tally green = {0};
    struct tally contrast = {0}; /* shown; the claim does not speak of OS threads */
    int error = tell_threads(results, "green", outcome->green, sizeof outcome->green, &green);
    if (error == 0) {
        error =
            tell_threads(results, "pthread", outcome->pthread, sizeof outcome->pthread, &contrast);
    }
    outcome->verdict = tally_verdict(&green);
    text_format(outcome->when, sizeof outcome->when, "%s", green.where);
    return error;
}

/* The largest number of parked tasks that went well, and the smallest that did not, as lines. */
static void tell_extent(const struct results *results, const char *backend, char *out, size_t size,
                        struct tally *tally)
{
    size_t position = 0;
    double most = 0;
    double last = 0;
    const struct result_row *row;
    char line[CLAIM_TEXT_BYTES];
    char cell[64];
    while ((row = results_next(results, &position, FOOTPRINT_WORKLOAD, backend, 0, NULL)) != NULL) {
        double tasks = (double)sweep_tasks(row);
        bool fine = row->status == TRIAL_OK;
        if (tasks == last || row->status == TRIAL_SKIPPED) {
            continue;
        }
        last = tasks;
        most = fine ? fmax(most, tasks) : most;
        if (!fine) { /* a refusal, or a run that broke off */
            text_format(line, sizeof line, "%s tasks: %s", text_count(tasks).s,
                        row->reason == NULL ? trial_status_name(row->status) : row->reason);
            add_line(out, size, line);
        }
        if (tasks > hundred_thousand) {
            text_format(cell, sizeof cell, "%s tasks", text_count(tasks).s);
            tally_add(tally, fine ? ANSWER_YES : ANSWER_NO, cell);
        }
    }
    if (most > 0) {
        text_format(line, sizeof line, "%s parked at once and joined", text_count(most).s);
        add_line(out, size, line);
    }
}

/* What create.limit found, as a line. */
static void tell_limit(const struct results *results, const char *backend, char *out, size_t size)
{
    char line[CLAIM_TEXT_BYTES];
    const struct result_row *limit = find_limit(results, backend);
    if (limit != NULL) {
        text_format(line, sizeof line, LIMIT_WORKLOAD ": %s%s%s", text_count(limit->median).s,
                    limit->note == NULL ? "" : ", ", limit->note == NULL ? "" : limit->note);
        add_line(out, size, line);
    }
}

int judge_many_tasks(const struct results *results, struct outcome *outcome)
{
    struct tally green = {0};
    struct tally contrast = {0}; /* shown; the claim does not speak of OS threads */
    tell_extent(results, "green", outcome->green, sizeof outcome->green, &green);
    tell_limit(results, "green", outcome->green, sizeof outcome->green);
    tell_extent(results, "pthread", outcome->pthread, sizeof outcome->pthread, &contrast);
    tell_limit(results, "pthread", outcome->pthread, sizeof outcome->pthread);
    outcome->verdict = tally_verdict(&green);
    text_format(outcome->when, sizeof outcome->when, "%s", green.where);
    if (outcome->verdict == VERDICT_NOT_MEASURED) {
        text_format(outcome->why, sizeof outcome->why,
                    "no run had more than %s tasks alive at once", text_count(hundred_thousand).s);
    }
    return 0;
}

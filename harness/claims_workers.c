/* claims_workers.c - the rule for the claim that many tasks run on a few workers through P procs.
 */
#include <math.h>
#include <string.h>

#include "claims.h"
#include "claims_failed.h"
#include "plot_context.h"
#include "plot_text.h"

#define BLOCKING_WORKLOAD "blocking.mix"
#define THREAD_WORKLOAD "memory.park"

/* "M:N": so many tasks for each worker. */
static const double tasks_per_worker = 100;
/* Few workers are told from many only where there are this many tasks. */
static const double thousands = 1000;
/* M is about P where nothing blocks: workers that look for work, or that stood in for one which the
 * kernel held up. */
static const double few_more = 4;

/* Where tasks never block in the kernel. */
static const char *const computing[] = {"memory.park", "skynet", "forkjoin.fib"};

/* What a process did, by its own counters. */
struct counts {
    double spawned;
    double workers;
    double procs;
};

static double counter(const struct result_row *row, const char *name)
{
    const json_t *value = json_object_get(row->counters, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool read_counts(const struct result_row *row, struct counts *counts)
{
    *counts = (struct counts){.spawned = counter(row, "tasks_spawned"),
                              .workers = counter(row, "workers_started"),
                              .procs = counter(row, "procs")};
    return row->status == TRIAL_OK && counts->spawned >= 0 && counts->workers >= 0 &&
           counts->procs > 0;
}

/* A line of figures. */
static void add_line(char *out, const char *line)
{
    text_append(out, CLAIM_TEXT_BYTES, "%s%s", out[0] == '\0' ? "" : "\n", line);
}

/* "2 workers started, 2 procs" */
static void add_counts(const struct counts *counts, char *line)
{
    text_append(line, CLAIM_TEXT_BYTES, "%s worker%s started, %s proc%s",
                text_count(counts->workers).s, counts->workers == 1 ? "" : "s",
                text_count(counts->procs).s, counts->procs == 1 ? "" : "s");
}

/* The metrics of one cell are of the same processes: is this another one of them? */
static bool is_repeated(const struct results *results, const struct result_row *row)
{
    if (row == results->rows) {
        return false;
    }
    struct result_row own = *row;
    struct result_row before = row[-1];
    own.metric = before.metric = NULL;
    return text_same(own.backend, before.backend) && result_same_cell(&own, &before);
}

/* --- M:N ------------------------------------------------------------------------------------- */

/* The most tasks of a workload that were there at once, and on how many workers. */
static void tell_many(const struct results *results, const char *workload, const char *param,
                      struct tally *many, char *out)
{
    char line[CLAIM_TEXT_BYTES] = "";
    int64_t best = 0;
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, workload, "green", 0, NULL)) != NULL) {
        int64_t tasks = 0;
        struct counts counts;
        if (!read_counts(row, &counts) || !result_param(row, param, &tasks) || tasks <= best) {
            continue;
        }
        best = tasks;
        bool enough = (double)tasks >= tasks_per_worker * fmax(counts.workers, 1);
        tally_add(many, enough ? ANSWER_YES : ANSWER_NO, "");
        text_format(line, sizeof line, "%s: %s %s, ", workload, text_count((double)tasks).s, param);
        add_counts(&counts, line);
    }
    if (best > 0) {
        add_line(out, line);
    }
}

/* One run is enough: elsewhere there were few tasks. */
static enum verdict judge_many(const struct results *results, char *out)
{
    struct tally many = {0};
    tell_many(results, "memory.park", "tasks", &many, out);
    tell_many(results, "io.echo", "connections", &many, out);
    if (many.yes > 0) {
        return VERDICT_HOLDS;
    }
    return many.no > 0 ? VERDICT_FAILS : VERDICT_NOT_MEASURED;
}

/* --- M is about P ---------------------------------------------------------------------------- */

/* The run of the workload with the most workers over procs. */
static void tell_few(const struct results *results, const char *workload, struct tally *few,
                     char *out)
{
    char line[CLAIM_TEXT_BYTES] = "";
    double most = -INFINITY;
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, workload, "green", 0, NULL)) != NULL) {
        struct counts counts;
        char cell[64];
        if (is_repeated(results, row) || !read_counts(row, &counts) || counts.spawned < thousands) {
            continue;
        }
        double more = counts.workers - counts.procs;
        text_format(cell, sizeof cell, "%s with %s tasks", workload, text_count(counts.spawned).s);
        tally_add(few, more <= few_more ? ANSWER_YES : ANSWER_NO, cell);
        if (more > most) {
            most = more;
            text_format(line, sizeof line, "%s: %s tasks created, ", workload,
                        text_count(counts.spawned).s);
            add_counts(&counts, line);
        }
    }
    if (isfinite(most) && strcmp(workload, "memory.park") != 0) { /* that one has its line */
        add_line(out, line);
    }
}

/* A process that broke off may not have told how many tasks it created; then its parameters may. */
static bool may_have_thousands(const struct result_row *row)
{
    int64_t asked = 0;
    bool told = result_param(row, "tasks", &asked) || result_param(row, "leaves", &asked);
    return !(counter(row, "tasks_spawned") < thousands || (told && (double)asked < thousands));
}

static void judge_few(const struct results *results, struct tally *few, char *out)
{
    for (size_t i = 0; i < sizeof computing / sizeof computing[0]; i++) {
        const struct tried tried = {computing[i], "green", NULL, may_have_thousands};
        tell_few(results, computing[i], few, out);
        tally_failures(few, results, &tried, out);
    }
}

/* Where it flips: the run with the most workers, if they are not few. */
static void tell_blocked(const struct results *results, char *out)
{
    char line[CLAIM_TEXT_BYTES] = "";
    double most = few_more;
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, BLOCKING_WORKLOAD, "green", 0, NULL)) != NULL) {
        struct counts counts;
        int64_t share = 0;
        if (read_counts(row, &counts) && result_param(row, "share", &share) &&
            counts.workers - counts.procs > most) {
            most = counts.workers - counts.procs;
            text_format(line, sizeof line, BLOCKING_WORKLOAD ": %s %% blocking calls, ",
                        text_count((double)share).s);
            add_counts(&counts, line);
        }
    }
    if (line[0] != '\0') {
        add_line(out, line);
    }
}

/* --- P by default ---------------------------------------------------------------------------- */

static void judge_default(const struct results *results, struct tally *taken, char *out)
{
    double usable = context_number(results->context, "cpu.usable");
    for (size_t i = 0; i < results->rows_count; i++) {
        const struct result_row *row = &results->rows[i];
        struct counts counts;
        char line[CLAIM_TEXT_BYTES];
        char cell[64];
        if (row->procs != 0 || row->tune != NULL || strcmp(row->backend, "green") != 0 ||
            is_repeated(results, row)) {
            continue;
        }
        if (row_failed(row)) {
            tally_failure(taken, results, row, out);
        }
        if (!read_counts(row, &counts)) {
            continue;
        }
        text_clean(cell, sizeof cell, row->workload);
        text_format(line, sizeof line, "%s by default: ", cell);
        add_counts(&counts, line);
        enum answer answer = counts.procs == usable ? ANSWER_YES : ANSWER_NO;
        if (isfinite(usable)) {
            text_append(line, sizeof line, ", %s CPU%s usable", text_count(usable).s,
                        usable == 1 ? "" : "s");
        }
        tally_add(taken, isfinite(usable) ? answer : ANSWER_UNSURE, cell);
        add_line(out, line);
    }
}

/* --- All of it ------------------------------------------------------------------------------- */

/* The contrast: as many threads as tasks. */
static void tell_threads(const struct results *results, char *out)
{
    char line[CLAIM_TEXT_BYTES] = "";
    double most = 0;
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, THREAD_WORKLOAD, "pthread", 0, NULL)) != NULL) {
        struct counts counts;
        if (read_counts(row, &counts) && counts.spawned > most) {
            most = counts.spawned;
            text_format(line, sizeof line, THREAD_WORKLOAD ": %s tasks created, %s threads started",
                        text_count(counts.spawned).s, text_count(counts.workers).s);
        }
    }
    if (most > 0) {
        add_line(out, line);
    }
}

int judge_m_to_n(const struct results *results, struct outcome *outcome)
{
    struct tally few_tally = {0};
    struct tally taken_tally = {0};
    enum verdict many = judge_many(results, outcome->green);
    judge_few(results, &few_tally, outcome->green);
    judge_default(results, &taken_tally, outcome->green);
    enum verdict few = tally_verdict(&few_tally);
    enum verdict taken = tally_verdict(&taken_tally);
    tell_blocked(results, outcome->green);
    tell_threads(results, outcome->pthread);
    outcome->verdict = verdict_both(verdict_both(many, few), taken);
    text_format(outcome->when, sizeof outcome->when, "%s",
                few == VERDICT_HOLDS_WHEN ? few_tally.where : taken_tally.where);
    if (outcome->green[0] != '\0') {
        text_format(outcome->why, sizeof outcome->why,
                    "100 tasks a worker: %s; few workers where tasks only compute or park: %s; P "
                    "from the usable "
                    "CPUs by default: %s",
                    verdict_words(many), verdict_words(few), verdict_words(taken));
    }
    return 0;
}

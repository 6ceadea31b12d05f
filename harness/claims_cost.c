/* claims_cost.c - the rules for claims about the cost of creation and of a switch. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "claims.h"
#include "plot_pair.h"
#include "plot_text.h"

/* "Very cheap" against "expensive": an order of magnitude. */
static const double cheap_ratio = 10;

/* "All in user space": a twentieth of a thread's kernel time is what page faults and start-up of
 * the process may leave. */
static const double user_space_share = 1.0 / 20;

/* With fewer tasks in a process its start-up is most of the kernel time that they share. */
static const double least_tasks = 1000;

/* "About 200 ns": a factor of two to either side. */
static const double green_switch_ns[2] = {100, 400};
/* "1–2 µs" as it stands. */
static const double thread_switch_ns[2] = {1000, 2000};

static struct interval row_interval(const struct result_row *row)
{
    return (struct interval){row->median, row->ci_low, row->ci_high};
}

/* Adds a line of figures for both sides. */
static void add_figures(struct outcome *outcome, const struct pair *pair)
{
    text_append(outcome->green, sizeof outcome->green, "%s%s: %s",
                outcome->green[0] == '\0' ? "" : "\n", pair->label,
                text_interval(row_interval(pair->green), pair->unit).s);
    text_append(outcome->pthread, sizeof outcome->pthread, "%s%s: %s",
                outcome->pthread[0] == '\0' ? "" : "\n", pair->label,
                text_interval(row_interval(pair->pthread), pair->unit).s);
}

/* Time in the kernel for each task created by the process, start-up included; NAN if unknown. */
static double kernel_ns_per_task(const struct result_row *row)
{
    const json_t *system = json_object_get(row->rusage, "system_ns");
    double tasks = json_number_value(json_object_get(row->work, "tasks"));
    return json_is_number(system) && tasks > 0 ? json_number_value(system) / tasks : NAN;
}

static enum answer answer_user_space(const struct pair *pair)
{
    double green = kernel_ns_per_task(pair->green);
    double pthread = kernel_ns_per_task(pair->pthread);
    if (!isfinite(green) || !(pthread > 0)) {
        return ANSWER_UNSURE;
    }
    return green <= pthread * user_space_share ? ANSWER_YES : ANSWER_NO;
}

static void add_kernel_time(struct outcome *outcome, const struct pair *pair)
{
    text_append(outcome->green, sizeof outcome->green, ", in the kernel %s",
                text_ns(kernel_ns_per_task(pair->green)).s);
    text_append(outcome->pthread, sizeof outcome->pthread, ", in the kernel %s",
                text_ns(kernel_ns_per_task(pair->pthread)).s);
}

static bool is_creation(const struct pair *pair)
{
    double tasks = json_number_value(json_object_get(pair->green->work, "tasks"));
    return strncmp(pair->green->workload, "create.", 7) == 0 && strcmp(pair->unit, "ns") == 0 &&
           tasks >= least_tasks;
}

int judge_creation(const struct results *results, struct outcome *outcome)
{
    struct tally tally = {0};
    size_t dearer = 0;
    size_t in_user_space = 0;
    struct pairs *pairs = pairs_new(results);
    if (pairs == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = &pairs->pairs[i];
        if (!is_creation(pair)) {
            continue;
        }
        enum answer cheap = answer_above(pair->ratio, cheap_ratio);
        enum answer user_space = answer_user_space(pair);
        dearer += cheap == ANSWER_YES ? 1 : 0;
        in_user_space += user_space == ANSWER_YES ? 1 : 0;
        tally_add(&tally, answer_both(cheap, user_space), pair->label);
        add_figures(outcome, pair);
        add_kernel_time(outcome, pair);
    }
    pairs_free(pairs);
    outcome->verdict = tally_verdict(&tally);
    text_format(outcome->when, sizeof outcome->when, "%s", tally.where);
    if (tally.yes + tally.no + tally.unsure > 0) {
        text_format(outcome->why, sizeof outcome->why,
                    "of %zu cells, threads cost 10 times as much in %zu, and green threads stay "
                    "out of the kernel in %zu",
                    tally.yes + tally.no + tally.unsure, dearer, in_user_space);
    }
    return 0;
}

int judge_registers(const struct results *results, struct outcome *outcome)
{
    size_t position = 0;
    const struct result_row *row =
        results_next(results, &position, "anatomy.swap", "green", 0, "swap");
    if (row != NULL && row->status == TRIAL_OK) {
        text_format(outcome->green, sizeof outcome->green, "anatomy.swap: %s",
                    text_interval(row_interval(row), row->unit).s);
    }
    outcome->verdict = VERDICT_NOT_MEASURED;
    return 0;
}

static bool is_primitive(const struct pair *pair)
{
    static const char *const names[] = {"switch.yield", "switch.chan", "switch.mutex",
                                        "switch.cond"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(pair->green->workload, names[i]) == 0) {
            return strcmp(pair->green->metric, "switch") == 0;
        }
    }
    return false;
}

int judge_switch(const struct results *results, struct outcome *outcome)
{
    struct tally tally = {0};
    size_t green_right = 0;
    size_t thread_right = 0;
    struct pairs *pairs = pairs_new(results);
    if (pairs == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = &pairs->pairs[i];
        if (!is_primitive(pair)) {
            continue;
        }
        enum answer green =
            answer_within(row_interval(pair->green), green_switch_ns[0], green_switch_ns[1]);
        enum answer thread =
            answer_within(row_interval(pair->pthread), thread_switch_ns[0], thread_switch_ns[1]);
        green_right += green == ANSWER_YES ? 1 : 0;
        thread_right += thread == ANSWER_YES ? 1 : 0;
        tally_add(&tally, answer_both(green, thread), pair->label);
        add_figures(outcome, pair);
    }
    pairs_free(pairs);
    outcome->verdict = tally_verdict(&tally);
    text_format(outcome->when, sizeof outcome->when, "%s", tally.where);
    if (tally.yes + tally.no + tally.unsure > 0) {
        text_format(outcome->why, sizeof outcome->why,
                    "of %zu cells, the green figure is right in %zu, the thread's in %zu",
                    tally.yes + tally.no + tally.unsure, green_right, thread_right);
    }
    return 0;
}

int judge_same_source(const struct results *results, struct outcome *outcome)
{
    struct pairs *pairs = pairs_new(results);
    if (pairs == NULL) {
        return -ENOMEM;
    }
    if (pairs->count > 0) {
        text_format(outcome->why, sizeof outcome->why,
                    "%zu metrics come from the same object files on both back ends with equal work",
                    pairs->count);
    }
    pairs_free(pairs);
    outcome->verdict = VERDICT_NOT_MEASURED;
    return 0;
}

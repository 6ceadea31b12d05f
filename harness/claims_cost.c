/* claims_cost.c - the rules for claims about the cost of creation and of a switch. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "claims.h"
#include "plot_pair.h"
#include "plot_text.h"

/* "Very cheap" against "expensive": an order of magnitude. */
static const double cheap_ratio = 10;

/* What stands in for "all in user space": page faults and the start-up of the process are in the
 * kernel on both sides. */
static const double kernel_share = 1.0 / 20;

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
                text_measured(row_interval(pair->green), pair->unit, pair->green->trials_count).s);
    text_append(
        outcome->pthread, sizeof outcome->pthread, "%s%s: %s",
        outcome->pthread[0] == '\0' ? "" : "\n", pair->label,
        text_measured(row_interval(pair->pthread), pair->unit, pair->pthread->trials_count).s);
}

/* All tasks that the process created, those of its warm-up too; NAN if unknown. */
static double tasks_created(const struct result_row *row)
{
    const json_t *tasks = json_object_get(row->counters, "tasks_spawned");
    return json_is_number(tasks) ? json_number_value(tasks) : NAN;
}

/* Time in the kernel of the whole process; NAN if unknown. */
static double kernel_ns(const struct result_row *row)
{
    const json_t *system = json_object_get(row->rusage, "system_ns");
    return json_is_number(system) ? json_number_value(system) : NAN;
}

static bool is_creation(const struct pair *pair)
{
    return strncmp(pair->green->workload, "create.", 7) == 0 && strcmp(pair->unit, "ns") == 0 &&
           tasks_created(pair->green) >= least_tasks;
}

/* Are they metrics of the same processes? */
static bool same_processes(const struct pair *a, const struct pair *b)
{
    struct result_row left = *a->green;
    struct result_row right = *b->green;
    left.metric = right.metric = NULL;
    return result_same_cell(&left, &right);
}

/* Is this the first creation metric of its processes? What was counted for the whole process is
 * taken from there only. */
static bool is_first_metric(const struct pairs *pairs, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_creation(&pairs->pairs[i]) &&
            same_processes(&pairs->pairs[i], &pairs->pairs[index])) {
            return false;
        }
    }
    return true;
}

/* Kernel time for each task created, over all cells of a workload, of each its one process that the
 * row tells counters of; start-up included. */
struct kernel_time {
    double green;
    double pthread;
};

static struct kernel_time kernel_time_of(const struct pairs *pairs, const char *workload)
{
    struct kernel_time time = {0, 0};
    double green_tasks = 0;
    double pthread_tasks = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = &pairs->pairs[i];
        if (is_creation(pair) && strcmp(pair->green->workload, workload) == 0 &&
            is_first_metric(pairs, i)) {
            time.green += kernel_ns(pair->green);
            time.pthread += kernel_ns(pair->pthread);
            green_tasks += tasks_created(pair->green);
            pthread_tasks += tasks_created(pair->pthread);
        }
    }
    time.green /= green_tasks;
    time.pthread /= pthread_tasks;
    return time;
}

static enum answer answer_kernel(const struct kernel_time *time)
{
    if (!isfinite(time->green) || !(time->pthread > 0)) {
        return ANSWER_UNSURE;
    }
    return time->green <= time->pthread * kernel_share ? ANSWER_YES : ANSWER_NO;
}

/* Is this the first creation metric of its workload? */
static bool opens_workload(const struct pairs *pairs, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_creation(&pairs->pairs[i]) &&
            strcmp(pairs->pairs[i].green->workload, pairs->pairs[index].green->workload) == 0) {
            return false;
        }
    }
    return true;
}

static void add_kernel_line(char *out, const char *workload, double ns)
{
    text_append(out, CLAIM_TEXT_BYTES,
                "%s%s, kernel time per task (whole process, start-up included): %s",
                out[0] == '\0' ? "" : "\n", workload, text_ns(ns).s);
}

/* Counts of cells and of workloads, for the sentence behind the verdict. */
struct creation {
    struct tally tally;
    size_t dearer;
    size_t workloads;
    size_t little_kernel;
};

static void judge_pair(const struct pairs *pairs, size_t index, struct creation *creation,
                       struct outcome *outcome)
{
    const struct pair *pair = &pairs->pairs[index];
    struct kernel_time time = kernel_time_of(pairs, pair->green->workload);
    enum answer cheap = answer_above(pair->ratio, cheap_ratio);
    enum answer kernel = answer_kernel(&time);
    if (opens_workload(pairs, index)) {
        creation->workloads++;
        creation->little_kernel += kernel == ANSWER_YES ? 1 : 0;
        add_kernel_line(outcome->green, pair->green->workload, time.green);
        add_kernel_line(outcome->pthread, pair->green->workload, time.pthread);
    }
    creation->dearer += cheap == ANSWER_YES ? 1 : 0;
    tally_add(&creation->tally, answer_both(cheap, kernel), pair->label);
    add_figures(outcome, pair);
}

int judge_creation(const struct results *results, struct outcome *outcome)
{
    struct creation creation = {.dearer = 0};
    struct pairs *pairs = pairs_new(results);
    if (pairs == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        if (is_creation(&pairs->pairs[i])) {
            judge_pair(pairs, i, &creation, outcome);
        }
    }
    pairs_free(pairs);
    outcome->verdict = tally_verdict(&creation.tally);
    text_format(outcome->when, sizeof outcome->when, "%s", creation.tally.where);
    if (creation.workloads > 0) {
        text_format(outcome->why, sizeof outcome->why,
                    "threads cost more than 10 times as much in %zu of %zu metrics; a green "
                    "thread's kernel time per task is at most 1/20 of a thread's in %zu of %zu "
                    "workloads",
                    creation.dearer, creation.tally.yes + creation.tally.no + creation.tally.unsure,
                    creation.little_kernel, creation.workloads);
    }
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

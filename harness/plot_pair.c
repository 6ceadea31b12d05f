/* plot_pair.c - metrics that both back ends measured while doing equal work. */
#include "plot_pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plot_text.h"

bool unit_more_is_better(const char *unit)
{
    size_t length = strlen(unit);
    return strcmp(unit, "tasks") == 0 || strcmp(unit, "%") == 0 ||
           (length > 2 && strcmp(unit + length - 2, "/s") == 0);
}

bool unit_is_time(const char *unit)
{
    static const char *const units[] = {"ns", "us", "µs", "ms", "s"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, units[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool unit_is_memory(const char *unit)
{
    return strcmp(unit, "B") == 0 || strcmp(unit, "bytes") == 0;
}

/* Do both rows agree in the first `count` parameters, as far as they are shown? */
static bool agree(const struct result_row *a, const struct result_row *b, const bool *shown,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t value;
        if (shown[i] &&
            (!result_param(b, a->params[i].name, &value) || value != a->params[i].value)) {
            return false;
        }
    }
    return true;
}

/* Is there a row of the same workload that only this parameter tells from this row, of those shown
 * so far? */
static bool tells_apart(const struct results *results, const struct result_row *row,
                        const bool *shown, size_t index)
{
    size_t position = 0;
    const struct param_value *param = &row->params[index];
    const struct result_row *other;
    while ((other = results_next_tuned(results, &position, row->workload, NULL, 0, NULL, NULL)) !=
           NULL) {
        int64_t value;
        if (result_param(other, param->name, &value) && value != param->value &&
            agree(row, other, shown, index)) {
            return true;
        }
    }
    return false;
}

/* Does the workload have rows with another metric, or with other procs? */
static void find_variety(const struct results *results, const struct result_row *row, bool *metrics,
                         bool *procs)
{
    size_t position = 0;
    const struct result_row *other;
    *metrics = false;
    *procs = false;
    while ((other = results_next_tuned(results, &position, row->workload, NULL, 0, NULL, NULL)) !=
           NULL) {
        bool named = other->metric != NULL && row->metric != NULL;
        *metrics = *metrics || (named && strcmp(other->metric, row->metric) != 0);
        *procs = *procs || other->procs != row->procs;
    }
}

void row_label(const struct results *results, const struct result_row *row, char *out, size_t size)
{
    char clean[PAIR_LABEL_BYTES];
    bool metrics;
    bool procs;
    find_variety(results, row, &metrics, &procs);
    text_clean(clean, sizeof clean, row->workload);
    text_format(out, size, "%s", clean);
    if (metrics && row->metric != NULL) {
        text_clean(clean, sizeof clean, row->metric);
        text_append(out, size, " %s", clean);
    }
    bool *shown = alloc_array(row->params_count, sizeof *shown);
    for (size_t i = 0; i < row->params_count; i++) {
        shown[i] = tells_apart(results, row, shown, i);
        if (shown[i]) {
            text_clean(clean, sizeof clean, row->params[i].name);
            text_append(out, size, ", %s=%s", clean, text_count((double)row->params[i].value).s);
        }
    }
    free(shown);
    if (row->procs == 0) {
        text_append(out, size, ", default procs");
    } else if (procs) {
        text_append(out, size, ", %d proc%s", row->procs, row->procs == 1 ? "" : "s");
    }
    if (row->tune != NULL) {
        text_clean(clean, sizeof clean, row->tune);
        text_append(out, size, ", %s", clean);
    }
}

bool row_ended_at_limit(const struct result_row *row)
{
    int64_t told;
    return result_param(row, "max", &told) && row->median >= (double)told;
}

/* Some metrics are of what runs beside a back end, and not of it: the raw loops of io.echo, how
 * much the disturbers of blocking.mix disturbed, the threads of anatomy.* and handoff.* that are no
 * tasks. And slices of switch.time are for looking at: switch.yield has the latencies to compare.
 */
static bool is_of_backend(const struct result_row *row)
{
    return row->metric != NULL && strncmp(row->metric, "raw_", 4) != 0 &&
           strncmp(row->workload, "anatomy.", 8) != 0 &&
           strncmp(row->workload, "handoff.", 8) != 0 &&
           strcmp(row->workload, "switch.time") != 0 && strcmp(row->metric, "blocked") != 0;
}

static bool is_comparable(const struct result_row *row)
{
    return row->status == TRIAL_OK && row->unit != NULL && row->ci_low > 0 &&
           !row_ended_at_limit(row) && is_of_backend(row);
}

bool row_has_interval(const struct result_row *row)
{
    return row->trials_count > 1;
}

struct interval pair_ratio(const struct result_row *green, const struct result_row *pthread)
{
    if (!is_comparable(green) || !is_comparable(pthread)) {
        return (struct interval){NAN, NAN, NAN};
    }
    return unit_more_is_better(green->unit) ? result_ratio(green, pthread)
                                            : result_ratio(pthread, green);
}

static void add_pair(struct pairs *pairs, const struct results *results,
                     const struct result_row *green, const struct result_row *pthread)
{
    struct interval ratio = pair_ratio(green, pthread);
    if (!isfinite(ratio.value) || !(ratio.low > 0)) {
        return;
    }
    pairs->pairs = alloc_grow(pairs->pairs, pairs->count, &pairs->room, sizeof *pairs->pairs);
    struct pair *pair = &pairs->pairs[pairs->count++];
    pair->green = green;
    pair->pthread = pthread;
    pair->unit = green->unit;
    pair->ratio = ratio;
    row_label(results, green, pair->label, sizeof pair->label);
}

static void describe_trials(struct pairs *pairs)
{
    size_t least = SIZE_MAX;
    size_t most = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        size_t trials = pairs->pairs[i].green->trials_count;
        least = trials < least ? trials : least;
        most = trials > most ? trials : most;
    }
    text_format(pairs->trials, sizeof pairs->trials, "%s each%s", text_processes(least, most).s,
                most == 1 ? " (too few for an interval)" : "");
}

/* Has the cell of this total its time per task or message, too? */
static bool is_repeated(const struct results *results, const struct result_row *row)
{
    static char task[] = "task";
    static char message[] = "message";
    struct result_row same = *row;
    if (strcmp(row->metric, "total") != 0 || row->unit == NULL || unit_is_memory(row->unit)) {
        return false;
    }
    same.metric = task;
    if (results_partner(results, &same, row->backend) != NULL) {
        return true;
    }
    same.metric = message;
    return results_partner(results, &same, row->backend) != NULL;
}

struct pairs *pairs_new(const struct results *results)
{
    struct pairs *pairs = calloc(1, sizeof *pairs);
    if (pairs == NULL) {
        return NULL;
    }
    size_t position = 0;
    const struct result_row *green;
    while ((green = results_next(results, &position, NULL, "green", 0, NULL)) != NULL) {
        const struct result_row *pthread = results_partner(results, green, "pthread");
        if (pthread == NULL || green->metric == NULL || green->status != TRIAL_OK ||
            pthread->status != TRIAL_OK) {
            continue;
        }
        if (!result_same_work(green, pthread)) {
            pairs->unequal++;
        } else if (is_repeated(results, green)) {
            pairs->repeated++;
        } else {
            add_pair(pairs, results, green, pthread);
        }
    }
    describe_trials(pairs);
    return pairs;
}

void pairs_leave_out(struct pairs *pairs, bool (*is_elsewhere)(const struct pair *pair))
{
    size_t kept = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        if (!is_elsewhere(&pairs->pairs[i])) {
            pairs->pairs[kept++] = pairs->pairs[i];
        }
    }
    pairs->elsewhere += pairs->count - kept;
    pairs->count = kept;
}

void pairs_free(struct pairs *pairs)
{
    if (pairs != NULL) {
        free(pairs->pairs);
    }
    free(pairs);
}

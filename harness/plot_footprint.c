/* plot_footprint.c - what parked tasks hold. */
#include "plot_footprint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plot_sweep.h"
#include "rng.h"

enum {
    RESAMPLES = 2000,
    SEED = 20, /* any; the same results give the same interval */
};

struct quantity {
    const char *name;
    const char *key; /* in the ledger; NULL: a sum of others */
    bool absolute;   /* the number itself counts, not its growth */
};

static const struct quantity quantities[FOOTPRINT_KINDS] = {
    [FOOTPRINT_USER] = {"user (RSS)", "rss_bytes", false},
    [FOOTPRINT_PAGE_TABLES] = {"page tables", "page_table_bytes", false},
    [FOOTPRINT_KERNEL_STACK] = {"kernel stack", "kernel_stack_bytes", false},
    [FOOTPRINT_SLAB] = {"kernel slab", "slab_bytes", false},
    [FOOTPRINT_TOTAL] = {"total", NULL, false},
    [FOOTPRINT_RESERVED] = {"address space", "virtual_bytes", false},
    [FOOTPRINT_THREADS] = {"OS threads", "threads", true},
    [FOOTPRINT_MAPPINGS] = {"mappings", "mappings", true},
};

const char *footprint_name(enum footprint_kind kind)
{
    return quantities[kind].name;
}

static const json_t *find_ledger(const json_t *memory, const char *label)
{
    size_t i;
    json_t *ledger;
    json_array_foreach(memory, i, ledger)
    {
        const char *name = json_string_value(json_object_get(ledger, "label"));
        if (name != NULL && strcmp(name, label) == 0) {
            return ledger;
        }
    }
    return NULL;
}

static double ledger_number(const json_t *ledger, const char *key)
{
    const json_t *number = json_object_get(ledger, key);
    return json_is_number(number) ? json_number_value(number) : NAN;
}

/* Fills in what grew in one process; false if its ledger lacks a label or a number. */
static bool read_trial(const struct result_trial *trial, struct footprint_trial *out)
{
    const json_t *before = find_ledger(trial->memory, "before");
    const json_t *parked = find_ledger(trial->memory, "parked");
    if (trial->status != TRIAL_OK || before == NULL || parked == NULL) {
        return false;
    }
    for (int kind = 0; kind < FOOTPRINT_KINDS; kind++) {
        const struct quantity *quantity = &quantities[kind];
        if (quantity->key != NULL) {
            double from = quantity->absolute ? 0 : ledger_number(before, quantity->key);
            out->grown[kind] = ledger_number(parked, quantity->key) - from;
        }
    }
    out->grown[FOOTPRINT_TOTAL] = 0;
    for (int part = 0; part < FOOTPRINT_PARTS; part++) {
        out->grown[FOOTPRINT_TOTAL] += out->grown[part];
    }
    return isfinite(out->grown[FOOTPRINT_TOTAL]);
}

static bool has_size(const struct footprint *footprint, double n)
{
    for (size_t i = 0; i < footprint->sizes_count; i++) {
        if (footprint->sizes[i] == n) {
            return true;
        }
    }
    return false;
}

/* Takes the trials of a row; other metrics of the same cell repeat the same ledgers. */
static void add_row(struct footprint *footprint, const struct result_row *row, double n)
{
    if (n <= 0 || has_size(footprint, n)) {
        return;
    }
    if (footprint->sizes_count == FOOTPRINT_SIZES) {
        footprint->sizes_left_out++;
        return;
    }
    size_t before = footprint->count;
    for (size_t i = 0; i < row->trials_count; i++) {
        footprint->trials = alloc_grow(footprint->trials, footprint->count, &footprint->room,
                                       sizeof *footprint->trials);
        struct footprint_trial *trial = &footprint->trials[footprint->count];
        trial->n = n;
        footprint->count += read_trial(&row->trials[i], trial) ? 1 : 0;
    }
    if (footprint->count > before) {
        size_t at = footprint->sizes_count++;
        for (; at > 0 && footprint->sizes[at - 1] > n; at--) {
            footprint->sizes[at] = footprint->sizes[at - 1];
        }
        footprint->sizes[at] = n;
    }
}

struct footprint *footprint_new(const struct results *results, const char *backend)
{
    struct footprint *footprint = calloc(1, sizeof *footprint);
    if (footprint == NULL) {
        return NULL;
    }
    int procs = results_min_procs(results, FOOTPRINT_WORKLOAD);
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, FOOTPRINT_WORKLOAD, backend, procs, NULL)) !=
           NULL) {
        if (row->status == TRIAL_OK) {
            add_row(footprint, row, (double)sweep_tasks(row));
        }
    }
    return footprint;
}

void footprint_free(struct footprint *footprint)
{
    if (footprint != NULL) {
        free(footprint->trials);
    }
    free(footprint);
}

/* The values of the processes with n tasks. */
static size_t values_at(const struct footprint *footprint, double n, enum footprint_kind kind,
                        double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < footprint->count; i++) {
        if (footprint->trials[i].n == n) {
            values[count++] = footprint->trials[i].grown[kind];
        }
    }
    return count;
}

size_t footprint_processes(const struct footprint *footprint, double n)
{
    size_t count = 0;
    for (size_t i = 0; i < footprint->count; i++) {
        count += footprint->trials[i].n == n;
    }
    return count;
}

struct interval footprint_at(const struct footprint *footprint, double n, enum footprint_kind kind)
{
    double *values = alloc_array(footprint->count, sizeof *values);
    size_t count = values_at(footprint, n, kind, values);
    struct interval interval = stats_bootstrap_median(values, count, SEED);
    free(values);
    return interval;
}

/* Least squares with an intercept. */
static double line_slope(const double *x, const double *y, size_t count)
{
    double mean_x = 0;
    double mean_y = 0;
    for (size_t i = 0; i < count; i++) {
        mean_x += x[i] / (double)count;
        mean_y += y[i] / (double)count;
    }
    double covariance = 0;
    double variance = 0;
    for (size_t i = 0; i < count; i++) {
        covariance += (x[i] - mean_x) * (y[i] - mean_y);
        variance += (x[i] - mean_x) * (x[i] - mean_x);
    }
    return covariance / variance;
}

/* The slope through the medians; with a generator, of processes drawn with replacement. values and
 * drawn: room for all trials. */
static double slope_of_medians(const struct footprint *footprint, enum footprint_kind kind,
                               struct rng *rng, double *values, double *drawn)
{
    double medians[FOOTPRINT_SIZES];
    for (size_t s = 0; s < footprint->sizes_count; s++) {
        size_t count = values_at(footprint, footprint->sizes[s], kind, values);
        for (size_t i = 0; i < count; i++) {
            drawn[i] = rng == NULL ? values[i] : values[rng_below(rng, (uint32_t)count)];
        }
        medians[s] = stats_median(drawn, count);
    }
    return line_slope(footprint->sizes, medians, footprint->sizes_count);
}

static struct interval slope_by_division(const struct footprint *footprint,
                                         enum footprint_kind kind)
{
    struct interval whole = footprint_at(footprint, footprint->sizes[0], kind);
    double n = footprint->sizes[0];
    return (struct interval){whole.value / n, whole.low / n, whole.high / n};
}

struct interval footprint_slope(const struct footprint *footprint, enum footprint_kind kind)
{
    double slopes[RESAMPLES];
    struct rng rng = {SEED};
    if (footprint->sizes_count == 0) {
        return (struct interval){NAN, NAN, NAN};
    }
    if (footprint->sizes_count == 1) {
        return slope_by_division(footprint, kind);
    }
    double *values = alloc_array(footprint->count, sizeof *values);
    double *drawn = alloc_array(footprint->count, sizeof *drawn);
    for (size_t i = 0; i < RESAMPLES; i++) {
        slopes[i] = slope_of_medians(footprint, kind, &rng, values, drawn);
    }
    stats_sort(slopes, RESAMPLES);
    double slope = slope_of_medians(footprint, kind, NULL, values, drawn);
    free(values);
    free(drawn);
    return (struct interval){
        .value = slope,
        .low = stats_percentile(slopes, RESAMPLES, 2.5),
        .high = stats_percentile(slopes, RESAMPLES, 97.5),
    };
}

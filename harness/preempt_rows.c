/* preempt_rows.c - see preempt_rows.h. */
#include "preempt_rows.h"

const struct preempt_variant preempt_variants[PREEMPT_VARIANTS] = {
    {NULL, "all mechanisms"},
    {"nopreemptcall", "not at calls"},
    {"nopreemptprologue", "not at prologues"},
    {"nopreemptsignal", "not by a signal"},
    {"nopreemptcall,nopreemptprologue,nopreemptsignal", "none"},
};

const char *const preempt_kinds[PREEMPT_KINDS_MAX] = {"calls",  "functions", "loop",
                                                      "malloc", "qsort",     "memcpy"};

const struct result_row *preempt_row(const struct results *results, const char *backend, int kind,
                                     const char *tune)
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next_tuned(results, &position, PREEMPT_WORKLOAD, backend, 1,
                                     PREEMPT_METRIC, NULL)) != NULL) {
        int64_t own = -1;
        if (row->status == TRIAL_OK && text_same(row->tune, tune) &&
            result_param(row, "kind", &own) && own == kind) {
            return row;
        }
    }
    return NULL;
}

const char *preempt_kind_of(const struct result_row *row)
{
    int64_t kind = -1;
    bool known = result_param(row, "kind", &kind) && kind >= 0 && kind < PREEMPT_KINDS_MAX;
    return known ? preempt_kinds[kind] : "";
}

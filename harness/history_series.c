/* history_series.c - see history_series.h; the acknowledgements are in acknowledgements.c. */
#include "history_series.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plot_pair.h"

static struct history_series *find_series(struct history_table *table, const char *name,
                                          const char *unit, const char *machine)
{
    for (size_t i = 0; i < table->series_count; i++) {
        struct history_series *series = &table->series[i];
        if (strcmp(series->name, name) == 0 && strcmp(series->unit, unit) == 0 &&
            text_same(series->machine, machine)) {
            return series;
        }
    }
    table->series = alloc_append(table->series, table->series_count, sizeof *table->series);
    struct history_series *series = &table->series[table->series_count++];
    *series = (struct history_series){.name = name, .unit = unit, .machine = machine};
    return series;
}

static void add_point(struct history_table *table, const struct history_entry *entry,
                      const struct history_value *value)
{
    bool across = strcmp(value->unit, HISTORY_RATIO) == 0;
    struct history_series *series =
        find_series(table, value->name, value->unit, across ? NULL : entry->machine);
    series->points = alloc_append(series->points, series->points_count, sizeof *series->points);
    series->points[series->points_count++] = (struct history_point){entry, value};
}

static void find_changes(struct history_series *series)
{
    double *values = alloc_array(series->points_count, sizeof *values);
    for (size_t i = 0; i < series->points_count; i++) {
        values[i] = series->points[i].value->value;
    }
    series->changes_count = changes_find(values, series->points_count, &series->changes);
    free(values);
}

struct history_table history_table(const struct history *history, const char *only)
{
    struct history_table table = {.series = NULL};
    for (size_t i = 0; i < history->entries_count; i++) {
        const struct history_entry *entry = &history->entries[i];
        for (size_t k = 0; k < entry->values_count; k++) {
            const struct history_value *value = &entry->values[k];
            if (strcmp(value->unit, HISTORY_CONTROL) != 0 &&
                (only == NULL || fnmatch(only, value->name, 0) == 0)) {
                add_point(&table, entry, value);
            }
        }
    }
    for (size_t i = 0; i < table.series_count; i++) {
        find_changes(&table.series[i]);
    }
    return table;
}

void history_table_destroy(struct history_table *table)
{
    for (size_t i = 0; i < table->series_count; i++) {
        free(table->series[i].points);
        free(table->series[i].changes);
    }
    free(table->series);
    *table = (struct history_table){.series = NULL};
}

/* A ratio pthread / green is better if it is larger; one head / base if it is smaller. */
static bool more_is_better(const struct history_series *series)
{
    if (strcmp(series->unit, HISTORY_RATIO) == 0) {
        return strstr(series->name, "pthread/green") != NULL;
    }
    return unit_more_is_better(series->unit);
}

bool history_is_worse(const struct history_series *series, const struct change *change)
{
    return more_is_better(series) ? change->after < change->before : change->after > change->before;
}

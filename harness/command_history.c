/* command_history.c - `switchyard history add|plot|check`. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "history_options.h"
#include "history_series.h"
#include "json_text.h"
#include "plot_history.h"

static int complain(const char *text, int status)
{
    fprintf(stderr, "switchyard history: %s\n", text);
    return status;
}

/* --- add ------------------------------------------------------------------------------------- */

static int append(const struct history_options *options, const json_t *line)
{
    char error[RESULT_ERROR_BYTES];
    struct history history;
    /* Not behind a line that no one could read any more. */
    int status = history_load(options->file, &history, error);
    if (status < 0 && status != -ENOENT) {
        return complain(error, EXIT_USAGE);
    }
    size_t before = history.entries_count;
    history_destroy(&history);
    status = history_append(options->file, line);
    if (status < 0) {
        snprintf(error, sizeof error, "%.300s: %s", options->file, strerror(-status));
        return complain(error, EXIT_INTERNAL);
    }
    printf("%s: entry %zu, %zu values, machine %s\n", options->file, before + 1,
           json_array_size(json_object_get(line, "values")),
           json_string_value(json_object_get(line, "machine")));
    return EXIT_FINE;
}

static int add(const struct history_options *options)
{
    char error[RESULT_ERROR_BYTES];
    struct json_text text;
    json_t *line = NULL;
    if (json_text_load(options->source, &text, error) == 0) {
        line = history_entry_from_text(&text, options->source, error);
    }
    json_text_destroy(&text);
    int status = line != NULL ? append(options, line) : complain(error, EXIT_USAGE);
    json_decref(line);
    return status;
}

/* --- check ----------------------------------------------------------------------------------- */

/* A change with what there is to say about it. */
struct finding {
    const struct history_series *series;
    const struct change *change;
    const char *reason; /* NULL: not acknowledged */
    bool worse;
};

static double percent_of(const struct change *change)
{
    return 100 * (change->after / change->before - 1);
}

static void print_finding(const struct finding *finding)
{
    const struct history_entry *entry = finding->series->points[finding->change->at].entry;
    printf("%s  %s  %s: %.4g -> %.4g %s (%+.1f %%), p = %.1g, %s%s%s%s%s\n", entry->time,
           entry->revision, finding->series->name, finding->change->before, finding->change->after,
           finding->series->unit, percent_of(finding->change), finding->change->p,
           finding->worse ? "worse" : "better",
           finding->series->machine != NULL ? ", machine " : "",
           finding->series->machine != NULL ? finding->series->machine : "",
           finding->reason != NULL ? "; acknowledged: " : "",
           finding->reason != NULL ? finding->reason : "");
}

static json_t *finding_json(const struct finding *finding)
{
    const struct history_entry *entry = finding->series->points[finding->change->at].entry;
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:f, s:f, s:f, s:b, s:s?}", "time", entry->time,
                     "revision", entry->revision, "metric", finding->series->name, "unit",
                     finding->series->unit, "machine", finding->series->machine, "before",
                     finding->change->before, "after", finding->change->after, "p",
                     finding->change->p, "worse", finding->worse, "acknowledged", finding->reason);
}

static int tell_changes(const struct history_options *options, const struct history_table *table,
                        const struct acknowledgements *list)
{
    json_t *array = json_array();
    size_t unknown = 0;
    for (size_t i = 0; i < table->series_count; i++) {
        const struct history_series *series = &table->series[i];
        for (size_t k = 0; k < series->changes_count; k++) {
            const struct change *change = &series->changes[k];
            struct finding finding = {series, change, acknowledged(list, series, change),
                                      history_is_worse(series, change)};
            unknown += finding.worse && finding.reason == NULL;
            json_array_append_new(array, finding_json(&finding));
            if (!options->json) {
                print_finding(&finding);
            }
        }
    }
    int status = unknown > 0 ? EXIT_REGRESSION : EXIT_FINE;
    if (options->json) {
        json_t *root = json_pack("{s:s, s:O, s:i}", "schema", "switchyard-changes/1", "changes",
                                 array, "exit_status", status);
        json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
        printf("\n");
        json_decref(root);
    } else {
        printf("%zu series, %zu changes, %zu of them to the worse and not acknowledged\n",
               table->series_count, json_array_size(array), unknown);
    }
    json_decref(array);
    return status;
}

/* What check and plot have in common: the history, sorted, and the acknowledgements. */
static int with_table(const struct history_options *options,
                      int (*act)(const struct history_options *, const struct history_table *,
                                 const struct acknowledgements *))
{
    struct history history;
    struct acknowledgements list = {.items = NULL};
    char error[RESULT_ERROR_BYTES];
    int status = history_load(options->file, &history, error);
    if (status == 0 && options->ack != NULL) {
        status = acknowledgements_load(options->ack, &list, error);
    }
    if (status < 0) {
        history_destroy(&history);
        return complain(error, EXIT_USAGE);
    }
    struct history_table table = history_table(&history, options->only);
    if (table.series_count == 0) {
        snprintf(error, sizeof error, "%.200s has no metric that matches \"%.100s\"", options->file,
                 options->only != NULL ? options->only : "*");
        status = complain(error, EXIT_USAGE);
    } else {
        status = act(options, &table, &list);
    }
    history_table_destroy(&table);
    acknowledgements_destroy(&list);
    history_destroy(&history);
    return status;
}

/* --- plot ------------------------------------------------------------------------------------ */

static int plot(const struct history_options *options, const struct history_table *table,
                const struct acknowledgements *list)
{
    char error[RESULT_ERROR_BYTES];
    int status = plot_history(table, list, options->file, options->out, error);
    return status < 0 ? complain(error, EXIT_INTERNAL) : EXIT_FINE;
}

int command_history(int argc, char **argv)
{
    struct history_options options;
    history_options_parse(argc, argv, &options);
    switch (options.action) {
    case HISTORY_ADD:
        return add(&options);
    case HISTORY_CHECK:
        return with_table(&options, tell_changes);
    default:
        return with_table(&options, plot);
    }
}

/* export.c - what the formats share. See export.h. */
#include "export.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plot_text.h"

#define DUMP_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(12))

enum { NAME_BYTES = 1024 };

static const struct export_format formats[] = {
    {"gbench", export_gbench},       {"github", export_github}, {"bmf", export_bmf},
    {"gobench", export_gobench},     {"csv", export_csv},       {"markdown", export_markdown},
    {"hyperfine", export_hyperfine},
};

const struct export_format *export_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

void export_offer_names(struct near *near)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        near_offer(near, formats[i].name);
    }
}

const char *export_names(void)
{
    static char names[128];
    names[0] = '\0';
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        text_append(names, sizeof names, "%s%s", i > 0 ? ", " : "", formats[i].name);
    }
    return names;
}

/* Tools split names at blanks. */
static void replace_blanks(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == ' ') {
            *text = '_';
        }
    }
}

char *export_row_name(const struct result_row *row)
{
    char name[NAME_BYTES];
    char part[NAME_BYTES];
    text_clean(name, sizeof name, row->workload);
    if (row->metric != NULL) {
        text_clean(part, sizeof part, row->metric);
        text_append(name, sizeof name, "/%s", part);
    }
    text_clean(part, sizeof part, row->backend);
    text_append(name, sizeof name, "/backend=%s", part);
    for (size_t i = 0; i < row->params_count; i++) {
        text_clean(part, sizeof part, row->params[i].name);
        text_append(name, sizeof name, "/%s=%lld", part, (long long)row->params[i].value);
    }
    if (row->tune != NULL) {
        text_clean(part, sizeof part, row->tune);
        text_append(name, sizeof name, "/tune=%s", part);
    }
    if (row->procs == 0) {
        text_append(name, sizeof name, "/procs=default"); /* the runtime chose */
    } else {
        text_append(name, sizeof name, "/procs=%d", row->procs);
    }
    replace_blanks(name);
    return alloc_copy(name);
}

double export_seconds(const char *unit)
{
    static const struct {
        const char *unit;
        double seconds;
    } times[] = {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (strcmp(times[i].unit, unit) == 0) {
            return times[i].seconds;
        }
    }
    return 0;
}

size_t export_iterations(const struct result_trial *trial)
{
    return trial->samples_count > 0 ? trial->samples_count : 1;
}

void export_moments(const struct result_row *row, double *mean, double *deviation)
{
    double *values = alloc_array(row->trials_count, sizeof *values);
    size_t count = result_medians(row, values);
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    *mean = count > 0 ? sum / (double)count : NAN;
    for (size_t i = 0; i < count; i++) {
        squares += (values[i] - *mean) * (values[i] - *mean);
    }
    *deviation = count > 1 ? sqrt(squares / (double)(count - 1)) : NAN;
    free(values);
}

void export_leave_out(struct export *export, const struct result_row *row, const char *why)
{
    char clean[NAME_BYTES];
    char *name = export_row_name(row);
    text_clean(clean, sizeof clean, why);
    fprintf(export->notes, "left out: %s: %s\n", name, clean);
    free(name);
}

bool export_leave_out_failed(struct export *export, const struct result_row *row)
{
    if (row->status == TRIAL_OK) {
        return false;
    }
    char *why = alloc_format("%s: %s", trial_status_name(row->status),
                             row->reason != NULL ? row->reason : "");
    export_leave_out(export, row, why);
    free(why);
    return true;
}

int export_json(struct export *export, json_t *root)
{
    int status = json_dumpf(root, export->out, DUMP_FLAGS) == 0 ? 0 : -EIO;
    fputc('\n', export->out);
    json_decref(root);
    return status;
}

/* export_csv.c - comma-separated values (RFC 4180): one record a row, failed ones too, with their
 * status and empty numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

/* Every text in quotes, quotes doubled; nothing for NULL. */
static void print_text(FILE *out, const char *text)
{
    if (text == NULL) {
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++) {
        fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, out);
    }
    fputc('"', out);
}

static void print_number(FILE *out, double value)
{
    fputc(',', out);
    if (isfinite(value)) {
        fprintf(out, "%.12g", value);
    }
}

static void print_params(FILE *out, const struct result_row *row)
{
    fputc('"', out);
    for (size_t i = 0; i < row->params_count; i++) {
        fprintf(out, "%s%s=%lld", i > 0 ? ";" : "", row->params[i].name,
                (long long)row->params[i].value);
    }
    fputc('"', out);
}

static void print_row(FILE *out, const struct result_row *row)
{
    print_text(out, row->workload);
    fputc(',', out);
    print_text(out, row->backend);
    fprintf(out, ",%d,", row->procs);
    print_text(out, row->tune);
    fputc(',', out);
    print_params(out, row);
    const char *texts[] = {row->metric, row->unit, trial_status_name(row->status), row->reason};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fputc(',', out);
        print_text(out, texts[i]);
    }
    fprintf(out, ",%zu", row->trials_count);
    const double numbers[] = {row->median, row->ci_low, row->ci_high, row->min, row->max,
                              row->p50,    row->p90,    row->p99,     row->p999};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        print_number(out, numbers[i]);
    }
    fputs("\r\n", out);
}

int export_csv(struct export *export)
{
    fputs("workload,backend,procs,tune,params,metric,unit,status,reason,processes,median,"
          "ci95_low,ci95_high,min,max,p50,p90,p99,p999\r\n",
          export->out);
    for (size_t i = 0; i < export->results->rows_count; i++) {
        print_row(export->out, &export->results->rows[i]);
    }
    return 0;
}

/* export_bmf.c - Bencher Metric Format: {name: {measure: {value, lower_value, upper_value}}}.
 *
 * Times go into Bencher's own measure "latency", which is in ns, rates into "throughput", which is
 * per second; other units into measures of our own, which Bencher makes when it first sees them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "plot_pair.h"

enum { SLUG_BYTES = 64 };

/* The measures that have a name, or NULL. */
static const char *known_measure(const char *unit)
{
    size_t length = strlen(unit);
    if (export_seconds(unit) > 0) {
        return "latency";
    }
    if (length > 2 && strcmp(unit + length - 2, "/s") == 0) {
        return "throughput";
    }
    if (unit_is_memory(unit)) {
        return "bytes";
    }
    if (strcmp(unit, "%") == 0) {
        return "percent";
    }
    return strcmp(unit, "1") == 0 ? "count" : NULL;
}

static char slug_char(char c)
{
    bool plain = (unsigned char)c < 0x80 && isalnum((unsigned char)c);
    return plain ? (char)tolower((unsigned char)c) : '-';
}

/* Of other units letters and digits, in lower case, and dashes for the rest. */
static void name_measure(const char *unit, char slug[SLUG_BYTES])
{
    const char *known = known_measure(unit);
    snprintf(slug, SLUG_BYTES, "%s", known != NULL ? known : unit);
    for (char *c = slug; *c != '\0'; c++) {
        *c = slug_char(*c);
    }
}

static void add_row(json_t *root, const struct result_row *row)
{
    char measure[SLUG_BYTES];
    double seconds = export_seconds(row->unit);
    double factor = seconds > 0 ? seconds * 1e9 : 1;
    json_t *numbers = json_object();
    json_object_set_new(numbers, "value", json_real(row->median * factor));
    json_object_set_new(numbers, "lower_value", json_real(row->ci_low * factor));
    json_object_set_new(numbers, "upper_value", json_real(row->ci_high * factor));
    name_measure(row->unit, measure);
    json_t *measures = json_object();
    json_object_set_new(measures, measure, numbers);
    char *name = export_row_name(row);
    json_object_set_new(root, name, measures);
    free(name);
}

int export_bmf(struct export *export)
{
    json_t *root = json_object();
    for (size_t i = 0; i < export->results->rows_count; i++) {
        const struct result_row *row = &export->results->rows[i];
        if (!export_leave_out_failed(export, row)) {
            add_row(root, row);
        }
    }
    return export_json(export, root);
}

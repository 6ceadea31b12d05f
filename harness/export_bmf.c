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

/* Lower-case letters, digits and dashes. */
static void make_slug(const char *unit, char slug[SLUG_BYTES])
{
    size_t used = 0;
    for (; *unit != '\0' && used + 1 < SLUG_BYTES; unit++) {
        bool plain = isalnum((unsigned char)*unit) && (unsigned char)*unit < 0x80;
        slug[used++] = plain ? (char)tolower((unsigned char)*unit) : '-';
    }
    slug[used] = '\0';
}

static void name_measure(const char *unit, char slug[SLUG_BYTES])
{
    size_t length = strlen(unit);
    if (export_seconds(unit) > 0) {
        strcpy(slug, "latency");
    } else if (length > 2 && strcmp(unit + length - 2, "/s") == 0) {
        strcpy(slug, "throughput");
    } else if (unit_is_memory(unit)) {
        strcpy(slug, "bytes");
    } else if (strcmp(unit, "%") == 0) {
        strcpy(slug, "percent");
    } else if (strcmp(unit, "1") == 0) {
        strcpy(slug, "count");
    } else {
        make_slug(unit, slug);
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

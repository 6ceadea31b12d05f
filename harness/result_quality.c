/* result_quality.c - see result_quality.h. */
#include "result_quality.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "disturbance.h"

json_t *quality_disturbed_json(unsigned disturbances)
{
    if (disturbances == 0) {
        return json_null();
    }
    json_t *array = json_array();
    for (int cause = 0; cause < DISTURBANCES; cause++) {
        if ((disturbances >> cause & 1) != 0) {
            const char *name = disturbance_name((enum disturbance_cause)cause);
            json_array_append_new(array, json_string(name));
        }
    }
    return array;
}

/* The bit of a cause; 0: there is no such cause. */
static unsigned cause_bit(const char *name)
{
    for (int cause = 0; cause < DISTURBANCES; cause++) {
        if (strcmp(name, disturbance_name((enum disturbance_cause)cause)) == 0) {
            return 1u << cause;
        }
    }
    return 0;
}

unsigned quality_disturbed_read(struct fields *fields, const json_t *trial)
{
    const json_t *array = fields_optional(trial, "disturbed");
    unsigned disturbances = 0;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *name = json_string_value(json_array_get(array, i));
        unsigned bit = cause_bit(name != NULL ? name : "");
        disturbances |= bit;
        if (bit == 0) {
            fields_fail(fields, "disturbed", "number %zu is no cause that is known", i);
        }
    }
    if (array != NULL && !json_is_array(array)) {
        fields_fail(fields, "disturbed", "must be an array or null");
    }
    return disturbances;
}

struct outliers quality_outliers(const struct result_row *row)
{
    double *medians = alloc_array(row->trials_count, sizeof *medians);
    size_t count = row->status == TRIAL_OK ? result_medians(row, medians) : 0;
    struct outliers outliers = stats_outliers(medians, count);
    free(medians);
    return outliers;
}

json_t *quality_outliers_json(struct outliers outliers)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "low_severe", (json_int_t)outliers.low_severe,
                     "low_mild", (json_int_t)outliers.low_mild, "high_mild",
                     (json_int_t)outliers.high_mild, "high_severe",
                     (json_int_t)outliers.high_severe);
}

/* Rows of one cell follow each other; the first has all its trials. */
static bool is_first_of_cell(const struct results *results, size_t index)
{
    if (index == 0) {
        return true;
    }
    struct result_row before = results->rows[index - 1];
    struct result_row row = results->rows[index];
    before.metric = row.metric = NULL;
    return strcmp(before.backend, row.backend) != 0 || !result_same_cell(&before, &row);
}

struct disturbed {
    size_t all; /* trials, those that were rejected too */
    size_t some;
    size_t kept; /* of these */
    size_t causes[DISTURBANCES];
};

static void count_disturbed(const struct result_trial *trials, size_t count,
                            struct disturbed *disturbed)
{
    for (size_t i = 0; i < count; i++) {
        disturbed->all++;
        disturbed->some += trials[i].disturbances != 0;
        for (int cause = 0; cause < DISTURBANCES; cause++) {
            disturbed->causes[cause] += trials[i].disturbances >> cause & 1;
        }
    }
}

static void print_causes(FILE *stream, const struct disturbed *disturbed)
{
    const char *comma = "";
    for (int cause = 0; cause < DISTURBANCES; cause++) {
        if (disturbed->causes[cause] > 0) {
            fprintf(stream, "%s %zu by %s", comma, disturbed->causes[cause],
                    disturbance_name((enum disturbance_cause)cause));
            comma = ",";
        }
    }
}

bool quality_print_disturbed(FILE *stream, const struct results *results)
{
    struct disturbed disturbed = {.all = 0};
    for (size_t i = 0; i < results->rows_count; i++) {
        const struct result_row *row = &results->rows[i];
        if (is_first_of_cell(results, i)) {
            size_t before = disturbed.some;
            count_disturbed(row->trials, row->trials_count, &disturbed);
            disturbed.kept += disturbed.some - before;
            count_disturbed(row->rejected, row->rejected_count, &disturbed);
        }
    }
    if (disturbed.some == 0) {
        return false;
    }
    fprintf(stream, "%zu of %zu trials were disturbed (%.1f %%):", disturbed.some, disturbed.all,
            100.0 * (double)disturbed.some / (double)disturbed.all);
    print_causes(stream, &disturbed);
    if (disturbed.kept == disturbed.some) {
        fputs("; they are kept\n", stream);
    } else {
        fprintf(stream, "; %zu were rejected and measured again, %zu are kept\n",
                disturbed.some - disturbed.kept, disturbed.kept);
    }
    return true;
}

static void print_outliers(FILE *stream, const struct results *results)
{
    size_t mild = 0;
    size_t severe = 0;
    for (size_t i = 0; i < results->rows_count; i++) {
        struct outliers outliers = quality_outliers(&results->rows[i]);
        mild += outliers.low_mild + outliers.high_mild;
        severe += outliers.low_severe + outliers.high_severe;
    }
    if (mild + severe > 0) {
        fprintf(stream,
                "outliers among the processes' medians: %zu mild, %zu severe; none is "
                "dropped\n",
                mild, severe);
    }
}

/* Is the cell's shortest epoch too short for the clock? Not where it was not told. */
static bool is_short(const struct result_row *row, double least_ns)
{
    const json_t *length = json_object_get(row->counters, "epoch_ns");
    return row->status == TRIAL_OK && json_number_value(length) > 0 &&
           json_number_value(length) < least_ns;
}

static void print_short(FILE *stream, const struct results *results)
{
    double least_ns = json_number_value(json_object_get(results->context, "least_epoch_ns"));
    const struct result_row *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < results->rows_count; i++) {
        if (is_first_of_cell(results, i) && is_short(&results->rows[i], least_ns)) {
            first = first != NULL ? first : &results->rows[i];
            count++;
        }
    }
    if (count > 0) {
        fprintf(
            stream,
            "%zu cells (the first: %s on %s) have epochs shorter than %.3g us, 1,000 times what "
            "a reading of the clock may be off: give them more work, or --calibrate\n",
            count, first->workload, first->backend, least_ns / 1000);
    }
}

void quality_print(FILE *stream, const struct results *results)
{
    print_short(stream, results);
    quality_print_disturbed(stream, results);
    print_outliers(stream, results);
}

/* result_quality.h - what may be wrong with trials that are ok: were they disturbed, and do some
 * lie far from the others? Shown; nothing is dropped here. */
#ifndef SWITCHYARD_HARNESS_RESULT_QUALITY_H
#define SWITCHYARD_HARNESS_RESULT_QUALITY_H

#include <stdio.h>

#include "json_fields.h"
#include "result.h"

/* The trial's causes (disturbance.h) as an array of their names; null: undisturbed. */
json_t *quality_disturbed_json(unsigned disturbances);

/* Reads that member of a trial; files from before there was one have none. */
unsigned quality_disturbed_read(struct fields *fields, const json_t *trial);

/* The classes of the medians of the row's trials; all 0 unless it is ok. */
struct outliers quality_outliers(const struct result_row *row);
json_t *quality_outliers_json(struct outliers outliers);

/* One line: how many trials were disturbed and by what, and how many of them were rejected. Nothing
 * and false if none was. A trial counts once, whatever the number of its metrics. */
bool quality_print_disturbed(FILE *stream, const struct results *results);

/* Three lines at most: how many cells have epochs too short for the clock, how many trials were
 * disturbed and why, how many lie how far out. */
void quality_print(FILE *stream, const struct results *results);

#endif

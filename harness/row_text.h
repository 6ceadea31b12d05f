/* row_text.h - one row of results.json as text, a line for each trial.
 *
 * A run saves its file after every trial, so the rows that have not changed are kept as text
 * (recorder.h), and samples are printed without a JSON value for each.
 */
#ifndef SWITCHYARD_HARNESS_ROW_TEXT_H
#define SWITCHYARD_HARNESS_ROW_TEXT_H

#include "result.h"

/* The JSON of the row, to be freed; NULL if there is no memory. */
char *row_text(const struct result_row *row);

#endif

/* table.h - the summary of a run: one line for each metric of each unit, back ends side by side. */
#ifndef SWITCHYARD_HARNESS_TABLE_H
#define SWITCHYARD_HARNESS_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "result.h"

/* Should the stream get colours? Only a terminal that understands them, and only if
 * NO_COLOR is not set. */
bool table_wants_colour(FILE *stream);

void table_print(FILE *stream, const struct results *results, bool colour);

#endif

/* plot_history.h - the figure of the history: has it become slower? */
#ifndef SWITCHYARD_HARNESS_PLOT_HISTORY_H
#define SWITCHYARD_HARNESS_PLOT_HISTORY_H

#include "history_series.h"

/* Draws the series with the most values into the folder, with its changes and their
 * acknowledgements. source: the name of the history file. -errno, with one line in error. */
int plot_history(const struct history_table *table, const struct acknowledgements *list,
                 const char *source, const char *folder, char error[RESULT_ERROR_BYTES]);

#endif

/* result_parts.h - the parts of the results model, for those who build it (reader, recorder). */
#ifndef SWITCHYARD_HARNESS_RESULT_PARTS_H
#define SWITCHYARD_HARNESS_RESULT_PARTS_H

#include "result.h"

#define RESULTS_SCHEMA "switchyard-results/1"

struct param_value *params_copy(const struct param_value *params, size_t count);
void params_free(struct param_value *params, size_t count);

/* Free what the trial or row owns, not the struct itself. */
void result_trial_destroy(struct result_trial *trial);
void result_row_destroy(struct result_row *row);

#endif

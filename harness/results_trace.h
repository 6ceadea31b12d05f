/* results_trace.h - the timeline that belongs to a results file: trace.json in the same folder, as
 * `switchyard trace` writes it. Figures are drawn of it; nothing in it changes the results. */
#ifndef SWITCHYARD_HARNESS_RESULTS_TRACE_H
#define SWITCHYARD_HARNESS_RESULTS_TRACE_H

#include "json_text.h"
#include "result.h"

/* Attaches the timeline beside the results file, if there is one. -errno (-EINVAL for content) and
 * one line in error if there is one that cannot be used. */
int results_attach_trace(struct results *results, const char *results_path,
                         char error[RESULT_ERROR_BYTES]);

/* Attaches a timeline in memory; source names it in error. -EINVAL */
int results_read_trace(struct results *results, const struct json_text *text, const char *source,
                       char error[RESULT_ERROR_BYTES]);

#endif

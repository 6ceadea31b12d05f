/* plot_context.h - what the results say about where they come from. */
#ifndef SWITCHYARD_HARNESS_PLOT_CONTEXT_H
#define SWITCHYARD_HARNESS_PLOT_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* The value at a path such as "cpu.model", as clean text: a string, a number, a truth value, or a
 * list of these with spaces between. False (and an empty string) if there is none. */
bool context_text(const json_t *context, const char *path, char *out, size_t size);

/* The number at a path; NAN if there is none. */
double context_number(const json_t *context, const char *path);

/* The value at a path, or NULL. */
const json_t *context_at(const json_t *context, const char *path);

/* Machine, kernel and revision in one line, for the foot of a figure. */
void context_provenance(const json_t *context, char *out, size_t size);

#endif

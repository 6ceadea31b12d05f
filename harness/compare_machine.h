/* compare_machine.h - were two results files measured on the same machine, with equal builds? */
#ifndef SWITCHYARD_HARNESS_COMPARE_MACHINE_H
#define SWITCHYARD_HARNESS_COMPARE_MACHINE_H

#include <jansson.h>

/* A new array of {"what", "base", "head"}, one for each part of the fingerprint in which the two
 * contexts differ; empty if they are alike. What both do not know is alike. */
json_t *compare_machines(const json_t *base, const json_t *head);

/* A new object with all parts of the fingerprint, by name; null where the context does not know. */
json_t *compare_machine_parts(const json_t *context);

#endif

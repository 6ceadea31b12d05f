/* trace_rules.h - what must be true of a file of Chrome trace events. */
#ifndef SWITCHYARD_TESTS_HARNESS_TRACE_RULES_H
#define SWITCHYARD_TESTS_HARNESS_TRACE_RULES_H

#include <jansson.h>

/* Checks every event: its members, times at or above 0, spans of a row disjoint or nested, each
 * arrow with one begin and one end, in this order and both within a span of their row. NULL if all
 * holds, else a sentence (static). */
const char *trace_rules_broken(const json_t *root);

#endif

/* sysinfo_warnings.h - what on this machine disturbs measurements, in sentences. */
#ifndef SWITCHYARD_HARNESS_SYSINFO_WARNINGS_H
#define SWITCHYARD_HARNESS_SYSINFO_WARNINGS_H

#include <jansson.h>

/* A new array of sentences, from the context so far. Empty: nothing known disturbs. */
json_t *sysinfo_warnings(const json_t *context);

#endif

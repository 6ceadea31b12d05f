/* results_argument.h - the one argument of `switchyard plot` and `switchyard report`. */
#ifndef SWITCHYARD_HARNESS_RESULTS_ARGUMENT_H
#define SWITCHYARD_HARNESS_RESULTS_ARGUMENT_H

#include <argp.h>

/* For the keys that are no options: takes exactly one results file into *results, which is NULL
 * before; a usage error otherwise. ARGP_ERR_UNKNOWN for keys that are none of its own. */
error_t results_argument(int key, char *argument, struct argp_state *state, const char **results);

#endif

/* results_argument.c - see results_argument.h. */
#include "results_argument.h"

#include <stddef.h>

error_t results_argument(int key, char *argument, struct argp_state *state, const char **results)
{
    switch (key) {
    case ARGP_KEY_ARG:
        if (*results != NULL) {
            argp_error(state, "one results file, please: \"%s\" is a second one", argument);
        }
        *results = argument;
        return 0;
    case ARGP_KEY_END:
        if (*results == NULL) {
            argp_error(state, "which results file?");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

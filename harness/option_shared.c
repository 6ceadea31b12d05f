/* option_shared.c - see option_shared.h. */
#include "option_shared.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "commands.h"
#include "option_parts.h"

#define SECOND_NS ((int64_t)1000000000)
#define DAY_SECONDS 86400

error_t option_shared(int key, const char *text, const struct argp_state *state,
                      const struct shared_options *shared)
{
    if (key == OPTION_JSON && shared->json != NULL) {
        *shared->json = true;
    } else if (key == OPTION_NO_WAIT && shared->no_wait != NULL) {
        *shared->no_wait = true;
    } else if (key == OPTION_SEED && shared->seed != NULL) {
        *shared->seed = (uint64_t)option_number(state, "--seed", text, 0, INT64_MAX);
    } else if (key == OPTION_BUDGET && shared->budget_ns != NULL) {
        *shared->budget_ns = option_number(state, "--budget", text, 1, DAY_SECONDS) * SECOND_NS;
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

uint64_t option_random_seed(void)
{
    uint32_t seed = 1;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        seed = 1; /* any seed will do: it is recorded */
    }
    return seed;
}

bool option_is_percent(const char *text, double least, double most, double *share)
{
    char *end;
    double percent = strtod(text, &end);
    bool some = end != text;
    end += strspn(end, " ");
    *share = percent / 100;
    return some && (end[0] == '\0' || strcmp(end, "%") == 0) && isfinite(percent) &&
           percent >= least && percent <= most;
}

double option_percent(const struct argp_state *state, const char *option, const char *text,
                      double least, double most)
{
    double share = 0;
    if (!option_is_percent(text, least, most, &share)) {
        fprintf(stderr, "%s: %s %s: a percentage from %g to %g, please\n", state->name, option,
                text, least, most);
        exit(EXIT_USAGE);
    }
    return share;
}

_Noreturn void option_refuse_because(const struct argp_state *state, const char *why)
{
    fprintf(stderr, "%s: %s\n", state->name, why);
    exit(EXIT_USAGE);
}

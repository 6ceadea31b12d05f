/* option_shared.h - the options that several commands have, parsed in one place.
 *
 *     return option_shared(key, text, state, &(struct shared_options){.json = &options->json});
 *
 * in the default case of a command's parser; its table has SHARED_JSON(group) or the like.
 */
#ifndef SWITCHYARD_HARNESS_OPTION_SHARED_H
#define SWITCHYARD_HARNESS_OPTION_SHARED_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/* Beyond the keys of the commands, below those of option_parts.c. */
enum {
    OPTION_JSON = 900,
    OPTION_SEED,
    OPTION_BUDGET,
    OPTION_NO_WAIT,
};

#define SHARED_JSON(help, group)                                                                   \
    {                                                                                              \
        "json", OPTION_JSON, NULL, 0, help, group                                                  \
    }
#define SHARED_SEED(help, group)                                                                   \
    {                                                                                              \
        "seed", OPTION_SEED, "N", 0, help, group                                                   \
    }
#define SHARED_BUDGET(help, group)                                                                 \
    {                                                                                              \
        "budget", OPTION_BUDGET, "S", 0, help, group                                               \
    }
#define SHARED_NO_WAIT(group)                                                                      \
    {                                                                                              \
        "no-wait", OPTION_NO_WAIT, NULL, 0, "Give up if another harness is measuring", group       \
    }

/* Where they go; NULL: the command does not have it. */
struct shared_options {
    bool *json;
    bool *no_wait;
    uint64_t *seed;
    int64_t *budget_ns;
};

/* 0, or ARGP_ERR_UNKNOWN for another key. Refuses what is no number. */
error_t option_shared(int key, const char *text, const struct argp_state *state,
                      const struct shared_options *shared);

/* A seed for a run whose user does not name one, which --seed can say again. */
uint64_t option_random_seed(void);

/* "5", "5%" or "0.5 %" as 0.05 or 0.005; false if it is no percentage in least ... most (5). */
bool option_is_percent(const char *text, double least, double most, double *share);

/* The same, or refuses it. */
double option_percent(const struct argp_state *state, const char *option, const char *text,
                      double least, double most);

/* Ends the program with EXIT_USAGE and one line that says why. */
_Noreturn void option_refuse_because(const struct argp_state *state, const char *why);

#endif

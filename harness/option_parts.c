/* option_parts.c - see option_parts.h. */
#include "option_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "near.h"

/* Beyond the keys of the commands. */
enum { KEY_GREEN = 1000, KEY_PTHREAD };

static const struct argp_option worker_options[] = {
    {"green", KEY_GREEN, "PATH", 0, "The green worker (else switchyard-green beside switchyard)",
     9},
    {"pthread", KEY_PTHREAD, "PATH", 0,
     "The pthread worker (else switchyard-pthread beside switchyard)", 9},
    {0}};

static error_t parse_worker(int key, char *text, struct argp_state *state)
{
    struct worker_paths *workers = state->input;
    switch (key) {
    case KEY_GREEN:
        workers->green = text;
        return 0;
    case KEY_PTHREAD:
        workers->pthread = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp worker_argp = {.options = worker_options, .parser = parse_worker};
const struct argp_child option_workers[] = {{&worker_argp, 0, "Workers", 9}, {0}};

_Noreturn void option_refuse(const struct argp_state *state, const char *option, const char *text)
{
    fprintf(stderr, "%s: bad %s \"%s\"\n", state->name, option, text);
    exit(EXIT_USAGE);
}

int64_t option_number(const struct argp_state *state, const char *option, const char *text,
                      int64_t min, int64_t max)
{
    int64_t value = 0;
    if (parse_number(text, min, max, &value) < 0) {
        fprintf(stderr, "%s: %s %s is not a number in %lld ... %lld\n", state->name, option, text,
                (long long)min, (long long)max);
        exit(EXIT_USAGE);
    }
    return value;
}

void option_expect(const struct argp_state *state, int status, const char *option, const char *text)
{
    if (status < 0) {
        option_refuse(state, option, text);
    }
}

void option_sweep(const struct argp_state *state, struct selection *selection, const char *text)
{
    if (selection_add_sweep(selection, text) < 0) {
        fprintf(stderr, "%s: bad --param \"%s\": it must be NAME=V[,V] with whole numbers\n",
                state->name, text);
        exit(EXIT_USAGE);
    }
}

static const struct argp_option *next_option(const struct argp_option *option)
{
    while (option != NULL && option->name == NULL &&
           (option->key != 0 || option->doc != NULL || option->group != 0)) {
        option++; /* a heading */
    }
    return option != NULL && option->name != NULL ? option : NULL;
}

static bool begins(const char *word, const char *with)
{
    return strncmp(word, with, strlen(with)) == 0;
}

/* Offers the long options of a command and its parts. Answers whether one begins with the name:
 * that is the option, or argp says that there are several. */
static bool offer_options(struct near *near, const struct argp *argp)
{
    bool known = false;
    const struct argp_option *option = next_option(argp->options);
    while (option != NULL) {
        known = known || begins(option->name, near->wanted);
        near_offer(near, option->name);
        option = next_option(option + 1);
    }
    for (const struct argp_child *child = argp->children; child != NULL && child->argp != NULL;
         child++) {
        known = offer_options(near, child->argp) || known;
    }
    return known;
}

/* argp only says that it does not know an option; if there is one that is meant, we say so. */
static void suggest_option(const struct argp *argp, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        char name[NEAR_BYTES];
        char hint[NEAR_BYTES];
        if (strncmp(argv[i], "--", 2) != 0) {
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)strcspn(argv[i] + 2, "="), argv[i] + 2);
        struct near near = near_begin(name);
        bool known = begins("help", name) || begins("usage", name);
        near_offer(&near, "help");
        near_offer(&near, "usage");
        known = offer_options(&near, argp) || known;
        if (!known && near.found != NULL) {
            fprintf(stderr, "%s: unknown option \"--%s\"%s\n", argv[0], name,
                    near_hint(&near, "--", hint));
            exit(EXIT_USAGE);
        }
    }
}

static void parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *options)
{
    char name[32];
    char *command = argv[0];
    snprintf(name, sizeof name, "switchyard %s", command);
    argv[0] = name; /* argp begins its messages with it */
    argp_err_exit_status = EXIT_USAGE;
    suggest_option(argp, argc, argv);
    argp_parse(argp, argc, argv, flags, NULL, options);
    argv[0] = command;
}

void options_parse(const struct argp *argp, int argc, char **argv, void *options)
{
    parse(argp, argc, argv, 0, options);
}

void options_parse_recorded(const struct argp *argp, int argc, char **argv, void *options)
{
    parse(argp, argc, argv, ARGP_NO_HELP, options);
}

/* option_parts.h - what the command lines of the harness have in common. */
#ifndef SWITCHYARD_HARNESS_OPTION_PARTS_H
#define SWITCHYARD_HARNESS_OPTION_PARTS_H

#include <argp.h>

#include "options.h"

/* --green and --pthread, whose input is a struct worker_paths. */
extern const struct argp_child option_workers[];

/* Parses a command line with messages under the command's name, argv[0]. */
void options_parse(const struct argp *argp, int argc, char **argv, void *options);

/* The same for a command line from a file, which must not ask for help. */
void options_parse_recorded(const struct argp *argp, int argc, char **argv, void *options);

/* Ends the program with EXIT_USAGE and one line on stderr, without the second that argp adds. */
_Noreturn void option_refuse(const struct argp_state *state, const char *option, const char *text);

/* The number; refuses what is none or is not in min ... max. */
int64_t option_number(const struct argp_state *state, const char *option, const char *text,
                      int64_t min, int64_t max);

/* Refuses if the status is not 0. */
void option_expect(const struct argp_state *state, int status, const char *option,
                   const char *text);

/* Adds NAME=V[,V], or refuses it. */
void option_sweep(const struct argp_state *state, struct selection *selection, const char *text);

#endif

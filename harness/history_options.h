/* history_options.h - the command line of `switchyard history`. */
#ifndef SWITCHYARD_HARNESS_HISTORY_OPTIONS_H
#define SWITCHYARD_HARNESS_HISTORY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum history_action { HISTORY_ADD, HISTORY_PLOT, HISTORY_CHECK };

struct history_options {
    enum history_action action;
    const char *file;   /* the history */
    const char *source; /* of add: a results file or a gate's JSON */
    const char *only;   /* glob over metrics; NULL: all */
    const char *ack;    /* file of acknowledgements; NULL: none */
    const char *out;    /* of plot: the folder */
    bool json;
};

/* A wrong command line ends the program with one clear line and EXIT_USAGE. */
void history_options_parse(int argc, char **argv, struct history_options *options);

#endif

/* settings.h - SWITCHYARD_DEBUG: what the runtime tells about itself. Words, separated by commas,
 * which switchyard/debug.h explains; an unknown word ends the program with the list of all. */
#ifndef SWITCHYARD_SETTINGS_H
#define SWITCHYARD_SETTINGS_H

#include <stdbool.h>

#include <switchyard/types.h>

struct settings {
    sy_time schedtrace; /* the period; 0: none */
    bool leaks;
    sy_time preempt; /* 0, or each task is preempted that often, whoever waits: for tests */
};

/* Immutable while the runtime runs. */
extern struct settings settings;

/* Reads the environment. When no runtime runs. */
void settings_read(void);

#endif

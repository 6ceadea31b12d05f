/* signals.h - Ctrl-C ends the run in order: the child is killed, finished trials stay. */
#ifndef SWITCHYARD_HARNESS_SIGNALS_H
#define SWITCHYARD_HARNESS_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Blocks SIGINT, SIGTERM and SIGHUP except while waiting with signals_mask(), and notes them. */
void signals_install(void);

/* Has one of them arrived? */
bool signals_interrupted(void);

/* The mask to wait with (ppoll): the one from before signals_install. */
const sigset_t *signals_mask(void);

/* For a child between fork and exec: default actions and the old mask. */
void signals_reset(void);

#endif

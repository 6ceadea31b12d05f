/* watch.h - how an idle worker sleeps, and what the one on watch does (scheduler.h, THE WATCH). */
#ifndef SWITCHYARD_WATCH_H
#define SWITCHYARD_WATCH_H

#include "worker.h"

/* Under the scheduler's lock: a worker that goes to sleep takes the watch if nobody has it or if
 * the one who has it sleeps too long. */
void watch_take(struct worker *worker);

/* Sleeps until the worker has a proc again (TOKEN_PROC), the program is over (TOKEN_STOP), or it
 * is one too many and shall end its thread (TOKEN_RETIRE). */
uint32_t watch_sleep(struct worker *worker);

#endif

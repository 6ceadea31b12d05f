/* idle.h - how a worker without a proc sleeps.
 *
 * On a futex, its token; one of them in netpoll_poll instead, as long as tasks wait for
 * descriptors: the poller, which is any that goes to sleep while there is none. It need not be the
 * one on watch, and it does not retire: the others are asleep already, and would not take its
 * place. When the poller leaves with work, nobody takes its place before the next one goes to
 * sleep: those that run poll too when they have nothing else to do, and if they compute for long
 * the watch comes (sysmon.h) and finds that nobody polls. The token is written by the sleeper (back
 * to NONE), by those who have taken it off the list of sleepers, and as LOOK by whoever wants the
 * watch to look again. LOOK replaces only NONE, so it never hides a proc that was handed over.
 *
 * Rousing one that may be in netpoll_poll
 *   who tells                          the sleeper
 *   1. token = ... (release)           a. polling = 1
 *   2. fence                           b. fence
 *   3. polling? break the poll         c. token == NONE? polls
 *      else wake the futex
 * Either 3 sees a, or c sees 1.
 * What the sleeper's poll made ready waits in worker->polled. It takes a proc for it like the watch
 * that found work, or, if none is idle, puts it into the global queue. Nobody takes the program for
 * stuck meanwhile: such tasks count as waiting until they run (netpoll_waits).
 */
#ifndef SWITCHYARD_IDLE_H
#define SWITCHYARD_IDLE_H

#include "worker.h"

/* Sleeps until the worker has a proc again (TOKEN_PROC), the program is over (TOKEN_STOP), or it
 * is one too many and shall end its thread (TOKEN_RETIRE). It is on the list of sleepers. */
uint32_t idle_sleep(struct worker *worker);

/* Steps 2 and 3: the token of this sleeper has been written. */
void idle_rouse(struct worker *worker);

#endif

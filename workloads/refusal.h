/* refusal.h - remembers the first refusal when any of many tasks may be refused a new one.
 *
 * For the workloads whose tasks spawn tasks: each goes on without what it was refused, so that the
 * whole tree comes to its end, and the first task reports.
 */
#ifndef SWITCHYARD_REFUSAL_H
#define SWITCHYARD_REFUSAL_H

#include <stdbool.h>

#include "trial.h"

/* Forgets an older one. From the first task, before any other exists. */
void refusal_reset(const struct trial *trial);

/* A task was refused something with this negative errno; the first call also finds out which limit
 * it was. From any task. */
void refusal_note(int error);

/* Whether there was one, as far as this task knows: not worth going on then. From any task. */
bool refusal_happened(void);

/* Fails the trial if there was one. Returns 0, or the error. From the first task, when all those
 * that may have called refusal_note have handed in their results. */
int refusal_report(struct trial *trial);

#endif

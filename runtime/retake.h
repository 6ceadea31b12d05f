/* retake.h - how sysmon takes procs away from blocking calls (blocking.h), and makes the workers
 * that go on with them. All of this is for sysmon alone. */
#ifndef SWITCHYARD_RETAKE_H
#define SWITCHYARD_RETAKE_H

#include <stdbool.h>

#include "proc.h"

/* Step a of blocking.h, and b and c where it is time. True if the proc is in a blocking call that
 * should be looked at soon. */
bool retake_look(struct proc *proc, sy_time now);

/* True if some proc is in a call that retake_look has not seen yet. */
bool retake_sees_new(void);

/* Makes a worker that sleeps, if fewer sleep than are needed for idle procs and for one that is
 * preempted, and if there may be one more. */
void retake_make_spare(void);

#endif

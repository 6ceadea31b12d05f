/* rejection.h - which trials of `switchyard run` are rejected, and measured again.
 *
 * A trial that is ok is rejected if it was disturbed (disturbance.h) by what the kernel counts
 * alike for all back ends and all workloads: migration, steal time, throttling. It is repeated at
 * once, so that what is compared stays side by side, at most REJECTION_REPEATS times and only while
 * the time for repetitions lasts. The last attempt counts whatever happened to it, and is marked:
 * on a machine that is never quiet there would be nothing else. What was measured plays no part.
 *
 * Rejected: to reject for involuntary switches, too, as the gate does. There every process is green
 * and alone with one worker. Here they are not known of OS threads, whose sched_yield is counted as
 * one, and on several procs a process waits for its own threads: one side of a ratio would lose its
 * slow trials, and the other keep them. Such trials are only marked.
 */
#ifndef SWITCHYARD_HARNESS_REJECTION_H
#define SWITCHYARD_HARNESS_REJECTION_H

#include <stdbool.h>

#include "trial.h"

enum { REJECTION_REPEATS = 2 }; /* of one trial */

/* Time for repetitions: a tenth of what the run may take, or of what its trials are estimated to
 * (budget_ns 0). */
int64_t rejection_allowance_ns(int64_t budget_ns, int64_t estimate_ns);

/* Is the trial rejected, of which there were so many attempts before? A repetition takes as long as
 * it did: not if that is more than is left of the run's time; else it is taken from the allowance.
 */
bool rejection_applies(int64_t *allowance_ns, int64_t left_ns, const struct trial_report *report,
                       int attempts_before);

#endif

/* run_calibrate.h - `switchyard run --calibrate`: raises the work of an epoch until the clock can
 * tell its length, equally on all back ends.
 *
 * A unit's work is raised by its parameter rounds or items, if the command line does not set that.
 * Each of its cells is measured until two trials in a row agree; the shortest epoch of all back
 * ends decides, and all get the same count. It is never lowered.
 */
#ifndef SWITCHYARD_HARNESS_RUN_CALIBRATE_H
#define SWITCHYARD_HARNESS_RUN_CALIBRATE_H

#include "session.h"

/* Changes the session's plan. *told becomes an array of what was changed: {"unit", "param", "from",
 * "to", "epoch_ns"}. -EINTR or another -errno, told on stderr. */
int run_calibrate(const struct session *session, const struct selection *selection, json_t **told);

/* Changes the plan as an interrupted run did that told this; -EINVAL if it is not of this plan. */
int run_calibrate_again(struct plan *plan, const json_t *told);

#endif

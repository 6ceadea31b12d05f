/* resume.h - `switchyard run --resume FILE`: an interrupted run goes on.
 *
 * Each run writes into its context what makes it that run: its command line and seed, a mark of
 * its plan (each trial with all its settings, in order) and of each worker's program. A resumed
 * run parses that command line again and must arrive at the same marks on the same machine, or
 * the old and the new trials would not be of one experiment.
 */
#ifndef SWITCHYARD_HARNESS_RESUME_H
#define SWITCHYARD_HARNESS_RESUME_H

#include "options.h"
#include "plan.h"
#include "result.h"
#include "session.h"
#include "workers.h"

/* Sets "plan" and "workers" in the context of a run. -errno and one line in error if a worker
 * cannot be read. */
int resume_identify(json_t *context, const struct plan *plan, const struct workers *workers,
                    int warmup, char error[RESULT_ERROR_BYTES]);

/* Replaces options by those of the run that wrote `before`, but for what --resume allows beside
 * it. The texts point into *argv, which resume_free_arguments frees after the last use of the
 * options. -EINVAL and one line in error. */
int resume_options(const struct results *before, struct run_options *options, char ***argv,
                   char error[RESULT_ERROR_BYTES]);
void resume_free_arguments(char **argv);

/* Would a run with this context go on with `before`? -EINVAL, and in error what differs. */
int resume_check(const struct results *before, const json_t *context,
                 char error[RESULT_ERROR_BYTES]);

/* The context of the resumed run: that of `before`, with an entry in "resumed" that says when, and
 * what disturbed measurements then. A new reference. */
json_t *resume_context(const struct results *before, const json_t *context);

/* The time that it took so far, as its context tells it; zeros if it does not. */
struct session_time resume_spent(const struct results *before);

#endif

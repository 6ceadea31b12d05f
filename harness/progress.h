/* progress.h - tells how far the run is: one line that is rewritten on a terminal, plain lines
 * elsewhere. All on stderr: stdout is for the summary. */
#ifndef SWITCHYARD_HARNESS_PROGRESS_H
#define SWITCHYARD_HARNESS_PROGRESS_H

#include <stdbool.h>

#include "plan.h"

struct progress {
    const struct plan *plan;
    bool terminal;
    int64_t told_ns; /* when a plain line was last printed */
};

void progress_begin(struct progress *progress, const struct plan *plan);

/* The step is about to run. */
void progress_step(struct progress *progress, size_t step);

/* Clears the line, for good or for other text. */
void progress_clear(const struct progress *progress);

/* "1 m 20 s", "4 s" */
void progress_duration(int64_t ns, char *text, size_t bytes);

#endif

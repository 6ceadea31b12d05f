/* claims_failed.h - a cell that was tried and did not go well counts against the claim, instead of
 * being left out of it. */
#ifndef SWITCHYARD_HARNESS_CLAIMS_FAILED_H
#define SWITCHYARD_HARNESS_CLAIMS_FAILED_H

#include "claims_tally.h"
#include "result.h"

/* Was it tried, and is it neither ok nor skipped? */
bool row_failed(const struct result_row *row);

/* Which cells a claim speaks of. */
struct tried {
    const char *workload;
    const char *backend;
    const char *metric;                             /* NULL: of any metric */
    bool (*concerns)(const struct result_row *row); /* NULL: all */
};

/* Answers no for each such cell that failed, with a line "LABEL: what happened" in the figures.
 * Tuned rows, and those with the runtime's own number of procs, are not looked at. Returns how many
 * there were. */
size_t tally_failures(struct tally *tally, const struct results *results, const struct tried *tried,
                      char *out);

/* The same for one row; its status is not looked at. */
void tally_failure(struct tally *tally, const struct results *results, const struct result_row *row,
                   char *out);

#endif

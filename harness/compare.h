/* compare.h - two results files, row by row: did head become slower than base?
 *
 *     struct comparison *comparison = compare_new(base, head, &options);
 *     compare_print(stdout, comparison); return compare_status(comparison);
 *
 * The comparison borrows both results; they must live longer.
 */
#ifndef SWITCHYARD_HARNESS_COMPARE_H
#define SWITCHYARD_HARNESS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result.h"

enum { COMPARE_REASON_BYTES = 256 };

enum verdict {
    VERDICT_SAME,         /* the whole interval is within the threshold */
    VERDICT_IMPROVED,     /* the whole interval is beyond it, to the good */
    VERDICT_REGRESSED,    /* the same to the bad */
    VERDICT_INCONCLUSIVE, /* none of these, or too few processes to say */
    VERDICT_REFUSED,      /* the rows must not be compared: work or units differ */
    VERDICT_FAILED,       /* at least one side has no numbers */
    VERDICT_SKIPPED,      /* at least one side was skipped, and none failed */
};

struct compare_options {
    double threshold; /* 0.02: ratios up to 1.02 and down to 1/1.02 count as equal */
    bool paired;      /* trials with the same number ran next to each other */
    const char *only; /* glob over "WORKLOAD" or "WORKLOAD/METRIC"; NULL: all */
};

struct compare_row {
    const struct result_row *base;
    const struct result_row *head;
    struct interval ratio; /* head / base; NANs if there is none */
    enum verdict verdict;
    char reason[COMPARE_REASON_BYTES]; /* "" if the verdict says it all */
    bool control; /* measured beside the back end, not of it: shown, but not judged by */
};

struct comparison {
    const struct results *base;
    const struct results *head;
    struct compare_options options;
    struct compare_row *rows; /* in base's order, then what only head told of shared cells */
    size_t rows_count;
    const struct result_row **only_base;
    size_t only_base_count;
    const struct result_row **only_head;
    size_t only_head_count;
};

struct comparison *compare_new(const struct results *base, const struct results *head,
                               const struct compare_options *options);
void compare_free(struct comparison *comparison);

/* The word for it: "regressed". */
const char *verdict_name(enum verdict verdict);

/* The exit status: EXIT_REGRESSION if a row regressed, or failed in head and not in base;
 * else EXIT_INCONCLUSIVE if a row is inconclusive or refused; else EXIT_FINE. */
int compare_status(const struct comparison *comparison);

/* Names of the two files, for people and for the JSON. */
struct compare_names {
    const char *base;
    const char *head;
};

void compare_print(FILE *stream, const struct comparison *comparison);

/* -errno if the stream takes no more. machines: what compare_machines answered. */
int compare_print_json(FILE *stream, const struct comparison *comparison,
                       const struct compare_names *names, const json_t *machines);

#endif

/* claims_tally.h - from single answers to a verdict.
 *
 * A part of a claim is put to the test in several cells (sizes, primitives, procs). Each cell
 * answers yes, no, or cannot tell because its 95 % interval lies across the threshold.
 */
#ifndef SWITCHYARD_HARNESS_CLAIMS_TALLY_H
#define SWITCHYARD_HARNESS_CLAIMS_TALLY_H

#include <stddef.h>

#include "stats.h"

enum verdict {
    VERDICT_NOT_MEASURED,
    VERDICT_HOLDS,
    VERDICT_HOLDS_WHEN, /* in some cells */
    VERDICT_FAILS,
};

enum answer {
    ANSWER_UNSURE,
    ANSWER_YES,
    ANSWER_NO,
};

enum { TALLY_TEXT_BYTES = 512 };

struct tally {
    size_t yes;
    size_t no;
    size_t unsure;
    char where[TALLY_TEXT_BYTES]; /* the cells that said yes */
};

/* "holds", "holds when", "does not hold", "not measured yet". */
const char *verdict_words(enum verdict verdict);

/* Is the quantity above the threshold? The whole interval must be on one side. */
enum answer answer_above(struct interval interval, double threshold);

/* Does the whole interval lie within low ... high (yes) or outside (no)? */
enum answer answer_within(struct interval interval, double low, double high);

/* Yes if both are, no if one is. */
enum answer answer_both(enum answer a, enum answer b);

/* Adds a cell. */
void tally_add(struct tally *tally, enum answer answer, const char *cell);

/* All yes: holds. No yes but a no: fails. Yes in some only: holds when. Else (no cell, or none that
 * can tell): not measured. */
enum verdict tally_verdict(const struct tally *tally);

/* A claim with two parts: one part that fails makes it fail, whatever is known of the other; else
 * one that is not measured leaves it open; else one that holds in some cells limits it. */
enum verdict verdict_both(enum verdict a, enum verdict b);

#endif

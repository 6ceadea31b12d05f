/* samples_cut.h - the samples of a results file, read past the JSON library.
 *
 * A results file of 10^7 samples took jansson 4.3 s: a value on the heap for each number. So the
 * arrays "samples" of the trials are cut out of the text before it is parsed and read as plain
 * doubles (0.3 s; 2 CPUs of an AMD EPYC, 2026-11, perf_load). In the text that is left each of them
 * is an array of one integer, its index here; everything else is as it was.
 *
 * Only what is surely good is cut: an array of nothing but numbers, at its one place in the file,
 * results[].trials[].samples. Anything else stays for jansson and the reader to judge, so that both
 * ways accept the same files with the same values (tests/fuzz/fuzz_results.c compares them).
 *
 * Rejected: doubles in base64 (nobody could read the file any more), one array a row instead of one
 * a trial (as slow), a JSON reader of our own (jansson's has been tried by more people).
 */
#ifndef SWITCHYARD_HARNESS_SAMPLES_CUT_H
#define SWITCHYARD_HARNESS_SAMPLES_CUT_H

#include <stddef.h>

#include "json_text.h"

struct cut {
    double *values; /* NULL once taken */
    size_t count;
    size_t from;  /* where it was in the text, brackets included */
    size_t until; /* behind it */
    size_t after; /* where the text goes on behind the index that stands for it */
};

struct samples_cut {
    struct json_text rest; /* the text without them */
    struct cut *cuts;
    size_t count;
};

/* Cuts the samples out of the text, which stays. */
void samples_cut(const struct json_text *text, struct samples_cut *cut);

/* The position in the original text of one in the rest. */
size_t samples_cut_position(const struct samples_cut *cut, size_t position);

/* If the array stands for samples that were cut: hands them over, to be freed, and answers where
 * they are; else NULL. */
double *samples_cut_take(const struct samples_cut *cut, const json_t *array, size_t *count);

void samples_cut_destroy(struct samples_cut *cut);

#endif

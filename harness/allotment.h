/* allotment.h - who gets a further trial when the time runs short.
 *
 * Every cell has its trial in the first block, whatever that takes. Of each block after it, as many
 * units are done as fit into the time that is left, those first that take the least: a trial of ten
 * seconds does not cost a hundred cells theirs. The back ends of a unit are done together or not at
 * all, so that all of a ratio's trials have their partner. What decides is how long trials take,
 * never what they measured.
 *
 * Rejected: to leave out whole blocks. All cells keep the same number of trials, but a block with
 * one dear cell is left out because of that cell, with minutes to spare.
 */
#ifndef SWITCHYARD_HARNESS_ALLOTMENT_H
#define SWITCHYARD_HARNESS_ALLOTMENT_H

#include <stdbool.h>

#include "plan.h"

struct allotment;

/* The plan must outlive it; its estimates may change meanwhile. */
struct allotment *allotment_new(const struct plan *plan);
void allotment_free(struct allotment *allotment);

/* Shall this step be done, with so much time left? To be asked of the steps in their order. */
bool allotment_allows(struct allotment *allotment, size_t step, int64_t left_ns);

/* How many it did not allow. */
size_t allotment_left_out(const struct allotment *allotment);

#endif

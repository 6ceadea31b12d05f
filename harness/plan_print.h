/* plan_print.h - a plan as text and as JSON, for `switchyard run` and its --dry-run. */
#ifndef SWITCHYARD_HARNESS_PLAN_PRINT_H
#define SWITCHYARD_HARNESS_PLAN_PRINT_H

#include <stdio.h>

#include "plan.h"

/* What is told of a plan beside its steps. */
struct plan_about {
    uint64_t seed;
    int64_t budget_ns; /* 0: none */
    size_t finished;   /* steps that an interrupted run has done already */
    bool (*done)(const void *with, const struct step *step); /* is the step one of them? */
    const void *with;
};

/* One line: how many trials, and about how long they will take. */
void plan_print_summary(FILE *stream, const struct plan *plan, const struct plan_about *about);

/* A line for each step that is still to be done, in their order. */
void plan_print_steps(FILE *stream, const struct plan *plan, const struct plan_about *about);

/* Both as one JSON object. -EIO */
int plan_print_json(FILE *stream, const struct plan *plan, const struct plan_about *about);

#endif

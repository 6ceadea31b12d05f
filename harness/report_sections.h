/* report_sections.h - the sections of the report, in the order in which they stand in it. Each
 * writes Markdown; whatever comes from the results is escaped. */
#ifndef SWITCHYARD_HARNESS_REPORT_SECTIONS_H
#define SWITCHYARD_HARNESS_REPORT_SECTIONS_H

#include <stdio.h>

#include "result.h"
#include "wrong.h"

/* What a section may need. */
struct report {
    FILE *out;
    const struct results *results;
    const char *source;            /* name of the results file */
    const char *figures;           /* folder of the figures, as this program sees it */
    const char *link;              /* the same folder, as the report sees it */
    const struct lessons *lessons; /* of wrong.json beside the results, or NULL */
};

/* 0 or -ENOMEM. */
int report_question(const struct report *report);
int report_method(const struct report *report);
int report_summary(const struct report *report);
int report_figures(const struct report *report);
int report_switch(const struct report *report);
int report_surprises(const struct report *report);
int report_wrong(const struct report *report);
int report_claims(const struct report *report);
int report_failures(const struct report *report);
int report_limits(const struct report *report);

#endif

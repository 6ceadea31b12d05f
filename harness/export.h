/* export.h - results in the formats of other tools (docs/export.md).
 *
 * Each format is one function in a file of its own, export_<format>.c. It writes the rows that it
 * can express and leaves the others out with export_leave_out, which the command tells on stderr.
 */
#ifndef SWITCHYARD_HARNESS_EXPORT_H
#define SWITCHYARD_HARNESS_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "near.h"
#include "result.h"

struct export
{
    const struct results *results;
    FILE *out;
    FILE *notes; /* what is left out, one line each */
    bool bigger; /* github: the metrics of which more is better, not the others */
};

struct export_format {
    const char *name;
    int (*write)(struct export *export); /* -errno */
};

/* The format of that name, or NULL. */
const struct export_format *export_find(const char *name);

/* Offers the names of all formats to the search for a near one. */
void export_offer_names(struct near *near);

/* The names of all formats, "gbench, github, …", for messages. */
const char *export_names(void);

/* "switch.yield/switch/backend=green/rounds=20000/procs=1": every part that tells the row from
 * another, always in the same order, without blanks. The caller frees it. */
char *export_row_name(const struct result_row *row);

/* Seconds in one of the unit, or 0 if it is no time. */
double export_seconds(const char *unit);

/* How many samples the trial rests on; at least 1, for a histogram does not tell it per trial. */
size_t export_iterations(const struct result_trial *trial);

/* Mean and standard deviation of the medians of the row's trials; the latter is NAN for one. */
void export_moments(const struct result_row *row, double *mean, double *deviation);

/* Is the row without numbers? Then it has been noted. */
bool export_leave_out_failed(struct export *export, const struct result_row *row);

/* Notes that the row is left out, and why. */
void export_leave_out(struct export *export, const struct result_row *row, const char *why);

/* Writes the JSON and frees it. Numbers as in results.json. -errno */
int export_json(struct export *export, json_t *root);

int export_gbench(struct export *export);
int export_github(struct export *export);
int export_bmf(struct export *export);
int export_gobench(struct export *export);
int export_csv(struct export *export);
int export_markdown(struct export *export);
int export_hyperfine(struct export *export);

#endif

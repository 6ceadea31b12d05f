/* selection.h - what to run, as said on the command line or in the table of experiments. */
#ifndef SWITCHYARD_HARNESS_SELECTION_H
#define SWITCHYARD_HARNESS_SELECTION_H

#include <stddef.h>
#include <stdint.h>

/* A parameter and the values that it takes. */
struct sweep {
    char *name;
    int64_t *values;
    size_t values_count;
};

/* What to run: every workload that matches, on each back end, with each number of procs, each
 * setting of the green runtime and every combination of the parameters' values. Parameters not
 * named here have their defaults; without settings there is one, none. Other back ends have no
 * settings: there only "none" makes cells. */
struct selection {
    char **globs; /* fnmatch(3) patterns */
    size_t globs_count;
    char **backends;
    size_t backends_count;
    int *procs;
    size_t procs_count;
    char **tunes; /* settings of the green runtime (SWITCHYARD_TUNE); NULL: none */
    size_t tunes_count;
    struct sweep *sweeps;
    size_t sweeps_count;
    int trials;          /* processes for each cell */
    int epochs;          /* measured by each process */
    int64_t estimate_ns; /* of one trial; a guess that the first block corrects */
};

/* Each adds the parts of a list with commas: patterns, back ends, numbers of procs (0: the
 * runtime's own default). -EINVAL for an empty part, or for a number that is none. */
int selection_add_globs(struct selection *selection, const char *list);
int selection_add_backends(struct selection *selection, const char *list);
int selection_add_procs(struct selection *selection, const char *list);

/* Adds one setting: words of SWITCHYARD_TUNE with commas between them, or "none". -EINVAL if a word
 * is empty or holds anything but small letters, digits, - and =. */
int selection_add_tune(struct selection *selection, const char *words);

/* Adds "name=value,value…". -EINVAL if it does not look so, or if the name is there already. */
int selection_add_sweep(struct selection *selection, const char *text);

/* The whole text as a number: -EINVAL if it is none or is not in min ... max. */
int parse_number(const char *text, int64_t min, int64_t max, int64_t *number);

void selection_destroy(struct selection *selection);

#endif

/* plot_figure.h - what a figure is, and the list of them.
 *
 * A figure is named by the question that it answers. Its prepare function reads the results and
 * writes the body of NAME.dat; plots/NAME.gp draws that. The strings of a figure go to gnuplot in
 * the first block of the data file ("text"), never into a script.
 */
#ifndef SWITCHYARD_HARNESS_PLOT_FIGURE_H
#define SWITCHYARD_HARNESS_PLOT_FIGURE_H

#include <stdio.h>

#include "result.h"

enum {
    FIGURE_TEXT_BYTES = 512,
    FIGURE_ALT_BYTES = 1536,
};

/* The ranges of the axes. */
struct frame {
    double left;
    double right;
    double bottom;
    double top;
};

/* What stands around the drawing, computed from the data. */
struct figure_text {
    char title[FIGURE_TEXT_BYTES];    /* the conclusion */
    char subtitle[FIGURE_TEXT_BYTES]; /* the condition, n, and what the bars mean */
    char alt[FIGURE_ALT_BYTES];       /* what a reader who cannot see it has to know */
    char absent[FIGURE_TEXT_BYTES];   /* why it is not drawn, if prepare answers -ENODATA */
    int height;                       /* of the drawing, in pixels */
    struct frame frame;
};

struct figure {
    const char *name;        /* of the files, without extension */
    const char *question;    /* in words */
    const char *how_to_read; /* for the report */
    const char *threat;      /* what could make its conclusion wrong */
    /* Writes the data blocks and fills in *text. -ENODATA: the results do not hold what the figure
     * needs (text->absent says what); nothing has been written. -ENOMEM. */
    int (*prepare)(const struct results *results, struct figure_text *text, FILE *data);
};

/* In the order of the report. */
#define FIGURES 21
extern const struct figure *const figures[FIGURES];

extern const struct figure figure_ratio;
extern const struct figure figure_create;
extern const struct figure figure_anatomy;
extern const struct figure figure_tail;
extern const struct figure figure_histogram;
extern const struct figure figure_time;
extern const struct figure figure_pairs;
extern const struct figure figure_ablation;
extern const struct figure figure_ring;
extern const struct figure figure_ledger;
extern const struct figure figure_memory;
extern const struct figure figure_policy;
extern const struct figure figure_deep;
extern const struct figure figure_echo;
extern const struct figure figure_blocking;
extern const struct figure figure_lateness;
extern const struct figure figure_preempt;
extern const struct figure figure_speedup;
extern const struct figure figure_crossover;
extern const struct figure figure_timeline_green;
extern const struct figure figure_timeline_pthread;

/* Prepares a figure with its text block in front. source is the name of the results file, for the
 * footer. Answers as prepare does. The caller frees *data. */
int figure_prepare(const struct figure *figure, const struct results *results, const char *source,
                   struct figure_text *text, char **data, size_t *size);

/* The parts of figure_prepare, for a figure that is not drawn from results: makes what may be a
 * stranger's string harmless, and writes the text block; command: how to redraw, behind the name of
 * the program. */
void figure_clean_texts(struct figure_text *text);
void figure_write_text(FILE *data, const struct figure_text *text, const json_t *context,
                       const char *command);

/* Opens a data block: two empty lines, its name, its columns. */
void figure_block(FILE *data, const char *name, const char *columns);

/* Sets text->absent and returns -ENODATA. */
int figure_absent(struct figure_text *text, const char *reason);

/* "green" -> "green threads", "pthread" -> "OS threads"; others as they are. */
const char *backend_words(const char *backend);

/* Moves label positions (any order) apart so that no two are closer than gap, as little as needed;
 * keeps their order. Counts above 64 stay as they are. */
void figure_spread(double *positions, size_t count, double gap);

#endif

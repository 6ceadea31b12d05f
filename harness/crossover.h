/* crossover.h - from which size of a task on OS threads are as good as green ones.
 *
 * The rows of the workload crossover are put in lines: one for each number of tasks, share of
 * blocking tasks and number of procs, with a point for each size of task. A line's crossing is the
 * size at which OS threads take CROSSOVER_TIE times as long as green ones: from there on they tie.
 *
 * The fit: between two neighbouring sizes the ratio is a straight line on logarithmic axes. It is
 * made for each block of trials by itself, and the interval is over the crossings of all blocks.
 */
#ifndef SWITCHYARD_HARNESS_CROSSOVER_H
#define SWITCHYARD_HARNESS_CROSSOVER_H

#include "result.h"

#define CROSSOVER_TIE 1.1 /* ratios from 1/1.1 to 1.1 are a tie */

enum {
    CROSSOVER_LINES = 32,
    CROSSOVER_POINTS = 16,
};

struct crossover_point {
    double size_ns;        /* what a task computes, measured on the green side without others */
    struct interval ratio; /* of the times, pthread / green */
    const struct result_row *green;
    const struct result_row *pthread;
};

struct crossover_line {
    int procs;
    int64_t tasks;
    int64_t share;                                   /* % */
    struct crossover_point points[CROSSOVER_POINTS]; /* ascending sizes */
    size_t points_count;
    struct interval crossing; /* ns; NAN: threads do not tie within the sizes measured */
    size_t crossed;           /* blocks of trials that the crossing rests on */
    size_t blocks;            /* of all */
};

struct crossovers {
    struct crossover_line lines[CROSSOVER_LINES]; /* by share, then by tasks, then by procs */
    size_t count;
};

/* Collects all lines with equal work on both sides. NULL: out of memory. */
struct crossovers *crossovers_new(const struct results *results);
void crossovers_free(struct crossovers *crossovers);

#endif

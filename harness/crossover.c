/* crossover.c - see crossover.h. */
#include "crossover.h"

#include <math.h>
#include <stdlib.h>

#define WORKLOAD "crossover"
#define SEED 1 /* of the intervals: the same results give the same crossings */

enum { BLOCKS_MAX = 256 };

/* --- Lines ----------------------------------------------------------------------------------- */

static struct crossover_line *line_of(struct crossovers *crossovers, const struct result_row *row)
{
    struct crossover_line key = {.procs = row->procs};
    result_param(row, "tasks", &key.tasks);
    result_param(row, "share", &key.share);
    for (size_t i = 0; i < crossovers->count; i++) {
        struct crossover_line *line = &crossovers->lines[i];
        if (line->procs == key.procs && line->tasks == key.tasks && line->share == key.share) {
            return line;
        }
    }
    if (crossovers->count == CROSSOVER_LINES) {
        return NULL;
    }
    crossovers->lines[crossovers->count] = key;
    return &crossovers->lines[crossovers->count++];
}

/* The green row of the same cell that tells the size. */
static double size_of(const struct results *results, const struct result_row *row)
{
    struct result_row wanted = *row;
    char metric[] = "size";
    wanted.metric = metric;
    const struct result_row *found = results_partner(results, &wanted, "green");
    return found != NULL ? found->median : NAN;
}

static void add_point(struct crossover_line *line, const struct crossover_point *point)
{
    size_t at = line->points_count;
    if (at == CROSSOVER_POINTS) {
        return;
    }
    for (; at > 0 && line->points[at - 1].size_ns > point->size_ns; at--) {
        line->points[at] = line->points[at - 1];
    }
    line->points[at] = *point;
    line->points_count++;
}

static void collect(const struct results *results, struct crossovers *crossovers)
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, WORKLOAD, "green", 0, "task")) != NULL) {
        struct crossover_point point = {.size_ns = size_of(results, row), .green = row};
        point.pthread = results_partner(results, row, "pthread");
        if (point.pthread == NULL || !(point.size_ns > 0)) {
            continue;
        }
        point.ratio = result_ratio(point.pthread, row);
        struct crossover_line *line = isfinite(point.ratio.value) ? line_of(crossovers, row) : NULL;
        if (line != NULL) {
            add_point(line, &point);
        }
    }
}

static int by_share_and_tasks(const void *a, const void *b)
{
    const struct crossover_line *x = a;
    const struct crossover_line *y = b;
    if (x->share != y->share) {
        return x->share < y->share ? -1 : 1;
    }
    if (x->tasks != y->tasks) {
        return x->tasks < y->tasks ? -1 : 1;
    }
    return (x->procs > y->procs) - (x->procs < y->procs);
}

/* --- The fit --------------------------------------------------------------------------------- */

/* The median of the trial of that number; NAN if it was not ok. */
static double median_of(const struct result_row *row, int number)
{
    for (size_t i = 0; i < row->trials_count; i++) {
        if (row->trials[i].number == number && row->trials[i].status == TRIAL_OK) {
            return row->trials[i].median;
        }
    }
    return NAN;
}

/* How far the advantage of green threads is above a tie, in one block of trials: ln. */
static double advantage(const struct crossover_point *point, int block)
{
    double ratio = median_of(point->pthread, block) / median_of(point->green, block);
    return log(ratio / CROSSOVER_TIE);
}

/* Where it falls through zero for good: behind the last size with an advantage. NAN if it does not,
 * or if threads tie from the smallest size on. */
static double crossing_of(const struct crossover_line *line, int block)
{
    size_t last = line->points_count;
    while (last > 0 && !(advantage(&line->points[last - 1], block) >= 0)) {
        last--;
    }
    if (last == 0 || last == line->points_count) {
        return NAN;
    }
    const struct crossover_point *above = &line->points[last - 1];
    const struct crossover_point *below = &line->points[last];
    double high = advantage(above, block);
    double low = advantage(below, block);
    double share = high / (high - low);
    return above->size_ns * pow(below->size_ns / above->size_ns, share);
}

/* Threads must tie in most of the blocks. */
static void fit(struct crossover_line *line)
{
    double crossings[BLOCKS_MAX];
    line->crossing = (struct interval){NAN, NAN, NAN};
    line->blocks = line->points[0].green->trials_count;
    for (size_t block = 0; block < line->blocks && block < BLOCKS_MAX; block++) {
        double crossing = crossing_of(line, (int)block);
        if (isfinite(crossing)) {
            crossings[line->crossed++] = crossing;
        }
    }
    if (2 * line->crossed > line->blocks) {
        line->crossing = stats_bootstrap_median(crossings, line->crossed, SEED);
    }
}

struct crossovers *crossovers_new(const struct results *results)
{
    struct crossovers *crossovers = calloc(1, sizeof *crossovers);
    if (crossovers == NULL) {
        return NULL;
    }
    collect(results, crossovers);
    for (size_t i = 0; i < crossovers->count; i++) {
        fit(&crossovers->lines[i]);
    }
    qsort(crossovers->lines, crossovers->count, sizeof crossovers->lines[0], by_share_and_tasks);
    return crossovers;
}

void crossovers_free(struct crossovers *crossovers)
{
    free(crossovers);
}

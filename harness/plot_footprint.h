/* plot_footprint.h - what parked tasks hold: the growth of a process's memory ledger between
 * "before" and "all parked" in the trials of memory.park. */
#ifndef SWITCHYARD_HARNESS_PLOT_FOOTPRINT_H
#define SWITCHYARD_HARNESS_PLOT_FOOTPRINT_H

#include "result.h"

#define FOOTPRINT_WORKLOAD "memory.park"

enum footprint_kind {
    FOOTPRINT_USER,         /* resident */
    FOOTPRINT_PAGE_TABLES,  /* the process's */
    FOOTPRINT_KERNEL_STACK, /* the machine's */
    FOOTPRINT_SLAB,         /* the machine's */
    FOOTPRINT_PARTS,        /* the four above add up to the total */
    FOOTPRINT_TOTAL = FOOTPRINT_PARTS,
    FOOTPRINT_RESERVED, /* address space */
    FOOTPRINT_THREADS,  /* not growth: how many there are */
    FOOTPRINT_MAPPINGS, /* not growth: how many there are */
    FOOTPRINT_KINDS,
};

enum {
    FOOTPRINT_SIZES = 32,
};

/* One process with n parked tasks. */
struct footprint_trial {
    double n;
    double grown[FOOTPRINT_KINDS]; /* bytes, or a number */
};

struct footprint {
    struct footprint_trial *trials;
    size_t count;
    size_t room;                   /* for so many trials */
    double sizes[FOOTPRINT_SIZES]; /* the different n, ascending */
    size_t sizes_count;
    size_t sizes_left_out; /* rows of sizes beyond FOOTPRINT_SIZES */
};

/* Collects all trials of a back end that were ok. NULL: out of memory. May be empty. */
struct footprint *footprint_new(const struct results *results, const char *backend);
void footprint_free(struct footprint *footprint);

/* How many processes had n tasks. */
size_t footprint_processes(const struct footprint *footprint, double n);

/* The median over the processes with n tasks, with its 95 % bootstrap interval. NANs if none. */
struct interval footprint_at(const struct footprint *footprint, double n, enum footprint_kind kind);

/* Per task: the slope of a least-squares line through the medians over n, and its 95 % interval by
 * bootstrap over processes within each n. With one n only it is growth / n. NANs if empty. */
struct interval footprint_slope(const struct footprint *footprint, enum footprint_kind kind);

/* "user (RSS)", "page tables", … */
const char *footprint_name(enum footprint_kind kind);

#endif

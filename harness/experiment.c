/* experiment.c - see experiment.h.
 *
 * Both back ends get the same parameters wherever a ratio is to be drawn. Sizes that threads
 * cannot reach are green's alone; the sizes just below show where threads are refused. Rounds are
 * such that an epoch takes from one to some hundred milliseconds on the slower side. What waits by
 * itself (timers, idle processes, ten thousand connections) takes seconds, and gets fewer trials.
 * What a cell is there for is a figure, a verdict or a ratio of the report; all trials together
 * take about five minutes on 2 CPUs, so that each cell comes to its number of them.
 */
#include "experiment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

enum {
    TEXT_BYTES = 64,
    CPUS_MAX = 8, /* of which every pair is measured */
};

#define SECOND_NS ((int64_t)1000000000)
#define MILLISECOND_NS ((int64_t)1000000)

struct experiment_item {
    const char *workloads;
    const char *backends;
    const char *procs;
    const char *sweeps[10]; /* ended by NULL; "tune=WORDS" is one setting of the green runtime */
    int trials;
    int epochs;
    int estimate_ms; /* of one trial; a guess that the first block corrects */
};

#define BOTH "green,pthread"
#define TUNE "tune="
#define MPMC_SETTINGS "items=50000", "tune=nospin", "tune=nohandoff", "tune=nobias"
#define SIZES "iterations=100,1000,10000"
#define HOGS "kind=0,1,2,3", "stint_ms=30"
#define NO_MECHANISM "tune=nopreemptcall,nopreemptprologue,nopreemptsignal"
#define MECHANISMS "tune=nopreemptcall", "tune=nopreemptprologue", "tune=nopreemptsignal"

static const struct experiment_item quick_items[] = {
    {"anatomy.swap*", "green", "1", {NULL}, 7, 5, 40},
    {"anatomy.futex,anatomy.pipe", "pthread", "1", {NULL}, 5, 3, 150},
    {"switch.yield,switch.chan,switch.mutex,switch.cond", BOTH, "1", {NULL}, 7, 5, 150},
    {"switch.chan", BOTH, "2", {NULL}, 7, 3, 300},
    {"switch.ring", BOTH, "1", {"tasks=10,100,1000", "rounds=5000", NULL}, 5, 3, 100},
    {"switch.ring", "green", "1", {"tasks=10000", "rounds=20000", NULL}, 5, 3, 50},
    {"switch.time", BOTH, "1", {NULL}, 1, 100, 350},
    {"handoff.pair", "pthread", "all", {"first=all", "second=all", NULL}, 2, 3, 200},
    {"create.serial", BOTH, "1", {"rounds=1000", NULL}, 10, 5, 60},
    {"create.batch", BOTH, "1", {"tasks=1,10,100,1000", NULL}, 7, 5, 120},
    {"create.batch", "green", "1", {"tasks=100000", NULL}, 5, 3, 300},
    {"create.limit", BOTH, "1", {"max=40000", NULL}, 1, 1, 2500},
    {"memory.park", BOTH, "1", {"tasks=1000,5000", NULL}, 5, 1, 300},
    {"memory.park", "green", "1", {"tasks=100000", NULL}, 5, 1, 400},
    {"memory.cold", "green", "1", {"tasks=10000", "policy=1,3", NULL}, 2, 1, 500},
    {"memory.deep", "green", "1", {"tasks=100", NULL}, 1, 1, 2600},
    {"chan.buffered,chan.mpmc", BOTH, "1", {"items=20000", NULL}, 5, 5, 30},
    {"skynet", BOTH, "1", {"leaves=1000", NULL}, 5, 3, 150},
    {"skynet", "green", "1,2", {"leaves=1000000", NULL}, 5, 2, 300},
    {"forkjoin.fib", BOTH, "1", {"n=12", NULL}, 5, 3, 50},
    {"forkjoin.fib", "green", "1,2", {"n=25", NULL}, 5, 3, 100},
    {"forkjoin.fib", "green", "0", {"n=25", NULL}, 3, 2, 100},
    {"sieve", BOTH, "1", {"primes=50", NULL}, 5, 3, 40},
    {"switch.pipe", BOTH, "1", {NULL}, 5, 3, 150},
    {"steal.imbalance", BOTH, "2", {"tune=none", "tune=nosteal", NULL}, 3, 2, 200},
    {"speedup", BOTH, "1,2", {NULL}, 3, 3, 120},
    {"counter", BOTH, "2", {"how=0,1,3", "additions=1000", NULL}, 3, 2, 60},
    {"pipeline", BOTH, "2", {"locks=0,1", "items=1000", NULL}, 3, 2, 100},
    {"crossover", BOTH, "2", {"tasks=1000", "iterations=100,1000,10000", NULL}, 3, 1, 150},
    {"timer.storm", BOTH, "1", {"tasks=1000", NULL}, 3, 1, 300},
    {"timer.storm", "green", "1", {"tasks=10000", NULL}, 2, 1, 500},
    {"blocking.mix", BOTH, "2", {"share=0,25,100", "operations=20", "rounds=0"}, 2, 2, 150},
    {"io.echo", BOTH, "2", {"connections=10,1000", "requests=5000", NULL}, 2, 1, 600},
    {"idle.cpu", "green", "32", {"ms=300", NULL}, 1, 1, 1000},
};

static const struct experiment_item default_items[] = {
    {"anatomy.swap*", "green", "1", {NULL}, 10, 5, 100},
    {"anatomy.futex,anatomy.pipe", "pthread", "1", {NULL}, 7, 3, 170},
    {"switch.yield", BOTH, "1", {NULL}, 10, 5, 280}, /* on two CPUs a yield is no hand-over */
    {"switch.chan,switch.mutex,switch.cond", BOTH, "1", {NULL}, 10, 5, 180},
    {"switch.chan,switch.mutex,switch.cond", BOTH, "2", {NULL}, 7, 3, 170},
    {"switch.ring", BOTH, "1", {"tasks=2,10,100,1000", "rounds=5000", NULL}, 5, 3, 160},
    {"switch.ring", "green", "1", {"tasks=10000,100000", "rounds=100000", NULL}, 3, 3, 650},
    {"switch.time", BOTH, "1", {NULL}, 3, 200, 220},
    {"handoff.pair", "pthread", "all", {"first=all", "second=all", NULL}, 5, 3, 150},
    {"create.serial", BOTH, "1", {"rounds=2000", NULL}, 7, 5, 230},
    {"create.batch", BOTH, "1", {"tasks=1", "rounds=1000", NULL}, 7, 3, 280},
    {"create.batch", BOTH, "1", {"tasks=10", "rounds=100", NULL}, 7, 3, 190},
    {"create.batch", BOTH, "1", {"tasks=100", "rounds=10", NULL}, 7, 3, 150},
    {"create.batch", BOTH, "1", {"tasks=1000", NULL}, 7, 5, 260},
    {"create.batch", BOTH, "1", {"tasks=10000", NULL}, 3, 1, 1100},
    {"create.batch", "green", "1", {"tasks=100000", NULL}, 5, 1, 540},
    {"create.batch", "pthread", "1", {"tasks=100000", NULL}, 1, 1, 2500}, /* refused */
    {"create.batch", "green", "1", {"tasks=300000", NULL}, 2, 1, 2500},
    {"create.limit", BOTH, "1", {"max=100000", NULL}, 1, 1, 1900},
    {"memory.park", BOTH, "1", {"tasks=1000,3000", NULL}, 5, 1, 200},
    {"memory.park", BOTH, "1", {"tasks=10000", NULL}, 5, 1, 610},
    {"memory.park", BOTH, "1", {"tasks=30000", NULL}, 1, 1, 1900},
    {"memory.park", "green", "1", {"tasks=100000", NULL}, 5, 1, 560},
    {"memory.park", "green", "1", {"tasks=1000000", NULL}, 1, 1, 11200},
    {"memory.cold", "green", "1", {"tasks=10000", "policy=1,2,3", NULL}, 3, 1, 690},
    {"memory.cold", "pthread", "1", {"tasks=10000", NULL}, 2, 1, 1350},
    {"memory.deep", "green", "1", {"tasks=100", NULL}, 2, 1, 2600},
    {"memory.deep", "pthread", "1", {"tasks=100", NULL}, 1, 1, 3200},
    {"stack.deep", "green", "1", {"bytes=1073741824", NULL}, 1, 1, 2200},
    {"chan.buffered,chan.mpmc", BOTH, "1,2", {"items=50000", NULL}, 7, 5, 90},
    {"skynet", BOTH, "1", {"leaves=1000", NULL}, 5, 3, 260},
    {"skynet", "green", "1,2", {"leaves=1000000", NULL}, 7, 2, 220},
    {"forkjoin.fib", BOTH, "1", {"n=14", NULL}, 7, 3, 220},
    {"forkjoin.fib", "green", "1,2", {"n=25", NULL}, 7, 3, 90},
    {"forkjoin.fib", "green", "0", {"n=25", NULL}, 3, 3, 60},
    {"sieve", BOTH, "1", {"primes=100", NULL}, 7, 3, 110},
    {"switch.pipe", BOTH, "1", {NULL}, 7, 3, 160},
    {"steal.imbalance", BOTH, "2", {"tune=none", "tune=nosteal", NULL}, 7, 3, 300},
    {"switch.yield", "green", "1", {"tune=nofpsave", NULL}, 10, 5, 15},
    {"switch.chan", "green", "1", {"tune=norunnext", NULL}, 10, 5, 20},
    {"create.batch", "green", "1", {"tasks=1000", "tune=nostackcache", NULL}, 7, 5, 15},
    {"chan.mpmc", "green", "2", {MPMC_SETTINGS, NULL}, 7, 5, 45},
    {"speedup", BOTH, "1,2", {NULL}, 7, 4, 150},
    {"nqueens,mergesort,matmul,mandelbrot", BOTH, "1,2", {NULL}, 4, 2, 320},
    {"counter", BOTH, "2", {"how=0,1,2", NULL}, 5, 3, 130},
    {"counter", BOTH, "2", {"how=3", "additions=1000000", NULL}, 5, 2, 100}, /* fewer do not meet */
    {"pipeline", BOTH, "2", {"locks=0,1", NULL}, 5, 3, 130},
    {"chan.spsc,chan.mpsc", BOTH, "1,2", {"items=5000", NULL}, 5, 2, 100},
    {"switch.sem,threadring,philosophers", BOTH, "1", {"hops=5000", NULL}, 5, 3, 90},
    {"switch.workingset", BOTH, "1", {"bytes=0,16384", "turns=10000", NULL}, 5, 2, 130},
    {"switch.workingset", BOTH, "1", {"bytes=262144,4194304", "turns=500", NULL}, 5, 2, 170},
    {"crossover", BOTH, "2", {SIZES ",100000", "tasks=10,100", "share=0,20", NULL}, 5, 3, 35},
    {"crossover", BOTH, "2", {SIZES, "tasks=1000", "share=0,20", NULL}, 5, 1, 130},
    {"crossover", BOTH, "2", {"iterations=100000", "tasks=1000", "share=0,20", NULL}, 3, 1, 900},
    {"timer.storm", BOTH, "1", {"tasks=1000", NULL}, 5, 1, 220},
    {"timer.storm", "green", "1", {"tasks=100000", NULL}, 2, 1, 2500},
    {"preempt.hog", BOTH, "1", {HOGS, "wakeups=4", NULL}, 4, 7, 300}, /* 112 wake-ups each */
    {"preempt.hog", "green", "1", {HOGS, "wakeups=4", MECHANISMS, NULL}, 2, 1, 170},
    {"preempt.hog", "green", "1", {HOGS, "wakeups=1", NO_MECHANISM, NULL}, 1, 1, 3700},
    {"blocking.mix", BOTH, "2", {"share=0,25,50,100", "operations=50", "rounds=0"}, 5, 2, 140},
    {"blocking.mix", BOTH, "2", {"share=10", "operations=50", "rounds=1"}, 3, 1, 1000},
    {"io.echo", BOTH, "2", {"connections=10,100,1000", "requests=5000", NULL}, 3, 1, 750},
    {"io.echo", BOTH, "2", {"connections=10000", "requests=10000", NULL}, 1, 1, 6000},
    {"io.http", BOTH, "2", {"connections=100", "requests=5000", NULL}, 5, 1, 300},
    {"idle.cpu", "green", "2,32", {"ms=300", NULL}, 2, 1, 800},
};

static const struct experiment experiments[] = {
    {"quick", 47 * SECOND_NS, quick_items, sizeof quick_items / sizeof quick_items[0]},
    {"default", 330 * SECOND_NS, default_items, sizeof default_items / sizeof default_items[0]},
};

const struct experiment *experiment_find(const char *name)
{
    for (size_t i = 0; i < sizeof experiments / sizeof experiments[0]; i++) {
        if (strcmp(experiments[i].name, name) == 0) {
            return &experiments[i];
        }
    }
    return NULL;
}

/* Nobody computes there, so more procs than CPUs make sense. */
static const char idle_workload[] = "idle.cpu";

/* The table is part of the program: a mistake in it is a bug. */
static void expect_parsed(int status, const struct experiment_item *item)
{
    if (status < 0) {
        fprintf(stderr, "switchyard: bad row for %s in experiment.c\n", item->workloads);
        abort();
    }
}

static void keep_possible_procs(struct selection *selection, size_t cpus_count)
{
    size_t kept = 0;
    for (size_t i = 0; i < selection->procs_count; i++) {
        if ((size_t)selection->procs[i] <= cpus_count) {
            selection->procs[kept++] = selection->procs[i];
        }
    }
    selection->procs_count = kept;
}

/* "all" stands for as many CPUs as the machine has, up to some; as a value: for each of them. */
static void replace_all(const char *text, size_t cpus_count, bool each, char out[TEXT_BYTES])
{
    size_t count = cpus_count < CPUS_MAX ? cpus_count : CPUS_MAX;
    const char *all = strstr(text, "all");
    if (all == NULL) {
        snprintf(out, TEXT_BYTES, "%s", text);
        return;
    }
    size_t used = (size_t)snprintf(out, TEXT_BYTES, "%.*s", (int)(all - text), text);
    if (!each) {
        snprintf(out + used, TEXT_BYTES - used, "%zu", count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(out + used, TEXT_BYTES - used, "%s%zu", i > 0 ? "," : "", i);
    }
}

static void fill_selection(const struct experiment_item *item, size_t cpus_count,
                           struct selection *selection)
{
    char text[TEXT_BYTES];
    expect_parsed(selection_add_globs(selection, item->workloads), item);
    expect_parsed(selection_add_backends(selection, item->backends), item);
    replace_all(item->procs, cpus_count, false, text);
    expect_parsed(selection_add_procs(selection, text), item);
    for (size_t i = 0; item->sweeps[i] != NULL; i++) {
        if (strncmp(item->sweeps[i], TUNE, strlen(TUNE)) == 0) {
            expect_parsed(selection_add_tune(selection, item->sweeps[i] + strlen(TUNE)), item);
        } else {
            replace_all(item->sweeps[i], cpus_count, true, text);
            expect_parsed(selection_add_sweep(selection, text), item);
        }
    }
    if (strcmp(item->workloads, idle_workload) != 0) {
        keep_possible_procs(selection, cpus_count);
    }
    selection->trials = item->trials;
    selection->epochs = item->epochs;
    selection->estimate_ns = item->estimate_ms * MILLISECOND_NS;
}

struct selection *experiment_selections(const struct experiment *experiment, size_t cpus_count,
                                        size_t *count)
{
    struct selection *selections = alloc_array(experiment->items_count, sizeof *selections);
    for (size_t i = 0; i < experiment->items_count; i++) {
        fill_selection(&experiment->items[i], cpus_count, &selections[i]);
    }
    *count = experiment->items_count;
    return selections;
}

/* Is the name one of the list with commas? */
static bool list_has(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += at[0] == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

int64_t experiment_estimate_ns(const char *workload, int epochs, int64_t otherwise_ns)
{
    for (size_t i = 0; i < sizeof default_items / sizeof default_items[0]; i++) {
        const struct experiment_item *item = &default_items[i];
        if (list_has(item->workloads, workload)) { /* one more each: the warm-up */
            return item->estimate_ms * MILLISECOND_NS * (epochs + 1) / (item->epochs + 1);
        }
    }
    return otherwise_ns;
}

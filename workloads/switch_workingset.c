/* switch.workingset - tasks that each touch memory of their own between two switches.
 *
 * What a switch costs beyond itself: the next task's memory is not in the caches any more (Li, Ding
 * and Shen, "Quantifying the cost of context switch", ExpCS 2007). Each task of a ring
 * (sem_ring.h) goes over its own set of `bytes`, one access to each cache line, and hands over.
 *
 * Metric: `visit`, ns = one hand-over and one pass over a set that `tasks` - 1 others have
 * followed; `alone`, ns = one pass by a task that goes over one set again and again. visit - alone
 * is the switch with its indirect cost; with bytes=0 there is only the switch. Work:   tasks;
 * switches = turns an epoch; checksum over the passes counted in all lines. Proof:  each pass adds
 * 1 to a counter in each line of its set: they must add up to passes * lines.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sem_ring.h"

#define LINE_BYTES 64
#define LINE_WORDS (LINE_BYTES / sizeof(uint64_t))

struct sets {
    uint32_t tasks;
    uint64_t turns;
    uint64_t lines;  /* of each set */
    uint64_t *words; /* the sets, one after the other; the first word of each line counts */
};

/* One pass over the set of a task: each line is read and written. */
static void pass_over(void *shared, uint32_t place, uint64_t turn)
{
    const struct sets *sets = shared;
    uint64_t *set = sets->words + place * sets->lines * LINE_WORDS;
    (void)turn;
    for (uint64_t line = 0; line < sets->lines; line++) {
        set[line * LINE_WORDS]++;
    }
}

/* The same passes, all over the first set, by this task. */
static sy_time pass_alone(struct sets *sets)
{
    pass_over(sets, 0, 0); /* brings it into the caches */
    sy_time begin = sy_now();
    for (uint64_t turn = 0; turn < sets->turns; turn++) {
        pass_over(sets, 0, turn);
    }
    return sy_now() - begin;
}

static uint64_t sum_of_lines(const struct sets *sets)
{
    uint64_t sum = 0;
    for (uint64_t line = 0; line < sets->tasks * sets->lines; line++) {
        sum += sets->words[line * LINE_WORDS];
    }
    return sum;
}

static int verify(struct trial *trial, const struct sets *sets)
{
    uint64_t passes = sets->turns + sets->tasks + sets->turns + 1;
    uint64_t sum = sum_of_lines(sets);
    if (sum != passes * sets->lines) {
        return trial_fail(trial, -EPROTO, "%llu lines were touched, not %llu",
                          (unsigned long long)sum, (unsigned long long)(passes * sets->lines));
    }
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct sets *sets = state;
    sy_time elapsed = 0;
    memset(sets->words, 0, sets->tasks * sets->lines * LINE_BYTES);
    sy_time alone = pass_alone(sets);
    int status = sem_ring_run(trial, sets->tasks, sets->turns, pass_over, sets, &elapsed);
    status = status < 0 ? status : verify(trial, sets);
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "visit", "ns", (double)elapsed / (double)sets->turns);
    trial_sample(trial, "alone", "ns", (double)alone / (double)sets->turns);
    trial_work(trial, &(struct workload_work){.tasks = sets->tasks,
                                              .switches = sets->turns,
                                              .checksum = sum_of_lines(sets)});
    return 0;
}

static int run(struct trial *trial)
{
    struct sets sets = {.tasks = (uint32_t)trial_param(trial, "tasks"),
                        .turns = (uint64_t)trial_param(trial, "turns"),
                        .lines = (uint64_t)trial_param(trial, "bytes") / LINE_BYTES};
    sets.words = aligned_alloc(LINE_BYTES, (sets.tasks * sets.lines + 1) * LINE_BYTES);
    if (sets.words == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for the sets");
    }
    int status = trial_each_epoch(trial, run_epoch, &sets);
    free(sets.words);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 2, 2, 4096, "tasks", "tasks in the ring"},
    {"turns", 2000, 1, 1000000000, "turns", "turns an epoch, in all"},
    {"bytes", 65536, 0, 1 << 26, "B", "set of each task, in whole lines of 64"},
    {0}};

const struct workload switch_workingset = {
    .name = "switch.workingset",
    .summary = "Tasks that each go over memory of their own between two switches",
    .params = params,
    .run = run,
};

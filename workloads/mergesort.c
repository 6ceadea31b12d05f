/* mergesort - sorts numbers by tasks that fork and join.
 *
 * A part is sorted by halves, one in a task of its own, which are then merged; up to `leaf` items
 * by one task, which sorts short runs by insertion and merges these. One merge by one task would
 * leave the other procs idle at the top of the tree, so a second task merges from the end: each
 * writes half of the output.
 *
 * Metric: `total`, ms = time of an epoch; `item`, ns = the same / items. The numbers are made anew
 *         before the clock starts.
 * Work:   tasks; checksum over the sorted numbers, by place.
 * Proof:  they must be in order, and have the sum and the sum of squares of the unsorted ones.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "refusal.h"
#include "trial.h"

#define RUN_ITEMS 16 /* sorted by insertion */

struct sort {
    uint32_t *items;
    uint32_t *scratch;
    size_t count;
    size_t leaf;
};

/* items[0 … count), and scratch, which holds the same numbers at first. The halves are sorted in
 * scratch, with items as their scratch, and merged into items: nothing is copied back. */
struct part {
    const struct sort *sort;
    uint32_t *items;
    uint32_t *scratch;
    size_t count;
    uint64_t tasks; /* spawned below, once it is done */
};

static void sort_by_insertion(uint32_t *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t item = items[i];
        size_t hole = i;
        for (; hole > 0 && items[hole - 1] > item; hole--) {
            items[hole] = items[hole - 1];
        }
        items[hole] = item;
    }
}

/* The smallest `wanted` items of scratch[0 … middle) and scratch[middle … count), from the front.
 */
static void merge_front(const struct part *part, size_t wanted)
{
    const uint32_t *from = part->scratch;
    size_t middle = part->count / 2;
    size_t left = 0;
    size_t right = middle;
    for (size_t i = 0; i < wanted; i++) {
        int take_left = right == part->count || (left < middle && from[left] <= from[right]);
        part->items[i] = take_left ? from[left] : from[right];
        left += take_left;
        right += !take_left;
    }
}

/* The others, from the back. */
static void merge_back(const struct part *part, size_t wanted)
{
    const uint32_t *from = part->scratch;
    size_t middle = part->count / 2;
    size_t left = middle; /* one behind the next */
    size_t right = part->count;
    for (size_t i = part->count; i > wanted; i--) {
        int take_right = left == 0 || (right > middle && from[left - 1] <= from[right - 1]);
        part->items[i - 1] = take_right ? from[right - 1] : from[left - 1];
        right -= take_right;
        left -= !take_right;
    }
}

static void *merge_second_half(void *arg)
{
    const struct part *part = arg;
    merge_back(part, part->count / 2);
    return NULL;
}

static struct part first_half(const struct part *part)
{
    return (struct part){.sort = part->sort,
                         .items = part->scratch,
                         .scratch = part->items,
                         .count = part->count / 2};
}

static struct part second_half(const struct part *part)
{
    size_t middle = part->count / 2;
    return (struct part){.sort = part->sort,
                         .items = part->scratch + middle,
                         .scratch = part->items + middle,
                         .count = part->count - middle};
}

/* A whole part by one task. */
static void sort_leaf(struct part *part)
{
    if (part->count <= RUN_ITEMS) {
        sort_by_insertion(part->items, part->count);
        return;
    }
    struct part first = first_half(part);
    struct part second = second_half(part);
    sort_leaf(&first);
    sort_leaf(&second);
    merge_front(part, part->count);
}

/* Runs body(arg) in a task, beside own(mine) here; counts the task in part. */
static void fork_join(struct part *part, sy_task_fn body, void *arg, void (*own)(struct part *),
                      struct part *mine)
{
    sy_task task;
    int status = sy_spawn(&task, body, arg);
    own(mine);
    if (status < 0) {
        refusal_note(status);
        return;
    }
    sy_join(task, NULL);
    part->tasks++;
}

static void merge_first_half(struct part *part)
{
    merge_front(part, part->count / 2);
}

static void *sort_in_task(void *arg);

static void sort_part(struct part *part)
{
    if (part->count <= part->sort->leaf) {
        sort_leaf(part);
        return;
    }
    if (refusal_happened()) {
        return;
    }
    struct part first = first_half(part);
    struct part second = second_half(part);
    fork_join(part, sort_in_task, &second, sort_part, &first);
    fork_join(part, merge_second_half, part, merge_first_half, part);
    part->tasks += first.tasks + second.tasks;
}

static void *sort_in_task(void *arg)
{
    sort_part(arg);
    return NULL;
}

struct sums {
    uint64_t sum;
    uint64_t squares; /* modulo 2^64 */
};

/* Numbers by xorshift (see jobs.c), the same in each epoch. */
static struct sums fill(struct sort *sort)
{
    struct sums sums = {0, 0};
    uint64_t x = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < sort->count; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sort->items[i] = (uint32_t)(x >> 32);
        sums.sum += sort->items[i];
        sums.squares += (uint64_t)sort->items[i] * sort->items[i];
    }
    return sums;
}

static int verify(struct trial *trial, const struct sort *sort, const struct sums *expected,
                  uint64_t *checksum)
{
    struct sums got = {0, 0};
    for (size_t i = 0; i < sort->count; i++) {
        if (i > 0 && sort->items[i - 1] > sort->items[i]) {
            return trial_fail(trial, -EPROTO, "item %zu is smaller than the one before", i);
        }
        got.sum += sort->items[i];
        got.squares += (uint64_t)sort->items[i] * sort->items[i];
        *checksum = *checksum * 31 + sort->items[i];
    }
    if (got.sum != expected->sum || got.squares != expected->squares) {
        return trial_fail(trial, -EPROTO, "the sorted items are others than the unsorted ones");
    }
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct sort *sort = state;
    struct part whole = {sort, sort->items, sort->scratch, sort->count, 0};
    struct sums sums = fill(sort);
    uint64_t checksum = 0;
    sy_time begin = sy_now();
    memcpy(sort->scratch, sort->items, sort->count * sizeof *sort->items);
    sort_part(&whole);
    sy_time elapsed = sy_now() - begin;
    int status = refusal_report(trial);
    status = status < 0 ? status : verify(trial, sort, &sums, &checksum);
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_sample(trial, "item", "ns", (double)elapsed / (double)sort->count);
    trial_work(trial, &(struct workload_work){.tasks = whole.tasks, .checksum = checksum});
    return 0;
}

static int run(struct trial *trial)
{
    struct sort sort = {.count = (size_t)trial_param(trial, "items"),
                        .leaf = (size_t)trial_param(trial, "leaf")};
    refusal_reset(trial);
    sort.items = calloc(sort.count, sizeof *sort.items);
    sort.scratch = calloc(sort.count, sizeof *sort.scratch);
    int status = sort.items != NULL && sort.scratch != NULL
                     ? trial_each_epoch(trial, run_epoch, &sort)
                     : trial_fail(trial, -ENOMEM, "no memory for %zu items", sort.count);
    free(sort.scratch);
    free(sort.items);
    return status;
}

static const struct workload_param params[] = {
    {"items", 1000000, 1, 1 << 28, "items", "numbers to sort"},
    {"leaf", 16384, 1, 1 << 28, "items", "sorted by one task"},
    {0}};

const struct workload mergesort = {
    .name = "mergesort",
    .summary = "Sorts numbers by tasks that fork, join and merge from both ends",
    .params = params,
    .run = run,
};

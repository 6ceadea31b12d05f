/* pipeline - numbers pass through a row of tasks, each of which does its part of the work.
 *
 * The first task makes the numbers 1 … items, each of `stages` tasks computes something from what
 * it gets and hands it on, and the first task's opposite takes them out. The same program twice:
 * with locks=0 the tasks are linked by buffered channels, with locks=1 by queues of a mutex and
 * two condition variables (bounded_queue.h).
 *
 * Metric: `item`, ns = time from when the first task started to when the last was done / items.
 * Work:   tasks = stages + 2; messages = items * (stages + 1), however they are passed; checksum
 *         over what comes out, in order.
 * Proof:  the first task computes what must come out without any pipeline, before the epochs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bounded_queue.h"
#include "crew.h"
#include "jobs.h"

/* One of the two is used. */
struct link {
    SY_CHAN(uint64_t) chan;
    struct bounded_queue queue;
};

struct pipeline {
    uint64_t items;
    uint64_t iterations; /* of a stage, for each item */
    uint32_t stages;
    bool locks;
    struct link *links; /* link i leads from task i to task i + 1 */
    uint64_t expected;
    uint64_t came_out; /* the last task's */
};

static void pass_on(const struct pipeline *line, struct link *link, uint64_t item)
{
    if (line->locks) {
        bounded_queue_put(&link->queue, item);
    } else {
        sy_send(link->chan, item);
    }
}

static uint64_t take(const struct pipeline *line, struct link *link)
{
    uint64_t item = 0;
    if (line->locks) {
        return bounded_queue_take(&link->queue);
    }
    sy_recv(link->chan, &item);
    return item;
}

static uint64_t fold(uint64_t checksum, uint64_t item)
{
    return checksum * 31 + item;
}

static void run_source(const struct pipeline *line)
{
    for (uint64_t item = 1; item <= line->items; item++) {
        pass_on(line, &line->links[0], item);
    }
}

static void run_stage(const struct pipeline *line, uint32_t stage)
{
    for (uint64_t i = 0; i < line->items; i++) {
        uint64_t item = take(line, &line->links[stage - 1]);
        pass_on(line, &line->links[stage], jobs_compute(item, line->iterations));
    }
}

static void run_sink(struct pipeline *line)
{
    uint64_t checksum = 0;
    for (uint64_t i = 0; i < line->items; i++) {
        checksum = fold(checksum, take(line, &line->links[line->stages]));
    }
    line->came_out = checksum;
}

static int work(struct crew_member *self)
{
    struct pipeline *line = self->shared;
    if (!crew_ready(self)) {
        return 0;
    }
    if (self->index == 0) {
        run_source(line);
    } else if (self->index <= line->stages) {
        run_stage(line, self->index);
    } else {
        run_sink(line);
    }
    return 0;
}

static uint64_t expected_of(const struct pipeline *line)
{
    uint64_t checksum = 0;
    for (uint64_t item = 1; item <= line->items; item++) {
        checksum = fold(checksum, jobs_compute(item, line->stages * line->iterations));
    }
    return checksum;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct pipeline *line = state;
    sy_time elapsed = 0;
    int status = crew_run(trial, line->stages + 2, work, line, &elapsed);
    if (status < 0) {
        return status;
    }
    if (line->came_out != line->expected) {
        return trial_fail(trial, -EPROTO, "other items came out than must");
    }
    trial_sample(trial, "item", "ns", (double)elapsed / (double)line->items);
    trial_work(trial, &(struct workload_work){.tasks = line->stages + 2,
                                              .messages = line->items * (line->stages + 1),
                                              .checksum = line->came_out});
    return 0;
}

/* Returns how many links were made. */
static uint32_t make_links(struct trial *trial, struct pipeline *line, size_t capacity)
{
    for (uint32_t i = 0; i <= line->stages; i++) {
        int status = sy_make(&line->links[i].chan, capacity);
        if (status == 0) {
            status = bounded_queue_init(&line->links[i].queue, capacity);
        }
        if (status < 0) {
            trial_fail(trial, status, "no link %u: %s", i, strerrorname_np(-status));
            return i;
        }
    }
    return line->stages + 1;
}

static int run_with_links(struct trial *trial, struct pipeline *line)
{
    uint32_t made = make_links(trial, line, (size_t)trial_param(trial, "capacity"));
    int status = made > line->stages ? trial_each_epoch(trial, run_epoch, line) : -EAGAIN;
    for (uint32_t i = 0; i < made; i++) {
        sy_free(line->links[i].chan);
        bounded_queue_destroy(&line->links[i].queue);
    }
    return status;
}

static int run(struct trial *trial)
{
    struct pipeline line = {.items = (uint64_t)trial_param(trial, "items"),
                            .iterations = (uint64_t)trial_param(trial, "iterations"),
                            .stages = (uint32_t)trial_param(trial, "stages"),
                            .locks = trial_param(trial, "locks") != 0};
    line.links = calloc(line.stages + 1, sizeof *line.links);
    if (line.links == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %u stages", line.stages);
    }
    line.expected = expected_of(&line);
    int status = run_with_links(trial, &line);
    free(line.links);
    return status;
}

static const struct workload_param params[] = {
    {"items", 5000, 1, 1000000000, "items", "that pass through, an epoch"},
    {"stages", 4, 1, 65536, "tasks", "between the source and the sink"},
    {"iterations", 100, 0, 1000000000, "iterations", "of a stage for each item: some 2 ns each"},
    {"capacity", 16, 1, 1 << 20, "items", "that a link buffers"},
    {"locks", 0, 0, 1, "1", "0: linked by channels, 1: by mutexes and condition variables"},
    {0}};

const struct workload pipeline = {
    .name = "pipeline",
    .summary = "Numbers pass through a row of tasks, linked by channels or by locked queues",
    .params = params,
    .run = run,
};

/* memory.deep - does memory come back when tasks that went deep are shallow again?
 *
 * `tasks` tasks wait, shallow. Then all of them recurse until `depth` bytes of stack are in use,
 * wait for each other down there, return, and wait again, shallow. `tall` further tasks follow, one
 * after the other, which recurse to `height` bytes and end. From then on the process does nothing
 * but look at its own resident memory.
 *
 * Metric: `rss_before`, all wait and nobody was deep yet; `rss_deep`, all are deep; `rss_0ms`,
 *         `rss_100ms`, `rss_300ms`, `rss_1000ms`, `rss_2000ms`, so long after the last task came
 *         up; all B, of the process. `settled`, ms: when it was within 1.2 times of before; 3,000,
 *         and a note, if it was not within 3 s.
 * Work:   tasks, the tall ones included.
 * Proof:  every frame adds one; the checksum is over the sum, which says how deep all went.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "trial.h"

#define FRAME_BYTES 1024
#define SLACK_BYTES ((size_t)256 << 10) /* of a slot, beyond what is recursed to */
#define LOOK (10 * SY_MILLISECOND)
#define GIVE_UP (3 * SY_SECOND)
#define ENOUGH 1.2

struct dive {
    size_t depth;
    sy_chan down;       /* closed: go down */
    sy_chan up;         /* closed: come up; NULL handle: at once */
    sy_chan leave;      /* closed: end */
    sy_waitgroup there; /* waited for by main: all are where they should be */
};

static struct dive *dive;

/* What is on the stack between here and there is in use: it is written before, and added after. */
static uint64_t recurse(const char *start, size_t depth, bool waits)
{
    volatile char frame[FRAME_BYTES];
    frame[0] = 1;
    frame[FRAME_BYTES - 1] = 0;
    if ((uintptr_t)start - (uintptr_t)frame < depth) {
        return recurse(start, depth, waits) + (uint64_t)(frame[0] + frame[FRAME_BYTES - 1]);
    }
    if (waits) {
        sy_waitgroup_done(&dive->there);
        sy_chan_recv(dive->up, NULL);
    }
    return (uint64_t)frame[0];
}

static void *dive_once(void *arg)
{
    char start = 0;
    (void)arg;
    sy_waitgroup_done(&dive->there);
    sy_chan_recv(dive->down, NULL);
    uint64_t frames = recurse(&start, dive->depth, true);
    sy_waitgroup_done(&dive->there);
    sy_chan_recv(dive->leave, NULL);
    return (void *)(uintptr_t)frames;
}

static void *dive_tall(void *arg)
{
    char start = 0;
    return (void *)(uintptr_t)recurse(&start, (size_t)(uintptr_t)arg, false);
}

/* --- looking ---------------------------------------------------------------------------------- */

static double resident(void)
{
    struct ledger ledger;
    ledger_take(&ledger, "");
    return (double)ledger.rss_bytes;
}

static void look(struct trial *trial, double before)
{
    static const struct {
        const char *name;
        sy_time at;
    } times[] = {{"rss_0ms", 0},
                 {"rss_100ms", 100 * SY_MILLISECOND},
                 {"rss_300ms", 300 * SY_MILLISECOND},
                 {"rss_1000ms", SY_SECOND},
                 {"rss_2000ms", 2 * SY_SECOND}};
    enum { TIMES = sizeof times / sizeof *times };
    sy_time start = sy_now();
    bool settled = false;
    for (size_t next = 0; next < TIMES || (!settled && sy_now() - start < GIVE_UP);) {
        sy_time now = sy_now() - start;
        double bytes = resident();
        if (next < TIMES && now >= times[next].at) {
            trial_sample(trial, times[next++].name, "B", bytes);
        }
        if (!settled && bytes <= ENOUGH * before) {
            settled = true;
            trial_sample(trial, "settled", "ms", (double)now / SY_MILLISECOND);
        }
        sy_sleep(LOOK);
    }
    if (!settled) { /* a result, too: the rows of all trials have the same metrics */
        trial_sample(trial, "settled", "ms", (double)GIVE_UP / SY_MILLISECOND);
        trial_note(trial, "still more than 1.2 times of before after 3 s");
    }
}

/* --- the course ------------------------------------------------------------------------------- */

static int fill(struct trial *trial, sy_task *tasks, uint64_t count)
{
    sy_waitgroup_add(&dive->there, (int32_t)count);
    for (uint64_t i = 0; i < count; i++) {
        int status = sy_spawn(&tasks[i], dive_once, NULL);
        if (status < 0) {
            return trial_refused(trial, i, status);
        }
    }
    sy_waitgroup_wait(&dive->there);
    return 0;
}

/* Next stage: all pass the gate, and are where they should be. */
static void let_pass(sy_chan gate, uint64_t count)
{
    sy_waitgroup_add(&dive->there, (int32_t)count);
    sy_chan_close(gate);
    sy_waitgroup_wait(&dive->there);
}

static int go_tall(struct trial *trial, uint64_t *frames)
{
    size_t height = (size_t)trial_param(trial, "height");
    for (int64_t i = 0; i < trial_param(trial, "tall"); i++) {
        sy_task task;
        void *result = NULL;
        int status = sy_spawn(&task, dive_tall, (void *)height);
        if (status < 0) {
            return trial_refused(trial, (uint64_t)i, status);
        }
        sy_join(task, &result);
        *frames += (uintptr_t)result;
    }
    return 0;
}

static uint64_t join_all(const sy_task *tasks, uint64_t count)
{
    uint64_t frames = 0;
    sy_chan_close(dive->leave);
    for (uint64_t i = 0; i < count; i++) {
        void *result = NULL;
        sy_join(tasks[i], &result);
        frames += (uintptr_t)result;
    }
    return frames;
}

static int course(struct trial *trial, sy_task *tasks, uint64_t count)
{
    uint64_t frames = 0;
    int status = fill(trial, tasks, count);
    if (status < 0) {
        return status; /* the trial has failed, and the process ends */
    }
    double before = resident();
    trial_sample(trial, "rss_before", "B", before);
    let_pass(dive->down, count);
    trial_sample(trial, "rss_deep", "B", resident());
    let_pass(dive->up, count);
    status = go_tall(trial, &frames);
    if (status == 0) {
        look(trial, before);
    }
    frames += join_all(tasks, count);
    trial_work(trial, &(struct workload_work){
                          .tasks = count + (uint64_t)trial_param(trial, "tall"),
                          .checksum = frames / 1000}); /* thousands: a frame has a few bytes more */
    return status;
}

static int open_gates(struct dive *here)
{
    int status = sy_chan_new(&here->down, 0, 0);
    status = status == 0 ? sy_chan_new(&here->up, 0, 0) : status;
    return status == 0 ? sy_chan_new(&here->leave, 0, 0) : status;
}

static int run(struct trial *trial)
{
    uint64_t count = (uint64_t)trial_param(trial, "tasks");
    struct dive here = {.depth = (size_t)trial_param(trial, "depth")};
    sy_task *tasks = calloc(count, sizeof *tasks);
    dive = &here;
    int status = tasks != NULL ? open_gates(&here) : -ENOMEM;
    if (status < 0) {
        free(tasks);
        return trial_fail(trial, status, "no tasks and channels: %s", strerrorname_np(-status));
    }
    status = course(trial, tasks, count);
    sy_chan_free(here.down);
    sy_chan_free(here.up);
    sy_chan_free(here.leave);
    free(tasks);
    return status;
}

/* Stacks that hold what is asked for; nobody knows here whether they could grow. */
static void configure(const struct trial *trial, struct sy_config *config)
{
    size_t depth = (size_t)trial_param(trial, "depth");
    size_t height = trial_param(trial, "tall") > 0 ? (size_t)trial_param(trial, "height") : 0;
    if (config->stack_bytes == 0) {
        config->stack_bytes = (depth > height ? depth : height) + SLACK_BYTES;
    }
    config->stack_policy = (uint32_t)trial_param(trial, "policy");
    if (config->max_tasks == 0) {
        config->max_tasks = (uint32_t)trial_param(trial, "tasks") + 16;
    }
}

static const struct workload_param params[] = {
    {"tasks", 1000, 1, 100000, "tasks", "tasks that are deep at the same time"},
    {"depth", INT64_C(4) << 20, 4096, INT64_C(512) << 20, "B", "of stack that each of them uses"},
    {"tall", 4, 0, 1000, "tasks", "tasks that go deeper, one after the other"},
    {"height", INT64_C(64) << 20, 4096, INT64_C(512) << 20, "B", "of stack that these use"},
    {"policy", SY_STACK_LAZY, SY_STACK_LAZY, SY_STACK_HIBERNATE, "1",
     "green stacks: 1 lazy, 2 fixed, 3 hibernate"},
    {0}};

const struct workload memory_deep = {
    .name = "memory.deep",
    .summary = "Memory that deep recursion leaves behind, over time",
    .params = params,
    .configure = configure,
    .run = run,
};

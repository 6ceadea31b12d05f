/* stack.deep - one task recurses until its frames take `bytes`, and comes back.
 *
 * Metric: `total`, ms = time of an epoch: the spawn of the task, the recursion, the way back, the
 *         join; `frame`, ns = the same / frames.
 * Work:   tasks = 1, switches = 0, messages = frames an epoch.
 * Proof:  each frame holds its own depth, and adds one if it still does on the way back.
 *
 * More than a thread's stack holds (8 MiB by default) ends the baseline by SIGSEGV: that is so.
 */
#include <errno.h>
#include <string.h>

#include "trial.h"

#define FRAME_WORDS 10

struct dive {
    int64_t frames;
    int64_t counted;
};

static __attribute__((noinline)) int64_t descend(int64_t depth)
{
    volatile int64_t frame[FRAME_WORDS];
    frame[depth % FRAME_WORDS] = depth;
    int64_t below = depth > 1 ? descend(depth - 1) : 0;
    return below + (frame[depth % FRAME_WORDS] == depth);
}

/* From frame to frame, in a stack without boundaries between: two frames at the top of a task's. */
static __attribute__((noinline)) uintptr_t measure(int64_t depth, uintptr_t above)
{
    volatile int64_t frame[FRAME_WORDS];
    frame[depth % FRAME_WORDS] = depth;
    uintptr_t here = (uintptr_t)frame;
    uintptr_t size = depth > 1 ? measure(depth - 1, here) : above - here;
    return size + (frame[depth % FRAME_WORDS] != depth);
}

static void *dive(void *arg)
{
    struct dive *dive = arg;
    dive->counted = descend(dive->frames);
    return NULL;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct dive *plan = state;
    sy_task task;
    sy_time begin = sy_now();
    int status = sy_spawn(&task, dive, plan);
    status = status == 0 ? sy_join(task, NULL) : status;
    sy_time elapsed = sy_now() - begin;
    if (status < 0) {
        return trial_fail(trial, status, "a task: %s", strerrorname_np(-status));
    }
    if (plan->counted != plan->frames) {
        return trial_fail(trial, -EPROTO, "%lld of %lld frames came back whole",
                          (long long)plan->counted, (long long)plan->frames);
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_sample(trial, "frame", "ns", (double)elapsed / (double)plan->frames);
    trial_work(trial, &(struct workload_work){.tasks = 1,
                                              .messages = (uint64_t)plan->frames,
                                              .checksum = (uint64_t)plan->counted});
    return 0;
}

static int run(struct trial *trial)
{
    int64_t bytes = trial_param(trial, "bytes");
    struct dive plan = {.frames = bytes / (int64_t)measure(4, 0)};
    return trial_each_epoch(trial, run_epoch, &plan);
}

static const struct workload_param params[] = {
    {"bytes", 4 << 20, 4096, INT64_C(1) << 30, "B", "what the frames of the recursion take"}, {0}};

const struct workload stack_deep = {
    .name = "stack.deep",
    .summary = "One task that recurses deep",
    .params = params,
    .run = run,
};

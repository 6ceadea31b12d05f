/* create.limit - how many tasks can exist at once, and what stops the next one.
 *
 * Creates tasks that wait, until one is refused or `max` of them exist; then lets all go. Once a
 * process, whatever --epochs says. A refusal is the result here, not a failure: the trial's note
 * says which limit it was.
 *
 * Metric: `tasks`, tasks = how many existed at once. More is better.
 * Work:   none is compared: the count differs by nature. The checksum is over `max` alone.
 * Proof:  each task that was created must wake once and deliver its own number.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trial.h"

struct crowd {
    uint64_t max;
    sy_task *handles; /* touched only as far as there are tasks */
    sy_chan gate;
    char refusal[256];
};

static struct crowd *crowd;

static void *wait_at_gate(void *arg)
{
    int woken = sy_chan_recv(crowd->gate, NULL);
    return woken == 0 ? arg : NULL;
}

static uint64_t gather(const struct trial *trial)
{
    for (uint64_t i = 0; i < crowd->max; i++) {
        int status = sy_spawn(&crowd->handles[i], wait_at_gate, (void *)(uintptr_t)(i + 1));
        if (status < 0) {
            trial_describe_refusal(trial, i, status, crowd->refusal, sizeof crowd->refusal);
            return i;
        }
    }
    return crowd->max;
}

/* False if a task did not run as it should have. */
static bool disperse(uint64_t made)
{
    bool right = true;
    sy_chan_close(crowd->gate);
    for (uint64_t i = 0; i < made; i++) {
        void *result = NULL;
        int status = sy_join(crowd->handles[i], &result);
        right = right && status == 0 && (uintptr_t)result == i + 1;
    }
    return right;
}

static int count(struct trial *trial)
{
    uint64_t made = gather(trial);
    if (!disperse(made)) {
        return trial_fail(trial, -EPROTO, "a task did not wake once with its own number");
    }
    if (made == 0) {
        return trial_fail(trial, -EAGAIN, "%s", crowd->refusal);
    }
    trial_note(trial, "%s", made < crowd->max ? crowd->refusal : "none refused: max reached");
    trial_sample(trial, "tasks", "tasks", (double)made);
    trial_work(trial, &(struct workload_work){.checksum = crowd->max});
    return 0;
}

static int run(struct trial *trial)
{
    struct crowd here = {.max = (uint64_t)trial_param(trial, "max")};
    crowd = &here;
    here.handles = malloc(here.max * sizeof *here.handles);
    if (here.handles == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %llu handles",
                          (unsigned long long)here.max);
    }
    int status = sy_chan_new(&here.gate, 0, 0);
    if (status < 0) {
        trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    } else {
        status = count(trial);
        sy_chan_free(here.gate);
    }
    free(here.handles);
    return status;
}

static const struct workload_param params[] = {
    {"max", 100000, 1, INT64_C(1) << 26, "tasks", "stop here if none was refused"}, {0}};

const struct workload create_limit = {
    .name = "create.limit",
    .summary = "How many tasks can exist at once, and which limit stops the next",
    .params = params,
    .run = run,
};

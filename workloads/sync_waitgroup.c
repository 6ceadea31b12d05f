/* sync.waitgroup - a task that makes many and waits for all of them with a waitgroup.
 *
 * Metric: `task`, ns = time from before the first was made to when the wait was over / tasks. A
 *         task counts itself down and ends.
 * Work:   tasks = tasks * rounds an epoch.
 * Proof:  each task adds its number in a place of its own; the checksum is over the sum.
 */
#include <errno.h>
#include <stdlib.h>

#include "trial.h"

struct party {
    uint32_t tasks;
    uint64_t rounds;
    sy_waitgroup group;
    struct guest *guests;
};

struct guest {
    struct party *party;
    uint64_t number;
    uint64_t came; /* how often */
};

static void *come(void *arg)
{
    struct guest *guest = arg;
    guest->came++;
    sy_waitgroup_done(&guest->party->group);
    return NULL;
}

/* One round: 0, or the error of the first task that could not be made. */
static int gather(struct party *party)
{
    sy_waitgroup_add(&party->group, (int32_t)party->tasks);
    for (uint32_t i = 0; i < party->tasks; i++) {
        int status = sy_go(come, &party->guests[i]);
        if (status < 0) {
            sy_waitgroup_add(&party->group, (int32_t)i - (int32_t)party->tasks);
            sy_waitgroup_wait(&party->group);
            return status;
        }
    }
    return sy_waitgroup_wait(&party->group);
}

static int run_epoch(struct trial *trial, void *state)
{
    struct party *party = state;
    uint64_t sum = 0;
    uint64_t all = party->tasks * party->rounds;
    for (uint32_t i = 0; i < party->tasks; i++) {
        party->guests[i] = (struct guest){.party = party, .number = i + 1};
    }
    sy_time begin = sy_now();
    for (uint64_t round = 0; round < party->rounds; round++) {
        int status = gather(party);
        if (status < 0) {
            return trial_refused(trial, party->tasks, status);
        }
    }
    sy_time elapsed = sy_now() - begin;
    for (uint32_t i = 0; i < party->tasks; i++) {
        sum += party->guests[i].number * party->guests[i].came;
    }
    if (sum != party->rounds * party->tasks * (party->tasks + UINT64_C(1)) / 2) {
        return trial_fail(trial, -EPROTO, "the numbers add up to %llu", (unsigned long long)sum);
    }
    trial_sample(trial, "task", "ns", (double)elapsed / (double)all);
    trial_work(trial, &(struct workload_work){.tasks = all, .checksum = sum});
    return 0;
}

static int run(struct trial *trial)
{
    struct party party = {.tasks = (uint32_t)trial_param(trial, "tasks"),
                          .rounds = (uint64_t)trial_param(trial, "rounds")};
    party.guests = calloc(party.tasks, sizeof *party.guests);
    if (party.guests == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %u tasks", party.tasks);
    }
    int status = trial_each_epoch(trial, run_epoch, &party);
    free(party.guests);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 1000, 1, 1000000, "tasks", "tasks a round"},
    {"rounds", 20, 1, 1000000, "rounds", "rounds an epoch"},
    {0}};

const struct workload sync_waitgroup = {
    .name = "sync.waitgroup",
    .summary = "A task that makes many and waits for all of them with a waitgroup",
    .params = params,
    .run = run,
};

/* philosophers - Dijkstra's dining philosophers, with a mutex for each fork.
 *
 * Each thinks, takes the two forks beside it, eats, and puts them back. Everybody takes the fork
 * with the lower number first, so that they cannot all hold one and wait for the other (Dijkstra's
 * own way out, EWD 310: an order of the resources).
 *
 * Metric: `meal`, ns = time from when the first sat down to when the last rose / all meals.
 * Work:   tasks = philosophers; checksum over the meals by philosopher.
 * Proof:  whoever eats writes its number on both forks and must find it there when it has eaten; in
 *         the end each fork has been used as often as its two neighbours ate.
 */
#include <errno.h>
#include <stdlib.h>

#include "crew.h"
#include "jobs.h"

struct fork {
    sy_mutex mutex;

    /* mutex: */
    uint32_t holder;
    uint64_t uses;
};

struct table {
    uint32_t seats;
    uint64_t meals; /* of each philosopher */
    uint64_t thinking;
    uint64_t eating;    /* iterations of jobs_compute */
    struct fork *forks; /* fork i lies between philosophers i - 1 and i */
};

/* Returns 0, or -EPROTO if somebody else had one of the forks meanwhile. */
static int eat(const struct table *table, struct fork *low, struct fork *high, uint32_t seat)
{
    low->holder = seat;
    high->holder = seat;
    bool digested = jobs_compute(seat + 1, table->eating) != 0;
    low->uses++;
    high->uses++;
    return digested && low->holder == seat && high->holder == seat ? 0 : -EPROTO;
}

static int dine(struct crew_member *self)
{
    const struct table *table = self->shared;
    uint32_t seat = self->index;
    uint32_t other = (seat + 1) % table->seats;
    struct fork *low = &table->forks[seat < other ? seat : other];
    struct fork *high = &table->forks[seat < other ? other : seat];
    int status = 0;
    if (!crew_ready(self)) {
        return 0;
    }
    for (uint64_t meal = 0; meal < table->meals; meal++) {
        bool thought = jobs_compute(seat + 1, table->thinking) != 0;
        sy_mutex_lock(&low->mutex);
        sy_mutex_lock(&high->mutex);
        int eaten = eat(table, low, high, seat);
        sy_mutex_unlock(&high->mutex);
        sy_mutex_unlock(&low->mutex);
        status = thought && eaten == 0 ? status : -EPROTO;
    }
    return status;
}

static int verify(struct trial *trial, const struct table *table, uint64_t *checksum)
{
    for (uint32_t i = 0; i < table->seats; i++) {
        uint64_t uses = table->forks[i].uses;
        if (uses != 2 * table->meals) {
            return trial_fail(trial, -EPROTO, "fork %u was used %llu times, not %llu", i,
                              (unsigned long long)uses, (unsigned long long)(2 * table->meals));
        }
        *checksum = *checksum * 31 + uses;
    }
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct table *table = state;
    uint64_t checksum = 0;
    sy_time elapsed = 0;
    for (uint32_t i = 0; i < table->seats; i++) {
        table->forks[i].uses = 0;
    }
    int status = crew_run(trial, table->seats, dine, table, &elapsed);
    status = status < 0 ? status : verify(trial, table, &checksum);
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "meal", "ns",
                 (double)elapsed / ((double)table->seats * (double)table->meals));
    trial_work(trial, &(struct workload_work){.tasks = table->seats, .checksum = checksum});
    return 0;
}

static int run(struct trial *trial)
{
    struct table table = {.seats = (uint32_t)trial_param(trial, "philosophers"),
                          .meals = (uint64_t)trial_param(trial, "meals"),
                          .thinking = (uint64_t)trial_param(trial, "think"),
                          .eating = (uint64_t)trial_param(trial, "eat")};
    table.forks = calloc(table.seats, sizeof *table.forks);
    if (table.forks == NULL) {
        return trial_fail(trial, -ENOMEM, "no memory for %u forks", table.seats);
    }
    int status = trial_each_epoch(trial, run_epoch, &table);
    for (uint32_t i = 0; i < table.seats && status == 0; i++) {
        if (sy_mutex_destroy(&table.forks[i].mutex) != 0) {
            status = trial_fail(trial, -EPROTO, "fork %u was not put back", i);
        }
    }
    free(table.forks);
    return status;
}

static const struct workload_param params[] = {
    {"philosophers", 5, 3, 65536, "tasks", "who dine, and forks"},
    {"meals", 2000, 1, 1000000000, "meals", "of each, an epoch"},
    {"think", 100, 0, 1000000000, "iterations", "of thinking before a meal: some 2 ns each"},
    {"eat", 100, 0, 1000000000, "iterations", "of eating, with both forks"},
    {0}};

const struct workload philosophers = {
    .name = "philosophers",
    .summary = "Dining philosophers, a mutex for each fork",
    .params = params,
    .run = run,
};

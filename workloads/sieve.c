/* sieve - primes by a chain of filters, a task each, linked by unbuffered channels.
 *
 * Doug McIlroy's sieve, as in Go's test/chan/sieve1.go: a source sends 2, 3, 4, …; the first
 * number that comes out of the chain is a prime, and a new filter that drops its multiples is put
 * at the chain's end. So that the work is the same on every run and each task ends, the source
 * stops at the last prime wanted and closes its channel; each filter whose input is closed closes
 * its output.
 *
 * Metric: `total`, ms = time of an epoch; `message`, ns = the same / messages.
 * Work:   tasks = primes (the source, and a filter for each prime but the last); messages = numbers
 *         received, in all.
 * Proof:  all primes must be those of a plain sieve; the checksum is over them, in order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trial.h"

typedef SY_CHAN(uint64_t) number_chan;

/* The source (stage 0), or the filter of a prime. */
struct stage {
    number_chan in; /* not the source's */
    number_chan out;
    uint64_t number;   /* the source's last number, or the filter's prime */
    uint64_t received; /* numbers, when it has ended */
    sy_task task;
};

struct chain {
    uint64_t primes;
    uint64_t *expected;   /* the primes, by a plain sieve */
    struct stage *stages; /* one for each prime */
    uint64_t made;        /* stages that run */
    uint64_t chans;       /* stages that have a channel: made, or one more */
};

static void *run_source(void *arg)
{
    struct stage *self = arg;
    for (uint64_t number = 2; number <= self->number; number++) {
        sy_send(self->out, number);
    }
    sy_close(self->out);
    return NULL;
}

static void *run_filter(void *arg)
{
    struct stage *self = arg;
    uint64_t received = 0;
    uint64_t number = 0;
    while (sy_recv(self->in, &number) == 1) {
        received++;
        if (number % self->number != 0) {
            sy_send(self->out, number);
        }
    }
    self->received = received;
    sy_close(self->out);
    return NULL;
}

/* Puts one more stage at the chain's end. */
static int extend(struct trial *trial, struct chain *chain, sy_task_fn body, uint64_t number)
{
    struct stage *stage = &chain->stages[chain->made];
    *stage = (struct stage){.number = number};
    if (chain->made > 0) {
        stage->in = chain->stages[chain->made - 1].out;
    }
    int status = sy_make(&stage->out, 0);
    if (status < 0) {
        return trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    }
    chain->chans++;
    status = sy_spawn(&stage->task, body, stage);
    if (status < 0) {
        return trial_refused(trial, chain->made, status);
    }
    chain->made++;
    return 0;
}

/* Takes the primes from the chain's end; ends early if one is wrong or a stage was refused. */
static int take_primes(struct trial *trial, struct chain *chain, uint64_t *checksum)
{
    for (uint64_t i = 0; i < chain->primes; i++) {
        uint64_t prime = 0;
        int status = sy_recv(chain->stages[i].out, &prime);
        if (status != 1 || prime != chain->expected[i]) {
            return trial_fail(trial, -EPROTO, "prime %llu came out as %llu",
                              (unsigned long long)i + 1, (unsigned long long)prime);
        }
        *checksum = *checksum * 31 + prime;
        if (i + 1 < chain->primes) {
            status = extend(trial, chain, run_filter, prime);
            if (status < 0) {
                return status;
            }
        }
    }
    return 0;
}

/* Drains the chain, so that every stage ends; returns the messages received in all. */
static uint64_t take_down(struct chain *chain, uint64_t taken)
{
    uint64_t number = 0;
    uint64_t received = taken;
    while (chain->made > 0 && sy_recv(chain->stages[chain->made - 1].out, &number) == 1) {
        received++;
    }
    for (uint64_t i = 0; i < chain->made; i++) {
        sy_join(chain->stages[i].task, NULL);
        received += chain->stages[i].received;
    }
    for (uint64_t i = 0; i < chain->chans; i++) {
        sy_free(chain->stages[i].out);
    }
    return received;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct chain *chain = state;
    uint64_t checksum = 0;
    chain->made = 0;
    chain->chans = 0;
    sy_time begin = sy_now();
    int status = extend(trial, chain, run_source, chain->expected[chain->primes - 1]);
    status = status < 0 ? status : take_primes(trial, chain, &checksum);
    uint64_t messages = take_down(chain, chain->primes);
    sy_time elapsed = sy_now() - begin;
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_sample(trial, "message", "ns", (double)elapsed / (double)messages);
    trial_work(trial, &(struct workload_work){
                          .tasks = chain->primes, .messages = messages, .checksum = checksum});
    return 0;
}

/* The plain sieve: a number is a prime if no smaller prime divides it. */
static void find_primes(uint64_t *primes, uint64_t count)
{
    uint64_t found = 0;
    for (uint64_t number = 2; found < count; number++) {
        uint64_t i = 0;
        while (i < found && primes[i] * primes[i] <= number && number % primes[i] != 0) {
            i++;
        }
        if (i == found || primes[i] * primes[i] > number) {
            primes[found++] = number;
        }
    }
}

static int run(struct trial *trial)
{
    struct chain chain = {.primes = (uint64_t)trial_param(trial, "primes")};
    chain.expected = calloc(chain.primes, sizeof *chain.expected);
    chain.stages = calloc(chain.primes, sizeof *chain.stages);
    int status = -ENOMEM;
    if (chain.expected != NULL && chain.stages != NULL) {
        find_primes(chain.expected, chain.primes);
        status = trial_each_epoch(trial, run_epoch, &chain);
    } else {
        trial_fail(trial, status, "no memory for a chain of %llu",
                   (unsigned long long)chain.primes);
    }
    free(chain.stages);
    free(chain.expected);
    return status;
}

static const struct workload_param params[] = {
    {"primes", 300, 1, 20000, "primes", "primes to find, and tasks"}, {0}};

const struct workload sieve = {
    .name = "sieve",
    .summary = "Primes by a chain of filtering tasks",
    .params = params,
    .run = run,
};

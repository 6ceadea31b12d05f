/* switch.ring - a token that goes round many tasks, linked in a ring by unbuffered channels.
 *
 * With many tasks each one's stack and state have left the caches before its next turn: the
 * difference to switch.chan is the price of that.
 *
 * Metric: `switch`, ns a hop = time of `rounds` hops / rounds. A hop is one message from a task to
 *         its neighbour, which runs for it. Before the clock starts the token goes round once, so
 *         that every task waits in its place.
 * Work:   tasks; messages = switches = rounds an epoch (the first lap and the lap that ends the
 *         tasks not included).
 * Proof:  each task counts the hops that ended at it: their sum, and the task at which the token
 *         stopped, must be right; the checksum is over the counts, by place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"

/* What the token says: hops still to go, or one of these. */
#define FIRST_LAP (-2)
#define LAST_LAP (-1)

typedef SY_CHAN(int64_t) token_chan;

struct ring {
    uint32_t tasks;
    int64_t rounds;
    token_chan *chans; /* task i receives from chans[i] and sends to chans[i + 1] */
    uint64_t *hops;    /* that ended at task i */
    uint32_t stops_at; /* where the last hop must end */
    uint32_t stopped_at;
    sy_time begin;
    sy_time end;
};

/* Sends the token round once more to end the tasks, from where it stopped. */
static void end_ring(struct ring *ring, uint32_t index, token_chan in, token_chan out)
{
    int64_t token = LAST_LAP;
    ring->end = sy_now();
    ring->stopped_at = index;
    sy_send(out, token);
    sy_recv(in, &token);
}

/* Passes the token on until it stops here or the last lap comes by. */
static void pass_on(struct ring *ring, uint32_t index, token_chan in, token_chan out)
{
    uint64_t hops = 0;
    int64_t token = 0;
    for (;;) {
        sy_recv(in, &token);
        if (token <= 0) {
            break;
        }
        hops++;
        token--;
        sy_send(out, token);
    }
    ring->hops[index] = hops + (token == 0);
    if (token == 0) {
        end_ring(ring, index, in, out);
    } else {
        sy_send(out, token);
    }
}

static int take_place(struct crew_member *self)
{
    struct ring *ring = self->shared;
    uint32_t index = self->index;
    token_chan in = ring->chans[index];
    token_chan out = ring->chans[(index + 1) % ring->tasks];
    int64_t token = FIRST_LAP;
    if (!crew_ready(self)) {
        return 0;
    }
    if (index == 0) {
        sy_send(out, token);
        sy_recv(in, &token);
        ring->begin = sy_now();
        token = ring->rounds - 1; /* left when this hop is made */
        sy_send(out, token);
    } else {
        sy_recv(in, &token);
        sy_send(out, token);
    }
    pass_on(ring, index, in, out);
    return 0;
}

static int run_epoch(struct trial *trial, void *state)
{
    struct ring *ring = state;
    uint64_t hops = 0;
    uint64_t checksum = 0;
    memset(ring->hops, 0, ring->tasks * sizeof *ring->hops);
    int status = crew_run(trial, ring->tasks, take_place, ring, NULL);
    if (status < 0) {
        return status;
    }
    for (uint32_t i = 0; i < ring->tasks; i++) {
        hops += ring->hops[i];
        checksum = checksum * 31 + ring->hops[i];
    }
    if (hops != (uint64_t)ring->rounds || ring->stopped_at != ring->stops_at) {
        return trial_fail(trial, -EPROTO, "the token stopped at task %u after %llu hops",
                          ring->stopped_at, (unsigned long long)hops);
    }
    trial_sample(trial, "switch", "ns", (double)(ring->end - ring->begin) / (double)hops);
    trial_work(trial,
               &(struct workload_work){
                   .tasks = ring->tasks, .messages = hops, .switches = hops, .checksum = checksum});
    return 0;
}

static uint32_t make_chans(struct trial *trial, struct ring *ring)
{
    for (uint32_t i = 0; i < ring->tasks; i++) {
        int status = sy_make(&ring->chans[i], 0);
        if (status < 0) {
            trial_fail(trial, status, "no channel %u: %s", i, strerrorname_np(-status));
            return i;
        }
    }
    return ring->tasks;
}

static int run_with_chans(struct trial *trial, struct ring *ring)
{
    uint32_t made = make_chans(trial, ring);
    int status = made == ring->tasks ? trial_each_epoch(trial, run_epoch, ring) : -EAGAIN;
    for (uint32_t i = 0; i < made; i++) {
        sy_free(ring->chans[i]);
    }
    return status;
}

static int run(struct trial *trial)
{
    struct ring ring = {.tasks = (uint32_t)trial_param(trial, "tasks"),
                        .rounds = trial_param(trial, "rounds")};
    ring.stops_at = (uint32_t)(ring.rounds % ring.tasks);
    ring.chans = calloc(ring.tasks, sizeof *ring.chans);
    ring.hops = calloc(ring.tasks, sizeof *ring.hops);
    int status = ring.chans != NULL && ring.hops != NULL
                     ? run_with_chans(trial, &ring)
                     : trial_fail(trial, -ENOMEM, "no memory for a ring of %u", ring.tasks);
    free(ring.hops);
    free(ring.chans);
    return status;
}

static const struct workload_param params[] = {
    {"tasks", 1000, 2, 1 << 20, "tasks", "tasks in the ring"},
    {"rounds", 20000, 1, 1000000000, "hops", "hops of the token an epoch"},
    {0}};

const struct workload switch_ring = {
    .name = "switch.ring",
    .summary = "A token goes round a ring of tasks over unbuffered channels",
    .params = params,
    .run = run,
};

/* skynet - a tree of tasks, each of which adds up what its ten children send it.
 *
 * Atle Rudshaug's benchmark (github.com/atemerev/skynet), as its Go version: every node makes one
 * unbuffered channel, starts its ten children, fire and forget, and receives their sums. A leaf
 * sends its own number. Where the leaves of a node cannot be split into ten equal shares they are
 * split as evenly as can be; with a power of ten it is the original tree.
 *
 * Metric: `total`, ms = time of an epoch, from the start of the root to its sum;
 *         `task`, ns = the same / tasks of the tree.
 * Work:   tasks = nodes of the tree, messages = the same (each node sends one sum); for 10^6
 *         leaves 1,111,111 of each.
 * Proof:  the sum must be leaves * (leaves - 1) / 2; the checksum is over it.
 */
#include <errno.h>
#include <string.h>

#include "refusal.h"
#include "trial.h"

#define CHILDREN 10

struct node {
    sy_chan parent; /* where its sum goes */
    uint64_t first; /* number of its first leaf */
    uint64_t leaves;
};

static uint64_t children_of(uint64_t leaves)
{
    return leaves < CHILDREN ? leaves : CHILDREN;
}

/* The first leaf of a node's child, from the node's first. */
static uint64_t share(uint64_t leaves, uint64_t child)
{
    return leaves * child / children_of(leaves);
}

static void *run_node(void *arg);

/* Starts the children and adds up their sums. */
static uint64_t gather(const struct node *self, sy_chan sums)
{
    struct node children[CHILDREN];
    uint64_t started = 0;
    uint64_t total = 0;
    for (; started < children_of(self->leaves); started++) {
        uint64_t from = share(self->leaves, started);
        children[started] = (struct node){.parent = sums,
                                          .first = self->first + from,
                                          .leaves = share(self->leaves, started + 1) - from};
        int status = sy_go(run_node, &children[started]);
        if (status < 0) {
            refusal_note(status);
            break;
        }
    }
    for (uint64_t i = 0; i < started; i++) {
        uint64_t sum = 0;
        sy_chan_recv(sums, &sum);
        total += sum;
    }
    return total;
}

static uint64_t sum_of_children(const struct node *self)
{
    sy_chan sums;
    int status = sy_chan_new(&sums, sizeof(uint64_t), 0);
    if (status < 0) {
        refusal_note(status);
        return 0;
    }
    uint64_t total = gather(self, sums);
    while (sy_chan_free(sums) == -EBUSY) {
        sy_yield(); /* a child has sent its sum, but not yet left the call */
    }
    return total;
}

static void *run_node(void *arg)
{
    const struct node self = *(const struct node *)arg; /* gone once the parent has the sum */
    uint64_t sum = self.first;
    if (self.leaves > 1) {
        sum = refusal_happened() ? 0 : sum_of_children(&self);
    }
    sy_chan_send(self.parent, &sum);
    return NULL;
}

static uint64_t count_nodes(uint64_t leaves)
{
    uint64_t nodes = 1;
    for (uint64_t i = 0; leaves > 1 && i < children_of(leaves); i++) {
        nodes += count_nodes(share(leaves, i + 1) - share(leaves, i));
    }
    return nodes;
}

static int grow(struct trial *trial, const struct node *root, uint64_t *sum)
{
    struct node copy = *root;
    int status = sy_go(run_node, &copy);
    if (status < 0) {
        return trial_refused(trial, 0, status);
    }
    sy_chan_recv(root->parent, sum);
    return refusal_report(trial);
}

static int run_epoch(struct trial *trial, void *state)
{
    const struct node *root = state;
    uint64_t nodes = count_nodes(root->leaves);
    uint64_t sum = 0;
    sy_time begin = sy_now();
    int status = grow(trial, root, &sum);
    sy_time elapsed = sy_now() - begin;
    if (status < 0) {
        return status;
    }
    if (sum != root->leaves * (root->leaves - 1) / 2) {
        return trial_fail(trial, -EPROTO, "the leaves add up to %llu", (unsigned long long)sum);
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_sample(trial, "task", "ns", (double)elapsed / (double)nodes);
    trial_work(trial, &(struct workload_work){.tasks = nodes, .messages = nodes, .checksum = sum});
    return 0;
}

static int run(struct trial *trial)
{
    struct node root = {.leaves = (uint64_t)trial_param(trial, "leaves")};
    refusal_reset(trial);
    int status = sy_chan_new(&root.parent, sizeof(uint64_t), 0);
    if (status < 0) {
        return trial_fail(trial, status, "no channel: %s", strerrorname_np(-status));
    }
    status = trial_each_epoch(trial, run_epoch, &root);
    while (sy_chan_free(root.parent) == -EBUSY) {
        sy_yield();
    }
    return status;
}

static const struct workload_param params[] = {
    {"leaves", 1000000, 1, 100000000, "tasks", "leaves of the tree"}, {0}};

const struct workload skynet = {
    .name = "skynet",
    .summary = "A tree of tasks that sends sums up to its root",
    .params = params,
    .run = run,
};

/* linear.c - see linear.h. */
#include "support/linear.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TRIED_MAX (1u << 16) /* a power of two */

/* --- recording -------------------------------------------------------------------------------- */

struct linear_op *linear_begin(struct linear_history *history, uint32_t task, int kind,
                               int64_t argument)
{
    unsigned place = atomic_fetch_add(&history->count, 1);
    if (place >= LINEAR_OPS_MAX) {
        abort();
    }
    struct linear_op *op = &history->ops[place];
    *op = (struct linear_op){.task = task, .kind = kind, .argument = argument};
    op->begin = atomic_fetch_add(&history->clock, 1);
    return op;
}

void linear_end(struct linear_history *history, struct linear_op *op, int64_t result)
{
    op->result = result;
    op->end = atomic_fetch_add(&history->clock, 1);
}

/* --- the search ------------------------------------------------------------------------------- */

/* A set of operations that have been done, and the state that they led to. */
struct tried {
    uint64_t done; /* 0: the place is free */
    uint64_t state;
};

struct search {
    const struct linear_op *ops;
    unsigned count;
    linear_apply apply;
    struct tried *tried; /* [TRIED_MAX]: from there it did not go on */
};

/* FNV-1a. */
static uint64_t hash_of(const struct linear_state *state)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int i = 0; i < LINEAR_WORDS; i++) {
        hash = (hash ^ (uint64_t)state->words[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

/* True if it was noted before. If the table is full near its place, it is not remembered. */
static bool note(struct search *search, uint64_t done, const struct linear_state *state)
{
    uint64_t hash = hash_of(state);
    for (uint64_t i = 0; i < 16; i++) {
        struct tried *tried =
            &search->tried[((hash ^ done * UINT64_C(0x9e3779b97f4a7c15)) + i) % TRIED_MAX];
        if (tried->done == done && tried->state == hash) {
            return true;
        }
        if (tried->done == 0) {
            *tried = (struct tried){done, hash};
            return false;
        }
    }
    return false;
}

/* The earliest end of those that are left: what begins later cannot be the next one. */
static uint64_t earliest_end(const struct search *search, uint64_t done)
{
    uint64_t earliest = UINT64_MAX;
    for (unsigned i = 0; i < search->count; i++) {
        if ((done >> i & 1) == 0 && search->ops[i].end < earliest) {
            earliest = search->ops[i].end;
        }
    }
    return earliest;
}

/* At most as deep as there are operations. */
static bool go_on(struct search *search, uint64_t done, const struct linear_state *state)
{
    uint64_t limit = earliest_end(search, done);
    if (limit == UINT64_MAX) {
        return true; /* nothing is left */
    }
    for (unsigned i = 0; i < search->count; i++) {
        struct linear_state next = *state;
        if ((done >> i & 1) != 0 || search->ops[i].begin > limit ||
            !search->apply(&next, &search->ops[i])) {
            continue;
        }
        uint64_t with = done | UINT64_C(1) << i;
        if (!note(search, with, &next) && go_on(search, with, &next)) {
            return true;
        }
    }
    return false;
}

bool linear_check(const struct linear_history *history, const struct linear_state *initial,
                  linear_apply apply)
{
    struct search search = {.ops = history->ops,
                            .count = atomic_load(&history->count),
                            .apply = apply,
                            .tried = calloc(TRIED_MAX, sizeof(struct tried))};
    if (search.tried == NULL) {
        abort();
    }
    bool linearizable = go_on(&search, 0, initial);
    free(search.tried);
    return linearizable;
}

/* --- specifications --------------------------------------------------------------------------- */

/* words: capacity, closed, count, elements. */
enum { CAPACITY, CLOSED, COUNT, ELEMENTS };

static bool send(int64_t *words, const struct linear_op *op)
{
    bool room = words[COUNT] < words[CAPACITY];
    if (words[CLOSED] != 0 || op->result != (room ? 0 : -EAGAIN)) {
        return false;
    }
    if (room) {
        words[ELEMENTS + words[COUNT]++] = op->argument;
    }
    return true;
}

static bool receive(int64_t *words, const struct linear_op *op)
{
    if (words[COUNT] == 0) {
        return op->result == (words[CLOSED] != 0 ? 0 : -EAGAIN);
    }
    if (op->result != 1 || op->argument != words[ELEMENTS]) {
        return false;
    }
    words[COUNT]--;
    memmove(&words[ELEMENTS], &words[ELEMENTS + 1], (size_t)words[COUNT] * sizeof *words);
    words[ELEMENTS + words[COUNT]] = 0; /* equal states look equal */
    return true;
}

bool linear_channel(struct linear_state *state, const struct linear_op *op)
{
    int64_t *words = state->words;
    switch (op->kind) {
    case LINEAR_SEND:
        return send(words, op);
    case LINEAR_RECV:
        return receive(words, op);
    default:
        words[CLOSED]++;
        return op->result == 0 && words[CLOSED] == 1;
    }
}

/* words[0]: the holder + 1. */
bool linear_mutex(struct linear_state *state, const struct linear_op *op)
{
    int64_t holder = state->words[0];
    int64_t self = (int64_t)op->task + 1;
    if (op->kind == LINEAR_UNLOCK) {
        state->words[0] = 0;
        return holder == self;
    }
    if (op->result != 0) {
        return holder != 0;
    }
    state->words[0] = self;
    return holder == 0;
}

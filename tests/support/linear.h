/* linear.h - histories of concurrent operations, and whether they are linearizable.
 *
 * Tasks note when each operation began and ended, and what it answered. The history is linearizable
 * if each operation can be given a moment between its beginning and its end so that, one after the
 * other, all answer what a sequential object would have answered.
 * Source: Herlihy and Wing, "Linearizability" (1990); the search is that of Wing and Gong, "Testing
 * and verifying concurrent objects" (1993), with Lowe's memory of what has been tried (2017).
 */
#ifndef SWITCHYARD_TESTS_LINEAR_H
#define SWITCHYARD_TESTS_LINEAR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { LINEAR_OPS_MAX = 64, LINEAR_WORDS = 12 };

struct linear_op {
    uint32_t task;
    int kind; /* what it means is the specification's business, as are the next two */
    int64_t argument;
    int64_t result;
    uint64_t begin; /* of the history's clock */
    uint64_t end;
};

struct linear_history {
    atomic_uint count;
    atomic_ullong clock;
    struct linear_op ops[LINEAR_OPS_MAX];
};

/* What the sequential object remembers. */
struct linear_state {
    int64_t words[LINEAR_WORDS];
};

/* Does op in this state; false if it could not have answered what it did. */
typedef bool (*linear_apply)(struct linear_state *state, const struct linear_op *op);

/* Notes that an operation begins, and that it has ended. Any task, any time; at most
 * LINEAR_OPS_MAX.
 */
struct linear_op *linear_begin(struct linear_history *history, uint32_t task, int kind,
                               int64_t argument);
void linear_end(struct linear_history *history, struct linear_op *op, int64_t result);

/* True if the history, of which all operations have ended, is linearizable. Not for tasks: it needs
 * stack. */
bool linear_check(const struct linear_history *history, const struct linear_state *initial,
                  linear_apply apply);

/* --- Two specifications ---------------------------------------------------------------------- */

/* A buffered channel: words[0] is its capacity, the others hold the elements, in order. */
enum { LINEAR_SEND, LINEAR_RECV, LINEAR_CLOSE };

/* send: argument is sent, result 0 or -EAGAIN. recv: argument is what was received, result 1, 0
 * (closed) or -EAGAIN. Timed out counts as -EAGAIN. close: result 0. */
bool linear_channel(struct linear_state *state, const struct linear_op *op);

/* A mutex: all zero is a free one. */
enum { LINEAR_LOCK, LINEAR_UNLOCK };

/* lock: result 0, or -EBUSY of a try. */
bool linear_mutex(struct linear_state *state, const struct linear_op *op);

#endif

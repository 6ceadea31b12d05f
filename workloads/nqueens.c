/* nqueens - in how many ways do n queens stand on an n × n board without attacking each other?
 *
 * A tree of tasks: each places a queen in the next row, in every free column, and spawns a task for
 * each of these boards; from row `depth` on a task searches the rest by itself, with the free
 * columns as bits. No task knows beforehand how much lies below it, so the load is uneven.
 *
 * Metric: `total`, ms = time of an epoch, from the first spawn to the last join.
 * Work:   tasks = boards with 1 … depth queens; checksum over the number of solutions.
 * Proof:  the numbers of solutions are known (OEIS A000170).
 */
#include <errno.h>

#include "refusal.h"
#include "trial.h"

#define N_MIN 4
#define N_MAX 16

static const uint64_t solutions_known[] = {
    2, 10, 4, 40, 92, 352, 724, 2680, 14200, 73712, 365596, 2279184, 14772512,
};

/* Immutable while tasks run. */
static struct {
    uint32_t all;   /* a bit for each column */
    uint32_t depth; /* rows that are tasks' */
} board_rules;

/* A board with queens in the first rows; what they attack in the next row, as columns. */
struct board {
    uint32_t rows;
    uint32_t columns;
    uint32_t left; /* diagonals that move one column down a row */
    uint32_t right;
    uint64_t solutions; /* below it, once its task has ended */
    uint64_t tasks;     /* the same */
    sy_task task;
};

static struct board place_queen(const struct board *board, uint32_t queen)
{
    return (struct board){.rows = board->rows + 1,
                          .columns = board->columns | queen,
                          .left = (board->left | queen) << 1,
                          .right = (board->right | queen) >> 1};
}

static uint32_t free_columns(const struct board *board)
{
    return board_rules.all & ~(board->columns | board->left | board->right);
}

static uint64_t count_below(uint32_t columns, uint32_t left, uint32_t right)
{
    uint64_t solutions = 0;
    if (columns == board_rules.all) {
        return 1;
    }
    for (uint32_t open = board_rules.all & ~(columns | left | right); open != 0; open &= open - 1) {
        uint32_t queen = open & -open;
        solutions += count_below(columns | queen, (left | queen) << 1, (right | queen) >> 1);
    }
    return solutions;
}

static void *solve(void *arg);

/* A task for each board with one queen more. */
static void spawn_and_join(struct board *board)
{
    struct board boards[N_MAX];
    uint32_t made = 0;
    for (uint32_t open = free_columns(board); open != 0; open &= open - 1) {
        boards[made] = place_queen(board, open & -open);
        int status = sy_spawn(&boards[made].task, solve, &boards[made]);
        if (status < 0) {
            refusal_note(status);
            break;
        }
        made++;
    }
    for (uint32_t i = 0; i < made; i++) {
        sy_join(boards[i].task, NULL);
        board->solutions += boards[i].solutions;
        board->tasks += boards[i].tasks + 1;
    }
}

static void *solve(void *arg)
{
    struct board *board = arg;
    if (board->rows >= board_rules.depth) {
        board->solutions = count_below(board->columns, board->left, board->right);
    } else if (!refusal_happened()) {
        spawn_and_join(board);
    }
    return NULL;
}

static int run_epoch(struct trial *trial, void *state)
{
    uint64_t expected = *(const uint64_t *)state;
    struct board empty = {0};
    sy_time begin = sy_now();
    solve(&empty);
    sy_time elapsed = sy_now() - begin;
    int status = refusal_report(trial);
    if (status < 0) {
        return status;
    }
    if (empty.solutions != expected) {
        return trial_fail(trial, -EPROTO, "%llu solutions, not %llu",
                          (unsigned long long)empty.solutions, (unsigned long long)expected);
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_work(trial, &(struct workload_work){.tasks = empty.tasks, .checksum = empty.solutions});
    return 0;
}

static int run(struct trial *trial)
{
    uint32_t n = (uint32_t)trial_param(trial, "n");
    uint64_t expected = solutions_known[n - N_MIN];
    board_rules.all = (1u << n) - 1;
    board_rules.depth = (uint32_t)trial_param(trial, "depth");
    refusal_reset(trial);
    return trial_each_epoch(trial, run_epoch, &expected);
}

static const struct workload_param params[] = {
    {"n", 13, N_MIN, N_MAX, "queens", "queens, and rows and columns of the board"},
    {"depth", 2, 1, 4, "rows", "rows whose boards are tasks"},
    {0}};

const struct workload nqueens = {
    .name = "nqueens",
    .summary = "Counts the solutions of the n queens problem, a task for each partial board",
    .params = params,
    .run = run,
};

/* matmul - multiplies two square matrices, a task for each block of rows of the product.
 *
 * Metric: `total`, ms = time from the first spawn to the last join, an epoch.
 * Work:   tasks; checksum over the product, by place.
 * Proof:  Freivalds' check: for a vector r, (A B) r = A (B r). The entries are small whole numbers,
 *         so that all sums are exact and both sides must be equal.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trial.h"

#define ENTRY_LIMIT 8 /* 8 * 8 * 8 * 4096^2 is far below 2^53 */

struct matrices {
    size_t n;
    size_t rows; /* of a block */
    double *a;
    double *b;
    double *product;
};

struct block {
    const struct matrices *matrices;
    size_t first; /* row */
    size_t end;
    sy_task task;
};

/* Row by row, with b read along its rows. */
static void *multiply_block(void *arg)
{
    const struct block *block = arg;
    const struct matrices *m = block->matrices;
    size_t n = m->n;
    for (size_t i = block->first; i < block->end; i++) {
        double *restrict row = m->product + i * n;
        memset(row, 0, n * sizeof *row);
        for (size_t k = 0; k < n; k++) {
            double factor = m->a[i * n + k];
            const double *restrict other = m->b + k * n;
            for (size_t j = 0; j < n; j++) {
                row[j] += factor * other[j];
            }
        }
    }
    return NULL;
}

static size_t blocks_of(const struct matrices *m)
{
    return (m->n + m->rows - 1) / m->rows;
}

static int multiply(struct trial *trial, const struct matrices *m, struct block *blocks)
{
    size_t made = 0;
    int status = 0;
    for (; made < blocks_of(m); made++) {
        size_t end = (made + 1) * m->rows;
        blocks[made] =
            (struct block){.matrices = m, .first = made * m->rows, .end = end < m->n ? end : m->n};
        status = sy_spawn(&blocks[made].task, multiply_block, &blocks[made]);
        if (status < 0) {
            status = trial_refused(trial, made, status);
            break;
        }
    }
    for (size_t i = 0; i < made; i++) {
        sy_join(blocks[i].task, NULL);
    }
    return status;
}

static void apply(const double *matrix, size_t n, const double *vector, double *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
        for (size_t j = 0; j < n; j++) {
            out[i] += matrix[i * n + j] * vector[j];
        }
    }
}

/* vectors: room for four of n. */
static int verify(struct trial *trial, const struct matrices *m, double *vectors)
{
    double *r = vectors;
    double *br = vectors + m->n;
    double *abr = vectors + 2 * m->n;
    double *pr = vectors + 3 * m->n;
    for (size_t i = 0; i < m->n; i++) {
        r[i] = (double)((i * i + i / 3) % ENTRY_LIMIT);
    }
    apply(m->b, m->n, r, br);
    apply(m->a, m->n, br, abr);
    apply(m->product, m->n, r, pr);
    for (size_t i = 0; i < m->n; i++) {
        if (abr[i] != pr[i]) {
            return trial_fail(trial, -EPROTO, "row %zu of the product is wrong", i);
        }
    }
    return 0;
}

static uint64_t checksum_of(const struct matrices *m)
{
    uint64_t checksum = 0;
    for (size_t i = 0; i < m->n * m->n; i++) {
        checksum = checksum * 31 + (uint64_t)m->product[i];
    }
    return checksum;
}

/* What one epoch needs beside the matrices. */
struct room {
    struct matrices matrices;
    struct block *blocks;
    double *vectors;
};

static int run_epoch(struct trial *trial, void *state)
{
    struct room *room = state;
    const struct matrices *m = &room->matrices;
    sy_time begin = sy_now();
    int status = multiply(trial, m, room->blocks);
    sy_time elapsed = sy_now() - begin;
    status = status < 0 ? status : verify(trial, m, room->vectors);
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "total", "ms", (double)elapsed / (double)SY_MILLISECOND);
    trial_work(trial, &(struct workload_work){.tasks = blocks_of(m), .checksum = checksum_of(m)});
    return 0;
}

static void fill(struct matrices *m)
{
    for (size_t i = 0; i < m->n * m->n; i++) {
        m->a[i] = (double)((i * 7 + i / m->n) % ENTRY_LIMIT);
        m->b[i] = (double)((i * 5 + i / m->n * 3) % ENTRY_LIMIT);
    }
}

static int run(struct trial *trial)
{
    size_t n = (size_t)trial_param(trial, "n");
    struct room room = {.matrices = {.n = n, .rows = (size_t)trial_param(trial, "rows")}};
    double *entries = calloc(3 * n * n, sizeof *entries);
    int status = -ENOMEM;
    room.blocks = calloc(n, sizeof *room.blocks);
    room.vectors = calloc(4 * n, sizeof *room.vectors);
    if (entries != NULL && room.blocks != NULL && room.vectors != NULL) {
        room.matrices.a = entries;
        room.matrices.b = entries + n * n;
        room.matrices.product = entries + 2 * n * n;
        fill(&room.matrices);
        status = trial_each_epoch(trial, run_epoch, &room);
    } else {
        trial_fail(trial, status, "no memory for matrices of %zu rows", n);
    }
    free(room.vectors);
    free(room.blocks);
    free(entries);
    return status;
}

static const struct workload_param params[] = {
    {"n", 512, 1, 4096, "rows", "rows and columns of the matrices"},
    {"rows", 8, 1, 4096, "rows", "of the product, computed by a task"},
    {0}};

const struct workload matmul = {
    .name = "matmul",
    .summary = "Multiplies two matrices, a task for each block of rows",
    .params = params,
    .run = run,
};

/* go_bench.c - see go_bench.h. */
#include "go_bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct go_run {
    struct go_bench bench;
    go_bench_body body;
};

static int run_epoch(struct trial *trial, void *state)
{
    struct go_run *run = state;
    run->bench.work = (struct workload_work){0};
    sy_time begin = sy_now();
    int status = run->body(&run->bench);
    sy_time elapsed = sy_now() - begin;
    if (status < 0) {
        return status;
    }
    trial_sample(trial, "op", "ns", (double)elapsed / (double)run->bench.n);
    trial_work(trial, &run->bench.work);
    return 0;
}

int go_bench_run(struct trial *trial, go_bench_body body, uint64_t variant)
{
    struct go_run run = {.bench = {.trial = trial,
                                   .n = (uint64_t)trial_param(trial, "n"),
                                   .parallel = (uint32_t)trial_param(trial, "parallel"),
                                   .variant = variant},
                         .body = body};
    if (run.bench.parallel == 0) {
        run.bench.parallel = trial_procs(trial);
    }
    return trial_each_epoch(trial, run_epoch, &run);
}

static int spawn_shares(struct go_bench *bench, struct go_share *shares, void *(*share)(void *),
                        uint32_t *made)
{
    for (; *made < bench->parallel; (*made)++) {
        int status = sy_spawn(&shares[*made].task, share, &shares[*made]);
        if (status < 0) {
            return trial_refused(bench->trial, *made, status);
        }
    }
    return 0;
}

static int join_shares(struct go_bench *bench, struct go_share *shares, uint32_t made)
{
    int first = 0;
    for (uint32_t i = 0; i < made; i++) {
        sy_join(shares[i].task, NULL);
        bench->work.checksum += shares[i].sum;
        if (shares[i].status < 0 && first == 0) {
            first = trial_fail(bench->trial, shares[i].status, "task %u of %u failed: %s", i, made,
                               strerrorname_np(-shares[i].status));
        }
    }
    return first;
}

int go_parallel(struct go_bench *bench, void *(*share)(void *go_share), void *shared)
{
    uint32_t made = 0;
    struct go_share *shares =
        aligned_alloc(_Alignof(struct go_share), bench->parallel * sizeof *shares);
    if (shares == NULL) {
        return trial_fail(bench->trial, -ENOMEM, "no memory for %u shares", bench->parallel);
    }
    for (uint32_t i = 0; i < bench->parallel; i++) {
        uint64_t n = bench->n / bench->parallel + (i < bench->n % bench->parallel);
        shares[i] = (struct go_share){.bench = bench, .shared = shared, .n = n, .index = i};
    }
    int refused = spawn_shares(bench, shares, share, &made);
    int failed = join_shares(bench, shares, made);
    bench->work.tasks += made;
    free(shares);
    return refused < 0 ? refused : failed;
}

int go_expect(struct go_bench *bench, uint64_t checksum)
{
    if (bench->work.checksum != checksum) {
        return trial_fail(bench->trial, -EPROTO, "the results add up to %llu, not to %llu",
                          (unsigned long long)bench->work.checksum, (unsigned long long)checksum);
    }
    return 0;
}

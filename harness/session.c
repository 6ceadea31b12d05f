/* session.c - see session.h. */
#include "session.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "allotment.h"
#include "progress.h"
#include "rejection.h"
#include "rng.h"
#include "signals.h"
#include "target.h"
#include "trial.h"

#define SECOND_NS 1000000000
#define SYNC_INTERVAL_NS SECOND_NS
#define CHEAP_BYTES (256 << 10)
#define NS_A_BYTE 200 /* 100 times what writing one takes, at 500 MB/s */
/* Up to a page of environment moves the stack by as much. */
#define PADDING_BYTES 4096

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

int session_trial(const struct session *session, const struct cell *cell, size_t padding,
                  struct trial_report *report)
{
    hwloc_cpuset_t cpus = cpus_take(session->cpus, (size_t)cell->procs);
    struct trial_request request = {.backend = cell->catalogue->backend,
                                    .worker = cell->catalogue->worker,
                                    .workload = cell->workload->name,
                                    .procs = cell->procs,
                                    .epochs = cell->epochs,
                                    .warmup = session->warmup,
                                    .tune = cell->tune,
                                    .params = cell->params,
                                    .params_count = cell->params_count};
    struct trial_place place = {.topology = session->cpus->topology,
                                .cpus = cpus,
                                .padding_bytes = padding,
                                .limits = {.deadline_ns = session->deadline_ns,
                                           .output_bytes = RUNNER_OUTPUT_BYTES,
                                           .memory_bytes = (size_t)session->memory_bytes}};
    int status = trial_run(&request, &place, report);
    if (status < 0) {
        fprintf(stderr, "switchyard: %s: %s\n", request.worker, strerror(-status));
    }
    hwloc_bitmap_free(cpus);
    return status;
}

static void tell_time(const struct session *session)
{
    json_t *spent = json_pack("{s:f, s:f}", "run_s", (double)session->spent.run_ns / SECOND_NS,
                              "workers_s", (double)session->spent.workers_ns / SECOND_NS);
    json_object_set_new(session->context, "spent", spent);
}

/* A large file takes some milliseconds, as long as a short trial: then not after each of them, but
 * so often that it takes about a hundredth of the time. */
static bool is_time_to_save(const struct session *session, int64_t now)
{
    return session->saved_bytes < CHEAP_BYTES ||
           now - session->saved_ns >= NS_A_BYTE * session->saved_bytes;
}

static int64_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : 0;
}

/* A sync takes as long as a short trial, so only one a second. */
static int save(struct session *session, bool last, bool complete)
{
    int64_t start = now_ns();
    bool sync = last || start - session->synced_ns > SYNC_INTERVAL_NS;
    if (!last && !is_time_to_save(session, start)) {
        return 0;
    }
    tell_time(session);
    const struct results *results = recorder_results(session->recorder, complete);
    int status =
        sync ? results_save(results, session->out) : results_save_soon(results, session->out);
    session->saved_ns = now_ns();
    session->synced_ns = sync ? session->saved_ns : session->synced_ns;
    session->saved_bytes = size_of(session->out);
    if (status < 0) {
        fprintf(stderr, "switchyard: %s: %s\n", session->out, target_problem(status));
    }
    return status;
}

static int64_t left_ns(const struct session *session, int64_t spent_ns)
{
    return session->budget_ns > 0 ? session->budget_ns - spent_ns : INT64_MAX;
}

/* One trial, from its start to its place on disk, with those before it that were rejected. */
static int do_step(struct session *session, size_t index, size_t padding)
{
    const struct step *step = &session->plan->steps[index];
    struct trial_report report;
    int64_t start = now_ns();
    int64_t before_ns = session->spent.run_ns - start;
    for (int attempt = 0;; attempt++) {
        start = now_ns();
        int status = session_trial(session, &session->plan->cells[step->cell], padding, &report);
        if (status < 0) {
            return status;
        }
        session->spent.workers_ns += report.elapsed_ns;
        session->spent.run_ns = before_ns + now_ns();
        if (report.interrupted) {
            trial_report_destroy(&report);
            return -EINTR;
        }
        if (!rejection_applies(&session->repeats_ns, left_ns(session, session->spent.run_ns),
                               &report, attempt)) {
            break;
        }
        recorder_reject(session->recorder, step, &report);
    }
    recorder_add(session->recorder, step, &report);
    int status = save(session, false, false);
    plan_learn(session->plan, step->cell, now_ns() - start);
    return status;
}

static void tell_left_out(const struct session *session, const struct allotment *allotment)
{
    size_t trials = allotment_left_out(allotment);
    if (trials > 0) {
        fprintf(stderr,
                "switchyard: %zu further trials of the cells that take longest were left out, to "
                "stay within %lld s\n",
                trials, (long long)(session->budget_ns / SECOND_NS));
    }
}

int session_run(struct session *session)
{
    struct progress progress;
    struct allotment *allotment = allotment_new(session->plan);
    struct rng rng = {session->seed};
    int64_t before = session->spent.run_ns - now_ns();
    int status = 0;
    progress_begin(&progress, session->plan);
    for (size_t i = 0; i < session->plan->steps_count && status == 0; i++) {
        size_t padding = rng_below(&rng, PADDING_BYTES); /* drawn for each, so that a resumed run
                                                            pads as one without interruption */
        if (recorder_has(session->recorder, &session->plan->steps[i])) {
            continue;
        }
        session->spent.run_ns = before + now_ns();
        if (!allotment_allows(allotment, i, left_ns(session, session->spent.run_ns))) {
            continue;
        }
        progress_step(&progress, i);
        status = signals_interrupted() ? -EINTR : do_step(session, i, padding);
    }
    progress_clear(&progress);
    tell_left_out(session, allotment);
    allotment_free(allotment);
    session->spent.run_ns = before + now_ns();
    if (status == 0 || recorder_trials(session->recorder) > 0) {
        int saved = save(session, true, status == 0);
        status = status == 0 ? saved : status;
    }
    return status;
}

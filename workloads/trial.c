/* trial.c - see trial.h. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "task_limits.h"
#include "tracing.h"
#include "trial_state.h"

#define FNV_PRIME 0x100000001b3u

int64_t trial_param(const struct trial *trial, const char *name)
{
    const struct workload_param *params = trial->workload->params;
    for (size_t i = 0; params[i].name != NULL; i++) {
        if (strcmp(params[i].name, name) == 0) {
            return trial->params[i];
        }
    }
    sy_fatal("workload %s asks for parameter %s, which it does not declare", trial->workload->name,
             name);
}

uint32_t trial_procs(const struct trial *trial)
{
    struct sy_stats stats = {.procs = trial->config.procs};
    if (stats.procs == 0) {
        sy_stats_read(&stats);
    }
    return (uint32_t)stats.procs;
}

/* Of an epoch, its preparation included: the harness judges by it whether there is work enough. */
static void note_length(struct trial *trial, sy_time length)
{
    if (!trial->warming_up && (trial->shortest_ns == 0 || length < trial->shortest_ns)) {
        trial->shortest_ns = length > 0 ? length : 1;
    }
}

/* `count` of them; 0 or the first failure. */
static int run_epochs(struct trial *trial, trial_epoch_fn epoch, void *state, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sy_time begin = sy_now();
        int status = epoch(trial, state);
        note_length(trial, sy_now() - begin);
        if (status < 0) {
            return status;
        }
        if (trial->error != 0) {
            return trial->error;
        }
    }
    return 0;
}

/* The same, recorded if a trace was asked for. */
static int run_measured(struct trial *trial, trial_epoch_fn epoch, void *state)
{
    int status = tracing_start(trial);
    if (status < 0) {
        return status;
    }
    status = run_epochs(trial, epoch, state, trial->epochs);
    tracing_stop(trial);
    return status;
}

int trial_each_epoch(struct trial *trial, trial_epoch_fn epoch, void *state)
{
    trial->warming_up = true;
    int status = run_epochs(trial, epoch, state, trial->warmups);
    trial->warming_up = false;
    return status < 0 ? status : run_measured(trial, epoch, state);
}

/* The metric of that name, made if there is none; NULL (and a failed trial) without memory. */
static struct trial_metric *metric_named(struct trial *trial, const char *name, const char *unit)
{
    for (size_t i = 0; i < trial->metric_count; i++) {
        if (strcmp(trial->metrics[i].name, name) == 0) {
            return &trial->metrics[i];
        }
    }
    if (trial->metric_count == TRIAL_METRICS_MAX) {
        sy_fatal("workload %s has more than %d metrics", trial->workload->name, TRIAL_METRICS_MAX);
    }
    double *samples = calloc(trial->epochs, sizeof *samples);
    if (samples == NULL) {
        trial_fail(trial, -ENOMEM, "no memory for %u samples of %s", trial->epochs, name);
        return NULL;
    }
    struct trial_metric *metric = &trial->metrics[trial->metric_count++];
    *metric = (struct trial_metric){.name = name, .unit = unit, .samples = samples};
    return metric;
}

void trial_sample(struct trial *trial, const char *metric_name, const char *unit, double value)
{
    if (trial->warming_up) {
        return;
    }
    if (!isfinite(value)) {
        trial_fail(trial, -ERANGE, "a sample of %s is not a finite number", metric_name);
        return;
    }
    struct trial_metric *metric = metric_named(trial, metric_name, unit);
    if (metric == NULL) {
        return;
    }
    if (metric->sample_count == trial->epochs) {
        sy_fatal("workload %s hands in more than one sample of %s an epoch", trial->workload->name,
                 metric_name);
    }
    metric->samples[metric->sample_count++] = value;
}

void trial_latency(struct trial *trial, const char *metric_name, uint64_t ns)
{
    if (trial->warming_up) {
        return;
    }
    struct trial_metric *metric = metric_named(trial, metric_name, "ns");
    if (metric == NULL) {
        return;
    }
    if (metric->latencies == NULL) {
        metric->latencies = histogram_new();
    }
    if (metric->latencies == NULL) {
        trial_fail(trial, -ENOMEM, "no memory for the histogram of %s", metric_name);
        return;
    }
    histogram_record(metric->latencies, ns);
}

void trial_work(struct trial *trial, const struct workload_work *work)
{
    if (trial->warming_up) {
        return;
    }
    trial->work.tasks += work->tasks;
    trial->work.messages += work->messages;
    trial->work.switches += work->switches;
    trial->work.checksum = (trial->work.checksum ^ work->checksum) * FNV_PRIME;
}

const struct ledger *trial_memory(struct trial *trial, const char *label)
{
    if (trial->ledger_count == TRIAL_LEDGERS) {
        return NULL;
    }
    struct ledger *ledger = &trial->ledgers[trial->ledger_count++];
    ledger_take(ledger, label);
    return ledger;
}

void trial_note(struct trial *trial, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->note, sizeof trial->note, format, arguments);
    va_end(arguments);
}

int trial_fail(struct trial *trial, int error, const char *format, ...)
{
    if (trial->error != 0) {
        return trial->error;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->reason, sizeof trial->reason, format, arguments);
    va_end(arguments);
    trial->error = error;
    return error;
}

void trial_describe_refusal(const struct trial *trial, uint64_t made, int error, char *sentence,
                            size_t bytes)
{
    char limit[TRIAL_SENTENCE_BYTES / 2];
    limit_describe(made, trial->config.max_tasks, limit, sizeof limit);
    const char *name = strerrorname_np(-error);
    snprintf(sentence, bytes, "sy_spawn refused task %llu: %s (%s)", (unsigned long long)made + 1,
             name != NULL ? name : "unknown error", limit);
}

int trial_refused(struct trial *trial, uint64_t made, int error)
{
    char sentence[TRIAL_SENTENCE_BYTES];
    trial_describe_refusal(trial, made, error, sentence, sizeof sentence);
    return trial_fail(trial, error, "%s", sentence);
}

void trial_release(struct trial *trial)
{
    for (size_t i = 0; i < trial->metric_count; i++) {
        free(trial->metrics[i].samples);
        histogram_free(trial->metrics[i].latencies);
    }
}

/* output.c - see output.h. Values that jansson cannot make (no memory) surface as -ENOMEM when the
 * object that they were to be in is packed. */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SCHEMA "switchyard-worker/1"
#define CLOCK_BATCHES 21
#define CLOCK_READS 1000

static int print(json_t *object)
{
    if (object == NULL) {
        return -ENOMEM;
    }
    int status = json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(object);
    if (status != 0 || putchar('\n') == EOF || fflush(stdout) != 0) {
        return -EIO;
    }
    return 0;
}

static json_t *describe_param(const struct workload_param *param)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:s, s:s}", "name", param->name, "value",
                     (json_int_t)param->value, "min", (json_int_t)param->min, "max",
                     (json_int_t)param->max, "unit", param->unit, "help", param->help);
}

static json_t *describe_workload(const struct workload *workload)
{
    json_t *params = json_array();
    for (const struct workload_param *param = workload->params; param->name != NULL; param++) {
        json_array_append_new(params, describe_param(param));
    }
    return json_pack("{s:s, s:s, s:b, s:o}", "name", workload->name, "summary", workload->summary,
                     "green_only", (int)workload->green_only, "params", params);
}

int output_list(void)
{
    json_t *workloads = json_array();
    for (const struct workload *const *each = workload_registry; *each != NULL; each++) {
        json_array_append_new(workloads, describe_workload(*each));
    }
    return print(json_pack("{s:s, s:s, s:o}", "schema", SCHEMA, "backend", sy_backend(),
                           "workloads", workloads));
}

static json_t *list_params(const struct trial *trial)
{
    json_t *object = json_object();
    const struct workload_param *params = trial->workload->params;
    for (size_t i = 0; params[i].name != NULL; i++) {
        json_object_set_new(object, params[i].name, json_integer(trial->params[i]));
    }
    return object;
}

static json_t *list_samples(const struct trial_metric *metric)
{
    json_t *samples = json_array();
    for (size_t i = 0; i < metric->sample_count; i++) {
        json_array_append_new(samples, json_real(metric->samples[i]));
    }
    return samples;
}

static json_t *list_buckets(const struct histogram *histogram)
{
    json_t *buckets = json_array();
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (histogram->counts[i] != 0) {
            json_array_append_new(buckets, json_pack("[I, I]", (json_int_t)histogram_lowest(i),
                                                     (json_int_t)histogram->counts[i]));
        }
    }
    return buckets;
}

static json_t *list_metrics(const struct trial *trial)
{
    json_t *metrics = json_array();
    for (size_t i = 0; i < trial->metric_count; i++) {
        const struct trial_metric *metric = &trial->metrics[i];
        bool latency = metric->latencies != NULL;
        json_t *values = latency ? list_buckets(metric->latencies) : list_samples(metric);
        json_array_append_new(metrics,
                              json_pack("{s:s, s:s, s:o}", "name", metric->name, "unit",
                                        metric->unit, latency ? "histogram" : "samples", values));
    }
    return metrics;
}

static json_t *describe_work(const struct workload_work *work)
{
    char checksum[17];
    snprintf(checksum, sizeof checksum, "%016" PRIx64, work->checksum);
    return json_pack("{s:I, s:I, s:I, s:s}", "tasks", (json_int_t)work->tasks, "messages",
                     (json_int_t)work->messages, "switches", (json_int_t)work->switches, "checksum",
                     checksum);
}

static json_t *describe_counters(const struct sy_stats *stats, sy_time shortest_ns)
{
    const struct {
        const char *name;
        uint64_t value;
    } fields[] = {{"tasks_spawned", stats->tasks_spawned},
                  {"tasks_ended", stats->tasks_ended},
                  {"switches", stats->switches},
                  {"parks", stats->parks},
                  {"steals", stats->steals},
                  {"tasks_stolen", stats->tasks_stolen},
                  {"seizes", stats->seizes},
                  {"worker_wakes", stats->worker_wakes},
                  {"worker_parks", stats->worker_parks},
                  {"workers_started", stats->workers_started},
                  {"workers_retired", stats->workers_retired},
                  {"blocking_calls", stats->blocking_calls},
                  {"retakes", stats->retakes},
                  {"preempts_call", stats->preempts_call},
                  {"preempts_prologue", stats->preempts_prologue},
                  {"preempts_signal", stats->preempts_signal},
                  {"io_waits", stats->io_waits},
                  {"polls", stats->polls},
                  {"poll_events", stats->poll_events},
                  {"timers_fired", stats->timers_fired},
                  {"stacks_carved", stats->stacks_carved},
                  {"stacks_cooled", stats->stacks_cooled},
                  {"stacks_warmed", stats->stacks_warmed},
                  {"stacks_returned", stats->stacks_returned},
                  {"procs", stats->procs}};
    _Static_assert(sizeof fields / sizeof *fields == sizeof *stats / sizeof(uint64_t),
                   "a field of struct sy_stats is missing here");
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        json_object_set_new(object, fields[i].name, json_integer((json_int_t)fields[i].value));
    }
    json_object_set_new(object, "epoch_ns", json_integer(shortest_ns));
    return object;
}

static json_int_t time_between(const struct timeval *from, const struct timeval *to)
{
    return (json_int_t)(to->tv_sec - from->tv_sec) * SY_SECOND +
           (json_int_t)(to->tv_usec - from->tv_usec) * SY_MICROSECOND;
}

static json_t *describe_rusage(const struct rusage *before, const struct rusage *after)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "user_ns",
                     time_between(&before->ru_utime, &after->ru_utime), "system_ns",
                     time_between(&before->ru_stime, &after->ru_stime), "voluntary_switches",
                     (json_int_t)(after->ru_nvcsw - before->ru_nvcsw), "involuntary_switches",
                     (json_int_t)(after->ru_nivcsw - before->ru_nivcsw), "minor_faults",
                     (json_int_t)(after->ru_minflt - before->ru_minflt));
}

static json_t *describe_ledger(const struct ledger *ledger)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "label", ledger->label,
                     "rss_bytes", (json_int_t)ledger->rss_bytes, "page_table_bytes",
                     (json_int_t)ledger->page_table_bytes, "virtual_bytes",
                     (json_int_t)ledger->virtual_bytes, "mappings", (json_int_t)ledger->mappings,
                     "kernel_stack_bytes", (json_int_t)ledger->kernel_stack_bytes, "slab_bytes",
                     (json_int_t)ledger->slab_bytes, "threads", (json_int_t)ledger->threads);
}

static json_t *list_ledgers(const struct trial *trial)
{
    json_t *ledgers = json_array();
    for (size_t i = 0; i < trial->ledger_count; i++) {
        json_array_append_new(ledgers, describe_ledger(&trial->ledgers[i]));
    }
    return ledgers;
}

/* What one reading of the clock costs: the fastest of some batches, for noise only adds. */
static double clock_read_ns(void)
{
    double best = 0;
    for (int batch = 0; batch < CLOCK_BATCHES; batch++) {
        sy_time begin = sy_now();
        sy_time end = begin;
        for (int i = 0; i < CLOCK_READS; i++) {
            end = sy_now();
        }
        double each = (double)(end - begin) / CLOCK_READS;
        best = batch == 0 || each < best ? each : best;
    }
    return best;
}

static json_t *describe_clock(void)
{
    struct timespec resolution = {0};
    clock_getres(CLOCK_MONOTONIC, &resolution);
    return json_pack("{s:I, s:f}", "resolution_ns",
                     (json_int_t)(resolution.tv_sec * SY_SECOND + resolution.tv_nsec), "read_ns",
                     clock_read_ns());
}

/* null if no trace was asked for. */
static json_t *count_trace(const struct trial *trial)
{
    return trial->trace_file >= 0 ? json_integer((json_int_t)trial->trace_events) : json_null();
}

static const char *status_word(const struct trial *trial, bool skipped)
{
    if (skipped) {
        return "skipped";
    }
    return trial->error != 0 ? "failed" : "ok";
}

int output_trial(const struct trial *trial, bool skipped, const struct rusage *before,
                 const struct rusage *after)
{
    return print(json_pack(
        "{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:I, s:I, s:s?, s:o, s:s, s:s?, s:s?, s:i, s:o, s:o, "
        "s:o, s:o, s:o, s:o, s:o}",
        "schema", SCHEMA, "backend", sy_backend(), "workload", trial->workload->name, "procs",
        (int)trial->config.procs, "epochs", (int)trial->epochs, "warmup", (int)trial->warmups,
        "max_tasks", (json_int_t)trial->config.max_tasks, "stack_bytes",
        (json_int_t)trial->config.stack_bytes, "max_workers", (json_int_t)trial->config.max_workers,
        "tune", trial->tune, "params", list_params(trial), "status", status_word(trial, skipped),
        "reason", trial->reason[0] != '\0' ? trial->reason : NULL, "note",
        trial->note[0] != '\0' ? trial->note : NULL, "error", trial->error, "metrics",
        list_metrics(trial), "work", describe_work(&trial->work), "counters",
        describe_counters(&trial->counters, trial->shortest_ns), "rusage",
        describe_rusage(before, after), "memory", list_ledgers(trial), "clock", describe_clock(),
        "trace_events", count_trace(trial)));
}

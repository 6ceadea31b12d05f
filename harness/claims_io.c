/* claims_io.c - the rule for the claim about tasks that wait for I/O. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "claims.h"
#include "claims_failed.h"
#include "plot_text.h"

#define WORKLOAD "io.echo"

/* Not few: where a thread for each would be many. */
static const double many_connections = 100;
/* "Its worker takes the next one": as few threads as in C7. */
static const double few_dozen = 36;
/* "The kernel is not involved" in the waiting: so many calls of epoll_wait, and so many switches of
 * the kernel, for a request. That it reads and writes each request is not in question. */
static const double involved_share = 0.1;

/* What one server did, by the counters of its process. */
struct serving {
    const struct result_row *row; /* of its throughput */
    double connections;
    double threads;  /* made for running tasks, warm-up included */
    double polls;    /* for a request */
    double switches; /* of the kernel, for a request of tasks or raw loops */
};

static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* All requests that a server answered in the life of its process: those of the warm-up, and the
 * first on each connection, too. `messages` are the counted ones of the tasks and of the raw loops;
 * what was not counted follows from the tasks, of which there is one for each connection. */
static double answered(const struct result_row *row)
{
    double spawned = number(row->counters, "tasks_spawned");
    double counted = number(row->work, "messages") / 2;
    return counted * spawned / number(row->work, "tasks") + spawned;
}

static bool read_serving(const struct result_row *row, struct serving *serving)
{
    int64_t connections = 0;
    double requests = answered(row);
    if (row->status != TRIAL_OK || !result_param(row, "connections", &connections) ||
        !(requests > 0)) {
        return false;
    }
    *serving = (struct serving){
        .row = row,
        .connections = (double)connections,
        .threads = number(row->counters, "workers_started"),
        .polls = number(row->counters, "polls") / requests,
        .switches = (number(row->rusage, "voluntary_switches") +
                     number(row->rusage, "involuntary_switches")) /
                    (2 * requests), /* the raw loops answer as many */
    };
    return true;
}

static const struct result_row *metric_of(const struct results *results,
                                          const struct result_row *row, char *metric)
{
    struct result_row other = *row;
    other.metric = metric;
    return results_partner(results, &other, row->backend);
}

static const char *share_text(double share, char *out, size_t size)
{
    text_format(out, size, "%s",
                share > 0 && share < 0.001 ? "below 0.001" : text_significant(share).s);
    return out;
}

/* "1,000 connections: 2 threads made, …" */
static void add_line(const struct results *results, const struct serving *serving, bool polls,
                     char *out)
{
    static char latency_name[] = "latency";
    static char raw_name[] = "raw_throughput";
    char share[TEXT_NUMBER_BYTES];
    const struct result_row *latency = metric_of(results, serving->row, latency_name);
    const struct result_row *raw = metric_of(results, serving->row, raw_name);
    text_append(out, CLAIM_TEXT_BYTES,
                "%s%s connections: %s threads made, kernel switches a request %s",
                out[0] == '\0' ? "" : "\n", text_count(serving->connections).s,
                text_count(serving->threads).s, share_text(serving->switches, share, sizeof share));
    if (polls) {
        text_append(out, CLAIM_TEXT_BYTES, ", epoll calls %s",
                    share_text(serving->polls, share, sizeof share));
    }
    text_append(out, CLAIM_TEXT_BYTES, ", %s requests/s", text_count(serving->row->median).s);
    if (raw != NULL && raw->status == TRIAL_OK) {
        text_append(out, CLAIM_TEXT_BYTES, " (%s a raw loop)",
                    text_ratio(result_ratio(serving->row, raw).value).s);
    }
    if (latency != NULL && latency->status == TRIAL_OK) {
        text_append(out, CLAIM_TEXT_BYTES, ", 99 %% within %s", text_ns(latency->p99).s);
    }
}

static enum answer answer_below(double value, double threshold)
{
    if (!isfinite(value)) {
        return ANSWER_UNSURE;
    }
    return value <= threshold ? ANSWER_YES : ANSWER_NO;
}

/* Both parts of the claim, for each number of connections. */
struct parts {
    struct tally aside; /* few threads */
    struct tally kernel;
};

static bool has_many(const struct result_row *row)
{
    int64_t connections = 0;
    return result_param(row, "connections", &connections) &&
           (double)connections >= many_connections;
}

static void tell_servers(const struct results *results, const char *backend, char *out,
                         struct parts *parts)
{
    size_t position = 0;
    const struct result_row *row;
    while ((row = results_next(results, &position, WORKLOAD, backend, 0, "throughput")) != NULL) {
        struct serving serving;
        char cell[64];
        if (!has_many(row) || !read_serving(row, &serving)) {
            continue;
        }
        add_line(results, &serving, strcmp(backend, "green") == 0, out);
        text_format(cell, sizeof cell, "%s connections", text_count(serving.connections).s);
        tally_add(&parts->aside, answer_below(serving.threads, few_dozen), cell);
        tally_add(&parts->kernel,
                  answer_both(answer_below(serving.polls, involved_share),
                              answer_below(serving.switches, involved_share)),
                  cell);
    }
    const struct tried tried = {WORKLOAD, backend, "throughput", has_many};
    tally_failures(&parts->aside, results, &tried, out);
}

int judge_waiting(const struct results *results, struct outcome *outcome)
{
    struct parts green = {.aside = {0}};
    struct parts contrast = {.aside = {0}}; /* shown; the claim does not speak of OS threads */
    tell_servers(results, "green", outcome->green, &green);
    tell_servers(results, "pthread", outcome->pthread, &contrast);
    enum verdict aside = tally_verdict(&green.aside);
    enum verdict kernel = tally_verdict(&green.kernel);
    outcome->verdict = verdict_both(aside, kernel);
    text_format(outcome->when, sizeof outcome->when, "%s",
                kernel == VERDICT_HOLDS_WHEN ? green.kernel.where : green.aside.where);
    if (outcome->verdict != VERDICT_NOT_MEASURED) {
        text_format(outcome->why, sizeof outcome->why,
                    "that few threads serve all connections %s; that the kernel has little part in "
                    "the waiting %s; every request is read and written by system calls in any case",
                    verdict_words(aside), verdict_words(kernel));
    }
    return 0;
}

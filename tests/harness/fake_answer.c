/* fake_answer.c - see fake_answer.h. FAKE_BACKEND is the back end that is played. */
#include "fake_answer.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void print_head(const struct request *request, const char *workload)
{
    move_about();
    printf("{\"schema\": \"switchyard-worker/1\", \"backend\": \"" FAKE_BACKEND "\", "
           "\"workload\": \"%s\", \"procs\": %d, \"epochs\": %d, \"warmup\": %d, "
           "\"params\": {\"tasks\": %lld, \"rounds\": %lld}, ",
           workload, request->procs, request->epochs, request->warmup, request->tasks,
           request->rounds);
    if (request->tune != NULL) {
        printf("\"tune\": \"%s\", ", request->tune);
    }
}

bool has_unwanted(void)
{
    const char *name = getenv("FAKE_UNSET");
    return name != NULL && getenv(name) != NULL;
}

/* More often than a process does that is left alone; nothing on a machine with one CPU. */
void move_about(void)
{
    enum { MOVES = 20 };
    for (int i = 0; i < MOVES && getenv("FAKE_MOVES") != NULL; i++) {
        cpu_set_t cpu;
        CPU_ZERO(&cpu);
        CPU_SET(i % 2, &cpu);
        sched_setaffinity(0, sizeof cpu, &cpu);
    }
}

void print_tail_counted(long long tasks, long long epoch_ns)
{
    printf("\"work\": {\"tasks\": %lld, \"messages\": 0, \"switches\": 0, \"checksum\": \"0a\"}, "
           "\"counters\": {\"procs\": 1, \"epoch_ns\": %lld}, \"rusage\": {\"user_ns\": 1}, "
           "\"memory\": [], \"clock\": {\"resolution_ns\": 1, \"read_ns\": 20.5}}\n",
           tasks, epoch_ns);
}

void print_tail(long long tasks)
{
    printf("\"work\": {\"tasks\": %lld, \"messages\": 0, \"switches\": 0, \"checksum\": \"0a\"}, "
           "\"counters\": {\"procs\": 1}, \"rusage\": {\"user_ns\": 1}, \"memory\": [], "
           "\"clock\": {\"resolution_ns\": 1, \"read_ns\": 20.5}}\n",
           tasks);
}

void print_status(const char *status, const char *reason)
{
    printf("\"status\": \"%s\", \"reason\": %s%s%s, \"error\": %d, ", status,
           reason != NULL ? "\"" : "", reason != NULL ? reason : "null", reason != NULL ? "\"" : "",
           strcmp(status, "failed") == 0 ? -11 : 0);
}

void print_metrics(const char *samples)
{
    printf("\"metrics\": [{\"name\": \"switch\", \"unit\": \"ns\", \"samples\": %s}, "
           "{\"name\": \"hop_latency\", \"unit\": \"ns\", \"histogram\": [[4, 90], [100, 10]]}], ",
           samples);
}

size_t padding(void)
{
    const char *text = getenv("SWITCHYARD_PADDING");
    return text != NULL ? strlen(text) : 0;
}

void print_padded_metrics(void)
{
    printf("\"metrics\": [{\"name\": \"switch\", \"unit\": \"ns\", \"samples\": [%zu.5, %zu]}, "
           "{\"name\": \"hop_latency\", \"unit\": \"ns\", \"histogram\": [[%zu, 9], [5000, 1]]}], ",
           padding(), padding() / 2, padding());
}

void write_trace(const struct request *request)
{
    char path[PATH_MAX];
    char block[4096];
    size_t got = 0;
    const char *folder = getenv("FAKE_TRACES");
    if (request->trace == NULL || folder == NULL) {
        return;
    }
    snprintf(path, sizeof path, "%s/" FAKE_BACKEND ".txt", folder);
    FILE *from = fopen(path, "r");
    FILE *to = fopen(request->trace, "w");
    while (from != NULL && to != NULL && (got = fread(block, 1, sizeof block, from)) > 0) {
        fwrite(block, 1, got, to);
    }
    if (from != NULL) {
        fclose(from);
    }
    if (to != NULL) {
        fclose(to);
    }
}

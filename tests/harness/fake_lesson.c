/* fake_lesson.c - a worker with the workloads of `switchyard run --wrong`, for both back ends: the
 * one whose name ends with "pthread" takes 3 times as long. A first epoch without a warm-up takes 5
 * times as long; one hop of a hundred is late; most memory is not resident. The workload that
 * FAKE_LESSON_HANGS names never ends. It runs no runtime and reads no clock. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    const char *params[3];
} workloads[] = {
    {"switch.chan", {"rounds", "latency_rounds"}},
    {"create.serial", {"rounds"}},
    {"switch.yield", {"rounds", "tasks", "latency_rounds"}},
    {"memory.park", {"tasks"}},
};

static void print_list(const char *backend)
{
    printf("{\"schema\": \"switchyard-worker/1\", \"backend\": \"%s\", \"workloads\": [", backend);
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++) {
        printf("%s{\"name\": \"%s\", \"summary\": \"s\", \"green_only\": false, \"params\": [",
               i > 0 ? ", " : "", workloads[i].name);
        for (size_t k = 0; k < 3 && workloads[i].params[k] != NULL; k++) {
            printf("%s{\"name\": \"%s\", \"value\": 1, \"min\": 0, \"max\": 100000, "
                   "\"unit\": \"u\", \"help\": \"h\"}",
                   k > 0 ? ", " : "", workloads[i].params[k]);
        }
        printf("]}");
    }
    printf("]}\n");
}

static const char *option_of(int argc, char **argv, const char *option)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], option) == 0) {
            return argv[i + 1];
        }
    }
    return "";
}

/* Each "--param NAME=VALUE" as a member. */
static void print_params(int argc, char **argv)
{
    const char *comma = "";
    printf("\"params\": {");
    for (int i = 1; i + 1 < argc; i++) {
        const char *value = strchr(argv[i + 1], '=');
        if (strcmp(argv[i], "--param") == 0 && value != NULL) {
            printf("%s\"%.*s\": %s", comma, (int)(value - argv[i + 1]), argv[i + 1], value + 1);
            comma = ", ";
        }
    }
    printf("}, ");
}

static void print_metric(const char *name, const char *unit, double value)
{
    printf("{\"name\": \"%s\", \"unit\": \"%s\", \"samples\": [%g, %g]}, ", name, unit, value,
           value);
}

int main(int argc, char **argv)
{
    bool green = strstr(argv[0], "pthread") == NULL;
    const char *backend = green ? "green" : "pthread";
    const char *workload = option_of(argc, argv, "--workload");
    const char *hangs = getenv("FAKE_LESSON_HANGS");
    double scale = green ? 1 : 3;
    int warmup = atoi(option_of(argc, argv, "--warmup"));
    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        print_list(backend);
        return 0;
    }
    while (hangs != NULL && strcmp(hangs, workload) == 0) {
        pause();
    }
    printf("{\"schema\": \"switchyard-worker/1\", \"backend\": \"%s\", \"workload\": \"%s\", "
           "\"procs\": 1, \"epochs\": %s, \"warmup\": %d, ",
           backend, workload, option_of(argc, argv, "--epochs"), warmup);
    print_params(argc, argv);
    printf("\"tune\": null, \"status\": \"ok\", \"reason\": null, \"error\": 0, \"metrics\": [");
    print_metric("switch", "ns", 10 * scale);
    print_metric("create", "ns", (warmup > 0 ? 100 : 500) * scale);
    print_metric("total", "B", 1000 * scale);
    print_metric("rss", "B", 100 * scale);
    printf("{\"name\": \"hop_latency\", \"unit\": \"ns\", \"histogram\": [[%g, 99], [10000, 1]]}], "
           "\"work\": {\"tasks\": 2, \"messages\": 0, \"switches\": 0, \"checksum\": \"0a\"}, "
           "\"counters\": {}, \"rusage\": {}, \"memory\": []}\n",
           10 * scale);
    return 0;
}

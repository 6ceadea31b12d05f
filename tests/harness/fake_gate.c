/* fake_gate.c - a worker that plays switch.yield for the gate: how long a yield takes is what
 * FAKE_GATE_NS says (10), times FAKE_GATE_FACTOR for the program whose name ends in "slow", with a
 * spread of 1 % that follows from the process's number. It runs no runtime and reads no clock, so
 * the verdicts of tests do not depend on the machine. Its instructions are those of a loop that is
 * FAKE_GATE_FACTOR times longer in the slow one. The one in a folder "other" has no workload of the
 * gate, and that in a folder "old" does not know "nogiveback". With FAKE_GATE_WAVERS=FILE the slow
 * one wavers: it is by turns as fast as the other and FAKE_GATE_FACTOR times slower, whatever the
 * machine does, so that nothing can be concluded; FILE gets a byte for each turn.
 *
 * Named "...-delayed" it plays the delayed worker: slower by FAKE_GATE_FACTOR for the first delay
 * other than 0 that it is given, which it keeps in the file FAKE_GATE_FIRST, and for no other. How
 * many steps a delay has depends on the machine's clock; which of two comes first does not. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char list[] =
    "{\"schema\": \"switchyard-worker/1\", \"backend\": \"green\", \"workloads\": [{\"name\": "
    "\"%s.yield\", \"summary\": \"s\", \"green_only\": false, \"params\": [{\"name\": "
    "\"rounds\", \"value\": 10, \"min\": 1, \"max\": 1000000000, \"unit\": \"u\", \"help\": "
    "\"h\"}, "
    "{\"name\": \"latency_rounds\", \"value\": 5, \"min\": 0, \"max\": 10, \"unit\": \"u\", "
    "\"help\": \"h\"}]}]}\n";

static double number_of(const char *name, double fallback)
{
    const char *text = getenv(name);
    return text != NULL ? strtod(text, NULL) : fallback;
}

/* The number behind an option such as "--epochs", or behind "rounds=". */
static long long option_of(int argc, char **argv, const char *option)
{
    for (int i = 1; i < argc; i++) {
        size_t length = strlen(option);
        if (strncmp(argv[i], option, length) != 0) {
            continue;
        }
        if (argv[i][length] == '=') {
            return atoll(argv[i] + length + 1);
        }
        return i + 1 < argc ? atoll(argv[i + 1]) : 0;
    }
    return 0;
}

/* What callgrind counts. */
static void work(long long steps)
{
    for (volatile long long i = 0; i < steps; i++) {
    }
}

/* In quotes, as JSON. */
static const char *tune_of(int argc, char **argv)
{
    static char tune[200] = "null";
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--tune") == 0) {
            snprintf(tune, sizeof tune, "\"%s\"", argv[i + 1]);
        }
    }
    return tune;
}

static bool is_first_delay(void)
{
    const char *path = getenv("FAKE_GATE_FIRST");
    double first = number_of("SWITCHYARD_DELAY", 0);
    double delay = first;
    if (path == NULL || delay <= 0) {
        return false;
    }
    FILE *file = fopen(path, "r");
    if (file != NULL && fscanf(file, "%lf", &first) != 1) {
        first = 0;
    }
    if (file == NULL && (file = fopen(path, "w")) != NULL) {
        fprintf(file, "%.0f\n", delay);
    }
    if (file != NULL) {
        fclose(file);
    }
    return delay == first;
}

/* This call's turn, from 0. */
static long take_turn(const char *path)
{
    FILE *file = fopen(path, "a");
    if (file == NULL) {
        return 0;
    }
    fseek(file, 0, SEEK_END);
    long turn = ftell(file);
    fputc('.', file);
    fclose(file);
    return turn;
}

static bool is_slow(const char *name)
{
    const char *wavers = getenv("FAKE_GATE_WAVERS");
    if (strstr(name, "slow/") != NULL) {
        return wavers == NULL || take_turn(wavers) % 2 == 0;
    }
    return (strstr(name, "-delayed") != NULL && is_first_delay());
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        printf(list, strstr(argv[0], "other/") != NULL ? "other" : "switch");
        return 0;
    }
    if (strstr(argv[0], "old/") != NULL && strstr(tune_of(argc, argv), "nogiveback") != NULL) {
        fputs("fatal error: SWITCHYARD_TUNE: unknown word \"nogiveback\"\n", stderr);
        abort();
    }
    double factor = is_slow(argv[0]) ? number_of("FAKE_GATE_FACTOR", 1.1) : 1;
    double noise = 1 + 0.01 * ((double)((unsigned)getpid() * 2654435761u >> 16) / 65536 - 0.5);
    double ns = number_of("FAKE_GATE_NS", 10) * factor * noise;
    long long epochs = option_of(argc, argv, "--epochs");
    long long rounds = option_of(argc, argv, "rounds");
    work((long long)((double)(rounds * epochs) * factor));
    printf("{\"schema\": \"switchyard-worker/1\", \"backend\": \"green\", \"workload\": "
           "\"switch.yield\", \"procs\": 1, \"epochs\": %lld, \"warmup\": %lld, \"params\": "
           "{\"rounds\": %lld, \"latency_rounds\": 0}, \"tune\": %s, \"status\": \"ok\", "
           "\"reason\": null, \"error\": 0, \"metrics\": [{\"name\": \"switch\", \"unit\": \"ns\", "
           "\"samples\": [%.9f]}], \"work\": {\"tasks\": 2, \"messages\": 0, \"switches\": %lld, "
           "\"checksum\": \"0a\"}, \"counters\": {}, \"rusage\": {\"voluntary_switches\": 3}, "
           "\"memory\": []}\n",
           epochs, option_of(argc, argv, "--warmup"), rounds, tune_of(argc, argv), ns,
           2 * rounds * epochs);
    return 0;
}

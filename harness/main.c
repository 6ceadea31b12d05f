/* main.c - `switchyard`: finds the command and runs it. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "near.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

/* The commands of the pipeline, in its order. */
static const struct command commands[] = {
    {"list", command_list, "show the workloads and their parameters"},
    {"run", command_run, "run an experiment and write results.json"},
    {"compare", command_compare, "compare two results files: did anything regress?"},
    {"gate", command_gate, "compare two builds: counts, and times in pairs"},
    {"sensitivity", command_sensitivity, "tell the smallest slow-down that the gate finds here"},
    {"history", command_history, "keep results over time: did anything change?"},
    {"export", command_export, "write results.json in the format of another tool"},
    {"trace", command_trace, "run a workload once and write what the schedulers did"},
    {"plot", command_plot, "draw charts from results.json"},
    {"report", command_report, "write a report from results.json"},
    {"env", command_env, "show the machine and what disturbs measurements on it"},
    {"syscalls", command_syscalls, "count the system calls of a program"},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *stream)
{
    fprintf(stream, "Usage: switchyard COMMAND [OPTION...]\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(stream, "  %-11s %s\n", commands[i].name, commands[i].summary);
    }
    fprintf(stream, "\n`switchyard COMMAND --help` tells the options of a command, with examples.\n"
                    "\nA first measurement, a picture and a comparison:\n"
                    "  switchyard run --workload 'switch.*' --trials 10 --out base.json\n"
                    "  switchyard plot base.json\n"
                    "  switchyard run --workload 'switch.*' --trials 10 --out head.json\n"
                    "  switchyard compare base.json head.json\n");
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static int refuse_command(const char *name)
{
    char hint[NEAR_BYTES];
    struct near near = near_begin(name);
    for (size_t i = 0; i < COMMANDS; i++) {
        near_offer(&near, commands[i].name);
    }
    fprintf(stderr, "switchyard: unknown command \"%s\"%s%s\n", name, near_hint(&near, "", hint),
            near.found == NULL ? "; see switchyard --help" : "");
    return EXIT_USAGE;
}

/* What was printed must have arrived: a full disk behind the output is an error of every command.
 */
static int finish_output(int status)
{
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if ((fflush(stdout) == 0 && !failed) || status != EXIT_FINE) {
        return status;
    }
    fprintf(stderr, "switchyard: the output could not be written%s%s\n", errno != 0 ? ": " : "",
            errno != 0 ? strerror(errno) : "");
    return EXIT_INTERNAL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return finish_output(EXIT_FINE);
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL) {
        return refuse_command(argv[1]);
    }
    return finish_output(command->run(argc - 1, argv + 1));
}

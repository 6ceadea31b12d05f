/* command_syscalls.c - `switchyard syscalls PROGRAM [ARGUMENT...]`. */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "commands.h"
#include "option_parts.h"
#include "syscalls.h"

#define SIGNAL_STATUS 128

struct arguments {
    const char *out; /* NULL: stderr */
    char **program;
};

static const struct argp_option option_table[] = {
    {"out", 'o', "FILE", 0, "write the count there (default: to stderr)", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->out = argument;
        return 0;
    case ARGP_KEY_ARG:
        arguments->program = &state->argv[state->next - 1];
        state->next = state->argc; /* what follows is the program's */
        return 0;
    case ARGP_KEY_END:
        if (arguments->program == NULL) {
            argp_error(state, "which program?");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse_option,
    .args_doc = "PROGRAM [ARGUMENT...]",
    .doc = "Runs a program (by its path) and counts the system calls that it, its threads and its "
           "children enter. `switchyard gate` counts so."
           "\vExamples:\n"
           "  switchyard syscalls /bin/true\n"
           "  switchyard syscalls --out calls.txt /bin/ls /tmp\n\n"
           "Exit status: that of the program, 128 + the signal that ended it, or 1 if it could "
           "not be run or traced.",
};

static int write_count(const char *path, uint64_t calls)
{
    FILE *file = path != NULL ? fopen(path, "we") : stderr;
    if (file == NULL) {
        return -1;
    }
    int written = fprintf(file, "system calls: %llu\n", (unsigned long long)calls);
    int closed = path != NULL ? fclose(file) : 0;
    return written < 0 || closed != 0 ? -1 : 0;
}

int command_syscalls(int argc, char **argv)
{
    struct arguments arguments = {.out = NULL};
    uint64_t calls = 0;
    int wait_status = 0;
    char name[] = "switchyard syscalls";
    argv[0] = name; /* argp begins its messages with it */
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &arguments);
    int status = syscalls_count(arguments.program, &calls, &wait_status);
    if (status < 0) {
        fprintf(stderr, "switchyard syscalls: %s: %s\n", arguments.program[0], strerror(-status));
        return EXIT_INTERNAL;
    }
    if (write_count(arguments.out, calls) < 0) {
        perror("switchyard syscalls: the count could not be written");
        return EXIT_INTERNAL;
    }
    return WIFSIGNALED(wait_status) ? SIGNAL_STATUS + WTERMSIG(wait_status)
                                    : WEXITSTATUS(wait_status);
}

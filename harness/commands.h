/* commands.h - the commands of `switchyard`, and its exit statuses.
 *
 * A command gets its own name as argv[0] ("switchyard plot") and what follows it, and answers the
 * exit status of the program. It has printed one clear line to stderr if that is not EXIT_FINE.
 */
#ifndef SWITCHYARD_HARNESS_COMMANDS_H
#define SWITCHYARD_HARNESS_COMMANDS_H

enum exit_status {
    EXIT_FINE = 0,
    EXIT_INTERNAL = 1,
    EXIT_USAGE = 2,
    EXIT_REGRESSION = 3,
    EXIT_INCONCLUSIVE = 4,
    EXIT_SKIPPED = 77,
    EXIT_INTERRUPTED = 130,
};

struct run_options;

int command_list(int argc, char **argv);
int command_run(int argc, char **argv);
/* `switchyard run --wrong`: a part of command_run, which has read the options. */
int command_wrong(const struct run_options *options);
int command_trace(int argc, char **argv);
int command_env(int argc, char **argv);
int command_plot(int argc, char **argv);
int command_report(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_export(int argc, char **argv);
int command_gate(int argc, char **argv);
int command_sensitivity(int argc, char **argv);
int command_history(int argc, char **argv);
int command_syscalls(int argc, char **argv);

#endif

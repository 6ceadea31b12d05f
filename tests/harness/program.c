/* program.c - see program.h. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#define ARGUMENTS_MAX 32
#define LINE_BYTES 1024

char program_folder[] = "/tmp/switchyard-test-XXXXXX";
char program_out[64];
char program_text[PROGRAM_TEXT_BYTES];

void program_setup(void)
{
    char lock[64];
    ck_assert_ptr_nonnull(mkdtemp(program_folder));
    snprintf(program_out, sizeof program_out, "%s/r.json", program_folder);
    snprintf(lock, sizeof lock, "%s/lock", program_folder);
    setenv("SWITCHYARD_LOCK", lock, 1);
}

void program_teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", program_folder);
    ck_assert_int_eq(system(command), 0);
}

/* Splits at blanks. */
static void split(char *line, char **argv)
{
    size_t count = 0;
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " ")) {
        ck_assert_uint_lt(count + 1, ARGUMENTS_MAX);
        argv[count++] = word;
    }
    argv[count] = NULL;
}

pid_t program_start(const char *arguments, int output)
{
    char line[LINE_BYTES];
    char *argv[ARGUMENTS_MAX];
    ck_assert_int_lt(snprintf(line, sizeof line, "%s %s", SWITCHYARD, arguments), LINE_BYTES);
    split(line, argv);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        execv(argv[0], argv);
        _exit(127);
    }
    ck_assert_int_gt(pid, 0);
    return pid;
}

static void fakes_line(char line[LINE_BYTES], const char *arguments)
{
    ck_assert_int_lt(snprintf(line, LINE_BYTES, "run --green %s --pthread %s --out %s %s",
                              FAKE_GREEN, FAKE_PTHREAD, program_out, arguments),
                     LINE_BYTES);
}

pid_t program_start_fakes(const char *arguments)
{
    char line[LINE_BYTES];
    int nothing = open("/dev/null", O_WRONLY);
    fakes_line(line, arguments);
    pid_t pid = program_start(line, nothing);
    close(nothing);
    return pid;
}

int program_exit(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int program_run(const char *arguments)
{
    char path[64];
    snprintf(path, sizeof path, "%s/output", program_folder);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(file, 0);
    int status = program_exit(program_start(arguments, file));
    ssize_t length = pread(file, program_text, sizeof program_text - 1, 0);
    program_text[length > 0 ? length : 0] = '\0';
    close(file);
    return status;
}

int program_run_fakes(const char *arguments)
{
    char line[LINE_BYTES];
    fakes_line(line, arguments);
    return program_run(line);
}

struct results *program_results(void)
{
    char error[RESULT_ERROR_BYTES];
    struct results *results = NULL;
    ck_assert_msg(results_load(program_out, &results, error) == 0, "%s", error);
    return results;
}

void program_says(const char *says)
{
    ck_assert_msg(strstr(program_text, says) != NULL, "no \"%s\" in: %s", says, program_text);
}

void program_pause_ns(long ns)
{
    struct timespec pause = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    nanosleep(&pause, NULL);
}

void program_wait_for_results(void)
{
    while (access(program_out, F_OK) != 0) {
        program_pause_ns(1000000);
    }
}

void program_expect_orphans_die(void)
{
    while (waitpid(-1, NULL, 0) > 0) { /* a living one would hang the test into its time-out */
    }
    ck_assert_int_eq(errno, ECHILD);
}

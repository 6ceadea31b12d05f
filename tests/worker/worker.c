/* worker.c - see worker.h. SWITCHYARD_BIN is the folder of the workers, set by CMake. */
#include "worker.h"

#include <check.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_BYTES 512

static char *read_back(int file)
{
    struct stat about;
    ck_assert_int_eq(fstat(file, &about), 0);
    char *text = calloc(1, (size_t)about.st_size + 1);
    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(pread(file, text, (size_t)about.st_size, 0), about.st_size);
    close(file);
    return text;
}

static pid_t start(char **arguments, int output, int errors)
{
    pid_t child = 0;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    ck_assert_int_eq(posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

void worker_run(struct worker_run *run, const char *worker, const char *line)
{
    char path[LINE_BYTES];
    char words[LINE_BYTES];
    char *arguments[WORKER_ARGUMENTS + 2] = {path};
    size_t count = 1;
    snprintf(path, sizeof path, "%s/%s", SWITCHYARD_BIN, worker);
    ck_assert_uint_lt((size_t)snprintf(words, sizeof words, "%s", line), sizeof words);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        ck_assert_uint_le(count, WORKER_ARGUMENTS);
        arguments[count++] = word;
    }
    int output = memfd_create("output", MFD_CLOEXEC);
    int errors = memfd_create("errors", MFD_CLOEXEC);
    int status = 0;
    pid_t child = start(arguments, output, errors);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    run->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    run->output = read_back(output);
    run->errors = read_back(errors);
}

void worker_release(struct worker_run *run)
{
    free(run->output);
    free(run->errors);
}

json_t *worker_json(const char *worker, const char *line)
{
    struct worker_run run;
    json_error_t error;
    worker_run(&run, worker, line);
    ck_assert_msg(run.exit_status == 0, "%s %s: exit status %d: %s", worker, line, run.exit_status,
                  run.errors);
    ck_assert_msg(run.errors[0] == '\0', "%s %s wrote: %s", worker, line, run.errors);
    json_t *object = json_loads(run.output, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json_is_object(object), "%s %s: no JSON object: %s", worker, line, error.text);
    worker_release(&run);
    return object;
}

const char *worker_string(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(value != NULL, "key %s is missing", key);
    return json_is_string(value) ? json_string_value(value) : "";
}

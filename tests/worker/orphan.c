/* Goal: the load generator of io.echo does not outlive its worker, however that ends.
 * Method: the test is the reaper of orphans. A worker runs with more requests than it will ever do;
 * as soon as it has a child it gets a signal. Then the worker has ended, and its child, which
 * nobody has sent anything, comes to an end as well; the suite's timeout is the failure.
 */
#include <check.h>
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker.h"

static const char *const workers[] = {WORKER_GREEN, WORKER_PTHREAD};
static const int signals[] = {SIGQUIT, SIGTERM, SIGKILL};

#define SIGNALS ((int)(sizeof signals / sizeof *signals))

/* Its stdout and stderr are the file. */
static pid_t start_worker(const char *worker, int file)
{
    pid_t child = 0;
    char path[512];
    char words[] = "worker --workload io.echo --param connections=20 --param requests=1000000000";
    char *arguments[8] = {0};
    size_t count = 0;
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        arguments[count++] = word;
    }
    snprintf(path, sizeof path, "%s/%s", SWITCHYARD_BIN, worker);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, file, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, file, STDERR_FILENO);
    ck_assert_int_eq(posix_spawn(&child, path, &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

/* The kernel says for each process who its parent is: the fourth field of its stat, behind a name
 * in parentheses. */
static pid_t parent_of(pid_t pid)
{
    char path[64];
    char text[512] = "";
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    (void)!fread(text, 1, sizeof text - 1, file);
    fclose(file);
    const char *name_end = strrchr(text, ')');
    return name_end != NULL && sscanf(name_end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

/* 0 if it has none (yet). */
static pid_t child_of(pid_t pid)
{
    pid_t child = 0;
    const struct dirent *entry = NULL;
    DIR *processes = opendir("/proc");
    ck_assert_ptr_nonnull(processes);
    while (child == 0 && (entry = readdir(processes)) != NULL) {
        pid_t candidate = (pid_t)strtol(entry->d_name, NULL, 10);
        child = candidate > 0 && parent_of(candidate) == pid ? candidate : 0;
    }
    closedir(processes);
    return child;
}

START_TEST(test_load_generator_ends_with_its_worker)
{
    const struct rlimit no_core = {0};
    int file = memfd_create("output", MFD_CLOEXEC);
    int status = 0;
    setrlimit(RLIMIT_CORE, &no_core);
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t worker = start_worker(workers[_i / SIGNALS], file);
    pid_t child = 0;
    while ((child = child_of(worker)) == 0) {
        ck_assert_int_eq(waitpid(worker, NULL, WNOHANG), 0);
        sched_yield();
    }
    ck_assert_int_eq(kill(worker, signals[_i % SIGNALS]), 0);
    ck_assert_int_eq(waitpid(worker, &status, 0), worker);
    ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status)); /* by itself: nobody killed it */
    ck_assert_int_ne(WEXITSTATUS(status), 0);
    close(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("orphan");
    TCase *tests = tcase_create("orphan");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_load_generator_ends_with_its_worker, 0, 2 * SIGNALS);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

/* debug.c - dumps of all tasks, and what SWITCHYARD_DEBUG and SIGQUIT do. The baseline shows id,
 * name and state only, and knows neither of the last two. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/child.h"
#include "support/descriptors.h"
#include "support/expect.h"
#include "support/run.h"

static char dumped[1 << 20];

/* The dump as text. */
static const char *dump(int cycles)
{
    int file = memfd_create("dump", MFD_CLOEXEC);
    expect_eq(sy_dump(file), cycles);
    ssize_t bytes = pread(file, dumped, sizeof dumped - 1, 0);
    expect_ge(bytes, 1);
    dumped[bytes > 0 ? bytes : 0] = '\0';
    close(file);
    return dumped;
}

/* task 7 "consumer" */
static bool shows(const char *text, sy_task task, const char *name)
{
    char headline[64];
    snprintf(headline, sizeof headline, "task %" PRIu32 " \"%s\"", (uint32_t)task.id, name);
    return strstr(text, headline) != NULL;
}

static void *wait_for_permit(void *sem)
{
    blocked_soon();
    expect_eq(sy_sem_wait(sem), 0);
    return NULL;
}

static int dump_waiting_tasks(void *arg)
{
    static const char *const names[] = {"alpha", "beta", "exactly15letter"};
    sy_task tasks[3];
    sy_sem sem;
    (void)arg;
    expect_eq(sy_sem_init(&sem, 0), 0);
    expect_eq(sy_task_set_name(sy_self(), "conductor"), 0);
    blocked_begin();
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_spawn(&tasks[i], wait_for_permit, &sem), 0);
        expect_eq(sy_task_set_name(tasks[i], names[i]), 0);
    }
    blocked_await(3);
    for (int round = 0; round < 3; round++) { /* it changes nothing */
        const char *text = dump(0);
        expect_true(shows(text, sy_self(), "conductor"));
        for (int i = 0; i < 3; i++) {
            expect_true(shows(text, tasks[i], names[i]));
        }
    }
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_sem_post(&sem), 0);
    }
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
        expect_true(!shows(dump(0), tasks[i], names[i])); /* it is gone */
    }
    return 0;
}

/* Goal: a dump shows the number and the name of every task that there is, and of no other. */
START_TEST(test_debug_dump_shows_all_tasks)
{
    run_tasks(RUN_PROCS[_i], dump_waiting_tasks, NULL);
}
END_TEST

static int dump_to_descriptors(void *arg)
{
    char text[65536] = "";
    int ends[2];
    (void)arg;
    open_pipe(ends);
    expect_eq(sy_dump(ends[1]), 0);
    ssize_t bytes = sy_read(ends[0], text, sizeof text - 1);
    expect_ge(bytes, 1);
    expect_true(shows(text, sy_self(), ""));
    expect_eq(sy_dump(-1), -EBADF);
    expect_eq(sy_dump(INT32_MAX), -EBADF);
    expect_eq(sy_dump(ends[0]), -EBADF); /* it cannot be written to */
    close_both(ends);
    expect_eq(sy_dump(ends[1]), -EBADF);
    return 0;
}

START_TEST(test_debug_dump_to_a_pipe)
{
    struct sy_config config = {.procs = RUN_PROCS[_i], .stack_bytes = (size_t)1 << 18};
    ck_assert_int_eq(sy_run(&config, dump_to_descriptors, NULL), 0);
    expect_assert_all();
}
END_TEST

static void *come_and_go(void *arg)
{
    while (*(atomic_bool *)arg) {
        expect_eq(sy_sleep(10 * SY_MICROSECOND), 0);
        sy_yield();
    }
    return NULL;
}

static int dump_busy_tasks(void *arg)
{
    enum { TASKS = 8 };
    sy_task tasks[TASKS];
    atomic_bool go_on = true;
    (void)arg;
    expect_eq(sy_task_set_name(sy_self(), "conductor"), 0);
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_spawn(&tasks[i], come_and_go, &go_on), 0);
        expect_eq(sy_task_set_name(tasks[i], "busy"), 0);
    }
    for (int round = 0; round < 30; round++) {
        const char *text = dump(0);
        expect_true(shows(text, sy_self(), "conductor"));
        for (int i = 0; i < TASKS; i++) {
            expect_true(shows(text, tasks[i], "busy"));
        }
        sy_yield();
    }
    go_on = false;
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: a dump while all tasks run, wait and sleep; they go on afterwards. */
START_TEST(test_debug_dump_of_busy_tasks)
{
    run_tasks(RUN_PROCS[_i], dump_busy_tasks, NULL);
}
END_TEST

/* Two tasks that hold one mutex each and wait for the other's; two that join each other. */
static struct {
    sy_mutex mutexes[2];
    sy_task tasks[4];
    atomic_bool spawned; /* all of tasks[] is set */
    atomic_int locked;
} knot;

static void *lock_crosswise(void *arg)
{
    int own = (int)(intptr_t)arg;
    (void)sy_mutex_lock(&knot.mutexes[own]);
    knot.locked++;
    while (knot.locked < 2) {
        sy_yield();
    }
    blocked_soon();
    (void)sy_mutex_lock(&knot.mutexes[1 - own]);
    return NULL;
}

static void *join_crosswise(void *arg)
{
    while (!knot.spawned) {
        sy_yield();
    }
    blocked_soon();
    (void)sy_join(knot.tasks[(intptr_t)arg], NULL);
    return NULL;
}

static int dump_cycles(void *arg)
{
    static const char *const names[] = {"left", "right", "hen", "egg"};
    (void)arg;
    blocked_begin();
    (void)sy_spawn(&knot.tasks[0], lock_crosswise, (void *)0);
    (void)sy_spawn(&knot.tasks[1], lock_crosswise, (void *)1);
    (void)sy_spawn(&knot.tasks[2], join_crosswise, (void *)3);
    (void)sy_spawn(&knot.tasks[3], join_crosswise, (void *)2);
    for (int i = 0; i < 4; i++) {
        (void)sy_task_set_name(knot.tasks[i], names[i]);
    }
    knot.spawned = true;
    blocked_await(4);
    _exit(10 + sy_dump(STDERR_FILENO));
}

static void run_cycles(void *arg)
{
    struct sy_config config = {.procs = *(uint32_t *)arg};
    (void)sy_run(&config, dump_cycles, NULL);
}

/* Goal: cycles of tasks that wait for each other through mutexes and joins are found (green). */
START_TEST(test_debug_dump_finds_cycles)
{
    static struct child child;
    uint32_t procs = RUN_PROCS[_i];
    child_run(&child, run_cycles, &procs);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), run_is_green() ? 12 : 10);
    ck_assert(strstr(child.text, "\"left\"") != NULL);
    ck_assert(strstr(child.text, "\"egg\"") != NULL);
}
END_TEST

static void *quit(void *arg)
{
    (void)arg;
    kill(getpid(), SIGQUIT);
    return NULL;
}

static int wait_for_quit(void *arg)
{
    sy_sem sem;
    sy_task task;
    (void)sy_sem_init(&sem, 0);
    (void)sy_task_set_name(sy_self(), "conductor");
    blocked_begin();
    (void)sy_spawn(&task, wait_for_permit, &sem);
    (void)sy_task_set_name(task, "passenger");
    blocked_await(1);
    if (*(bool *)arg) {
        (void)quit(NULL); /* while the task runs, */
    } else {
        (void)sy_blocking(quit, NULL); /* while it is in a blocking call */
    }
    return sy_sleep(3600 * SY_SECOND); /* so that it is no deadlock */
}

static void run_until_quit(void *arg)
{
    struct sy_config config = {.procs = 2};
    signal(SIGQUIT, SIG_DFL);
    (void)sy_run(&config, wait_for_quit, arg);
}

/* Goal: SIGQUIT dumps all tasks and ends the process with status 2 (green); the baseline leaves the
 * signal alone. */
START_TEST(test_debug_sigquit)
{
    static struct child child;
    bool running = _i == 1;
    child_run(&child, run_until_quit, &running);
    if (!run_is_green()) {
        ck_assert(WIFSIGNALED(child.status));
        ck_assert_int_eq(WTERMSIG(child.status), SIGQUIT);
        return;
    }
    ck_assert_msg(WIFEXITED(child.status), "status %#x: %s", (unsigned)child.status, child.text);
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
    ck_assert(strstr(child.text, "\"conductor\"") != NULL);
    ck_assert(strstr(child.text, "\"passenger\"") != NULL);
}
END_TEST

static void *nothing(void *arg)
{
    return arg;
}

static int leak_a_task(void *arg)
{
    sy_task leaked;
    sy_task joined;
    (void)arg;
    (void)sy_spawn(&joined, nothing, NULL);
    (void)sy_task_set_name(joined, "joined");
    (void)sy_spawn(&leaked, nothing, NULL);
    (void)sy_task_set_name(leaked, "forgotten");
    (void)sy_join(joined, NULL);
    return sy_sleep(20 * SY_MILLISECOND);
}

static void run_with_debug(void *words)
{
    setenv("SWITCHYARD_DEBUG", words, 1);
    _exit(sy_run(NULL, leak_a_task, NULL));
}

static void debug_with(struct child *child, const char *words)
{
    char copy[64];
    snprintf(copy, sizeof copy, "%s", words);
    child_run(child, run_with_debug, copy);
    ck_assert(WIFEXITED(child->status));
    ck_assert_int_eq(WEXITSTATUS(child->status), 0);
}

/* Goal: leaked tasks are told at the end on request, a line about the scheduler now and then
 * (green). Without a request nothing is said. */
START_TEST(test_debug_words_in_the_environment)
{
    static struct child child;
    debug_with(&child, "");
    ck_assert_str_eq(child.text, "");
    debug_with(&child, "leaks");
    ck_assert_int_eq(strstr(child.text, "\"forgotten\"") != NULL, run_is_green());
    ck_assert(strstr(child.text, "joined\"") == NULL);
    debug_with(&child, "schedtrace=1");
    ck_assert_int_eq(strchr(child.text, '\n') != NULL, run_is_green());
    ck_assert(strstr(child.text, "forgotten") == NULL);
    debug_with(&child, "schedtrace=1,leaks");
    ck_assert_int_eq(strstr(child.text, "\"forgotten\"") != NULL, run_is_green());
}
END_TEST

Suite *suite_debug(void)
{
    Suite *suite = suite_create("debug");
    TCase *tests = tcase_create("debug");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_debug_dump_shows_all_tasks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_debug_dump_to_a_pipe, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_debug_dump_of_busy_tasks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_debug_dump_finds_cycles, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_debug_sigquit, 0, 2);
    tcase_add_test(tests, test_debug_words_in_the_environment);
    suite_add_tcase(suite, tests);
    return suite;
}

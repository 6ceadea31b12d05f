/* test_runtime_deadlock.c - when everything sleeps: deadlocks are found under every number of procs
 * however the program came there, and nothing else is taken for one. Method: deadlocks in children
 * whose stderr is read; programs that are idle all the time, but never for good. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/child.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

static const char first_line[] = "fatal error: all tasks are asleep - deadlock!\n";

/* Not static, so that backtraces show their names. */
int wait_where_nobody_sends(void *arg);
void *join_the_other(void *arg);

struct program {
    uint32_t procs;
    int (*main_fn)(void *arg);
};

static void run_program(void *arg)
{
    const struct program *program = arg;
    struct sy_config config = {.procs = program->procs};
    _exit(sy_run(&config, program->main_fn, NULL) == 0 ? 5 : 6);
}

/* The report of a child that ended in a deadlock. */
static const char *report_of(uint32_t procs, int (*main_fn)(void *arg))
{
    static struct child child;
    struct program program = {.procs = procs, .main_fn = main_fn};
    child_run(&child, run_program, &program);
    ck_assert_msg(strncmp(child.text, first_line, strlen(first_line)) == 0,
                  "the report begins otherwise: %s", child.text);
    ck_assert_msg(strstr(child.text + 1, first_line) == NULL, "it comes twice: %s", child.text);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
    return child.text;
}

static void assert_has(const char *report, const char *text)
{
    ck_assert_msg(strstr(report, text) != NULL, "no \"%s\" in: %s", text, report);
}

int wait_where_nobody_sends(void *arg)
{
    sy_chan chan;
    (void)arg;
    (void)sy_task_set_name(sy_self(), "lonely");
    (void)sy_chan_new(&chan, sizeof(int), 1);
    return sy_chan_recv(chan, NULL);
}

/* Goal: the report names the task, why it waits, and the function that does. */
START_TEST(test_deadlock_names_the_function)
{
    const char *report = report_of(RUN_PROCS[_i], wait_where_nobody_sends);
    assert_has(report, "\ntask 1 \"lonely\": waits to receive from channel 1, for ");
    assert_has(report, "(wait_where_nobody_sends+");
}
END_TEST

static sy_task others[2];

void *join_the_other(void *arg)
{
    int result = sy_join(others[(uintptr_t)arg], NULL);
    return (void *)(intptr_t)result;
}

static int join_in_a_ring(void *arg)
{
    (void)sy_spawn(&others[0], join_the_other, (void *)1);
    (void)sy_spawn(&others[1], join_the_other, (void *)0);
    (void)sy_task_set_name(others[0], "left");
    (void)sy_task_set_name(others[1], "right");
    (void)arg;
    return 0;
}

/* Goal: main has ended, two tasks join each other: both are shown, and what each waits for. */
START_TEST(test_deadlock_of_tasks_after_main)
{
    const char *report = report_of(RUN_PROCS[_i], join_in_a_ring);
    assert_has(report, "\ntask 2 \"left\": waits to join task 3, for ");
    assert_has(report, "\ntask 3 \"right\": waits to join task 2, for ");
    assert_has(report, "(join_the_other+");
    ck_assert_ptr_null(strstr(report, "\ntask 1 "));
}
END_TEST

enum { BUSY = 50, MANY = 1500 };

static void *work_a_little(void *arg)
{
    for (volatile int i = 0; i < 10000; i++) {
        if (i % 100 == 0) {
            sy_yield();
        }
    }
    return arg;
}

static int deadlock_after_work(void *arg)
{
    for (int i = 0; i < BUSY; i++) {
        (void)sy_go(work_a_little, NULL);
    }
    return wait_where_nobody_sends(arg);
}

/* Goal: it is found each time, also when all procs were busy just before and go idle together. */
START_TEST(test_deadlock_is_found_after_work)
{
    for (int round = 0; round < 20; round++) {
        assert_has(report_of(RUN_PROCS[_i], deadlock_after_work), "\ntask 1 \"lonely\": ");
    }
}
END_TEST

static void *wait_for_permit(void *sem)
{
    (void)sy_sem_wait(sem);
    return NULL;
}

static int deadlock_of_many(void *arg)
{
    static sy_sem sem;
    (void)arg;
    (void)sy_sem_init(&sem, 0);
    for (int i = 1; i < MANY; i++) {
        (void)sy_go(wait_for_permit, &sem);
    }
    return sy_sem_wait(&sem);
}

/* Goal: thousands of tasks do not make an endless report: 1,000 are shown, the others counted. It
 * goes to a file, since only its end is of interest. */
START_TEST(test_deadlock_of_many_is_cut)
{
    static const char expected[] = "\n\n... and 500 more tasks\n";
    off_t length = (off_t)strlen(expected);
    struct program program = {.procs = RUN_PROCS[_i], .main_fn = deadlock_of_many};
    int status = 0;
    char path[] = "/tmp/test_runtime_deadlock.XXXXXX";
    char last[64] = "";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    unlink(path);
    pid_t id = fork();
    if (id == 0) {
        dup2(file, STDERR_FILENO);
        run_program(&program);
    }
    ck_assert_int_eq(waitpid(id, &status, 0), id);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 2);
    ck_assert_int_gt(lseek(file, 0, SEEK_END), length);
    ck_assert_int_eq(pread(file, last, (size_t)length, lseek(file, 0, SEEK_END) - length), length);
    ck_assert_str_eq(last, expected);
    close(file);
}
END_TEST

/* --- no deadlock ------------------------------------------------------------------------------ */

enum { SLEEPS = 2000, RELAYS = 4 };

static void *sleep_often(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    for (int i = 0; i < SLEEPS; i++) {
        sy_sleep(rand_r(&seed) % (20 * SY_MICROSECOND));
    }
    return NULL;
}

static int only_sleepers(void *arg)
{
    sy_task tasks[RELAYS];
    (void)arg;
    for (uintptr_t i = 0; i < RELAYS; i++) {
        expect_eq(sy_spawn(&tasks[i], sleep_often, (void *)i), 0);
    }
    for (int i = 0; i < RELAYS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: with nothing but sleepers all procs are idle all the time: no deadlock, all wake. */
START_TEST(test_deadlock_not_with_sleepers)
{
    run_tasks(RUN_PROCS[_i], only_sleepers, NULL);
}
END_TEST

static sy_chan relays[RELAYS];

static void *relay(void *arg)
{
    uintptr_t place = (uintptr_t)arg;
    int value = 0;
    while (sy_chan_recv(relays[place], &value) == 1) {
        if (value % 50 == 0) {
            sy_sleep(5 * SY_MICROSECOND);
        }
        if (place + 1 < RELAYS) {
            expect_eq(sy_chan_send(relays[place + 1], &value), 0);
        }
    }
    if (place + 1 < RELAYS) {
        expect_eq(sy_chan_close(relays[place + 1]), 0);
    }
    return NULL;
}

static int hand_one_thing_around(void *arg)
{
    sy_task tasks[RELAYS];
    (void)arg;
    for (uintptr_t i = 0; i < RELAYS; i++) {
        expect_eq(sy_chan_new(&relays[i], sizeof(int), 0), 0);
        expect_eq(sy_spawn(&tasks[i], relay, (void *)i), 0);
    }
    for (int i = 0; i < 10 * SLEEPS; i++) {
        expect_eq(sy_chan_send(relays[0], &i), 0);
    }
    expect_eq(sy_chan_close(relays[0]), 0);
    for (int i = 0; i < RELAYS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: nor while work passes between procs that go idle and come back at every hop. */
START_TEST(test_deadlock_not_while_work_is_handed_around)
{
    run_tasks(RUN_PROCS[_i], hand_one_thing_around, NULL);
}
END_TEST

static int end_at_once(void *arg)
{
    (void)arg;
    return 0;
}

static int leave_others_running(void *arg)
{
    for (int i = 0; i < BUSY; i++) {
        (void)sy_go(work_a_little, arg);
    }
    return 0;
}

/* Goal: the end of a program is no deadlock, hundreds of times, also when main ends before its
 * tasks. */
START_TEST(test_deadlock_not_at_the_end)
{
    struct sy_config config = {.procs = RUN_PROCS[_i], .max_tasks = 1000};
    for (int round = 0; round < 300; round++) {
        ck_assert_int_eq(sy_run(&config, round % 2 == 0 ? end_at_once : leave_others_running, NULL),
                         0);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_deadlock");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_deadlock_names_the_function, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_deadlock_of_tasks_after_main, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_deadlock_is_found_after_work, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_deadlock_of_many_is_cut, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_deadlock_not_with_sleepers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_deadlock_not_while_work_is_handed_around, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_deadlock_not_at_the_end, 0, RUN_PROCS_COUNT);
    return suite_main("runtime_deadlock", tests);
}

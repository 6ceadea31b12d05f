/* test_overflow.c - what happens when a task needs more stack than it has. Method: a child does it;
 * the parent reads its stderr and how it was killed. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/child.h"
#include "support/run.h"
#include "support/suite_main.h"

static volatile bool endless = true; /* volatile, so that no compiler sees the end */

static int descend(int depth)
{
    volatile char frame[200];
    frame[0] = (char)depth;
    return endless ? descend(depth + 1) + frame[0] : depth;
}

static void *recurse(void *arg)
{
    (void)descend(0);
    return arg;
}

static void *use_huge_frame(void *arg)
{
    volatile char frame[1 << 20]; /* larger than stack and guard together */
    frame[0] = 1;
    frame[sizeof frame - 1] = frame[0];
    return arg;
}

static void *write_below_null(void *arg)
{
    *(volatile int *)arg = 1;
    return arg;
}

static void *end_at_once(void *arg)
{
    return arg;
}

/* Names itself first: where there are two procs, it may run before its parent goes on. */
static void *run_named(void *arg)
{
    const sy_task_fn *body = arg;
    (void)sy_task_set_name(sy_self(), "deep");
    return (*body)(NULL);
}

static int spawn_deep(sy_task_fn body)
{
    sy_task task;
    (void)sy_spawn(&task, run_named, &body);
    return sy_join(task, NULL);
}

static int overflow_by_recursion(void *arg)
{
    (void)arg;
    return spawn_deep(recurse);
}

static int overflow_by_frame(void *arg)
{
    (void)arg;
    return spawn_deep(use_huge_frame);
}

static int overflow_recycled(void *arg)
{
    (void)arg;
    for (int i = 0; i < 200; i++) {
        sy_task task;
        (void)sy_spawn(&task, end_at_once, NULL);
        (void)sy_join(task, NULL);
    }
    return spawn_deep(recurse);
}

static int overflow_in_main(void *arg)
{
    (void)sy_task_set_name(sy_self(), "deep");
    return recurse(arg) == NULL;
}

static int fault_otherwise(void *arg)
{
    (void)arg;
    return spawn_deep(write_below_null);
}

struct fault {
    uint32_t procs;
    int (*main_fn)(void *arg);
};

static void run_fault(void *arg)
{
    const struct fault *fault = arg;
    struct sy_config config = {.procs = fault->procs};
    (void)sy_run(&config, fault->main_fn, NULL);
}

static const char *killed_by_fault(uint32_t procs, int (*main_fn)(void *arg))
{
    static struct child child;
    struct fault fault = {.procs = procs, .main_fn = main_fn};
    child_run(&child, run_fault, &fault);
    ck_assert_msg(WIFSIGNALED(child.status), "it exited with %d: %s", WEXITSTATUS(child.status),
                  child.text);
    ck_assert_int_eq(WTERMSIG(child.status), SIGSEGV);
    return child.text;
}

static void assert_overflow(uint32_t procs, int (*main_fn)(void *arg), int task)
{
    int number = 0;
    int length = 0;
    const char *text = killed_by_fault(procs, main_fn);
    sscanf(text, "fatal error: stack overflow in task %d \"deep\"\n%n", &number, &length);
    ck_assert_msg(length > 0, "it begins otherwise: %s", text);
    /* Which slot a second proc takes depends on who was first. */
    ck_assert_msg(number == task || procs > 1, "it names task %d: %s", number, text);
    ck_assert_msg(strstr(text, "sp 0x") != NULL && strstr(text, "spawned at 0x") != NULL,
                  "no stack pointer or spawn site: %s", text);
}

/* Goal: the report names the task, and the process dies of SIGSEGV, as without the report. */
START_TEST(test_overflow_by_recursion)
{
    assert_overflow(RUN_PROCS[_i], overflow_by_recursion, 2);
}
END_TEST

/* Goal: a frame larger than the guard cannot jump over it. */
START_TEST(test_overflow_by_one_frame)
{
    assert_overflow(RUN_PROCS[_i], overflow_by_frame, 2);
}
END_TEST

START_TEST(test_overflow_of_recycled_stack)
{
    assert_overflow(RUN_PROCS[_i], overflow_recycled, 2);
}
END_TEST

START_TEST(test_overflow_in_main)
{
    assert_overflow(RUN_PROCS[_i], overflow_in_main, 1);
}
END_TEST

/* Goal: another fault is no overflow: no report, the same signal. */
START_TEST(test_overflow_not_for_other_faults)
{
    ck_assert_str_eq(killed_by_fault(RUN_PROCS[_i], fault_otherwise), "");
}
END_TEST

static void exit_seven(int signal)
{
    (void)signal;
    _exit(7);
}

static void fault_with_own_handler(void *arg)
{
    signal(SIGSEGV, exit_seven);
    run_fault(arg);
}

/* Goal: a program's own handler gets the faults that are no overflows. */
START_TEST(test_overflow_leaves_other_faults_to_earlier_handler)
{
    static struct child child;
    struct fault fault = {.procs = 1, .main_fn = fault_otherwise};
    child_run(&child, fault_with_own_handler, &fault);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 7);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("overflow");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_overflow_by_recursion, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_overflow_by_one_frame, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_overflow_of_recycled_stack, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_overflow_in_main, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_overflow_not_for_other_faults, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_overflow_leaves_other_faults_to_earlier_handler);
    return suite_main("overflow", tests);
}

/* test_runtime_faults.c - SIGSEGV inside and outside of tasks' stacks: what is reported as
 * overflow, and what keeps its meaning. Method: a child does it; the parent reads its stderr and
 * how it ended.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "stack.h"
#include "support/child.h"
#include "support/run.h"
#include "support/suite_main.h"

static atomic_bool over;

struct program {
    uint32_t procs;
    sy_task_fn body;
    int (*main_fn)(void *arg);
};

/* It names itself: by its parent it may be named too late. */
static void *run_named(void *body)
{
    (void)sy_task_set_name(sy_self(), "deep");
    return ((sy_task_fn)body)(NULL);
}

static int spawn_named(void *body)
{
    sy_task task;
    (void)sy_spawn(&task, run_named, body);
    return sy_join(task, NULL);
}

static void run_program(void *arg)
{
    const struct program *program = arg;
    struct sy_config config = {.procs = program->procs};
    int (*main_fn)(void *arg) = program->main_fn != NULL ? program->main_fn : spawn_named;
    _exit(sy_run(&config, main_fn, (void *)program->body));
}

static const struct child *child_of(uint32_t procs, sy_task_fn body, int (*main_fn)(void *arg))
{
    static struct child child;
    struct program program = {.procs = procs, .body = body, .main_fn = main_fn};
    child_run(&child, run_program, &program);
    return &child;
}

static void assert_killed(const struct child *child)
{
    ck_assert_msg(WIFSIGNALED(child->status), "it exited with %d: %s", WEXITSTATUS(child->status),
                  child->text);
    ck_assert_int_eq(WTERMSIG(child->status), SIGSEGV);
}

static void assert_overflow(const struct child *child)
{
    static const char first[] = "fatal error: stack overflow in task ";
    assert_killed(child);
    ck_assert_msg(strncmp(child->text, first, strlen(first)) == 0 &&
                      strstr(child->text, " \"deep\"\n") != NULL,
                  "it says otherwise: %s", child->text);
    ck_assert_msg(strstr(child->text + 1, first) == NULL, "it says so twice: %s", child->text);
}

static void assert_exit(const struct child *child, int status)
{
    ck_assert_str_eq(child->text, "");
    ck_assert_msg(WIFEXITED(child->status), "killed by signal %d", WTERMSIG(child->status));
    ck_assert_int_eq(WEXITSTATUS(child->status), status);
}

/* --- overflow --------------------------------------------------------------------------------- */

static uint32_t own_slot(void)
{
    return handle_slot(sy_self().id);
}

static void *write_lowest_byte(void *arg)
{
    *(volatile char *)stack_bottom(own_slot()) = 1;
    return arg;
}

static void *write_one_byte_below(void *arg)
{
    ((volatile char *)stack_bottom(own_slot()))[-1] = 1;
    return arg;
}

static void *read_one_byte_below(void *arg)
{
    (void)((volatile char *)stack_bottom(own_slot()))[-1];
    return arg;
}

static void *write_lowest_byte_of_guard(void *arg)
{
    ((volatile char *)stack_bottom(own_slot()))[-4096] = 1;
    return arg;
}

/* Goal: the lowest byte of a stack is the task's, the ones below are an overflow. */
START_TEST(test_faults_overflow_by_one_byte)
{
    assert_exit(child_of(2, write_lowest_byte, NULL), 0);
    assert_overflow(child_of(2, write_one_byte_below, NULL));
    assert_overflow(child_of(2, read_one_byte_below, NULL));
    assert_overflow(child_of(2, write_lowest_byte_of_guard, NULL));
}
END_TEST

static volatile size_t frame_bytes = 1 << 20; /* volatile, so that it is a real alloca */

static void *take_large_frame(void *arg)
{
    volatile char *frame = __builtin_alloca(frame_bytes);
    frame[0] = 1;
    return arg;
}

/* Goal: a frame of 1 MiB that is only known when it is taken cannot jump over the guard. */
START_TEST(test_faults_overflow_by_alloca)
{
    assert_overflow(child_of(RUN_PROCS[_i], take_large_frame, NULL));
}
END_TEST

static volatile bool endless = true;

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

static void *yield_for_ever(void *arg)
{
    while (!over) {
        sy_yield();
    }
    return arg;
}

static int overflow_among_others(void *body)
{
    for (int i = 0; i < 10; i++) {
        (void)sy_go(yield_for_ever, NULL);
    }
    for (int i = 0; i < 1000; i++) {
        sy_yield(); /* the others are spread over the procs */
    }
    return spawn_named(body);
}

/* Goal: the report comes once and is right while other procs run tasks. */
START_TEST(test_faults_overflow_while_others_run)
{
    assert_overflow(child_of(RUN_PROCS[_i], recurse, overflow_among_others));
}
END_TEST

static void *come_near(void *arg)
{
    volatile char frame[50 * 1024];
    frame[0] = 1;
    frame[sizeof frame - 1] = frame[0];
    return arg;
}

static int overflow_after_recycling(void *body)
{
    for (int i = 0; i < 1000; i++) {
        sy_task task;
        (void)sy_spawn(&task, come_near, NULL);
        (void)sy_join(task, NULL);
    }
    return spawn_named(body);
}

/* Goal: the guard of a stack that was used 1,000 times is still there. */
START_TEST(test_faults_overflow_after_recycling)
{
    assert_overflow(child_of(RUN_PROCS[_i], recurse, overflow_after_recycling));
}
END_TEST

/* --- other faults ----------------------------------------------------------------------------- */

static void *kill_from_outside(void *arg)
{
    kill(getpid(), SIGSEGV);
    return arg;
}

static void *raise_here(void *arg)
{
    raise(SIGSEGV);
    return arg;
}

/* A signal that was sent carries other words where a fault has its address: here they look like
 * that of this task's guard. */
static void *send_looking_like_overflow(void *arg)
{
    siginfo_t info = {.si_signo = SIGSEGV, .si_code = SI_QUEUE};
    info.si_addr = (char *)stack_bottom(own_slot()) - 8;
    syscall(SYS_rt_sigqueueinfo, getpid(), SIGSEGV, &info);
    return arg;
}

static void *write_to_null(void *arg)
{
    *(volatile int *)arg = 1;
    return arg;
}

static void *use_unmapped(void *arg)
{
    char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *(volatile char *)page = 1;
    return arg;
}

static const sy_task_fn other_faults[] = {kill_from_outside, raise_here, send_looking_like_overflow,
                                          write_to_null, use_unmapped};

enum { OTHER_FAULTS = sizeof other_faults / sizeof other_faults[0] };

/* Goal: whatever is no overflow kills as without the runtime, and nothing is reported. */
START_TEST(test_faults_others_kill)
{
    const struct child *child = child_of(2, other_faults[_i], NULL);
    assert_killed(child);
    ck_assert_str_eq(child->text, "");
}
END_TEST

static void exit_nine(int number, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    _exit(number == SIGSEGV ? 9 : 1);
}

static struct sigaction own_action(void)
{
    struct sigaction action = {.sa_sigaction = exit_nine, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaddset(&action.sa_mask, SIGUSR1);
    return action;
}

static void run_with_own_handler(void *arg)
{
    struct sigaction action = own_action();
    sigaction(SIGSEGV, &action, NULL);
    run_program(arg);
}

/* Goal: the program's own handler, installed before, gets them; but an overflow is reported. */
START_TEST(test_faults_others_go_to_own_handler)
{
    static struct child child;
    struct program program = {.procs = 2, .body = other_faults[_i]};
    child_run(&child, run_with_own_handler, &program);
    assert_exit(&child, 9);
    program.body = recurse;
    child_run(&child, run_with_own_handler, &program);
    assert_overflow(&child);
}
END_TEST

static void *nothing(void *arg)
{
    return arg;
}

/* Goal: when sy_run has returned, the handler from before is there again with its mask and flags,
 * and no signal stack of the runtime. */
START_TEST(test_faults_handler_is_restored)
{
    struct sy_config config = {.procs = 2};
    struct sigaction action = own_action();
    struct sigaction after;
    stack_t stack;
    sigaction(SIGSEGV, &action, NULL);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(sy_run(&config, spawn_named, (void *)nothing), 0);
        sigaction(SIGSEGV, NULL, &after);
        ck_assert(after.sa_sigaction == exit_nine);
        ck_assert_int_eq(after.sa_flags & (SA_SIGINFO | SA_ONSTACK), SA_SIGINFO | SA_ONSTACK);
        ck_assert_int_eq(sigismember(&after.sa_mask, SIGUSR1), 1);
        ck_assert_int_eq(sigismember(&after.sa_mask, SIGUSR2), 0);
        sigaltstack(NULL, &stack);
        ck_assert_int_eq(stack.ss_flags, SS_DISABLE);
    }
    signal(SIGSEGV, SIG_DFL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_faults");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_faults_overflow_by_one_byte);
    tcase_add_loop_test(tests, test_faults_overflow_by_alloca, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_faults_overflow_while_others_run, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_faults_overflow_after_recycling, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_faults_others_kill, 0, OTHER_FAULTS);
    tcase_add_loop_test(tests, test_faults_others_go_to_own_handler, 0, OTHER_FAULTS);
    tcase_add_test(tests, test_faults_handler_is_restored);
    return suite_main("runtime_faults", tests);
}

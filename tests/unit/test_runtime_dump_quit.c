/* test_runtime_dump_quit.c - SIGQUIT, and reports of a process that is about to end: whatever its
 * tasks are doing, they come, and they end the process. Method: children, whose stderr is read. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "proc.h"
#include "stack.h"
#include "support/blocked.h"
#include "support/child.h"
#include "support/run.h"
#include "support/suite_main.h"

/* Not static, so that backtraces show their names. */
void *compute(void *arg);
void *wait_for_permit(void *sem);
void *nap(void *arg);
void *stay_in_the_section(void *arg);
int quit_while_all_compute(void *procs);
int quit_while_blocked(void *arg);

struct program {
    uint32_t procs;
    int (*main_fn)(void *arg);
    uint32_t arg;
};

static struct child child;

static void run_program(void *arg)
{
    struct program *program = arg;
    struct sy_config config = {.procs = program->procs};
    signal(SIGQUIT, SIG_DFL);
    _exit(sy_run(&config, program->main_fn, &program->arg));
}

/* What the child wrote before it ended with that status. */
static const char *report_of(struct program program, int status)
{
    child_run(&child, run_program, &program);
    ck_assert_msg(WIFEXITED(child.status), "signal %d: %s", WTERMSIG(child.status), child.text);
    ck_assert_msg(WEXITSTATUS(child.status) == status, "status %d: %s", WEXITSTATUS(child.status),
                  child.text);
    return child.text;
}

static void assert_has(const char *report, const char *text)
{
    ck_assert_msg(strstr(report, text) != NULL, "no \"%s\" in: %s", text, report);
}

static int occurrences(const char *report, const char *text)
{
    int count = 0;
    for (; (report = strstr(report, text)) != NULL; report++) {
        count++;
    }
    return count;
}

static void quit(void)
{
    kill(getpid(), SIGQUIT);
}

/* --- what tasks do meanwhile ------------------------------------------------------------------ */

static sy_sem never;
static atomic_int started;

void *compute(void *arg)
{
    started++;
    for (;;) {
        atomic_signal_fence(memory_order_seq_cst); /* a loop that the compiler keeps */
    }
    return arg;
}

void *wait_for_permit(void *sem)
{
    (void)sy_sem_wait(sem);
    return NULL;
}

static void start_tasks(uint32_t count, sy_task_fn body, const char *name)
{
    sy_task task;
    for (uint32_t i = 0; i < count; i++) {
        (void)sy_spawn(&task, body, &never);
        (void)sy_task_set_name(task, name);
    }
}

int quit_while_all_compute(void *procs)
{
    uint32_t others = *(uint32_t *)procs - 1;
    (void)sy_sem_init(&never, 0);
    start_tasks(1, wait_for_permit, "waiting");
    sy_yield();
    start_tasks(others, compute, "computing");
    while (started < (int)others) {
        sy_yield();
    }
    quit();
    (void)compute(NULL);
    return 0;
}

/* Goal: it works when no proc is free, and shows where each task computes. */
START_TEST(test_quit_while_all_compute)
{
    uint32_t procs = RUN_PROCS[_i];
    struct program program = {procs, quit_while_all_compute, procs};
    const char *report = report_of(program, 2);
    ck_assert_int_eq(strncmp(report, "SIGQUIT: all tasks\n", 19), 0);
    assert_has(report, "\"waiting\": waits for semaphore 0x");
    assert_has(report, "(wait_for_permit+");
    ck_assert_int_eq(occurrences(report, "\"computing\": runs on proc "), (int)procs - 1);
    ck_assert_int_ge(occurrences(report, "(compute+"), (int)procs - 1);
    assert_has(report, "(quit_while_all_compute+"); /* in compute, or still in kill(2) */
    ck_assert_int_eq(occurrences(report, "SIGQUIT"), 1);
}
END_TEST

void *nap(void *arg)
{
    started++;
    for (;;) {
        pause(); /* returns after each signal */
    }
    return arg;
}

static void *nap_in_a_call(void *arg)
{
    return sy_blocking(nap, arg);
}

enum { NAPPERS = 4 };

int quit_while_blocked(void *arg)
{
    (void)arg;
    start_tasks(NAPPERS, nap_in_a_call, "napping");
    while (started < NAPPERS) {
        sy_yield();
    }
    started = 0;
    quit();
    (void)compute(NULL); /* with one proc, on a worker that sysmon made */
    return 0;
}

/* Goal: it shows what blocking calls do, and what runs on workers that were made for them. */
START_TEST(test_quit_while_calls_block)
{
    struct program program = {RUN_PROCS[_i], quit_while_blocked, 0};
    const char *report = report_of(program, 2);
    ck_assert_int_eq(occurrences(report, "\"napping\": is in a blocking call, for "), NAPPERS);
    ck_assert_msg(occurrences(report, "(nap+") == NAPPERS, "%s", report);
    assert_has(report, "(quit_while_blocked+"); /* in compute, or still in kill(2) */
}
END_TEST

static int quit_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        quit();
    }
    (void)compute(NULL);
    return 0;
}

/* Goal: more signals while it dumps change nothing. */
START_TEST(test_quit_many_times)
{
    struct program program = {RUN_PROCS[_i], quit_often, 0};
    ck_assert_int_eq(occurrences(report_of(program, 2), "SIGQUIT: all tasks\n"), 1);
}
END_TEST

/* --- when somebody does not answer ------------------------------------------------------------ */

static atomic_int may_enter;

/* Nothing of the runtime is called between its start and its stay. */
void *stay_in_the_section(void *arg)
{
    started = 1;
    while (may_enter == 0) {
        atomic_signal_fence(memory_order_seq_cst);
    }
    (void)proc_enter();
    started = 2;
    return compute(arg);
}

static int dump_beside_a_stuck_proc(void *arg)
{
    (void)sy_sem_init(&never, 0);
    start_tasks(1, wait_for_permit, "waiting");
    sy_yield();
    start_tasks(1, stay_in_the_section, "stuck");
    while (started < 1) {
        sy_yield(); /* afterwards this is on the other proc */
    }
    may_enter = 1;
    while (started < 2) {
        atomic_signal_fence(memory_order_seq_cst);
    }
    if (*(uint32_t *)arg != 0) {
        fprintf(stderr, "sy_dump: %d\n", sy_dump(STDERR_FILENO));
    }
    quit();
    (void)compute(NULL);
    return 0;
}

/* Goal: a proc that never leaves its section stops neither SIGQUIT nor sy_dump, which both say so.
 */
START_TEST(test_quit_beside_a_stuck_proc)
{
    struct program program = {2, dump_beside_a_stuck_proc, (uint32_t)_i};
    const char *report = report_of(program, 2);
    assert_has(report, " does not stop; the tasks did not all stand still, and what follows may be "
                       "wrong\n");
    assert_has(report, "\"waiting\": waits for semaphore 0x");
    assert_has(report, "\"stuck\": runs on proc ");
    assert_has(report, "(stay_in_the_section+"); /* printed by its own thread */
    ck_assert_int_eq(occurrences(report, "sy_dump: 0\n"), _i);
    ck_assert_int_eq(occurrences(report, "does not stop"), 1 + _i);
}
END_TEST

/* --- failures while failing ------------------------------------------------------------------- */

static void hang(int signal)
{
    (void)signal;
    for (;;) {
        pause();
    }
}

/* Something has destroyed the saved context of a parked task: its backtrace is a fault. */
static int destroy_a_context(void *how)
{
    sy_task task;
    signal(SIGSEGV, hang);
    (void)sy_sem_init(&never, 0);
    blocked_begin();
    (void)sy_spawn(&task, wait_for_permit, &never);
    sy_yield();
    stack_task((uint32_t)task.id - 1)->sp = (void *)64;
    if (*(uint32_t *)how == 0) {
        quit();
        return sy_sleep(3600 * SY_SECOND);
    }
    return sy_sem_wait(&never); /* deadlock */
}

/* Goal: a fault while it dumps ends the process at once and honestly, even if the program handles
 * faults in its own way. */
START_TEST(test_quit_fault_while_dumping)
{
    struct program program = {1, destroy_a_context, (uint32_t)_i};
    child_run(&child, run_program, &program);
    ck_assert_msg(WIFSIGNALED(child.status) && WTERMSIG(child.status) == SIGSEGV, "%s", child.text);
    assert_has(child.text, _i == 0 ? "SIGQUIT: all tasks\n" : "all tasks are asleep - deadlock!\n");
    assert_has(child.text, "waits for semaphore 0x");
}
END_TEST

/* --- whose signal it is ----------------------------------------------------------------------- */

static atomic_int handled;

static void count(int signal)
{
    handled += signal == SIGQUIT;
}

static int quit_and_return(void *arg)
{
    (void)arg;
    quit();
    return 0;
}

static void run_with_action(void *arg)
{
    struct sy_config config = {.procs = 2};
    struct sigaction after;
    void (*action)(int) = *(bool *)arg ? count : SIG_IGN;
    signal(SIGQUIT, action);
    int result = sy_run(&config, quit_and_return, NULL);
    sigaction(SIGQUIT, NULL, &after);
    _exit(result == 0 && after.sa_handler == action && handled == *(bool *)arg ? 0 : 1);
}

/* Goal: a program that ignores or handles SIGQUIT keeps its action. */
START_TEST(test_quit_leaves_the_programs_action)
{
    bool handles = _i == 1;
    child_run(&child, run_with_action, &handles);
    ck_assert_str_eq(child.text, "");
    ck_assert(WIFEXITED(child.status) && WEXITSTATUS(child.status) == 0);
}
END_TEST

static int do_nothing(void *arg)
{
    (void)arg;
    return 0;
}

static void quit_after_a_run(void *arg)
{
    struct sy_config config = {.procs = 2};
    (void)arg;
    signal(SIGQUIT, SIG_DFL);
    (void)sy_run(&config, do_nothing, NULL);
    quit();
}

/* Goal: after sy_run the signal does again what it did before. */
START_TEST(test_quit_after_a_run)
{
    child_run(&child, quit_after_a_run, NULL);
    ck_assert_str_eq(child.text, "");
    ck_assert(WIFSIGNALED(child.status) && WTERMSIG(child.status) == SIGQUIT);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_dump_quit");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_quit_while_all_compute, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_quit_while_calls_block, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_quit_many_times, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_quit_beside_a_stuck_proc, 0, 2);
    tcase_add_loop_test(tests, test_quit_fault_while_dumping, 0, 2);
    tcase_add_loop_test(tests, test_quit_leaves_the_programs_action, 0, 2);
    tcase_add_test(tests, test_quit_after_a_run);
    return suite_main("runtime_dump_quit", tests);
}

/* test_runtime_preempt.c - preemption (preempt.h): each mechanism takes the proc from a task that
 * goes on and on, alone and wherever it is; switched off it does not; and nothing ticks without
 * need. Method: one proc; a task that ends only when another one has run. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "preempt_hogs.h"
#include "support/child.h"
#include "support/run.h"
#include "support/suite_main.h"

static void hog_malloc(void)
{
    char *memory = malloc(1000);
    memset(memory, 1, 1000);
    __asm__ volatile("" : : "r"(memory) : "memory");
    free(memory);
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void hog_qsort(void)
{
    static int numbers[10000];
    for (int i = 0; i < 10000; i++) {
        numbers[i] = i * 7919 % 10007;
    }
    qsort(numbers, 10000, sizeof *numbers, compare);
}

static void hog_memcpy(void)
{
    static char from[1 << 20];
    static char to[1 << 20];
    memcpy(to, from, sizeof to);
    __asm__ volatile("" : : "r"(to) : "memory");
}

static const struct hog hogs[] = {
    {hog_calls, "nopreemptprologue,nopreemptsignal", false},
    {hog_calls, "nopreemptcall,nopreemptprologue", true},
    {hog_nothing, "", true},
    {hog_nothing, "nopreemptcall,nopreemptprologue", true},
    {hog_malloc, "nopreemptprologue", true},
    {hog_qsort, "nopreemptprologue", true},
    {hog_memcpy, "nopreemptprologue", true},
};

/* Goal: each mechanism ends the turn of the hogs that it is for. */
START_TEST(test_preempt_hogs)
{
    struct hog hog = hogs[_i];
    tune(hog.tune);
    run_tasks(1, be_a_hog, &hog);
}
END_TEST

/* Goal: switched off, none of them does anything. */
START_TEST(test_preempt_off)
{
    struct hog hog = {.step = _i == 0 ? hog_calls : hog_nothing};
    tune("nopreemptcall,nopreemptprologue,nopreemptsignal");
    run_tasks(1, hold_the_proc, &hog);
    tune(_i == 0 ? "nopreemptcall,nopreemptsignal" : "nopreemptsignal,nopreemptprologue");
    run_tasks(1, hold_the_proc, &hog);
}
END_TEST

/* --- the turns of others ------------------------------------------------------------------------
 */

struct match {
    const struct hog *hog;
    sy_chan ping;
    sy_chan pong;
    atomic_bool over;
};

static uint64_t preempts(void)
{
    struct sy_stats stats = stats_now();
    return stats.preempts_call + stats.preempts_prologue + stats.preempts_signal;
}

static void *go_on_till_over(void *arg)
{
    struct match *match = arg;
    while (!match->over) {
        match->hog->step();
    }
    return NULL;
}

static void *play_back(void *arg)
{
    const struct match *match = arg;
    while (sy_chan_recv(match->ping, NULL) == 1) {
        expect_eq(sy_chan_send(match->pong, NULL), 0);
    }
    return NULL;
}

enum { PREEMPTS = 4, ROUNDS_A_SLICE = 200 };

static int play_beside_a_hog(void *arg)
{
    struct match match = {.hog = arg};
    sy_task tasks[2];
    expect_eq(sy_chan_new(&match.ping, 0, 0), 0);
    expect_eq(sy_chan_new(&match.pong, 0, 0), 0);
    expect_eq(sy_spawn(&tasks[0], go_on_till_over, &match), 0);
    expect_eq(sy_spawn(&tasks[1], play_back, &match), 0);
    uint64_t first = preempts();
    uint64_t rounds = 0;
    for (; preempts() < first + PREEMPTS; rounds++) {
        expect_eq(sy_chan_send(match.ping, NULL), 0);
        expect_eq(sy_chan_recv(match.pong, NULL), 1);
    }
    match.over = true;
    sy_chan_close(match.ping);
    expect_eq(sy_join(tasks[0], NULL), 0);
    expect_eq(sy_join(tasks[1], NULL), 0);
    expect_true(rounds >= (PREEMPTS - 1) * ROUNDS_A_SLICE);
    return 0;
}

/* Goal: between two turns of a task that is preempted, others that wait for each other have some
 * thousand turns: a slice. Not RUNQ_TICKS, as a choice by counting alone would give them. Two
 * hundred rounds a slice are 50 us each, which the slowest build does not take. */
START_TEST(test_preempt_others_have_a_slice)
{
    static struct hog calls = {.step = hog_calls};
    static struct hog nothing = {.step = hog_nothing};
    tune("");
    run_tasks(1, play_beside_a_hog, _i == 0 ? &calls : &nothing);
}
END_TEST

/* --- limits and ends -------------------------------------------------------------------------- */

static int hold_alone(void *arg)
{
    struct hog hog = {.step = hog_nothing};
    (void)arg;
    return hold_the_proc(&hog);
}

/* Goal: where there may be no second thread, the task keeps its proc; that is no thread exhaustion.
 */
START_TEST(test_preempt_without_threads)
{
    struct sy_config config = {.procs = 1, .max_workers = 1};
    tune("nopreemptcall,nopreemptprologue");
    ck_assert_int_eq(sy_run(&config, hold_alone, NULL), 0);
    expect_assert_all();
}
END_TEST

static void *compute(void *arg)
{
    hold(hog_nothing, HOLD);
    return arg;
}

static int leave_hogs(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5; i++) {
        expect_eq(sy_go(compute, NULL), 0);
    }
    return 0; /* before any of them */
}

/* Goal: the program ends when those that were set aside have ended, not before, and not in a
 * deadlock. */
START_TEST(test_preempt_ends_with_the_last)
{
    sy_time begin = sy_now();
    tune("nopreemptcall,nopreemptprologue");
    run_tasks(RUN_PROCS[_i], leave_hogs, NULL);
    ck_assert_int_ge(sy_now() - begin, HOLD);
}
END_TEST

static int change_procs(void *arg)
{
    (void)arg;
    for (int i = 0; i < 8; i++) {
        expect_eq(sy_go(compute, NULL), 0);
    }
    for (uint32_t i = 0; i < 20; i++) {
        expect_true(sy_set_procs(i % 4 + 1) > 0);
        sy_sleep(3 * SY_MILLISECOND);
    }
    return 0;
}

/* Goal: procs come and go while their tasks are set aside. */
START_TEST(test_preempt_while_procs_change)
{
    setenv("SWITCHYARD_DEBUG", "preempt=300", 1);
    run_tasks(2, change_procs, NULL);
    unsetenv("SWITCHYARD_DEBUG");
}
END_TEST

static int get_stuck(void *arg)
{
    struct hog hog = {.step = hog_nothing, .by_signal = true};
    sy_sem sem;
    (void)arg;
    be_a_hog(&hog);
    expect_eq(sy_sem_init(&sem, 0), 0);
    return sy_sem_wait(&sem);
}

static void run_stuck(void *arg)
{
    struct sy_config config = {.procs = 1};
    (void)sy_run(&config, get_stuck, arg);
}

/* Goal: a deadlock is still found after a task was set aside. */
START_TEST(test_preempt_then_deadlock)
{
    static struct child child;
    tune("");
    child_run(&child, run_stuck, NULL);
    ck_assert(strstr(child.text, "all tasks are asleep - deadlock!") != NULL);
}
END_TEST

/* --- no ticks without need -------------------------------------------------------------------- */

/* How often all threads but this one went to sleep. */
static unsigned long sleeps(void)
{
    char command[200];
    unsigned long count = 0;
    snprintf(command, sizeof command,
             "cat /proc/%d/task/*/status | awk '/^voluntary/ {n += $2} END {print n}'", getpid());
    FILE *pipe = popen(command, "r");
    expect_true(pipe != NULL && fscanf(pipe, "%lu", &count) == 1);
    pclose(pipe);
    return count;
}

static int compute_alone(void *arg)
{
    (void)arg;
    hold(hog_nothing, HOLD); /* sysmon's clock stops */
    unsigned long before = sleeps();
    hold(hog_nothing, 500 * SY_MILLISECOND);
    unsigned long after = sleeps();
    expect_le(after - before, 20); /* the pipes' own; at 5 ms a tick it would be 100 more */
    return 0;
}

/* Goal: while one task computes and nothing waits, no thread of the runtime wakes up. */
START_TEST(test_preempt_no_ticks_without_need)
{
    tune("");
    run_tasks(1, compute_alone, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_preempt");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_preempt_hogs, 0, sizeof hogs / sizeof hogs[0]);
    tcase_add_loop_test(tests, test_preempt_off, 0, 2);
    tcase_add_loop_test(tests, test_preempt_others_have_a_slice, 0, 2);
    tcase_add_test(tests, test_preempt_without_threads);
    tcase_add_loop_test(tests, test_preempt_ends_with_the_last, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_preempt_while_procs_change);
    tcase_add_test(tests, test_preempt_then_deadlock);
    tcase_add_test(tests, test_preempt_no_ticks_without_need);
    return suite_main("runtime_preempt", tests);
}

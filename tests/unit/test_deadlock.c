/* test_deadlock.c - the deadlock report of the green runtime. Method: children run into deadlocks
 * of each kind, the parent reads their stderr. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/child.h"
#include "support/run.h"
#include "support/suite_main.h"

static const char first_line[] = "fatal error: all tasks are asleep - deadlock!\n";

/* Not static, so that backtraces show their names. */
void *send_for_ever(void *arg);
void *receive_for_ever(void *arg);
void *lock_for_ever(void *arg);
void *wait_on_cond_for_ever(void *arg);
void *wait_on_sem_for_ever(void *arg);
void *wait_on_group_for_ever(void *arg);
void *select_for_ever(void *arg);
void *read_for_ever(void *arg);
void *stand_at_barrier_for_ever(void *arg);
void *sleep_for_ever(void *arg);
int deadlock_of_all_kinds(void *arg);

static sy_mutex held_mutex;
static sy_mutex cond_mutex;
static sy_cond cond;
static sy_sem sem;
static sy_waitgroup group;
static sy_rwlock written;
static sy_barrier barrier;
static sy_chan chans[2];

void *send_for_ever(void *arg)
{
    (void)sy_chan_send(chans[0], &arg);
    return arg;
}

void *receive_for_ever(void *arg)
{
    (void)sy_chan_recv(chans[1], &arg);
    return arg;
}

void *lock_for_ever(void *arg)
{
    (void)sy_mutex_lock(&held_mutex);
    return arg;
}

void *wait_on_cond_for_ever(void *arg)
{
    (void)sy_mutex_lock(&cond_mutex);
    (void)sy_cond_wait(&cond, &cond_mutex);
    return arg;
}

void *wait_on_sem_for_ever(void *arg)
{
    (void)sy_sem_wait(&sem);
    return arg;
}

void *wait_on_group_for_ever(void *arg)
{
    (void)sy_waitgroup_wait(&group);
    return arg;
}

void *select_for_ever(void *arg)
{
    struct sy_case cases[2] = {{chans[1], SY_SELECT_RECV, NULL, 0}, {{0}, SY_SELECT_SEND, NULL, 0}};
    (void)sy_select(cases, 2);
    return arg;
}

void *read_for_ever(void *arg)
{
    (void)sy_rwlock_read_lock(&written);
    return arg;
}

void *stand_at_barrier_for_ever(void *arg)
{
    (void)sy_barrier_wait(&barrier);
    return arg;
}

void *sleep_for_ever(void *arg)
{
    (void)sy_sleep_until(SY_FOREVER);
    return arg;
}

static const struct kind {
    const char *name;
    sy_task_fn body;
    const char *function;
    const char *reason;
    const void *object; /* its address is shown after the reason */
} kinds[] = {
    {"sender", send_for_ever, "send_for_ever", "waits to send on channel 1,", NULL},
    {"receiver", receive_for_ever, "receive_for_ever", "waits to receive from channel 2,", NULL},
    {"locker", lock_for_ever, "lock_for_ever", "waits for mutex", &held_mutex},
    {"conditional", wait_on_cond_for_ever, "wait_on_cond_for_ever", "waits on condition", &cond},
    {"semaphore", wait_on_sem_for_ever, "wait_on_sem_for_ever", "waits for semaphore", &sem},
    {"grouped", wait_on_group_for_ever, "wait_on_group_for_ever", "waits for waitgroup", &group},
    {"chooser", select_for_ever, "select_for_ever", "waits in a select,", NULL},
    {"reader", read_for_ever, "read_for_ever", "waits for rwlock", &written},
    {"comer", stand_at_barrier_for_ever, "stand_at_barrier_for_ever", "waits at barrier", &barrier},
    {"sleeper", sleep_for_ever, "sleep_for_ever", "sleeps for ever,", NULL},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

int deadlock_of_all_kinds(void *arg)
{
    sy_task tasks[KINDS];
    (void)arg;
    (void)sy_task_set_name(sy_self(), "main");
    (void)sy_chan_new(&chans[0], sizeof(void *), 0);
    (void)sy_chan_new(&chans[1], sizeof(void *), 4);
    (void)sy_sem_init(&sem, 0);
    (void)sy_mutex_lock(&held_mutex);
    sy_waitgroup_add(&group, 1);
    (void)sy_rwlock_write_lock(&written);
    (void)sy_barrier_init(&barrier, 2);
    for (int i = 0; i < KINDS; i++) {
        (void)sy_spawn(&tasks[i], kinds[i].body, NULL);
        (void)sy_task_set_name(tasks[i], kinds[i].name);
    }
    return sy_join(tasks[0], NULL);
}

struct deadlock {
    uint32_t procs;
    int (*main_fn)(void *arg);
};

static void run_deadlock(void *arg)
{
    const struct deadlock *deadlock = arg;
    struct sy_config config = {.procs = deadlock->procs};
    (void)sy_run(&config, deadlock->main_fn, NULL);
}

/* The child's stderr, after asserting how it begins and how the child ended. */
static const char *report_of(uint32_t procs, int (*main_fn)(void *arg))
{
    static struct child child;
    struct deadlock deadlock = {.procs = procs, .main_fn = main_fn};
    child_run(&child, run_deadlock, &deadlock);
    ck_assert_msg(strncmp(child.text, first_line, strlen(first_line)) == 0,
                  "the report begins otherwise: %s", child.text);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
    return child.text;
}

/* The block of one task: from its headline to the empty line, or the end. */
static char *block_of(const char *report, const char *headline)
{
    const char *start = strstr(report, headline);
    ck_assert_msg(start != NULL, "no block \"%s\" in: %s", headline, report);
    const char *end = strstr(start, "\n\n");
    return end == NULL ? strdup(start) : strndup(start, (size_t)(end - start));
}

static void assert_has(const char *block, const char *text)
{
    ck_assert_msg(strstr(block, text) != NULL, "no \"%s\" in: %s", text, block);
}

/* Goal: each task is shown with id, name, reason, object, spawn site and backtrace. */
START_TEST(test_deadlock_report_shows_each_task)
{
    const char *report = report_of(RUN_PROCS[_i], deadlock_of_all_kinds);
    char *block = block_of(report, "\ntask 1 \"main\": waits to join task 2, for ");
    assert_has(block, "deadlock_of_all_kinds");
    free(block);
    for (int i = 0; i < KINDS; i++) {
        char headline[100];
        char object[32];
        snprintf(headline, sizeof headline, "\ntask %d \"%s\": %s", i + 2, kinds[i].name,
                 kinds[i].reason);
        block = block_of(report, headline);
        assert_has(block, ", for ");
        assert_has(block, "\n  spawned at ");
        assert_has(block, "(deadlock_of_all_kinds+"); /* the spawn site */
        snprintf(object, sizeof object, "(%s+", kinds[i].function);
        assert_has(block, object); /* the backtrace */
        if (kinds[i].object != NULL) {
            snprintf(object, sizeof object, " %p, for ", kinds[i].object);
            assert_has(block, object);
        }
        free(block);
    }
}
END_TEST

static int receive_alone(void *arg)
{
    sy_chan chan;
    (void)arg;
    (void)sy_chan_new(&chan, 0, 0);
    return sy_chan_recv(chan, NULL);
}

START_TEST(test_deadlock_of_main_alone)
{
    const char *report = report_of(RUN_PROCS[_i], receive_alone);
    free(block_of(report, "\ntask 1 \"\": waits to receive from channel 1, for "));
}
END_TEST

static void *sleep_then_end(void *arg)
{
    (void)sy_sleep(20 * SY_MILLISECOND);
    return arg;
}

static int deadlock_after_sleep(void *arg)
{
    sy_chan chan;
    (void)sy_chan_new(&chan, 0, 0);
    (void)sy_go(sleep_then_end, arg);
    sy_time start = sy_now();
    (void)sy_chan_recv_until(chan, NULL, sy_now() + 10 * SY_MILLISECOND);
    if (sy_now() - start < 10 * SY_MILLISECOND) {
        return 1; /* the deadline has to end the wait, not the report */
    }
    return sy_chan_recv(chan, NULL);
}

/* Goal: armed timers are no deadlock; when the last one has fired it is found all the same. */
START_TEST(test_deadlock_only_without_timers)
{
    const char *report = report_of(RUN_PROCS[_i], deadlock_after_sleep);
    free(block_of(report, "\ntask 1 \"\": waits to receive from channel 1, for "));
}
END_TEST

static void *end_at_once(void *arg)
{
    return arg;
}

static int leave_unjoined(void *arg)
{
    sy_task task;
    (void)arg;
    return sy_spawn(&task, end_at_once, NULL);
}

static void run_leave_unjoined(void *arg)
{
    struct sy_config config = {.procs = *(uint32_t *)arg};
    _exit(sy_run(&config, leave_unjoined, NULL) == 0 ? 5 : 6);
}

/* Goal: a task that has ended but was never joined is no deadlock. */
START_TEST(test_deadlock_not_for_unjoined_task)
{
    static struct child child;
    uint32_t procs = RUN_PROCS[_i];
    child_run(&child, run_leave_unjoined, &procs);
    ck_assert_str_eq(child.text, "");
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 5);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("deadlock");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_deadlock_report_shows_each_task, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_deadlock_of_main_alone, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_deadlock_only_without_timers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_deadlock_not_for_unjoined_task, 0, RUN_PROCS_COUNT);
    return suite_main("deadlock", tests);
}

/* test_runtime_scheduler.c - nobody starves, work is shared, idle procs sleep. Method: programs
 * that end only if the scheduler is fair. To spin is to compute without calls. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <switchyard/switchyard.h>

#include "runq.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

static atomic_bool flag;
static atomic_uint count;
static sy_sem sem;
static sy_sem other_sem;

static void spin_until_flag(void)
{
    while (!flag) {
    }
}

static void *set_flag(void *arg)
{
    flag = true;
    return arg;
}

static void *wait_and_set_flag(void *arg)
{
    blocked_soon();
    expect_eq(sy_sem_wait(&sem), 0);
    return set_flag(arg);
}

static void *yield_until_flag(void *arg)
{
    while (!flag) {
        sy_yield();
    }
    return arg;
}

static struct sy_stats stats_now(void)
{
    struct sy_stats stats = {0};
    expect_eq(sy_stats_read(&stats), 0);
    return stats;
}

static void spawn(sy_task *task, sy_task_fn fn, void *arg)
{
    expect_eq(sy_spawn(task, fn, arg), 0);
}

static void join(sy_task task)
{
    expect_eq(sy_join(task, NULL), 0);
}

/* The numbers of procs with somebody to help: 2 and 4. */
static uint32_t several_procs(int which)
{
    return RUN_PROCS[1 + which];
}

/* --- the watch -------------------------------------------------------------------------------- */

static int spin_after_spawn(void *arg)
{
    sy_task task;
    (void)arg;
    for (int round = 0; round < 20; round++) {
        flag = false;
        spawn(&task, set_flag, NULL);
        spin_until_flag();
        join(task);
    }
    return 0;
}

/* Goal: a task that was just spawned is run by somebody else while its spawner spins. */
START_TEST(test_scheduler_spinner_does_not_hold_spawned_task_back)
{
    run_tasks(several_procs(_i), spin_after_spawn, NULL);
}
END_TEST

static int spin_after_wake(void *arg)
{
    sy_task task;
    (void)arg;
    expect_eq(sy_sem_init(&sem, 0), 0);
    for (int round = 0; round < 20; round++) {
        flag = false;
        blocked_begin();
        spawn(&task, wait_and_set_flag, NULL);
        blocked_await(1);
        expect_eq(sy_sem_post(&sem), 0);
        spin_until_flag();
        join(task);
    }
    return 0;
}

/* Goal: the same for a task that was just woken. */
START_TEST(test_scheduler_spinner_does_not_hold_woken_task_back)
{
    run_tasks(several_procs(_i), spin_after_wake, NULL);
}
END_TEST

static void *sleep_and_set_flag(void *arg)
{
    blocked_soon();
    sy_sleep(20 * SY_MILLISECOND); /* who begins later than that would not wait */
    return set_flag(arg);
}

static int spin_after_sleep(void *arg)
{
    sy_task task;
    (void)arg;
    for (int round = 0; round < 8; round++) {
        flag = false;
        blocked_begin();
        spawn(&task, sleep_and_set_flag, NULL);
        blocked_await(1);
        spin_until_flag();
        join(task);
    }
    return 0;
}

/* Goal: a sleeper wakes up although the proc that it slept on spins. */
START_TEST(test_scheduler_spinner_does_not_hold_sleeper_back)
{
    run_tasks(several_procs(_i), spin_after_sleep, NULL);
}
END_TEST

static void *meet(void *arg)
{
    uint32_t all = *(uint32_t *)arg;
    count++;
    while (count < all) { /* no call into the runtime */
    }
    return NULL;
}

static int meet_all(void *arg)
{
    sy_task tasks[8];
    uint32_t all = *(uint32_t *)arg;
    for (uint32_t i = 1; i < all; i++) {
        spawn(&tasks[i], meet, arg);
    }
    meet(arg);
    for (uint32_t i = 1; i < all; i++) {
        join(tasks[i]);
    }
    struct sy_stats stats = stats_now();
    expect_ge(stats.workers_started, all);
    expect_ge(stats.steals, all - 1); /* without preemption only so do tasks come to another proc */
    expect_ge(stats.tasks_stolen, stats.steals);
    return 0;
}

/* Goal: as many spinners as procs run at once; the tasks that were moved are counted. */
START_TEST(test_scheduler_uses_all_procs)
{
    uint32_t procs = several_procs(_i);
    setenv("SWITCHYARD_TUNE", "nopreemptcall,nopreemptprologue,nopreemptsignal", 1);
    run_tasks(procs, meet_all, &procs);
}
END_TEST

/* --- fairness --------------------------------------------------------------------------------- */

static int yield_beside_spawned(void *arg)
{
    sy_task yielders[8];
    sy_task task;
    uint32_t procs = *(uint32_t *)arg;
    for (uint32_t i = 0; i < 2 * procs; i++) {
        spawn(&yielders[i], yield_until_flag, NULL);
    }
    sy_yield();
    spawn(&task, set_flag, NULL);
    join(task);
    for (uint32_t i = 0; i < 2 * procs; i++) {
        join(yielders[i]);
    }
    return 0;
}

/* Goal: tasks that yield for ever, two a proc, let a new task run. */
START_TEST(test_scheduler_yielders_do_not_starve_spawned_task)
{
    uint32_t procs = RUN_PROCS[_i];
    run_tasks(procs, yield_beside_spawned, &procs);
}
END_TEST

enum { CROWD = 5 * (int)RING_SLOTS }; /* more than all rings of the test hold */

static void *count_one(void *arg)
{
    expect_eq(sy_sem_wait(&sem), 0);
    if (++count == CROWD) {
        flag = true;
    }
    return arg;
}

static int yield_beside_crowd(void *arg)
{
    static sy_task crowd[CROWD];
    sy_task yielders[8];
    uint32_t procs = *(uint32_t *)arg;
    expect_eq(sy_sem_init(&sem, 0), 0);
    for (int i = 0; i < CROWD; i++) {
        spawn(&crowd[i], count_one, NULL);
    }
    for (uint32_t i = 0; i < 2 * procs; i++) {
        spawn(&yielders[i], yield_until_flag, NULL);
    }
    while (stats_now().parks < CROWD) { /* all of them wait */
        sy_yield();
    }
    for (int i = 0; i < CROWD; i++) {
        expect_eq(sy_sem_post(&sem), 0); /* at once: they overflow into the global queue */
    }
    for (int i = 0; i < CROWD; i++) {
        join(crowd[i]);
    }
    for (uint32_t i = 0; i < 2 * procs; i++) {
        join(yielders[i]);
    }
    return 0;
}

/* Goal: nor do they starve those in the global queue. */
START_TEST(test_scheduler_yielders_do_not_starve_global_queue)
{
    uint32_t procs = RUN_PROCS[_i];
    run_tasks(procs, yield_beside_crowd, &procs);
}
END_TEST

static void *wake_each_other(void *arg)
{
    sy_sem *mine = arg;
    sy_sem *other = mine == &sem ? &other_sem : &sem;
    while (!flag) {
        expect_eq(sy_sem_post(other), 0);
        expect_eq(sy_sem_wait(mine), 0);
    }
    expect_eq(sy_sem_post(other), 0);
    return NULL;
}

static int wake_each_other_beside(void *body)
{
    sy_task pair[2];
    sy_task task;
    sy_task *yielding = body == (void *)yield_until_flag ? &task : NULL;
    expect_eq(sy_sem_init(&sem, 0), 0);
    expect_eq(sy_sem_init(&other_sem, 0), 0);
    spawn(&pair[0], wake_each_other, &sem);
    spawn(&pair[1], wake_each_other, &other_sem);
    if (yielding != NULL) {
        sy_yield(); /* main itself is the woken task in the ring */
        flag = true;
    } else {
        sy_yield();
        spawn(&task, set_flag, NULL);
        join(task);
    }
    join(pair[0]);
    join(pair[1]);
    return 0;
}

/* Goal: two tasks that wake each other for ever starve neither a ready task (0) nor a new one (1).
 */
START_TEST(test_scheduler_pair_starves_nobody)
{
    void *bodies[] = {(void *)yield_until_flag, (void *)set_flag};
    run_tasks(1, wake_each_other_beside, bodies[_i]);
}
END_TEST

static void *beget(void *arg)
{
    if (!flag) {
        expect_eq(sy_go(beget, arg), 0);
    }
    return NULL;
}

static int beget_beside_old(void *arg)
{
    sy_task old;
    spawn(&old, set_flag, NULL);
    spawn(&(sy_task){0}, beget, arg);
    spawn(&(sy_task){0}, beget, arg);
    join(old);
    return 0;
}

/* Goal: new tasks run newest first, but the oldest one gets its turn, too. */
START_TEST(test_scheduler_new_tasks_do_not_starve_the_oldest)
{
    run_tasks(1, beget_beside_old, NULL);
}
END_TEST

static int sleep_beside_yielders(void *arg)
{
    sy_task yielders[8];
    uint32_t procs = *(uint32_t *)arg;
    for (uint32_t i = 0; i < 2 * procs; i++) {
        spawn(&yielders[i], yield_until_flag, NULL);
    }
    for (int i = 0; i < 10; i++) {
        sy_time deadline = sy_now() + 200 * SY_MICROSECOND;
        expect_eq(sy_sleep_until(deadline), 0);
        expect_ge(sy_now(), deadline);
    }
    flag = true;
    for (uint32_t i = 0; i < 2 * procs; i++) {
        join(yielders[i]);
    }
    return 0;
}

/* Goal: sleepers wake up while all procs yield for ever. */
START_TEST(test_scheduler_yielders_do_not_hold_sleepers_back)
{
    uint32_t procs = RUN_PROCS[_i];
    run_tasks(procs, sleep_beside_yielders, &procs);
}
END_TEST

/* --- idle ------------------------------------------------------------------------------------- */

static long voluntary_switches(void)
{
    struct rusage usage;
    expect_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_nvcsw;
}

/* 100 ms before counting, for the workers to fall asleep. */
static int sleep_with_idle_procs(void *arg)
{
    (void)meet_all(arg);
    sy_sleep(100 * SY_MILLISECOND);
    uint64_t parks = stats_now().worker_parks;
    uint64_t wakes = stats_now().worker_wakes;
    long switches = voluntary_switches();
    sy_sleep(SY_SECOND);
    expect_le(stats_now().worker_parks - parks, 4);
    expect_le(stats_now().worker_wakes - wakes, 4);
    expect_le(voluntary_switches() - switches, 10);
    return 0;
}

/* Goal: a process whose tasks all sleep does nothing: its threads stay in the kernel for a second
 * (the 10 are for the one sleeper and what is left over from before). */
START_TEST(test_scheduler_idle_procs_sleep)
{
    uint32_t procs = several_procs(_i);
    run_tasks(procs, sleep_with_idle_procs, &procs);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_scheduler");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_scheduler_spinner_does_not_hold_spawned_task_back, 0, 2);
    tcase_add_loop_test(tests, test_scheduler_spinner_does_not_hold_woken_task_back, 0, 2);
    tcase_add_loop_test(tests, test_scheduler_spinner_does_not_hold_sleeper_back, 0, 2);
    tcase_add_loop_test(tests, test_scheduler_uses_all_procs, 0, 2);
    tcase_add_loop_test(tests, test_scheduler_yielders_do_not_starve_spawned_task, 0,
                        RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scheduler_yielders_do_not_starve_global_queue, 0,
                        RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scheduler_pair_starves_nobody, 0, 2);
    tcase_add_test(tests, test_scheduler_new_tasks_do_not_starve_the_oldest);
    tcase_add_loop_test(tests, test_scheduler_yielders_do_not_hold_sleepers_back, 0,
                        RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_scheduler_idle_procs_sleep, 0, 2);
    return suite_main("runtime_scheduler", tests);
}

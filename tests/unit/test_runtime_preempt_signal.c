/* test_runtime_preempt_signal.c - preemption by a signal (preempt_signal.h): the thread of the task
 * gets back all that it had, locks of libc come to no harm, and the signal is shared with the
 * program. Method: one proc; a task that ends only when another one has run. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "preempt_hogs.h"
#include "support/run.h"
#include "support/suite_main.h"

/* --- what belongs to the thread --------------------------------------------------------------- */

static int keep_all(void *arg)
{
    sy_task task;
    sigset_t mask;
    sigset_t seen;
    pthread_t thread = pthread_self();
    (void)arg;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &mask, NULL);
    for (int i = 1; i <= 20; i++) {
        arrived = 0;
        expect_eq(sy_spawn(&task, arrive, NULL), 0);
        errno = i;
        while (arrived == 0) {
        }
        expect_eq(errno, i);
        expect_true(pthread_equal(thread, pthread_self()));
        pthread_sigmask(SIG_BLOCK, NULL, &seen);
        expect_true(sigismember(&seen, SIGUSR1) == 1 && sigismember(&seen, SIGURG) == 0);
    }
    expect_true(stats_now().preempts_signal >= 20);
    return 0; /* the tasks are joined by nobody: they are 20 */
}

/* Goal: a task that a signal has set aside goes on on its thread, with its errno and its mask. */
START_TEST(test_preempt_keeps_what_is_the_threads)
{
    tune("nopreemptcall,nopreemptprologue");
    run_tasks(1, keep_all, NULL);
}
END_TEST

static pthread_mutex_t libc_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint wants;

static void *want_lock(void *arg)
{
    wants++;
    pthread_mutex_lock(&libc_lock); /* waits in the kernel, on the only proc */
    arrived++;
    pthread_mutex_unlock(&libc_lock);
    return arg;
}

static int hold_lock(void *arg)
{
    sy_task tasks[3];
    (void)arg;
    arrived = wants = 0;
    pthread_mutex_lock(&libc_lock);
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_spawn(&tasks[i], want_lock, NULL), 0);
    }
    while (wants < 3) {
    }
    expect_eq(arrived, 0);
    pthread_mutex_unlock(&libc_lock);
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(arrived, 3);
    return 0;
}

/* Goal: a task that is set aside while it holds a lock of libc, and all others that wait for it in
 * the kernel, come to an end on one proc: each of them is set aside, too. */
START_TEST(test_preempt_in_a_lock_of_libc)
{
    tune("");
    run_tasks(1, hold_lock, NULL);
}
END_TEST

/* --- the signal ------------------------------------------------------------------------------- */

static atomic_uint own_signals;

static void on_urgent(int signal)
{
    (void)signal;
    own_signals++;
}

static int send_itself(void *arg)
{
    struct hog hog = {.step = hog_nothing, .by_signal = true};
    (void)arg;
    for (int i = 0; i < 10; i++) {
        raise(SIGURG);
    }
    expect_eq(own_signals, 10);
    return be_a_hog(&hog);
}

/* Goal: a handler that the program had gets its own signals, none of the runtime's, and is in its
 * place again afterwards. */
START_TEST(test_preempt_passes_signals_on)
{
    struct sigaction action = {.sa_handler = on_urgent};
    struct sigaction after;
    sigaction(SIGURG, &action, NULL);
    tune("");
    own_signals = 0;
    run_tasks(1, send_itself, NULL);
    ck_assert_uint_eq(own_signals, 10);
    sigaction(SIGURG, NULL, &after);
    ck_assert(after.sa_handler == on_urgent);
}
END_TEST

static int take_the_signal(void *arg)
{
    struct sigaction action = {.sa_handler = on_urgent};
    struct hog hog = {.step = hog_nothing};
    (void)arg;
    sigaction(SIGURG, &action, NULL);
    return hold_the_proc(&hog);
}

/* Goal: where the program takes the signal for itself, the runtime sends none, and leaves the
 * handler alone. */
START_TEST(test_preempt_gives_way_to_a_handler)
{
    struct sigaction after;
    tune("nopreemptcall,nopreemptprologue");
    own_signals = 0;
    run_tasks(1, take_the_signal, NULL);
    ck_assert_uint_eq(own_signals, 0);
    sigaction(SIGURG, NULL, &after);
    ck_assert(after.sa_handler == on_urgent);
}
END_TEST

static int block_the_signal(void *arg)
{
    struct hog hog = {.step = hog_nothing, .by_signal = true};
    sigset_t mask;
    sy_task task;
    (void)arg;
    sigemptyset(&mask);
    sigaddset(&mask, SIGURG);
    pthread_sigmask(SIG_BLOCK, &mask, NULL);
    arrived = 0;
    expect_eq(sy_spawn(&task, arrive, NULL), 0);
    hold(hog_nothing, HOLD);
    expect_eq(arrived, 0);
    pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
    expect_eq(sy_join(task, NULL), 0);
    return be_a_hog(&hog);
}

/* Goal: a task that blocks the signal keeps its proc for that long, and no longer. */
START_TEST(test_preempt_while_the_signal_is_blocked)
{
    tune("nopreemptcall,nopreemptprologue");
    run_tasks(1, block_the_signal, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_preempt_signal");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_preempt_keeps_what_is_the_threads);
    tcase_add_test(tests, test_preempt_in_a_lock_of_libc);
    tcase_add_test(tests, test_preempt_passes_signals_on);
    tcase_add_test(tests, test_preempt_gives_way_to_a_handler);
    tcase_add_test(tests, test_preempt_while_the_signal_is_blocked);
    return suite_main("runtime_preempt_signal", tests);
}

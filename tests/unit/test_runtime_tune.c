/* test_runtime_tune.c - SWITCHYARD_TUNE: its words are understood, and each switches its technique
 * really off. Method: the same program without and with the word; a counter or the order in which
 * tasks run tells the two apart, so a word that did nothing would be noticed. Not seen here:
 * nospin, which changes only times, and the words for preemption (test_runtime_preempt.c). */
#include <fenv.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "distance.h"
#include "scheduler.h"
#include "support/blocked.h"
#include "support/child.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"
#include "tune.h"

static void tune(const char *words)
{
    ck_assert_int_eq(setenv("SWITCHYARD_TUNE", words, 1), 0);
}

/* --- words ------------------------------------------------------------------------------------ */

static const struct {
    const char *text;
    uint32_t bits;
} texts[] = {
    {"", 0},
    {",", 0},
    {"norunnext", TUNE_NORUNNEXT},
    {"nosteal", TUNE_NOSTEAL},
    {"nospin", TUNE_NOSPIN},
    {"nonearest", TUNE_NONEAREST},
    {"nohandoff", TUNE_NOHANDOFF},
    {"nobias", TUNE_NOBIAS},
    {"nofpsave", TUNE_NOFPSAVE},
    {"nostackcache", TUNE_NOSTACKCACHE},
    {"nopreemptcall", TUNE_NOPREEMPTCALL},
    {"nopreemptprologue", TUNE_NOPREEMPTPROLOGUE},
    {"nopreemptsignal", TUNE_NOPREEMPTSIGNAL},
    {"nogiveback", TUNE_NOGIVEBACK},
    {"nopatience", TUNE_NOPATIENCE},
    {"nosteal,nosteal", TUNE_NOSTEAL},
    {"nospin,nobias,", TUNE_NOSPIN | TUNE_NOBIAS},
    {",,nofpsave,,norunnext", TUNE_NOFPSAVE | TUNE_NORUNNEXT},
};

/* Goal: each word sets its own bit, several set several, and nothing is left of the time before. */
START_TEST(test_tune_knows_its_words)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tune(texts[i].text);
        tune_read();
        ck_assert_msg(tune_off == texts[i].bits, "\"%s\" is read as %x", texts[i].text, tune_off);
    }
    unsetenv("SWITCHYARD_TUNE");
    tune_read();
    ck_assert_uint_eq(tune_off, 0);
}
END_TEST

static const struct {
    const char *text;
    const char *unknown;
} wrongs[] = {{"nothing", "nothing"},
              {"nosteal,nostea", "nostea"},
              {"nostealx", "nostealx"},
              {"nosteal nospin", "nosteal nospin"},
              {"NOSTEAL", "NOSTEAL"}};

enum { WRONGS = sizeof wrongs / sizeof wrongs[0] };

static void run_nothing(void *arg)
{
    (void)arg;
    (void)sy_run(NULL, NULL, NULL); /* refused before anything is read */
    tune_read();
}

/* Goal: a word that does not exist ends the program with a message that lists those that do. */
START_TEST(test_tune_refuses_unknown_words)
{
    static struct child child;
    char line[320];
    tune(wrongs[_i].text);
    (void)snprintf(line, sizeof line,
                   "fatal error: SWITCHYARD_TUNE: unknown word \"%s\"; there are norunnext, "
                   "nosteal, nospin, nonearest, nohandoff, nobias, nostackcache, nofpsave, "
                   "nopreemptcall, nopreemptprologue, nopreemptsignal, nogiveback, nopatience\n",
                   wrongs[_i].unknown);
    child_run(&child, run_nothing, NULL);
    ck_assert_str_eq(child.text, line);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
}
END_TEST

/* --- nosteal ---------------------------------------------------------------------------------- */

enum { TASKS = 100, YIELDS = 200 };

static atomic_uint elsewhere; /* tasks that ran on another thread than main */

static void *yield_often(void *home)
{
    for (int i = 0; i < YIELDS; i++) {
        elsewhere += gettid() != *(const pid_t *)home;
        sy_yield();
    }
    return NULL;
}

static int spread(void *stats)
{
    static pid_t home;
    sy_task tasks[TASKS];
    bool alone = (tune_off & TUNE_NOSTEAL) != 0;
    home = gettid();
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_spawn(&tasks[i], yield_often, &home), 0);
    }
    while (!alone && elsewhere == 0) {
        /* computes until somebody steals */
    }
    for (int i = 0; i < TASKS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(sy_stats_read(stats), 0);
    return 0;
}

/* Goal: without stealing all tasks stay on the proc that they were born on. */
START_TEST(test_tune_nosteal)
{
    struct sy_stats stats;
    run_tasks(4, spread, &stats);
    ck_assert_uint_gt(stats.steals, 0);
    ck_assert_uint_ge(stats.tasks_stolen, stats.steals);
    elsewhere = 0;
    tune("nosteal,nopreemptcall,nopreemptprologue,nopreemptsignal");
    run_tasks(4, spread, &stats);
    ck_assert_uint_eq(stats.steals, 0);
    ck_assert_uint_eq(stats.tasks_stolen, 0);
    ck_assert_uint_eq(elsewhere, 0);
}
END_TEST

/* --- norunnext -------------------------------------------------------------------------------- */

static sy_sem gates[3];
static int order[3];
static int arrived;

static void *note_turn(void *arg)
{
    intptr_t number = (intptr_t)arg;
    blocked_soon();
    expect_eq(sy_sem_wait(&gates[number]), 0);
    order[arrived++] = (int)number; /* one proc */
    return NULL;
}

static int wake_three(void *arg)
{
    sy_task tasks[3];
    (void)arg;
    arrived = 0;
    blocked_begin();
    for (intptr_t i = 0; i < 3; i++) {
        expect_eq(sy_sem_init(&gates[i], 0), 0);
        expect_eq(sy_spawn(&tasks[i], note_turn, (void *)i), 0);
    }
    blocked_await(3);
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_sem_post(&gates[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: the task that was woken last runs next; with norunnext it waits for its turn. */
START_TEST(test_tune_norunnext)
{
    run_tasks(1, wake_three, NULL);
    ck_assert_int_eq(order[0], 2);
    tune("norunnext");
    run_tasks(1, wake_three, NULL);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(order[i], i);
    }
}
END_TEST

/* --- nohandoff -------------------------------------------------------------------------------- */

enum { ROUNDS = 10000 };

static void *answer(void *chan)
{
    for (int i = 0; i < ROUNDS; i++) {
        expect_eq(sy_chan_recv(*(sy_chan *)chan, NULL), 1);
    }
    return NULL;
}

static int ask(void *stats)
{
    sy_chan chan;
    sy_task task;
    expect_eq(sy_chan_new(&chan, 0, 0), 0);
    expect_eq(sy_spawn(&task, answer, &chan), 0);
    for (int i = 0; i < ROUNDS; i++) {
        expect_eq(sy_chan_send(chan, NULL), 0);
    }
    expect_eq(sy_join(task, NULL), 0);
    expect_eq(sy_stats_read(stats), 0);
    return 0;
}

/* Goal: with nohandoff each stop leads to the scheduler first: two switches where one is enough. */
START_TEST(test_tune_nohandoff)
{
    struct sy_stats direct;
    struct sy_stats through;
    run_tasks(1, ask, &direct);
    tune("nohandoff");
    run_tasks(1, ask, &through);
    ck_assert_uint_ge(direct.parks, ROUNDS / 2); /* it does switch */
    ck_assert_uint_le(direct.switches, direct.parks + direct.parks / 10);
    ck_assert_uint_ge(through.switches, 2 * through.parks);
}
END_TEST

/* --- nobias ----------------------------------------------------------------------------------- */

static int own_locks(void *arg)
{
    bool biased = arg == NULL;
    struct proc *proc = proc_enter();
    struct lock born = {.marks = 0};
    struct lock claimed = {.marks = 0};
    lock_init(proc, &born);
    proc = lock_acquire_claim(proc, &claimed);
    proc_leave(proc);
    expect_eq(lock_is_ours(proc, &born), biased);
    expect_eq(lock_is_ours(proc, &claimed), biased);
    return 0;
}

/* Goal: with nobias no lock ever belongs to a proc, whether it is born or claimed. */
START_TEST(test_tune_nobias)
{
    run_tasks(1, own_locks, NULL);
    tune("nobias");
    run_tasks(1, own_locks, &gates);
}
END_TEST

/* --- nostackcache ----------------------------------------------------------------------------- */

static void *do_nothing(void *arg)
{
    return arg;
}

/* More tasks at once than a cache holds; answers how many free stacks the proc keeps. */
static int live_and_die(void *kept)
{
    static sy_task tasks[5 * POOL_CACHE_SLOTS / 2];
    int count = sizeof tasks / sizeof tasks[0];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < count; i++) {
            expect_eq(sy_spawn(&tasks[i], do_nothing, NULL), 0);
        }
        for (int i = 0; i < count; i++) {
            expect_eq(sy_join(tasks[i], NULL), 0);
        }
    }
    struct proc *proc = proc_enter();
    *(uint32_t *)kept = proc->tasks.count;
    expect_le(proc->tasks.count, POOL_CACHE_SLOTS);
    proc_leave(proc);
    return 0;
}

/* Goal: with nostackcache a proc keeps one free stack, however many tasks were alive. */
START_TEST(test_tune_nostackcache)
{
    uint32_t kept = 0;
    run_tasks(1, live_and_die, &kept);
    ck_assert_uint_gt(kept, 1);
    tune("nostackcache");
    run_tasks(1, live_and_die, &kept);
    ck_assert_uint_le(kept, 1);
}
END_TEST

/* --- nofpsave --------------------------------------------------------------------------------- */

static void *round_upward(void *arg)
{
    fesetround(FE_UPWARD);
    sy_yield();
    return arg;
}

static int mode_after_yield(void *mode)
{
    sy_task task;
    expect_eq(sy_spawn(&task, round_upward, NULL), 0);
    sy_yield();
    *(int *)mode = fegetround();
    fesetround(FE_TONEAREST);
    expect_eq(sy_join(task, NULL), 0);
    return 0;
}

/* Goal: the rounding mode is a task's own; with nofpsave it is whatever the task before has set. */
START_TEST(test_tune_nofpsave)
{
    int mode = -1;
    run_tasks(1, mode_after_yield, &mode);
    ck_assert_int_eq(mode, FE_TONEAREST);
    tune("nofpsave");
    run_tasks(1, mode_after_yield, &mode);
    ck_assert_int_eq(mode, FE_UPWARD);
}
END_TEST

/* --- all together ----------------------------------------------------------------------------- */

/* Goal: every word alone and all at once: the runtime still does its work. */
START_TEST(test_tune_everything_off)
{
    struct sy_stats stats;
    tune("norunnext,nosteal,nospin,nonearest,nohandoff,nobias,nofpsave,nostackcache,"
         "nopreemptcall,nopreemptprologue,nopreemptsignal,nogiveback,nopatience");
    run_tasks(4, ask, &stats);
    run_tasks(4, spread, &stats);
    run_tasks(1, wake_three, NULL);
    ck_assert_uint_eq(stats.steals, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_tune");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_tune_knows_its_words);
    tcase_add_loop_test(tests, test_tune_refuses_unknown_words, 0, WRONGS);
    tcase_add_test(tests, test_tune_nosteal);
    tcase_add_test(tests, test_tune_norunnext);
    tcase_add_test(tests, test_tune_nohandoff);
    tcase_add_test(tests, test_tune_nobias);
    tcase_add_test(tests, test_tune_nostackcache);
    tcase_add_test(tests, test_tune_nofpsave);
    tcase_add_test(tests, test_tune_everything_off);
    return suite_main("runtime_tune", tests);
}

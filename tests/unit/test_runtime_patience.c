/* test_runtime_patience.c - when a worker waits before it takes the tasks of others, and when not.
 * Method: direct calls with procs that no worker holds; who shall not wait has the patience of an
 * hour, so that a mistake is a time-out. */
#include <time.h>

#include <switchyard/switchyard.h>

#include "patience.h"
#include "tune.h"
#include "two_procs.h"

#define AN_HOUR (3600 * SY_SECOND)

/* --- what a loot was worth -------------------------------------------------------------------- */

/* The worker takes something and has run dry after that many switches and that time. */
static void loot(bool spawned, uint64_t switches, sy_time busy)
{
    sy_time now = SY_SECOND;
    patience_loot(&worker, now, spawned);
    store_relaxed(&procs[0].switches, load_relaxed(&procs[0].switches) + switches);
    patience_judge(&worker, now + busy);
}

/* Goal: short runs that are soon over double the patience up to the most; longer runs, or many,
 * quarter it; a worker that has taken nothing learns nothing. */
START_TEST(test_patience_follows_the_loot)
{
    begin();
    loot(false, 10, 10 * PATIENCE_RUN);
    ck_assert_int_eq(worker.patience, 0);
    loot(false, 10, 10 * PATIENCE_RUN - 1);
    ck_assert_int_eq(worker.patience, PATIENCE_LEAST);
    patience_judge(&worker, 2 * SY_SECOND);
    ck_assert_int_eq(worker.patience, PATIENCE_LEAST);
    for (int i = 0; i < 20; i++) {
        loot(false, 10, 1);
    }
    ck_assert_int_eq(worker.patience, PATIENCE_MOST);
    loot(false, 1000000, PATIENCE_SOON);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 4);
    loot(false, 1000000, PATIENCE_SOON - 1);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 2);
    loot(true, 1000000, PATIENCE_SOON_SPAWNED);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 8);
    loot(true, 1000000, PATIENCE_SOON_SPAWNED - 1);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 4);
    loot(false, 1, PATIENCE_RUN);
    loot(false, 0, 0);
    loot(false, 0, 0);
    loot(false, 0, 0);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 1024);
}
END_TEST

/* --- who does not wait ------------------------------------------------------------------------ */

static void wait_for_an_hour(void)
{
    worker.patience = AN_HOUR;
    patience_wait(&worker, sy_now());
}

/* Goal: no wait while there is nothing to take, nor behind a task that runs for long. */
START_TEST(test_patience_with_idlers)
{
    begin();
    wait_for_an_hour();
    ck_assert(ring_push(&procs[1].runq.woken, &task));
    wait_for_an_hour();
}
END_TEST

/* Takes the offer back after a while, which ends the wait. */
static void *end_the_offer(void *arg)
{
    (void)arg;
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    over = true;
    ring_pop_oldest(&procs[1].runq.woken);
    return NULL;
}

/* Goal: a timer that is due and SWITCHYARD_TUNE=nopatience end the wait beside one
 * who switches all the time. */
START_TEST(test_patience_ends)
{
    begin_switching();
    ck_assert(ring_push(&procs[1].runq.woken, &task));
    store_relaxed(&procs[1].timers.next, sy_now());
    wait_for_an_hour();
    store_relaxed(&procs[1].timers.next, SY_FOREVER);
    tune_off = TUNE_NOPATIENCE;
    wait_for_an_hour();
    tune_off = 0;
    worker.patience = 10 * SY_MILLISECOND; /* it has an end of its own, too */
    patience_wait(&worker, sy_now());
    end_switching();
}
END_TEST

/* Goal: it does wait beside one who switches all the time. That one may lose its CPU, and the wait
 * ends early: one of many must not. */
START_TEST(test_patience_waits)
{
    bool waited = false;
    for (int i = 0; i < 100 && !waited; i++) {
        pthread_t other;
        begin_switching();
        ck_assert(ring_push(&procs[1].runq.woken, &task));
        ck_assert_int_eq(pthread_create(&other, NULL, end_the_offer, NULL), 0);
        wait_for_an_hour();
        waited = over;
        pthread_join(other, NULL);
        end_switching();
    }
    ck_assert(waited);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_patience");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_patience_follows_the_loot);
    tcase_add_test(tests, test_patience_with_idlers);
    tcase_add_test(tests, test_patience_ends);
    tcase_add_test(tests, test_patience_waits);
    return suite_main("runtime_patience", tests);
}

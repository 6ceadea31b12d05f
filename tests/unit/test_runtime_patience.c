/* test_runtime_patience.c - when a worker waits before it takes the tasks of others, and when not.
 * Method: direct calls with procs that no worker holds. The linker sends sy_now to a clock here,
 * which goes on by a look each time that it is read, and lets procs switch meanwhile: no thread and
 * no real time has a part in it. */
#include <switchyard/switchyard.h>

#include "lone_procs.h"
#include "netpoll.h"
#include "patience.h"
#include "tune.h"

#define A_LOOK (2 * SY_MICROSECOND)

sy_time __wrap_sy_now(void); /* the linker calls it for sy_now */
bool __wrap_netpoll_waits(void);

static sy_time clock_now;
static int looks;
static bool switches[PROCS]; /* between two looks */
static int offers_end;       /* with this look; 0: never */
static int timer_comes;      /* likewise */
static bool somebody_polls;

sy_time __wrap_sy_now(void)
{
    looks++;
    clock_now += A_LOOK;
    for (uint32_t i = 0; i < PROCS; i++) {
        if (switches[i]) {
            switch_once(&procs[i]);
        }
    }
    if (looks == offers_end) {
        ring_pop_oldest(&procs[1].runq.woken);
    }
    if (looks == timer_comes) {
        store_relaxed(&procs[2].timers.next, clock_now);
    }
    return clock_now;
}

bool __wrap_netpoll_waits(void)
{
    return somebody_polls;
}

/* --- what a loot was worth -------------------------------------------------------------------- */

/* The worker takes something and has run dry after that many switches and that time. */
static void loot(bool spawned, uint64_t runs, sy_time busy)
{
    sy_time now = SY_SECOND;
    patience_loot(&worker, now, spawned);
    store_relaxed(&procs[0].switches, load_relaxed(&procs[0].switches) + runs);
    patience_judge(&worker, now + busy);
}

/* Goal: short runs that are soon over double the patience, up to the most from anywhere; longer
 * runs, or many, quarter it; a worker that has taken nothing learns nothing. */
START_TEST(test_patience_follows_the_loot)
{
    begin();
    loot(false, 10, 10 * PATIENCE_RUN);
    ck_assert_int_eq(worker.patience, 0);
    loot(false, 10, 10 * PATIENCE_RUN - 1);
    ck_assert_int_eq(worker.patience, PATIENCE_LEAST);
    patience_judge(&worker, 2 * SY_SECOND);
    ck_assert_int_eq(worker.patience, PATIENCE_LEAST);
    for (sy_time start = 0; start < 2 * PATIENCE_LEAST; start += 62) {
        worker.patience = start;
        for (int i = 0; i < 20; i++) {
            loot(false, 10, 1);
            ck_assert_int_ge(worker.patience, PATIENCE_LEAST);
        }
        ck_assert_int_eq(worker.patience, PATIENCE_MOST);
    }
    loot(false, 1000000, PATIENCE_SOON);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 4);
    loot(false, 1000000, PATIENCE_SOON - 1);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 2);
    loot(true, 1000000, PATIENCE_SOON_SPAWNED);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 8);
    loot(true, 1000000, PATIENCE_SOON_SPAWNED - 1);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 4);
    loot(false, 1, PATIENCE_RUN);
    ck_assert_int_eq(worker.patience, PATIENCE_MOST / 16);
}
END_TEST

/* Goal: a worker that has come back with another proc, whose switches tell nothing, does not judge.
 */
START_TEST(test_patience_of_another_proc)
{
    begin();
    patience_loot(&worker, SY_SECOND, false);
    worker.proc = &procs[1];
    store_relaxed(&procs[1].switches, 1000000);
    patience_judge(&worker, SY_SECOND + 1);
    ck_assert_int_eq(worker.patience, 0);
    worker.proc = &procs[0];
    patience_judge(&worker, SY_SECOND + 1); /* nor later */
    ck_assert_int_eq(worker.patience, 0);
}
END_TEST

/* --- the wait --------------------------------------------------------------------------------- */

enum { WHOLE = (int)(PATIENCE_MOST / A_LOOK) };

/* Procs 1 and 2 offer a task each, and switch all the time. */
static void begin_offers(void)
{
    begin();
    for (uint32_t i = 1; i < PROCS; i++) {
        switches[i] = true;
        ck_assert(ring_push(&procs[i].runq.woken, &task));
    }
    switches[0] = false;
    offers_end = 0;
    timer_comes = 0;
    somebody_polls = false;
    tune_off = 0;
    worker.patience = PATIENCE_MOST;
}

/* How many looks the worker takes; the time that it gets back is that of the last one. */
static int wait_and_count(void)
{
    sy_time from = clock_now;
    looks = 0;
    sy_time now = patience_wait(&worker, from);
    ck_assert_int_eq(now, from + looks * A_LOOK);
    return looks;
}

/* Goal: while all who offer something switch, the wait lasts as long as the patience. */
START_TEST(test_patience_waits)
{
    begin_offers();
    ck_assert_int_eq(wait_and_count(), WHOLE);
    worker.patience = PATIENCE_MOST / 2;
    ck_assert_int_eq(wait_and_count(), WHOLE / 2);
    worker.patience = 0;
    ck_assert_int_eq(wait_and_count(), 0);
}
END_TEST

/* Goal: it ends with the first look that finds one who offers something and has not switched,
 * whoever else has; who offers nothing may stand still. */
START_TEST(test_patience_ends_behind_long_runs)
{
    for (uint32_t i = 1; i < PROCS; i++) {
        begin_offers();
        switches[i] = false;
        ck_assert_int_eq(wait_and_count(), 1);
        ring_pop_oldest(&procs[i].runq.woken);
        ck_assert_int_eq(wait_and_count(), WHOLE);
        ck_assert(ring_push(&procs[i].runq.spawned, &task));
        ck_assert_int_eq(wait_and_count(), 1);
    }
}
END_TEST

/* Goal: it ends when nothing is offered any more, and when a timer is due; and it does not begin
 * while tasks wait for descriptors, or may not be stolen, or where it is switched off. */
START_TEST(test_patience_ends)
{
    begin_offers();
    ring_pop_oldest(&procs[2].runq.woken);
    offers_end = 5;
    ck_assert_int_eq(wait_and_count(), 5);
    ck_assert_int_eq(wait_and_count(), 0);
    begin_offers();
    timer_comes = 7;
    ck_assert_int_eq(wait_and_count(), 7);
    ck_assert_int_eq(wait_and_count(), 0);
    begin_offers();
    somebody_polls = true;
    ck_assert_int_eq(wait_and_count(), 0);
    begin_offers();
    tune_off = TUNE_NOSTEAL;
    ck_assert_int_eq(wait_and_count(), 0);
    tune_off = TUNE_NOPATIENCE;
    ck_assert_int_eq(wait_and_count(), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_patience");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_patience_follows_the_loot);
    tcase_add_test(tests, test_patience_of_another_proc);
    tcase_add_test(tests, test_patience_waits);
    tcase_add_test(tests, test_patience_ends_behind_long_runs);
    tcase_add_test(tests, test_patience_ends);
    return suite_main("runtime_patience", tests);
}

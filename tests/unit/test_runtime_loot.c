/* test_runtime_loot.c - what a worker learns from the tasks of others that it took (patience.h). */
#include "patient_worker.h"

/* The worker takes something and has run dry after that many switches and that time, in which
 * another proc switches, too. Returns the patience for that kind. */
static sy_time loot_beside(enum loot_kind kind, uint64_t runs, sy_time busy, uint64_t others)
{
    patience_loot(patience, &procs[0], SY_SECOND, kind);
    add_switches(&procs[0], runs);
    add_switches(&procs[1], others);
    patience_judge(patience, &procs[0], SY_SECOND + busy);
    return patience->waits[kind];
}

static sy_time loot(enum loot_kind kind, uint64_t runs, sy_time busy)
{
    return loot_beside(kind, runs, busy, 0);
}

/* Goal: short runs that are soon over double the patience, up to what the worker may spin, from
 * anywhere; longer runs, or many, quarter it; each kind has its own. */
START_TEST(test_patience_follows_the_loot)
{
    begin_patience();
    ck_assert_int_eq(loot(LOOT_WOKEN, 10, 10 * PATIENCE_RUN), 0);
    ck_assert_int_eq(loot(LOOT_WOKEN, 10, 10 * PATIENCE_RUN - 1), PATIENCE_LEAST);
    for (sy_time start = 0; start < 2 * PATIENCE_LEAST; start += 62) {
        patience->waits[LOOT_WOKEN] = start;
        for (int i = 0; i < 20; i++) {
            ck_assert_int_ge(loot(LOOT_WOKEN, 10, 1), PATIENCE_LEAST);
        }
        ck_assert_int_eq(patience->waits[LOOT_WOKEN], PATIENCE_SPIN);
    }
    ck_assert_int_eq(loot(LOOT_WOKEN, 1000000, PATIENCE_SOON), PATIENCE_SPIN / 4);
    ck_assert_int_eq(loot(LOOT_WOKEN, 1000000, PATIENCE_SOON - 1), PATIENCE_SPIN / 2);
    ck_assert_int_eq(loot(LOOT_SPAWNED, 1000000, PATIENCE_SOON_SPAWNED), 0);
    ck_assert_int_eq(loot(LOOT_SPAWNED, 1000000, PATIENCE_SOON_SPAWNED - 1), PATIENCE_LEAST);
    ck_assert_int_eq(loot(LOOT_WOKEN, 1, PATIENCE_RUN), PATIENCE_SPIN / 8);
}
END_TEST

/* Goal: a worker that has taken nothing since it judged learns nothing, nor one that has come back
 * with another proc, whose switches tell nothing. */
START_TEST(test_patience_judges_once)
{
    begin_patience();
    ck_assert_int_eq(loot(LOOT_WOKEN, 10, 1), PATIENCE_LEAST);
    patience_judge(patience, &procs[0], 2 * SY_SECOND);
    ck_assert_int_eq(patience->waits[LOOT_WOKEN], PATIENCE_LEAST);
    patience_loot(patience, &procs[0], SY_SECOND, LOOT_WOKEN);
    add_switches(&procs[1], 1000000);
    patience_judge(patience, &procs[1], SY_SECOND + 1);
    ck_assert_int_eq(patience->waits[LOOT_WOKEN], PATIENCE_LEAST);
    patience_judge(patience, &procs[0], SY_SECOND + 1); /* nor later */
    ck_assert_int_eq(patience->waits[LOOT_WOKEN], PATIENCE_LEAST);
}
END_TEST

/* The worker has waited while the others switched once in PATIENCE_RUN, both together. */
static void wait_beside_one_a_run(void)
{
    begin_offers(PATIENCE_SPIN);
    run = 2 * PATIENCE_RUN;
    patience_wait(&worker, clock_now);
    ck_assert_int_gt(patience->pace, 0);
}

/* Goal: a loot with which all procs together switched less often than they did while the worker
 * waited quadruples the patience, however long it lasted, up to the most; one with which they
 * switched more often quarters it, and so does one of long runs. */
START_TEST(test_patience_after_harm)
{
    wait_beside_one_a_run();
    sy_time wait = patience->waits[LOOT_WOKEN];
    uint64_t runs = 100000;
    sy_time busy = (sy_time)(runs + runs / 2) * PATIENCE_RUN; /* the others have half as many */
    while (wait * 4 <= PATIENCE_MOST) {
        wait *= 4;
        ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy, runs / 2 - runs / 20), wait);
    }
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy, 0), PATIENCE_MOST);
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy, runs / 2 + runs / 20), PATIENCE_MOST / 4);
    busy = (sy_time)runs * PATIENCE_MOVED_RUN;
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy - 1, 0), PATIENCE_MOST);
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy, 0), PATIENCE_MOST / 4);
}
END_TEST

/* Goal: a poor loot that did no harm keeps a patience above what the worker may spin as it is. */
START_TEST(test_patience_without_harm)
{
    wait_beside_one_a_run();
    patience->waits[LOOT_WOKEN] = PATIENCE_MOST / 2;
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, 10, 10 * PATIENCE_RUN - 1, 10), PATIENCE_MOST / 2);
}
END_TEST

/* Goal: without a wait there is nothing to compare with; nor is there for spawned tasks. */
START_TEST(test_patience_has_nothing_to_compare)
{
    begin_patience();
    add_switches(&procs[1], 1000000);
    ck_assert_int_eq(loot(LOOT_WOKEN, 1000, SY_MILLISECOND), 0);
    wait_beside_one_a_run();
    patience->waits[LOOT_SPAWNED] = PATIENCE_SPIN;
    ck_assert_int_eq(loot(LOOT_SPAWNED, 1000, 1000 * PATIENCE_MOVED_RUN - 1), PATIENCE_SPIN / 4);
    begin_offers(PATIENCE_MEASURED - A_LOOK);
    patience_wait(&worker, clock_now);
    ck_assert_int_eq(patience->pace, 0); /* too short to tell */
    patience->waits[LOOT_WOKEN] = PATIENCE_MEASURED;
    patience_wait(&worker, clock_now);
    sy_time before = patience->pace;
    ck_assert_int_gt(before, 0);
    run = 4 * PATIENCE_RUN;
    patience_wait(&worker, clock_now);
    ck_assert_int_gt(patience->pace, 3 * before); /* the last wait counts */
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_loot");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_patience_follows_the_loot);
    tcase_add_test(tests, test_patience_judges_once);
    tcase_add_test(tests, test_patience_after_harm);
    tcase_add_test(tests, test_patience_without_harm);
    tcase_add_test(tests, test_patience_has_nothing_to_compare);
    return suite_main("runtime_loot", tests);
}

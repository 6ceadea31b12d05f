/* test_runtime_patience.c - how long a worker waits before it takes the tasks of others, and what
 * ends that. */
#include "patient_worker.h"

enum { SPINS = (int)(PATIENCE_SPIN / A_LOOK) };

/* How many looks the worker takes; the time that it gets back is that of the last one. */
static int wait_and_count(void)
{
    looks = 0;
    naps = 0;
    sy_time now = patience_wait(&worker, clock_now);
    ck_assert_int_eq(now, clock_now);
    return looks;
}

/* Goal: while all who offer something switch, the wait lasts as long as the patience: awake first,
 * and asleep for the rest. */
START_TEST(test_patience_waits)
{
    begin_offers(PATIENCE_SPIN);
    ck_assert_int_eq(wait_and_count(), SPINS);
    ck_assert_int_eq(naps, 0);
    patience->waits[LOOT_WOKEN] = PATIENCE_SPIN / 2;
    ck_assert_int_eq(wait_and_count(), SPINS / 2);
    patience->waits[LOOT_WOKEN] = 0;
    ck_assert_int_eq(wait_and_count(), 0);
    patience->waits[LOOT_WOKEN] = PATIENCE_SPIN + 10 * (PATIENCE_NAP + A_LOOK);
    ck_assert_int_eq(wait_and_count(), SPINS + 10);
    ck_assert_int_eq(naps, 10);
}
END_TEST

/* Goal: the wait is that for the kind that is offered; of both, the shorter one. */
START_TEST(test_patience_waits_for_a_kind)
{
    for (uint32_t i = 1; i < PROCS; i++) {
        begin_offers(PATIENCE_SPIN);
        patience->waits[LOOT_SPAWNED] = PATIENCE_SPIN / 4;
        ck_assert_int_eq(wait_and_count(), SPINS);
        ck_assert(ring_push(&procs[i].runq.spawned, &task));
        ck_assert_int_eq(wait_and_count(), SPINS / 4);
        patience->waits[LOOT_SPAWNED] = 0;
        ck_assert_int_eq(wait_and_count(), 0);
        patience->waits[LOOT_SPAWNED] = 2 * PATIENCE_SPIN;
        ck_assert_int_eq(wait_and_count(), SPINS);
        ring_pop_oldest(&procs[1].runq.woken);
        ring_pop_oldest(&procs[2].runq.woken);
        patience->waits[LOOT_SPAWNED] = PATIENCE_SPIN / 2;
        ck_assert_int_eq(wait_and_count(), SPINS / 2);
    }
}
END_TEST

/* Goal: it ends with the first nap in which one who offered something had runs longer than
 * PATIENCE_RUN, whoever else has not; who offers nothing may stand still. */
START_TEST(test_patience_ends_behind_long_runs)
{
    for (uint32_t i = 1; i < PROCS; i++) {
        begin_offers(PATIENCE_MOST);
        switches[i] = false;
        wait_and_count();
        ck_assert_int_eq(naps, 1);
        ring_pop_oldest(&procs[i].runq.woken);
        wait_and_count();
        ck_assert_int_gt(naps, 20);
        ck_assert(ring_push(&procs[i].runq.spawned, &task));
        patience->waits[LOOT_SPAWNED] = PATIENCE_MOST;
        wait_and_count();
        ck_assert_int_eq(naps, 1);
    }
    begin_offers(PATIENCE_MOST);
    run = PATIENCE_RUN + PATIENCE_RUN / 8;
    wait_and_count();
    ck_assert_int_eq(naps, 1);
}
END_TEST

/* Goal: how often they must have switched depends on how long the nap was. */
START_TEST(test_patience_after_a_short_nap)
{
    begin_offers(PATIENCE_MOST);
    nap_time = PATIENCE_NAP / 2;
    wait_and_count();
    ck_assert_int_gt(naps, 40);
}
END_TEST

/* Goal: a nap is as short as the next timer needs, and the last one then. */
START_TEST(test_patience_wakes_for_a_timer)
{
    begin_offers(PATIENCE_MOST);
    store_relaxed(&procs[2].timers.next, clock_now + PATIENCE_SPIN + PATIENCE_NAP / 2);
    wait_and_count();
    ck_assert_int_eq(naps, 1);
}
END_TEST

/* Goal: a nap is the last one if tasks were in the global queue before it and are after it. */
START_TEST(test_patience_ends_beside_the_global_queue)
{
    struct task *one = &task;
    ck_assert_int_eq(global_init(POOL_BATCH), 0);
    begin_offers(PATIENCE_MOST);
    global_push(&one, 1);
    wait_and_count();
    ck_assert_int_eq(naps, 1);
    overflow_ends = 1;
    wait_and_count();
    ck_assert_int_gt(naps, 20);
    ck_assert_uint_eq(load_relaxed(&scheduler.napping), 0);
    global_destroy();
}
END_TEST

/* Goal: the one that spins, for whom others wake nobody, does not sleep while procs are idle. */
START_TEST(test_patience_of_one_that_spins)
{
    begin_offers(PATIENCE_MOST);
    worker.spinning = true;
    wait_and_count();
    ck_assert_int_gt(naps, 20);
    store_relaxed(&scheduler.idle_procs, 1);
    ck_assert_int_eq(wait_and_count(), SPINS);
    ck_assert_int_eq(naps, 0);
    worker.spinning = false;
    wait_and_count();
    ck_assert_int_gt(naps, 20);
}
END_TEST

/* Goal: it does not wait beside a task that its proc will not come to: in one whose worker is in a
 * blocking call, in a slot too, or in a slot that the watch has found stale. */
START_TEST(test_patience_ends_for_help)
{
    begin_offers(PATIENCE_SPIN);
    ring_pop_oldest(&procs[2].runq.woken);
    switches[2] = false;
    store_relaxed(&procs[2].blocking, 1);
    ck_assert_int_eq(wait_and_count(), SPINS); /* nothing waits there */
    store_relaxed(&procs[2].runq.next, &task);
    ck_assert_int_eq(wait_and_count(), 0);
    store_relaxed(&procs[2].blocking, 0);
    ck_assert_int_eq(wait_and_count(), SPINS);
    store_relaxed(&procs[2].slots_stale, 1);
    store_relaxed(&procs[2].watched_switches, load_relaxed(&procs[2].switches));
    ck_assert_int_eq(wait_and_count(), 0);
    store_relaxed(&procs[2].runq.next, NULL); /* somebody has taken it */
    ck_assert_int_eq(wait_and_count(), SPINS);
    store_relaxed(&procs[2].runq.next, &task);
    ck_assert_int_eq(wait_and_count(), 0);
    add_switches(&procs[2], 1);
    ck_assert_int_eq(wait_and_count(), SPINS);
}
END_TEST

/* Goal: it ends when nothing is offered any more, when a timer is due, and when the proc shall
 * retire; and it does not begin while tasks wait for descriptors, or may not be stolen, or where it
 * is switched off. */
START_TEST(test_patience_ends)
{
    begin_offers(PATIENCE_SPIN);
    ring_pop_oldest(&procs[2].runq.woken);
    offers_end = 5;
    ck_assert_int_eq(wait_and_count(), 5);
    ck_assert_int_eq(wait_and_count(), 0);
    begin_offers(PATIENCE_SPIN);
    timer_comes = 7;
    ck_assert_int_eq(wait_and_count(), 7);
    ck_assert_int_eq(wait_and_count(), 0);
    begin_offers(PATIENCE_SPIN);
    store_relaxed(&scheduler.limit, 0); /* its proc shall retire */
    ck_assert_int_eq(wait_and_count(), 0);
    begin_offers(PATIENCE_SPIN);
    somebody_polls = true;
    ck_assert_int_eq(wait_and_count(), 0);
    begin_offers(PATIENCE_SPIN);
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
    tcase_add_test(tests, test_patience_waits);
    tcase_add_test(tests, test_patience_waits_for_a_kind);
    tcase_add_test(tests, test_patience_ends_behind_long_runs);
    tcase_add_test(tests, test_patience_after_a_short_nap);
    tcase_add_test(tests, test_patience_wakes_for_a_timer);
    tcase_add_test(tests, test_patience_ends_beside_the_global_queue);
    tcase_add_test(tests, test_patience_of_one_that_spins);
    tcase_add_test(tests, test_patience_ends_for_help);
    tcase_add_test(tests, test_patience_ends);
    return suite_main("runtime_patience", tests);
}

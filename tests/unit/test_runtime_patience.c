/* test_runtime_patience.c - when a worker waits before it takes the tasks of others, and when not.
 * Method: direct calls with procs that no worker holds. The linker sends sy_now and futex_wait to a
 * clock here, which goes on by a look each time that it is read, and by a nap in each sleep, and
 * lets procs switch meanwhile: no thread and no real time has a part in it. */
#include <errno.h>

#include <switchyard/switchyard.h>

#include "lone_procs.h"
#include "netpoll.h"
#include "patience.h"
#include "tune.h"

#define A_LOOK (2 * SY_MICROSECOND)

sy_time __wrap_sy_now(void); /* the linker calls it for sy_now */
int __wrap_futex_wait(_Atomic uint32_t *word, uint32_t expected, sy_time deadline);
bool __wrap_netpoll_waits(void);

static sy_time clock_now;
static int looks;
static int naps;
static sy_time run; /* of the tasks of procs that switch */
static bool switches[PROCS];
static int offers_end;  /* with this look; 0: never */
static int timer_comes; /* likewise */
static bool somebody_polls;
static struct patience patience;

static void add_switches(struct proc *proc, uint64_t times)
{
    store_relaxed(&proc->switches, load_relaxed(&proc->switches) + times);
}

/* Time passes. */
static void go_on(sy_time time)
{
    clock_now += time;
    for (uint32_t i = 0; i < PROCS; i++) {
        if (switches[i]) {
            add_switches(&procs[i], (uint64_t)(time / run));
        }
    }
}

sy_time __wrap_sy_now(void)
{
    looks++;
    go_on(A_LOOK);
    if (looks == offers_end) {
        ring_pop_oldest(&procs[1].runq.woken);
    }
    if (looks == timer_comes) {
        store_relaxed(&procs[2].timers.next, clock_now);
    }
    return clock_now;
}

int __wrap_futex_wait(_Atomic uint32_t *word, uint32_t expected, sy_time deadline)
{
    ck_assert_uint_eq(load_relaxed(word), expected); /* or it would not sleep */
    ck_assert_int_eq(deadline, clock_now + PATIENCE_NAP);
    naps++;
    go_on(deadline - clock_now);
    return -ETIMEDOUT;
}

bool __wrap_netpoll_waits(void)
{
    return somebody_polls;
}

static void begin_patience(void)
{
    begin();
    patience = (struct patience){0};
    clock_now = SY_SECOND;
    run = PATIENCE_RUN;
    offers_end = 0;
    timer_comes = 0;
    somebody_polls = false;
    tune_off = 0;
    memset(switches, 0, sizeof switches);
}

/* --- what a loot was worth -------------------------------------------------------------------- */

/* The worker takes something and has run dry after that many switches and that time, in which
 * another proc switches, too. Returns the patience for that kind. */
static sy_time loot_beside(enum loot_kind kind, uint64_t runs, sy_time busy, uint64_t others)
{
    patience_loot(&patience, &procs[0], SY_SECOND, kind);
    add_switches(&procs[0], runs);
    add_switches(&procs[1], others);
    patience_judge(&patience, &procs[0], SY_SECOND + busy);
    return patience.waits[kind];
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
        patience.waits[LOOT_WOKEN] = start;
        for (int i = 0; i < 20; i++) {
            ck_assert_int_ge(loot(LOOT_WOKEN, 10, 1), PATIENCE_LEAST);
        }
        ck_assert_int_eq(patience.waits[LOOT_WOKEN], PATIENCE_SPIN);
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
    patience_judge(&patience, &procs[0], 2 * SY_SECOND);
    ck_assert_int_eq(patience.waits[LOOT_WOKEN], PATIENCE_LEAST);
    patience_loot(&patience, &procs[0], SY_SECOND, LOOT_WOKEN);
    add_switches(&procs[1], 1000000);
    patience_judge(&patience, &procs[1], SY_SECOND + 1);
    ck_assert_int_eq(patience.waits[LOOT_WOKEN], PATIENCE_LEAST);
    patience_judge(&patience, &procs[0], SY_SECOND + 1); /* nor later */
    ck_assert_int_eq(patience.waits[LOOT_WOKEN], PATIENCE_LEAST);
}
END_TEST

/* Procs 1 and 2 offer a task each, and switch all the time; the worker has patience. */
static void begin_offers(sy_time wait)
{
    begin_patience();
    for (uint32_t i = 1; i < PROCS; i++) {
        switches[i] = true;
        ck_assert(ring_push(&procs[i].runq.woken, &task));
    }
    patience.waits[LOOT_WOKEN] = wait;
}

/* The worker has waited while the others switched once in PATIENCE_RUN, both together. */
static void wait_beside_one_a_run(void)
{
    begin_offers(PATIENCE_SPIN);
    run = 2 * PATIENCE_RUN;
    patience_wait(&patience, clock_now);
    ck_assert_int_gt(patience.pace, 0);
}

/* Goal: a loot with which all procs together switched less often than they did while the worker
 * waited quadruples the patience, however long it lasted, up to the most; one with which they
 * switched more often quarters it, and so does one of long runs. */
START_TEST(test_patience_after_harm)
{
    wait_beside_one_a_run();
    sy_time wait = patience.waits[LOOT_WOKEN];
    uint64_t runs = 100000;
    sy_time busy = (sy_time)(2 * runs) * PATIENCE_RUN; /* the others have as many runs as it */
    while (wait * 4 <= PATIENCE_MOST) {
        wait *= 4;
        ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy, runs - runs / 20), wait);
    }
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy, 0), PATIENCE_MOST);
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy, runs + runs / 20), PATIENCE_MOST / 4);
    busy = (sy_time)runs * PATIENCE_MOVED_RUN;
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy - 1, 0), PATIENCE_MOST);
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, runs, busy, 0), PATIENCE_MOST / 4);
}
END_TEST

/* Goal: a poor loot that did no harm keeps a patience above what the worker may spin as it is. */
START_TEST(test_patience_without_harm)
{
    wait_beside_one_a_run();
    patience.waits[LOOT_WOKEN] = PATIENCE_MOST / 2;
    ck_assert_int_eq(loot_beside(LOOT_WOKEN, 10, 10 * PATIENCE_RUN - 1, 10), PATIENCE_MOST / 2);
}
END_TEST

/* Goal: without a wait there is nothing to compare with; nor is there for spawned tasks. */
START_TEST(test_patience_has_nothing_to_compare)
{
    begin_patience();
    ck_assert_int_eq(loot(LOOT_WOKEN, 1000, SY_MILLISECOND), 0);
    wait_beside_one_a_run();
    patience.waits[LOOT_SPAWNED] = PATIENCE_SPIN;
    ck_assert_int_eq(loot(LOOT_SPAWNED, 1000, 7 * SY_MILLISECOND), PATIENCE_SPIN / 4);
    begin_offers(PATIENCE_MEASURED - 1);
    patience_wait(&patience, clock_now - A_LOOK); /* too short to tell */
    ck_assert_int_gt(patience.pace, 0);
    begin_offers(PATIENCE_MEASURED - A_LOOK);
    patience_wait(&patience, clock_now);
    ck_assert_int_eq(patience.pace, 0);
}
END_TEST

/* --- the wait --------------------------------------------------------------------------------- */

enum { SPINS = (int)(PATIENCE_SPIN / A_LOOK) };

/* How many looks the worker takes; the time that it gets back is that of the last one. */
static int wait_and_count(void)
{
    sy_time from = clock_now;
    looks = 0;
    naps = 0;
    sy_time now = patience_wait(&patience, from);
    ck_assert_int_eq(now, from + looks * A_LOOK + naps * PATIENCE_NAP);
    return looks;
}

/* Goal: while all who offer something switch, the wait lasts as long as the patience: awake first,
 * and asleep for the rest. */
START_TEST(test_patience_waits)
{
    begin_offers(PATIENCE_SPIN);
    ck_assert_int_eq(wait_and_count(), SPINS);
    ck_assert_int_eq(naps, 0);
    patience.waits[LOOT_WOKEN] = PATIENCE_SPIN / 2;
    ck_assert_int_eq(wait_and_count(), SPINS / 2);
    patience.waits[LOOT_WOKEN] = 0;
    ck_assert_int_eq(wait_and_count(), 0);
    patience.waits[LOOT_WOKEN] = PATIENCE_SPIN + 10 * (PATIENCE_NAP + A_LOOK);
    ck_assert_int_eq(wait_and_count(), SPINS + 10);
    ck_assert_int_eq(naps, 10);
}
END_TEST

/* Goal: the wait is that for the kind that is offered; of both, the shorter one. */
START_TEST(test_patience_waits_for_a_kind)
{
    for (uint32_t i = 1; i < PROCS; i++) {
        begin_offers(PATIENCE_SPIN);
        patience.waits[LOOT_SPAWNED] = PATIENCE_SPIN / 4;
        ck_assert_int_eq(wait_and_count(), SPINS);
        ck_assert(ring_push(&procs[i].runq.spawned, &task));
        ck_assert_int_eq(wait_and_count(), SPINS / 4);
        patience.waits[LOOT_SPAWNED] = 0;
        ck_assert_int_eq(wait_and_count(), 0);
        patience.waits[LOOT_SPAWNED] = 2 * PATIENCE_SPIN;
        ck_assert_int_eq(wait_and_count(), SPINS);
        ring_pop_oldest(&procs[1].runq.woken);
        ring_pop_oldest(&procs[2].runq.woken);
        patience.waits[LOOT_SPAWNED] = PATIENCE_SPIN / 2;
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
        patience.waits[LOOT_SPAWNED] = PATIENCE_MOST;
        wait_and_count();
        ck_assert_int_eq(naps, 1);
    }
    begin_offers(PATIENCE_MOST);
    run = PATIENCE_RUN + PATIENCE_RUN / 8;
    wait_and_count();
    ck_assert_int_eq(naps, 1);
}
END_TEST

/* Goal: it ends when nothing is offered any more, and when a timer is due; and it does not begin
 * while tasks wait for descriptors, or may not be stolen, or where it is switched off. */
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
    tcase_add_test(tests, test_patience_follows_the_loot);
    tcase_add_test(tests, test_patience_judges_once);
    tcase_add_test(tests, test_patience_after_harm);
    tcase_add_test(tests, test_patience_without_harm);
    tcase_add_test(tests, test_patience_has_nothing_to_compare);
    tcase_add_test(tests, test_patience_waits);
    tcase_add_test(tests, test_patience_waits_for_a_kind);
    tcase_add_test(tests, test_patience_ends_behind_long_runs);
    tcase_add_test(tests, test_patience_ends);
    return suite_main("runtime_patience", tests);
}

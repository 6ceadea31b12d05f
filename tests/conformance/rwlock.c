/* rwlock.c - the reader-writer lock: who excludes whom, errors, deadlines, nobody starves. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

struct party {
    sy_rwlock *rwlock;
    bool writes;
    sy_time deadline;
    int result;
    sy_task task;
    atomic_int *order; /* counts those that got it */
    int place;
};

static void *lock_and_unlock(void *arg)
{
    struct party *party = arg;
    blocked_soon();
    party->result = party->writes ? sy_rwlock_write_lock_until(party->rwlock, party->deadline)
                                  : sy_rwlock_read_lock_until(party->rwlock, party->deadline);
    if (party->result == 0) {
        party->place = (*party->order)++;
        if (party->writes) {
            sy_rwlock_write_unlock(party->rwlock);
        } else {
            sy_rwlock_read_unlock(party->rwlock);
        }
    }
    return NULL;
}

static void *try_both(void *rwlock)
{
    intptr_t result = 0;
    if (sy_rwlock_read_trylock(rwlock) == 0) {
        sy_rwlock_read_unlock(rwlock);
        result += 1;
    }
    if (sy_rwlock_write_trylock(rwlock) == 0) {
        sy_rwlock_write_unlock(rwlock);
        result += 2;
    }
    return (void *)result;
}

/* What another task could get: 1 to read, 2 to write, or both. */
static int open_to_others(sy_rwlock *rwlock)
{
    sy_task task;
    void *result = NULL;
    expect_eq(sy_spawn(&task, try_both, rwlock), 0);
    expect_eq(sy_join(task, &result), 0);
    return (int)(intptr_t)result;
}

static void use_once(sy_rwlock *rwlock)
{
    expect_eq(open_to_others(rwlock), 3);
    expect_eq(sy_rwlock_read_lock(rwlock), 0);
    expect_eq(open_to_others(rwlock), 1);
    expect_eq(sy_rwlock_read_lock_until(rwlock, 0), 0); /* nobody waits: once more */
    sy_rwlock_read_unlock(rwlock);
    expect_eq(open_to_others(rwlock), 1);
    expect_eq(sy_rwlock_write_trylock(rwlock), -EBUSY);
    expect_eq(sy_rwlock_write_lock_until(rwlock, 0), -ETIMEDOUT);
    expect_eq(sy_rwlock_destroy(rwlock), -EBUSY);
    sy_rwlock_read_unlock(rwlock);
    expect_eq(sy_rwlock_write_lock(rwlock), 0);
    expect_eq(open_to_others(rwlock), 0);
    expect_eq(sy_rwlock_write_lock(rwlock), -EDEADLK);
    expect_eq(sy_rwlock_read_lock(rwlock), -EDEADLK);
    expect_eq(sy_rwlock_read_trylock(rwlock), -EDEADLK);
    expect_eq(sy_rwlock_write_trylock(rwlock), -EDEADLK);
    expect_eq(sy_rwlock_destroy(rwlock), -EBUSY);
    sy_rwlock_write_unlock(rwlock);
    expect_eq(open_to_others(rwlock), 3);
}

static sy_rwlock static_rwlock;

static int use_each_kind(void *arg)
{
    sy_rwlock initialised = SY_RWLOCK_INIT;
    sy_rwlock made;
    (void)arg;
    memset(&made, 0xff, sizeof made);
    sy_rwlock_init(&made);
    use_once(&static_rwlock);
    use_once(&initialised);
    use_once(&made);
    expect_eq(sy_rwlock_destroy(&made), 0);
    return 0;
}

START_TEST(test_rwlock_excludes_and_refuses)
{
    run_tasks(RUN_PROCS[_i], use_each_kind, NULL);
}
END_TEST

/* Starts one party after another, each once the one before waits. */
static void line_up(struct party *parties, uint32_t count, sy_rwlock *rwlock, const char *kinds,
                    atomic_int *order)
{
    blocked_begin();
    for (uint32_t i = 0; i < count; i++) {
        parties[i] = (struct party){
            .rwlock = rwlock, .writes = kinds[i] == 'w', .deadline = SY_FOREVER, .order = order};
        expect_eq(sy_spawn(&parties[i].task, lock_and_unlock, &parties[i]), 0);
        blocked_await(i + 1);
    }
}

static int take_turns(void *arg)
{
    sy_rwlock rwlock = SY_RWLOCK_INIT;
    struct party parties[6];
    atomic_int order = 0;
    (void)arg;
    expect_eq(sy_rwlock_read_lock(&rwlock), 0);
    line_up(parties, 6, &rwlock, "wrwrwr", &order);
    expect_eq(sy_rwlock_read_trylock(&rwlock), -EBUSY); /* a writer waits */
    sy_rwlock_read_unlock(&rwlock);
    for (int i = 0; i < 6; i++) {
        expect_eq(sy_join(parties[i].task, NULL), 0);
        expect_eq(parties[i].result, 0);
    }
    expect_eq(parties[0].place, 0); /* the first writer, then all readers, then the writers */
    for (int i = 1; i < 6; i += 2) {
        expect_ge(parties[i].place, 1);
        expect_le(parties[i].place, 3);
    }
    expect_eq(parties[2].place, 4);
    expect_eq(parties[4].place, 5);
    expect_eq(sy_rwlock_destroy(&rwlock), 0);
    return 0;
}

/* Goal: writers and groups of readers take turns. */
START_TEST(test_rwlock_is_phase_fair)
{
    run_tasks(RUN_PROCS[_i], take_turns, NULL);
}
END_TEST

static int give_up_writing(void *arg)
{
    sy_rwlock rwlock = SY_RWLOCK_INIT;
    atomic_int order = 0;
    struct party writer = {.rwlock = &rwlock, .writes = true, .order = &order};
    struct party reader = {.rwlock = &rwlock, .deadline = SY_FOREVER, .order = &order};
    (void)arg;
    expect_eq(sy_rwlock_read_lock(&rwlock), 0);
    writer.deadline = sy_now() + 20 * SY_MILLISECOND;
    blocked_begin();
    expect_eq(sy_spawn(&writer.task, lock_and_unlock, &writer), 0);
    blocked_await(1);
    expect_eq(sy_spawn(&reader.task, lock_and_unlock, &reader), 0);
    expect_eq(sy_join(writer.task, NULL), 0);
    expect_eq(writer.result, -ETIMEDOUT);
    expect_eq(sy_join(reader.task, NULL), 0); /* while we still read */
    expect_eq(reader.result, 0);
    sy_rwlock_read_unlock(&rwlock);
    expect_eq(sy_rwlock_destroy(&rwlock), 0);
    return 0;
}

/* Goal: readers that wait behind a writer which gives up go on. */
START_TEST(test_rwlock_writer_that_gives_up)
{
    run_tasks(RUN_PROCS[_i], give_up_writing, NULL);
}
END_TEST

enum { RIVALS = 6, ROUNDS = 2000 };

struct contest {
    sy_rwlock rwlock;
    uint64_t counter;      /* rwlock */
    atomic_int reading;    /* now */
    atomic_uint disturbed; /* readers and writers that were not alone as they should be */
    atomic_bool stop;
};

static void read_once(struct contest *contest)
{
    expect_eq(sy_rwlock_read_lock(&contest->rwlock), 0);
    contest->reading++;
    uint64_t before = contest->counter;
    sy_yield();
    contest->disturbed += before != contest->counter;
    contest->reading--;
    sy_rwlock_read_unlock(&contest->rwlock);
}

static void *compete(void *arg)
{
    struct contest *contest = arg;
    for (int round = 0; round < ROUNDS; round++) {
        if (round % 4 != 0) {
            read_once(contest);
            continue;
        }
        expect_eq(sy_rwlock_write_lock(&contest->rwlock), 0);
        contest->disturbed += contest->reading != 0;
        contest->counter++;
        if (round % 8 == 0) {
            sy_yield();
        }
        contest->disturbed += contest->reading != 0;
        sy_rwlock_write_unlock(&contest->rwlock);
    }
    return NULL;
}

static int hold_contest(void *arg)
{
    struct contest contest = {.rwlock = SY_RWLOCK_INIT};
    sy_task rivals[RIVALS];
    (void)arg;
    for (int i = 0; i < RIVALS; i++) {
        expect_eq(sy_spawn(&rivals[i], compete, &contest), 0);
    }
    for (int i = 0; i < RIVALS; i++) {
        expect_eq(sy_join(rivals[i], NULL), 0);
    }
    expect_eq(contest.disturbed, 0);
    expect_eq(contest.counter, RIVALS * ROUNDS / 4);
    expect_eq(sy_rwlock_destroy(&contest.rwlock), 0);
    return 0;
}

START_TEST(test_rwlock_under_contention)
{
    run_tasks(RUN_PROCS[_i], hold_contest, NULL);
}
END_TEST

static void *read_until_stopped(void *arg)
{
    struct contest *contest = arg;
    while (!contest->stop) {
        read_once(contest);
    }
    return NULL;
}

static int write_among_readers(void *arg)
{
    struct contest contest = {.rwlock = SY_RWLOCK_INIT};
    sy_task readers[RIVALS];
    (void)arg;
    for (int i = 0; i < RIVALS; i++) {
        expect_eq(sy_spawn(&readers[i], read_until_stopped, &contest), 0);
    }
    for (int i = 0; i < 200; i++) {
        expect_eq(sy_rwlock_write_lock(&contest.rwlock), 0);
        contest.counter++;
        sy_rwlock_write_unlock(&contest.rwlock);
        sy_yield();
    }
    contest.stop = true;
    for (int i = 0; i < RIVALS; i++) {
        expect_eq(sy_join(readers[i], NULL), 0);
    }
    expect_eq(contest.disturbed, 0);
    expect_eq(sy_rwlock_destroy(&contest.rwlock), 0);
    return 0;
}

/* Goal: a writer gets it although there is nearly always a reader inside. Method: as many rounds as
 * it takes; with a starving writer the test would not end. */
START_TEST(test_rwlock_writer_does_not_starve)
{
    run_tasks(RUN_PROCS[_i], write_among_readers, NULL);
}
END_TEST

Suite *suite_rwlock(void)
{
    Suite *suite = suite_create("rwlock");
    TCase *tests = tcase_create("rwlock");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_rwlock_excludes_and_refuses, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_rwlock_is_phase_fair, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_rwlock_writer_that_gives_up, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_rwlock_under_contention, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_rwlock_writer_does_not_starve, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}

/* mutex.c - the mutex: exclusion, errors, deadlines, nobody starves. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

struct waiter {
    sy_mutex *mutex;
    sy_time deadline;
    int result;
    sy_task task;
};

static void *lock_and_unlock(void *arg)
{
    struct waiter *waiter = arg;
    blocked_soon();
    waiter->result = sy_mutex_lock_until(waiter->mutex, waiter->deadline);
    if (waiter->result == 0) {
        sy_mutex_unlock(waiter->mutex);
    }
    return NULL;
}

static void *trylock(void *mutex)
{
    int result = sy_mutex_trylock(mutex);
    if (result == 0) {
        sy_mutex_unlock(mutex);
    }
    return (void *)(intptr_t)result;
}

/* What another task sees: 0 if the mutex is free, else -EBUSY. */
static int trylock_by_other(sy_mutex *mutex)
{
    sy_task task;
    void *result = NULL;
    expect_eq(sy_spawn(&task, trylock, mutex), 0);
    expect_eq(sy_join(task, &result), 0);
    return (int)(intptr_t)result;
}

static void use_once(sy_mutex *mutex)
{
    expect_eq(trylock_by_other(mutex), 0);
    expect_eq(sy_mutex_lock(mutex), 0);
    expect_eq(trylock_by_other(mutex), -EBUSY);
    sy_mutex_unlock(mutex);
    expect_eq(sy_mutex_trylock(mutex), 0);
    expect_eq(trylock_by_other(mutex), -EBUSY);
    sy_mutex_unlock(mutex);
    expect_eq(sy_mutex_lock_until(mutex, SY_FOREVER), 0);
    expect_eq(trylock_by_other(mutex), -EBUSY);
    sy_mutex_unlock(mutex);
    expect_eq(trylock_by_other(mutex), 0);
}

static sy_mutex static_mutex;

static int use_each_kind(void *arg)
{
    sy_mutex initialised = SY_MUTEX_INIT;
    sy_mutex made;
    (void)arg;
    memset(&made, 0xff, sizeof made);
    sy_mutex_init(&made);
    use_once(&static_mutex);
    use_once(&initialised);
    use_once(&made);
    expect_eq(sy_mutex_destroy(&made), 0);
    sy_mutex_init(&made);
    use_once(&made);
    return 0;
}

/* Goal: zero bytes, SY_MUTEX_INIT and sy_mutex_init are all an unlocked mutex. */
START_TEST(test_mutex_init)
{
    run_tasks(RUN_PROCS[_i], use_each_kind, NULL);
}
END_TEST

static int lock_twice(void *arg)
{
    sy_mutex mutex = SY_MUTEX_INIT;
    (void)arg;
    expect_eq(sy_mutex_lock(&mutex), 0);
    expect_eq(sy_mutex_lock(&mutex), -EDEADLK);
    expect_eq(sy_mutex_lock_until(&mutex, SY_FOREVER), -EDEADLK);
    expect_eq(sy_mutex_trylock(&mutex), -EDEADLK);
    sy_mutex_unlock(&mutex);
    expect_eq(trylock_by_other(&mutex), 0); /* the failed calls left no lock behind */
    return 0;
}

START_TEST(test_mutex_lock_by_holder_is_deadlock)
{
    run_tasks(0, lock_twice, NULL);
}
END_TEST

static int destroy_in_each_state(void *arg)
{
    sy_mutex mutex;
    (void)arg;
    sy_mutex_init(&mutex);
    expect_eq(sy_mutex_lock(&mutex), 0);
    expect_eq(sy_mutex_destroy(&mutex), -EBUSY);
    expect_eq(trylock_by_other(&mutex), -EBUSY); /* it is still in use */
    sy_mutex_unlock(&mutex);
    expect_eq(sy_mutex_destroy(&mutex), 0);
    return 0;
}

START_TEST(test_mutex_destroy)
{
    run_tasks(0, destroy_in_each_state, NULL);
}
END_TEST

static int time_out(void *arg)
{
    sy_mutex mutex = SY_MUTEX_INIT;
    struct waiter waiters[3] = {
        {.deadline = 0},
        {.deadline = INT64_MIN},
        {.deadline = sy_now() + 2 * SY_MILLISECOND},
    };
    (void)arg;
    blocked_begin();
    expect_eq(sy_mutex_lock_until(&mutex, 0), 0); /* free: a past deadline still tries once */
    for (int i = 0; i < 3; i++) {
        waiters[i].mutex = &mutex;
        expect_eq(sy_spawn(&waiters[i].task, lock_and_unlock, &waiters[i]), 0);
        expect_eq(sy_join(waiters[i].task, NULL), 0);
        expect_eq(waiters[i].result, -ETIMEDOUT);
        expect_ge(sy_now(), waiters[i].deadline);
    }
    sy_mutex_unlock(&mutex);
    expect_eq(sy_mutex_destroy(&mutex), 0); /* nobody waits any more */
    return 0;
}

START_TEST(test_mutex_lock_until_times_out)
{
    run_tasks(RUN_PROCS[_i], time_out, NULL);
}
END_TEST

static int give_up_in_the_middle(void *arg)
{
    sy_mutex mutex = SY_MUTEX_INIT;
    struct waiter waiters[3];
    (void)arg;
    expect_eq(sy_mutex_lock(&mutex), 0);
    blocked_begin();
    for (uint32_t i = 0; i < 3; i++) {
        sy_time deadline = i == 1 ? sy_now() + 50 * SY_MILLISECOND : SY_FOREVER;
        waiters[i] = (struct waiter){.mutex = &mutex, .deadline = deadline};
        expect_eq(sy_spawn(&waiters[i].task, lock_and_unlock, &waiters[i]), 0);
        blocked_await(i + 1);
    }
    expect_eq(sy_join(waiters[1].task, NULL), 0);
    expect_eq(waiters[1].result, -ETIMEDOUT);
    sy_mutex_unlock(&mutex);
    expect_eq(sy_join(waiters[0].task, NULL), 0);
    expect_eq(sy_join(waiters[2].task, NULL), 0);
    expect_eq(waiters[0].result, 0);
    expect_eq(waiters[2].result, 0);
    expect_eq(sy_mutex_destroy(&mutex), 0);
    return 0;
}

/* Goal: a waiter that gives up takes no lock with it; the others are served. */
START_TEST(test_mutex_lock_until_leaves_the_queue)
{
    run_tasks(RUN_PROCS[_i], give_up_in_the_middle, NULL);
}
END_TEST

enum { RIVALS = 8, ROUNDS = 2000 };

struct contest {
    sy_mutex mutex;
    uint64_t counter;   /* mutex */
    bool inside;        /* mutex */
    uint32_t overlaps;  /* mutex */
    atomic_uint denied; /* trylock and deadlines that did not get it */
};

static int lock_somehow(struct contest *contest, int round)
{
    switch (round % 4) {
    case 0:
        return sy_mutex_trylock(&contest->mutex);
    case 1:
        return sy_mutex_lock_until(&contest->mutex, sy_now() + 20 * SY_MICROSECOND);
    default:
        return sy_mutex_lock(&contest->mutex);
    }
}

static void *compete(void *arg)
{
    struct contest *contest = arg;
    for (int round = 0; round < ROUNDS; round++) {
        if (lock_somehow(contest, round) != 0) {
            contest->denied++;
            continue;
        }
        contest->overlaps += contest->inside;
        contest->inside = true;
        if (round % 8 == 2) {
            sy_yield();
        }
        contest->counter++;
        contest->inside = false;
        sy_mutex_unlock(&contest->mutex);
    }
    return NULL;
}

static int hold_contest(void *arg)
{
    struct contest contest = {.mutex = SY_MUTEX_INIT};
    sy_task rivals[RIVALS];
    (void)arg;
    for (int i = 0; i < RIVALS; i++) {
        expect_eq(sy_spawn(&rivals[i], compete, &contest), 0);
    }
    for (int i = 0; i < RIVALS; i++) {
        expect_eq(sy_join(rivals[i], NULL), 0);
    }
    expect_eq(contest.overlaps, 0);
    expect_eq(contest.counter + contest.denied, RIVALS * ROUNDS);
    expect_ge(contest.counter, RIVALS * ROUNDS / 2); /* plain locks are never denied */
    expect_eq(sy_mutex_destroy(&contest.mutex), 0);
    return 0;
}

/* Goal: one task at a time, however it locks, and also when the holder is switched away. */
START_TEST(test_mutex_excludes)
{
    run_tasks(RUN_PROCS[_i], hold_contest, NULL);
}
END_TEST

struct hogged {
    sy_mutex mutex;
    atomic_bool stop;
};

static void *hog(void *arg)
{
    struct hogged *hogged = arg;
    while (!hogged->stop) {
        expect_eq(sy_mutex_lock(&hogged->mutex), 0);
        sy_yield();
        sy_mutex_unlock(&hogged->mutex);
    }
    return NULL;
}

static int beat_the_hogs(void *arg)
{
    struct hogged hogged = {.mutex = SY_MUTEX_INIT};
    sy_task hogs[3];
    (void)arg;
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_spawn(&hogs[i], hog, &hogged), 0);
    }
    for (int i = 0; i < 50; i++) {
        expect_eq(sy_mutex_lock(&hogged.mutex), 0);
        sy_mutex_unlock(&hogged.mutex);
        sy_yield();
    }
    hogged.stop = true;
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_join(hogs[i], NULL), 0);
    }
    return 0;
}

/* Goal: a task gets the mutex although three others lock it again at once. */
START_TEST(test_mutex_nobody_starves)
{
    run_tasks(RUN_PROCS[_i], beat_the_hogs, NULL);
}
END_TEST

enum { SHARERS = 8, SHARE = 20 };

#define HOLD (50 * SY_MICROSECOND)
#define LOCKS_MAX 6400

struct sharing {
    sy_mutex mutex;
    uint32_t locks;     /* mutex */
    uint32_t satisfied; /* mutex: sharers that have had their share */
};

static void *take_shares(void *arg)
{
    struct sharing *sharing = arg;
    bool over = false;
    for (uint32_t had = 1; !over; had++) {
        expect_eq(sy_mutex_lock(&sharing->mutex), 0);
        sharing->locks++;
        sharing->satisfied += had == SHARE;
        over = sharing->satisfied == SHARERS || sharing->locks > LOCKS_MAX;
        for (sy_time end = sy_now() + HOLD; !over && sy_now() < end;) {
        }
        sy_yield();
        sy_mutex_unlock(&sharing->mutex);
    }
    return NULL;
}

static int share_the_mutex(void *arg)
{
    struct sharing sharing = {.mutex = SY_MUTEX_INIT};
    sy_task sharers[SHARERS];
    (void)arg;
    for (int i = 0; i < SHARERS; i++) {
        expect_eq(sy_spawn(&sharers[i], take_shares, &sharing), 0);
    }
    for (int i = 0; i < SHARERS; i++) {
        expect_eq(sy_join(sharers[i], NULL), 0);
    }
    expect_true(!run_is_green() || sharing.locks <= LOCKS_MAX);
    return 0;
}

/* Goal: the shares of sharers are within bounds (green; a pthread mutex promises none, so there
 * only the end is tested). Each holds the mutex for 50 us, over a yield, and wants it again at
 * once. Who has waited for a millisecond gets it from the next unlock, so each has a turn in 1 ms
 * and eight holds at most, a share of a 28th: all have had 20 turns after 560. Eleven times as many
 * are allowed, so a fair mutex fails only if the kernel keeps one thread from running for a quarter
 * of a second; one that lets its holder overtake for ever always fails. */
START_TEST(test_mutex_shares)
{
    run_tasks(RUN_PROCS[_i], share_the_mutex, NULL);
}
END_TEST

Suite *suite_mutex(void)
{
    Suite *suite = suite_create("mutex");
    TCase *tests = tcase_create("mutex");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_mutex_init, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_mutex_lock_by_holder_is_deadlock);
    tcase_add_test(tests, test_mutex_destroy);
    tcase_add_loop_test(tests, test_mutex_lock_until_times_out, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_mutex_lock_until_leaves_the_queue, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_mutex_excludes, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_mutex_nobody_starves, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_mutex_shares, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}

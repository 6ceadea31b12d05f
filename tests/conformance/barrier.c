/* barrier.c - nobody goes on before all have come; again and again; who gives up does not count. */
#include <errno.h>
#include <stdatomic.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

enum { PARTIES = 5, ROUNDS = 300 };

struct race {
    sy_barrier barrier;
    atomic_uint arrived;
    atomic_uint last; /* calls that answered 1 */
};

static void *run_rounds(void *arg)
{
    struct race *race = arg;
    for (unsigned round = 1; round <= ROUNDS; round++) {
        race->arrived++;
        int result = sy_barrier_wait(&race->barrier);
        expect_true(result == 0 || result == 1);
        race->last += result == 1;
        expect_ge(race->arrived, round * PARTIES);       /* all have come */
        expect_le(race->arrived, (round + 1) * PARTIES); /* nobody is two rounds ahead */
    }
    return NULL;
}

static int race_in_rounds(void *arg)
{
    struct race race = {.arrived = 0};
    sy_task tasks[PARTIES];
    (void)arg;
    expect_eq(sy_barrier_init(&race.barrier, PARTIES), 0);
    for (int i = 0; i < PARTIES; i++) {
        expect_eq(sy_spawn(&tasks[i], run_rounds, &race), 0);
    }
    for (int i = 0; i < PARTIES; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(race.last, ROUNDS);
    expect_eq(sy_barrier_destroy(&race.barrier), 0);
    return 0;
}

START_TEST(test_barrier_rounds)
{
    run_tasks(RUN_PROCS[_i], race_in_rounds, NULL);
}
END_TEST

struct comer {
    sy_barrier *barrier;
    sy_time deadline;
    int result;
    sy_task task;
};

static void *come(void *arg)
{
    struct comer *comer = arg;
    blocked_soon();
    comer->result = sy_barrier_wait_until(comer->barrier, comer->deadline);
    return NULL;
}

static int give_up(void *arg)
{
    sy_barrier barrier;
    struct comer comers[3];
    (void)arg;
    expect_eq(sy_barrier_init(&barrier, 3), 0);
    blocked_begin();
    for (uint32_t i = 0; i < 2; i++) {
        sy_time deadline = i == 0 ? sy_now() + 20 * SY_MILLISECOND : SY_FOREVER;
        comers[i] = (struct comer){.barrier = &barrier, .deadline = deadline};
        expect_eq(sy_spawn(&comers[i].task, come, &comers[i]), 0);
        blocked_await(i + 1);
    }
    expect_eq(sy_barrier_destroy(&barrier), -EBUSY);
    expect_eq(sy_join(comers[0].task, NULL), 0);
    expect_eq(comers[0].result, -ETIMEDOUT);
    expect_eq(sy_barrier_wait_until(&barrier, 0), -ETIMEDOUT); /* two of three */
    blocked_begin();
    comers[2] = (struct comer){.barrier = &barrier, .deadline = SY_FOREVER};
    expect_eq(sy_spawn(&comers[2].task, come, &comers[2]), 0);
    blocked_await(1);
    expect_eq(sy_barrier_wait(&barrier), 1);
    for (int i = 1; i < 3; i++) {
        expect_eq(sy_join(comers[i].task, NULL), 0);
        expect_eq(comers[i].result, 0);
    }
    expect_eq(sy_barrier_destroy(&barrier), 0);
    return 0;
}

/* Goal: a wait that timed out does not count as having come. */
START_TEST(test_barrier_wait_until)
{
    run_tasks(RUN_PROCS[_i], give_up, NULL);
}
END_TEST

static int init_each(void *arg)
{
    sy_barrier barrier;
    (void)arg;
    expect_eq(sy_barrier_init(&barrier, 0), -EINVAL);
    expect_eq(sy_barrier_init(&barrier, (uint32_t)INT32_MAX + 1), -EINVAL);
    expect_eq(sy_barrier_init(&barrier, INT32_MAX), 0);
    expect_eq(sy_barrier_destroy(&barrier), 0);
    expect_eq(sy_barrier_init(&barrier, 1), 0);
    expect_eq(sy_barrier_wait(&barrier), 1); /* alone */
    expect_eq(sy_barrier_wait_until(&barrier, 0), 1);
    expect_eq(sy_barrier_destroy(&barrier), 0);
    return 0;
}

START_TEST(test_barrier_init)
{
    run_tasks(0, init_each, NULL);
}
END_TEST

Suite *suite_barrier(void)
{
    Suite *suite = suite_create("barrier");
    TCase *tests = tcase_create("barrier");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_barrier_rounds, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_barrier_wait_until, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_barrier_init);
    suite_add_tcase(suite, tests);
    return suite;
}

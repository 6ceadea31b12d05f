/* sem.c - the counting semaphore. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

static int count_permits(void *arg)
{
    sy_sem sem;
    (void)arg;
    memset(&sem, 0xff, sizeof sem);
    for (uint32_t count = 0; count < 4; count++) {
        expect_eq(sy_sem_init(&sem, count), 0);
        for (uint32_t i = 0; i < count; i++) {
            expect_eq(i % 2 == 0 ? sy_sem_trywait(&sem) : sy_sem_wait(&sem), 0);
        }
        expect_eq(sy_sem_trywait(&sem), -EAGAIN);
        expect_eq(sy_sem_post(&sem), 0);
        expect_eq(sy_sem_post(&sem), 0);
        expect_eq(sy_sem_wait_until(&sem, 0), 0); /* a past deadline still tries once */
        expect_eq(sy_sem_wait_until(&sem, SY_FOREVER), 0);
        expect_eq(sy_sem_trywait(&sem), -EAGAIN);
        expect_eq(sy_sem_destroy(&sem), 0);
    }
    return 0;
}

START_TEST(test_sem_counts)
{
    run_tasks(0, count_permits, NULL);
}
END_TEST

static int reach_limits(void *arg)
{
    sy_sem sem;
    (void)arg;
    expect_eq(sy_sem_init(&sem, (uint32_t)SY_SEM_COUNT_MAX + 1), -EINVAL);
    expect_eq(sy_sem_init(&sem, UINT32_MAX), -EINVAL);
    expect_eq(sy_sem_init(&sem, SY_SEM_COUNT_MAX), 0);
    expect_eq(sy_sem_post(&sem), -EOVERFLOW);
    expect_eq(sy_sem_trywait(&sem), 0);
    expect_eq(sy_sem_post(&sem), 0);
    expect_eq(sy_sem_post(&sem), -EOVERFLOW);
    expect_eq(sy_sem_destroy(&sem), 0);
    return 0;
}

START_TEST(test_sem_limits)
{
    run_tasks(0, reach_limits, NULL);
}
END_TEST

enum { WAITERS = 5 };

struct queue {
    sy_sem sem;
    atomic_int claimed; /* places in order that are taken */
    atomic_int left;    /* places in order that are written */
    int order[WAITERS];
};

struct waiter {
    struct queue *queue;
    int number;
    int result;
    sy_time deadline;
    sy_task task;
};

static void *take_permit(void *arg)
{
    struct waiter *waiter = arg;
    blocked_soon();
    waiter->result = sy_sem_wait_until(&waiter->queue->sem, waiter->deadline);
    if (waiter->result == 0) {
        waiter->queue->order[atomic_fetch_add(&waiter->queue->claimed, 1)] = waiter->number;
        waiter->queue->left++;
    }
    return NULL;
}

static void start_waiter(struct waiter *waiter, struct queue *queue, int number)
{
    waiter->queue = queue;
    waiter->number = number;
    expect_eq(sy_spawn(&waiter->task, take_permit, waiter), 0);
    blocked_await((uint32_t)number + 1);
}

static int post_one_by_one(void *arg)
{
    struct queue queue = {.claimed = 0};
    struct waiter waiters[WAITERS];
    (void)arg;
    expect_eq(sy_sem_init(&queue.sem, 0), 0);
    blocked_begin();
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = (struct waiter){.deadline = SY_FOREVER};
        start_waiter(&waiters[i], &queue, i);
    }
    expect_eq(sy_sem_destroy(&queue.sem), -EBUSY);
    for (int i = 0; i < WAITERS; i++) {
        expect_eq(sy_sem_post(&queue.sem), 0);
        while (queue.left <= i) {
            sy_yield();
        }
        expect_eq(queue.order[i], i);
    }
    for (int i = 0; i < WAITERS; i++) {
        expect_eq(sy_join(waiters[i].task, NULL), 0);
        expect_eq(waiters[i].result, 0);
    }
    expect_eq(sy_sem_trywait(&queue.sem), -EAGAIN);
    expect_eq(sy_sem_destroy(&queue.sem), 0);
    return 0;
}

/* Goal: each post wakes one waiter, the one that has waited longest. */
START_TEST(test_sem_waiters_are_fifo)
{
    run_tasks(RUN_PROCS[_i], post_one_by_one, NULL);
}
END_TEST

static int time_out(void *arg)
{
    sy_sem sem;
    (void)arg;
    expect_eq(sy_sem_init(&sem, 0), 0);
    expect_eq(sy_sem_wait_until(&sem, 0), -ETIMEDOUT);
    expect_eq(sy_sem_wait_until(&sem, INT64_MIN), -ETIMEDOUT);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    expect_eq(sy_sem_wait_until(&sem, deadline), -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    expect_eq(sy_sem_post(&sem), 0);
    expect_eq(sy_sem_trywait(&sem), 0); /* those that gave up took nothing */
    expect_eq(sy_sem_trywait(&sem), -EAGAIN);
    expect_eq(sy_sem_destroy(&sem), 0);
    return 0;
}

START_TEST(test_sem_wait_until_times_out)
{
    run_tasks(RUN_PROCS[_i], time_out, NULL);
}
END_TEST

static int give_up_in_the_middle(void *arg)
{
    struct queue queue = {.claimed = 0};
    struct waiter waiters[3] = {
        {.deadline = SY_FOREVER},
        {.deadline = sy_now() + 500 * SY_MILLISECOND}, /* time to wait: it is awaited there */
        {.deadline = SY_FOREVER},
    };
    (void)arg;
    expect_eq(sy_sem_init(&queue.sem, 0), 0);
    blocked_begin();
    for (int i = 0; i < 3; i++) {
        start_waiter(&waiters[i], &queue, i);
    }
    expect_eq(sy_join(waiters[1].task, NULL), 0);
    expect_eq(waiters[1].result, -ETIMEDOUT);
    expect_eq(sy_sem_post(&queue.sem), 0);
    expect_eq(sy_sem_post(&queue.sem), 0);
    expect_eq(sy_join(waiters[0].task, NULL), 0);
    expect_eq(sy_join(waiters[2].task, NULL), 0);
    expect_eq(sy_sem_trywait(&queue.sem), -EAGAIN);
    return 0;
}

START_TEST(test_sem_wait_until_leaves_the_queue)
{
    run_tasks(RUN_PROCS[_i], give_up_in_the_middle, NULL);
}
END_TEST

enum { PERMITS = 3, VISITORS = 8, VISITS = 500 };

struct room {
    sy_sem sem;
    atomic_int inside;
    atomic_int too_many;
    atomic_int visits;
};

static void *visit(void *arg)
{
    struct room *room = arg;
    for (int i = 0; i < VISITS; i++) {
        if (i % 3 == 0) {
            while (sy_sem_wait_until(&room->sem, sy_now() + 10 * SY_MICROSECOND) != 0) {
                sy_yield();
            }
        } else {
            expect_eq(sy_sem_wait(&room->sem), 0);
        }
        if (atomic_fetch_add(&room->inside, 1) >= PERMITS) {
            room->too_many++;
        }
        sy_yield();
        room->inside--;
        room->visits++;
        expect_eq(sy_sem_post(&room->sem), 0);
    }
    return NULL;
}

static int open_room(void *arg)
{
    struct room room = {.inside = 0};
    sy_task visitors[VISITORS];
    (void)arg;
    expect_eq(sy_sem_init(&room.sem, PERMITS), 0);
    for (int i = 0; i < VISITORS; i++) {
        expect_eq(sy_spawn(&visitors[i], visit, &room), 0);
    }
    for (int i = 0; i < VISITORS; i++) {
        expect_eq(sy_join(visitors[i], NULL), 0);
    }
    expect_eq(room.too_many, 0);
    expect_eq(room.visits, VISITORS * VISITS);
    for (int i = 0; i < PERMITS; i++) {
        expect_eq(sy_sem_trywait(&room.sem), 0);
    }
    expect_eq(sy_sem_trywait(&room.sem), -EAGAIN);
    return 0;
}

/* Goal: never more tasks inside than permits; none is lost or made, whatever times out. */
START_TEST(test_sem_limits_tasks_inside)
{
    run_tasks(RUN_PROCS[_i], open_room, NULL);
}
END_TEST

Suite *suite_sem(void)
{
    Suite *suite = suite_create("sem");
    TCase *tests = tcase_create("sem");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_sem_counts);
    tcase_add_test(tests, test_sem_limits);
    tcase_add_loop_test(tests, test_sem_waiters_are_fifo, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_sem_wait_until_times_out, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_sem_wait_until_leaves_the_queue, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_sem_limits_tasks_inside, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}

/* cond.c - the condition variable. A waiter takes its ticket under the mutex, so whoever then gets
 * the mutex knows that it waits. Waits may end without a signal: all tests wait in loops. */
#include <errno.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"

enum { WAITERS = 5 };

struct station {
    sy_mutex mutex;
    sy_cond cond;
    int tickets;        /* mutex: given to those that wait */
    int served;         /* mutex: tickets below this one may go */
    int left;           /* mutex: those that went */
    int order[WAITERS]; /* mutex: their tickets */
};

static void *wait_for_turn(void *arg)
{
    struct station *station = arg;
    expect_eq(sy_mutex_lock(&station->mutex), 0);
    int ticket = station->tickets++;
    while (ticket >= station->served) {
        blocked_soon();
        expect_eq(sy_cond_wait(&station->cond, &station->mutex), 0);
    }
    station->order[station->left++] = ticket;
    sy_mutex_unlock(&station->mutex);
    return NULL;
}

/* Yields until *number, read under the mutex, has reached value. */
static void await(struct station *station, const int *number, int value)
{
    for (;;) {
        expect_eq(sy_mutex_lock(&station->mutex), 0);
        int seen = *number;
        sy_mutex_unlock(&station->mutex);
        if (seen >= value) {
            return;
        }
        sy_yield();
    }
}

static void start_waiters(struct station *station, sy_task *tasks)
{
    blocked_begin();
    for (int i = 0; i < WAITERS; i++) {
        expect_eq(sy_spawn(&tasks[i], wait_for_turn, station), 0);
        blocked_await((uint32_t)i + 1); /* asleep, not only on the way there */
    }
    await(station, &station->tickets, WAITERS);
}

static int signal_one_by_one(void *arg)
{
    struct station station = {.mutex = SY_MUTEX_INIT, .cond = SY_COND_INIT};
    sy_task tasks[WAITERS];
    (void)arg;
    start_waiters(&station, tasks);
    for (int i = 1; i <= WAITERS; i++) {
        expect_eq(sy_mutex_lock(&station.mutex), 0);
        station.served = i;
        sy_cond_signal(&station.cond);
        sy_mutex_unlock(&station.mutex);
        await(&station, &station.left, i); /* hangs if the signal woke a later ticket */
    }
    for (int i = 0; i < WAITERS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
        expect_eq(station.order[i], i);
    }
    expect_eq(sy_cond_destroy(&station.cond), 0);
    return 0;
}

/* Goal: each signal wakes the one that has waited longest. */
START_TEST(test_cond_signal_is_fifo)
{
    run_tasks(RUN_PROCS[_i], signal_one_by_one, NULL);
}
END_TEST

static int broadcast_once(void *arg)
{
    struct station station = {.mutex = SY_MUTEX_INIT};
    sy_task tasks[WAITERS];
    (void)arg;
    memset(&station.cond, 0xff, sizeof station.cond);
    sy_cond_init(&station.cond);
    start_waiters(&station, tasks);
    expect_eq(sy_mutex_lock(&station.mutex), 0);
    expect_eq(sy_cond_destroy(&station.cond), -EBUSY);
    station.served = WAITERS;
    sy_mutex_unlock(&station.mutex);
    sy_cond_broadcast(&station.cond); /* without the mutex: allowed */
    for (int i = 0; i < WAITERS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(station.left, WAITERS);
    expect_eq(sy_cond_destroy(&station.cond), 0);
    return 0;
}

START_TEST(test_cond_broadcast_wakes_all)
{
    run_tasks(RUN_PROCS[_i], broadcast_once, NULL);
}
END_TEST

static int signal_nobody(void *arg)
{
    struct station station = {.mutex = SY_MUTEX_INIT, .cond = SY_COND_INIT};
    (void)arg;
    sy_cond_signal(&station.cond);
    sy_cond_broadcast(&station.cond);
    expect_eq(sy_mutex_lock(&station.mutex), 0);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    int result;
    while ((result = sy_cond_wait_until(&station.cond, &station.mutex, deadline)) == 0) {
        expect_le(++station.left, 100); /* woken without a signal, which may happen now and then */
    }
    expect_eq(result, -ETIMEDOUT);
    expect_ge(sy_now(), deadline);
    sy_mutex_unlock(&station.mutex); /* is misuse if the mutex were not held */
    return 0;
}

/* Goal: a signal without waiters is not kept for later ones. */
START_TEST(test_cond_signal_is_not_kept)
{
    run_tasks(RUN_PROCS[_i], signal_nobody, NULL);
}
END_TEST

static void *trylock(void *mutex)
{
    return (void *)(intptr_t)sy_mutex_trylock(mutex);
}

static int time_out_with_mutex(void *arg)
{
    struct station station = {.mutex = SY_MUTEX_INIT, .cond = SY_COND_INIT};
    sy_time deadlines[] = {0, INT64_MIN, sy_now(), sy_now() + 2 * SY_MILLISECOND};
    (void)arg;
    expect_eq(sy_mutex_lock(&station.mutex), 0);
    for (size_t i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++) {
        sy_task other;
        void *result = NULL;
        while (sy_cond_wait_until(&station.cond, &station.mutex, deadlines[i]) == 0) {
        }
        expect_ge(sy_now(), deadlines[i]);
        expect_eq(sy_spawn(&other, trylock, &station.mutex), 0);
        expect_eq(sy_join(other, &result), 0);
        expect_eq((intptr_t)result, -EBUSY);
    }
    sy_mutex_unlock(&station.mutex);
    expect_eq(sy_cond_destroy(&station.cond), 0);
    return 0;
}

/* Goal: after a time-out the mutex is held again, also when the deadline had passed before. */
START_TEST(test_cond_wait_until_holds_mutex)
{
    run_tasks(RUN_PROCS[_i], time_out_with_mutex, NULL);
}
END_TEST

/* One waiter with a deadline ahead of one without; after its time-out the signal reaches the
 * other. */
static void *wait_briefly(void *arg)
{
    struct station *station = arg;
    expect_eq(sy_mutex_lock(&station->mutex), 0);
    station->tickets++;
    sy_time deadline = sy_now() + 5 * SY_MILLISECOND;
    while (sy_cond_wait_until(&station->cond, &station->mutex, deadline) == 0) {
    }
    sy_mutex_unlock(&station->mutex);
    return NULL;
}

static int signal_after_timeout(void *arg)
{
    struct station station = {.mutex = SY_MUTEX_INIT, .cond = SY_COND_INIT};
    sy_task brief;
    sy_task patient;
    (void)arg;
    expect_eq(sy_spawn(&brief, wait_briefly, &station), 0);
    await(&station, &station.tickets, 1);
    expect_eq(sy_spawn(&patient, wait_for_turn, &station), 0);
    await(&station, &station.tickets, 2);
    expect_eq(sy_join(brief, NULL), 0);
    expect_eq(sy_mutex_lock(&station.mutex), 0);
    station.served = 2;
    sy_mutex_unlock(&station.mutex);
    sy_cond_signal(&station.cond);
    expect_eq(sy_join(patient, NULL), 0);
    return 0;
}

START_TEST(test_cond_wait_until_leaves_the_queue)
{
    run_tasks(RUN_PROCS[_i], signal_after_timeout, NULL);
}
END_TEST

enum { ITEMS = 3000, SLOTS = 3 };

struct buffer {
    sy_mutex mutex;
    sy_cond not_full;
    sy_cond not_empty;
    int used;     /* mutex */
    int taken;    /* mutex */
    int max_used; /* mutex */
};

static void *put_items(void *arg)
{
    struct buffer *buffer = arg;
    for (int i = 0; i < ITEMS; i++) {
        expect_eq(sy_mutex_lock(&buffer->mutex), 0);
        while (buffer->used == SLOTS) {
            expect_eq(sy_cond_wait(&buffer->not_full, &buffer->mutex), 0);
        }
        buffer->used++;
        buffer->max_used = buffer->used > buffer->max_used ? buffer->used : buffer->max_used;
        sy_cond_signal(&buffer->not_empty);
        sy_mutex_unlock(&buffer->mutex);
    }
    return NULL;
}

static void *take_items(void *arg)
{
    struct buffer *buffer = arg;
    for (int i = 0; i < ITEMS; i++) {
        expect_eq(sy_mutex_lock(&buffer->mutex), 0);
        while (buffer->used == 0) {
            expect_eq(sy_cond_wait(&buffer->not_empty, &buffer->mutex), 0);
        }
        buffer->used--;
        buffer->taken++;
        sy_mutex_unlock(&buffer->mutex);
        sy_cond_signal(&buffer->not_full);
    }
    return NULL;
}

static int pass_items(void *arg)
{
    struct buffer buffer = {.mutex = SY_MUTEX_INIT};
    sy_task tasks[4];
    (void)arg;
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_spawn(&tasks[i], i % 2 == 0 ? put_items : take_items, &buffer), 0);
    }
    for (int i = 0; i < 4; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    expect_eq(buffer.taken, 2 * ITEMS);
    expect_eq(buffer.used, 0);
    expect_le(buffer.max_used, SLOTS);
    return 0;
}

/* Goal: no wake-up is lost in a bounded buffer with two tasks at each end. */
START_TEST(test_cond_bounded_buffer)
{
    run_tasks(RUN_PROCS[_i], pass_items, NULL);
}
END_TEST

static int wait_in_scope(void *station)
{
    wait_for_turn(station);
    return 0;
}

/* The mutex is held for longer than a slice of a wait in a scope takes (baseline), so that each
 * waiter wants it back when the signal comes. */
static int signal_under_mutex(void *arg)
{
    struct station station = {.mutex = SY_MUTEX_INIT, .cond = SY_COND_INIT};
    sy_scope scope;
    (void)arg;
    sy_scope_init(&scope);
    for (int i = 0; i < WAITERS; i++) {
        expect_eq(sy_scope_spawn(&scope, wait_in_scope, &station), 0);
    }
    await(&station, &station.tickets, WAITERS);
    expect_eq(sy_mutex_lock(&station.mutex), 0);
    expect_eq(sy_sleep(30 * SY_MILLISECOND), 0);
    station.served = WAITERS;
    for (int i = 0; i < WAITERS; i++) {
        sy_cond_signal(&station.cond);
    }
    sy_mutex_unlock(&station.mutex);
    expect_eq(sy_scope_join(&scope), 0); /* hangs if a signal was lost */
    expect_eq(station.left, WAITERS);
    expect_eq(sy_scope_destroy(&scope), 0);
    expect_eq(sy_cond_destroy(&station.cond), 0);
    return 0;
}

/* Goal: a signal reaches tasks in a scope, too, however long its sender holds the mutex. */
START_TEST(test_cond_signal_reaches_scopes)
{
    run_tasks(RUN_PROCS[_i], signal_under_mutex, NULL);
}
END_TEST

Suite *suite_cond(void)
{
    Suite *suite = suite_create("cond");
    TCase *tests = tcase_create("cond");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_cond_signal_is_fifo, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_cond_broadcast_wakes_all, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_cond_signal_is_not_kept, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_cond_wait_until_holds_mutex, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_cond_wait_until_leaves_the_queue, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_cond_bounded_buffer, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_cond_signal_reaches_scopes, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}

/* misuse.c - misuse ends the process with exit status 2 and one line, the same words in both
 * runtimes. Method: a child commits it, the parent compares all of the child's stderr. */
#include <inttypes.h>
#include <stdio.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/child.h"

/* The child is a fork, so the addresses are the same in it. */
static sy_mutex mutex;
static sy_cond cond;
static sy_waitgroup group;
static sy_rwlock rwlock;

enum { LINE_BYTES = 200 };

/* The line about an object in the caller's storage. */
static void assert_misuse_of(int (*main_fn)(void *arg), const char *what, const void *object)
{
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "fatal error: %s %#" PRIxPTR " by task 1 \"\"\n", what,
             (uintptr_t)object);
    child_assert_fatal(main_fn, NULL, line);
}

static int make_closed(sy_chan *chan, size_t capacity)
{
    int result = sy_chan_new(chan, sizeof(int), capacity);
    return result == 0 ? sy_chan_close(*chan) : result;
}

static int send_on_closed(void *arg)
{
    sy_chan chan;
    int value = 1;
    return make_closed(&chan, *(size_t *)arg) == 0 ? sy_chan_send(chan, &value) : 0;
}

static int try_send_on_closed(void *arg)
{
    sy_chan chan;
    int value = 1;
    return make_closed(&chan, *(size_t *)arg) == 0 ? sy_chan_try_send(chan, &value) : 0;
}

static int send_until_on_closed(void *arg)
{
    sy_chan chan;
    int value = 1;
    return make_closed(&chan, *(size_t *)arg) == 0 ? sy_chan_send_until(chan, &value, 0) : 0;
}

START_TEST(test_misuse_send_on_closed)
{
    static const char line[] = "fatal error: send on closed channel 1 by task 1 \"\"\n";
    size_t capacities[] = {0, 1};
    for (size_t i = 0; i < 2; i++) {
        child_assert_fatal(send_on_closed, &capacities[i], line);
        child_assert_fatal(try_send_on_closed, &capacities[i], line);
        child_assert_fatal(send_until_on_closed, &capacities[i], line);
    }
}
END_TEST

static int close_closed(void *arg)
{
    sy_chan first;
    sy_chan chan;
    (void)arg;
    (void)sy_chan_new(&first, 0, 0);
    (void)sy_task_set_name(sy_self(), "switchman");
    return make_closed(&chan, 1) == 0 ? sy_chan_close(chan) : 0;
}

/* Goal: the line shows the channel's number and the task's name. */
START_TEST(test_misuse_close_of_closed)
{
    child_assert_fatal(close_closed, NULL,
                       "fatal error: close of closed channel 2 by task 1 \"switchman\"\n");
}
END_TEST

static void *send_and_wait(void *arg)
{
    int value = 1;
    (void)sy_task_set_name(sy_self(), "producer");
    blocked_soon();
    (void)sy_chan_send(*(sy_chan *)arg, &value);
    return NULL;
}

static int close_over_sender(void *arg)
{
    sy_chan chan;
    sy_task task;
    int filler = 0;
    if (sy_chan_new(&chan, sizeof(int), *(size_t *)arg) != 0) {
        return 0;
    }
    while (sy_chan_try_send(chan, &filler) == 0) {
    }
    blocked_begin();
    if (sy_spawn(&task, send_and_wait, &chan) == 0) {
        blocked_await(1);
        (void)sy_chan_close(chan);
        (void)sy_join(task, NULL);
    }
    return 0;
}

/* Goal: it is the waiting sender that misuses the channel when another task closes it. */
START_TEST(test_misuse_close_over_waiting_sender)
{
    size_t capacities[] = {0, 2};
    for (size_t i = 0; i < 2; i++) {
        child_assert_fatal(close_over_sender, &capacities[i],
                           "fatal error: send on closed channel 1 by task 2 \"producer\"\n");
    }
}
END_TEST

static int unlock_unlocked(void *arg)
{
    (void)arg;
    sy_mutex_unlock(&mutex);
    return 0;
}

static int unlock_twice(void *arg)
{
    (void)sy_mutex_lock(&mutex);
    sy_mutex_unlock(&mutex);
    return unlock_unlocked(arg);
}

START_TEST(test_misuse_unlock_of_unlocked)
{
    assert_misuse_of(unlock_unlocked, "unlock of unlocked mutex", &mutex);
    assert_misuse_of(unlock_twice, "unlock of unlocked mutex", &mutex);
}
END_TEST

static void *lock_and_leave(void *arg)
{
    (void)sy_mutex_lock(&mutex);
    blocked_soon();
    (void)sy_sem_wait(arg);
    return NULL;
}

static int unlock_by_other(void *arg)
{
    sy_sem sem;
    sy_task task;
    (void)arg;
    (void)sy_sem_init(&sem, 0);
    blocked_begin();
    if (sy_spawn(&task, lock_and_leave, &sem) == 0) {
        blocked_await(1);
        sy_mutex_unlock(&mutex);
    }
    return 0;
}

START_TEST(test_misuse_unlock_by_other)
{
    assert_misuse_of(unlock_by_other, "unlock by another task than the holder of mutex", &mutex);
}
END_TEST

static int wait_without_mutex(void *arg)
{
    (void)arg;
    return sy_cond_wait(&cond, &mutex);
}

static int wait_until_without_mutex(void *arg)
{
    (void)arg;
    return sy_cond_wait_until(&cond, &mutex, 0);
}

START_TEST(test_misuse_wait_without_mutex)
{
    static const char what[] = "wait on a condition variable without holding mutex";
    assert_misuse_of(wait_without_mutex, what, &mutex);
    assert_misuse_of(wait_until_without_mutex, what, &mutex);
}
END_TEST

static int done_at_zero(void *arg)
{
    (void)arg;
    sy_waitgroup_done(&group);
    return 0;
}

static int add_below_zero(void *arg)
{
    (void)arg;
    sy_waitgroup_add(&group, 2);
    sy_waitgroup_add(&group, -3);
    return 0;
}

static int add_smallest(void *arg)
{
    (void)arg;
    sy_waitgroup_add(&group, INT32_MIN);
    return 0;
}

START_TEST(test_misuse_negative_waitgroup)
{
    static const char what[] = "negative counter of waitgroup";
    assert_misuse_of(done_at_zero, what, &group);
    assert_misuse_of(add_below_zero, what, &group);
    assert_misuse_of(add_smallest, what, &group);
}
END_TEST

static int add_beyond_limit(void *arg)
{
    (void)arg;
    sy_waitgroup_add(&group, INT32_MAX);
    sy_waitgroup_add(&group, 1);
    return 0;
}

START_TEST(test_misuse_waitgroup_overflow)
{
    assert_misuse_of(add_beyond_limit, "counter overflow of waitgroup", &group);
}
END_TEST

static int read_unlock_unlocked(void *arg)
{
    (void)arg;
    sy_rwlock_read_unlock(&rwlock);
    return 0;
}

static int read_unlock_written(void *arg)
{
    (void)sy_rwlock_write_lock(&rwlock);
    return read_unlock_unlocked(arg);
}

static int write_unlock_unlocked(void *arg)
{
    (void)arg;
    sy_rwlock_write_unlock(&rwlock);
    return 0;
}

static int write_unlock_read(void *arg)
{
    (void)sy_rwlock_read_lock(&rwlock);
    return write_unlock_unlocked(arg);
}

START_TEST(test_misuse_rwlock_unlock)
{
    static const char reader[] = "read unlock without a reader of rwlock";
    static const char writer[] = "write unlock by another task than the writer of rwlock";
    assert_misuse_of(read_unlock_unlocked, reader, &rwlock);
    assert_misuse_of(read_unlock_written, reader, &rwlock);
    assert_misuse_of(write_unlock_unlocked, writer, &rwlock);
    assert_misuse_of(write_unlock_read, writer, &rwlock);
}
END_TEST

static int select_on_closed(void *arg)
{
    sy_chan chan;
    int value = 1;
    struct sy_case one = {.op = SY_SELECT_SEND, .element = &value};
    if (make_closed(&chan, 1) == 0) {
        one.chan = chan;
        (void)(arg == NULL ? sy_select(&one, 1) : sy_try_select(&one, 1));
    }
    return 0;
}

static void *select_and_wait(void *arg)
{
    int value = 1;
    struct sy_case one = {*(sy_chan *)arg, SY_SELECT_SEND, &value, 0};
    (void)sy_task_set_name(sy_self(), "chooser");
    blocked_soon();
    (void)sy_select(&one, 1);
    return NULL;
}

static int close_over_select(void *arg)
{
    sy_chan chan;
    sy_task task;
    (void)arg;
    blocked_begin();
    if (sy_chan_new(&chan, sizeof(int), 0) == 0 && sy_spawn(&task, select_and_wait, &chan) == 0) {
        blocked_await(1);
        (void)sy_chan_close(chan);
        (void)sy_join(task, NULL);
    }
    return 0;
}

/* Goal: a case that sends on a closed channel, before the select or while it waits. */
START_TEST(test_misuse_select_on_closed)
{
    static const char line[] = "fatal error: send on closed channel 1 by task 1 \"\"\n";
    child_assert_fatal(select_on_closed, NULL, line);
    child_assert_fatal(select_on_closed, &mutex, line);
    child_assert_fatal(close_over_select, NULL,
                       "fatal error: send on closed channel 1 by task 2 \"chooser\"\n");
}
END_TEST

Suite *suite_misuse(void)
{
    Suite *suite = suite_create("misuse");
    TCase *tests = tcase_create("misuse");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_misuse_send_on_closed);
    tcase_add_test(tests, test_misuse_close_of_closed);
    tcase_add_test(tests, test_misuse_close_over_waiting_sender);
    tcase_add_test(tests, test_misuse_unlock_of_unlocked);
    tcase_add_test(tests, test_misuse_unlock_by_other);
    tcase_add_test(tests, test_misuse_wait_without_mutex);
    tcase_add_test(tests, test_misuse_negative_waitgroup);
    tcase_add_test(tests, test_misuse_waitgroup_overflow);
    tcase_add_test(tests, test_misuse_rwlock_unlock);
    tcase_add_test(tests, test_misuse_select_on_closed);
    suite_add_tcase(suite, tests);
    return suite;
}

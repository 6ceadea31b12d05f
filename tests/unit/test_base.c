/* test_base.c - what both runtimes share: handles, futex, topology, fatal messages. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <switchyard/time.h>

#include "base/fatal.h"
#include "base/futex.h"
#include "base/handle.h"
#include "base/misuse.h"
#include "base/topology.h"
#include "support/child.h"
#include "support/suite_main.h"

/* Goal: slot and generation come back out; no handle is zero; the number counts from 1. */
START_TEST(test_handle_packs_slot_and_generation)
{
    uint32_t values[] = {0, 1, 63, 4095, UINT32_MAX - 1};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
            uint64_t id = handle_make(values[i], values[k]);
            ck_assert(id != 0);
            ck_assert_uint_eq(handle_slot(id), values[i]);
            ck_assert_uint_eq(handle_generation(id), values[k]);
            ck_assert_uint_eq(handle_number(id), values[i] + 1);
        }
    }
    ck_assert_uint_eq(handle_slot(0), UINT32_MAX);
}
END_TEST

START_TEST(test_futex_wait_returns)
{
    _Atomic uint32_t word = 7;
    ck_assert_int_eq(futex_wait(&word, 8, SY_FOREVER), 0); /* the word differs: at once */
    ck_assert_int_eq(futex_wait(&word, 7, 0), -ETIMEDOUT);
    ck_assert_int_eq(futex_wait(&word, 7, INT64_MIN), -ETIMEDOUT);
    sy_time deadline = sy_now() + 2 * SY_MILLISECOND;
    ck_assert_int_eq(futex_wait(&word, 7, deadline), -ETIMEDOUT);
    ck_assert(sy_now() >= deadline);
    ck_assert_int_eq(futex_wake(&word, 1), 0); /* nobody sleeps */
}
END_TEST

static void *wake_until_answered(void *arg)
{
    _Atomic uint32_t *word = arg;
    while (futex_wake(word, 1) == 0) {
        sched_yield();
    }
    return NULL;
}

/* Goal: a sleeper is woken, and the waker is told. Method: the word never changes, so only a wake
 * ends the wait. */
START_TEST(test_futex_wake_wakes)
{
    _Atomic uint32_t word = 7;
    pthread_t waker;
    ck_assert_int_eq(pthread_create(&waker, NULL, wake_until_answered, &word), 0);
    ck_assert_int_eq(futex_wait(&word, 7, SY_FOREVER), 0);
    ck_assert_int_eq(pthread_join(waker, NULL), 0);
}
END_TEST

/* Goal: pinned to one CPU there is one; unpinned there are no more than the mask holds. */
START_TEST(test_topology_follows_affinity)
{
    cpu_set_t allowed;
    ck_assert_int_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    uint32_t cpus = topology_usable_cpus();
    ck_assert_uint_ge(cpus, 1);
    ck_assert_uint_le(cpus, (uint32_t)CPU_COUNT(&allowed));
    int first = 0;
    while (!CPU_ISSET(first, &allowed)) {
        first++;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_uint_eq(topology_usable_cpus(), 1);
}
END_TEST

static void assert_child_says(void (*body)(void *arg), void *arg, const char *text)
{
    static struct child child;
    child_run(&child, body, arg);
    ck_assert_str_eq(child.text, text);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), SY_EXIT_FATAL);
}

static void say(void *arg)
{
    sy_fatal("%s", (const char *)arg);
}

static void misuse_outside(void *arg)
{
    sy_misuse(arg, 17);
}

START_TEST(test_fatal_says_one_line)
{
    char hello[] = "hello";
    char closed[] = MISUSE_SEND_ON_CLOSED;
    char unlocked[] = MISUSE_UNLOCK_OF_UNLOCKED;
    assert_child_says(say, hello, "fatal error: hello\n");
    assert_child_says(misuse_outside, unlocked,
                      "fatal error: sy_task_get_name called from outside a task\n");
    assert_child_says(misuse_outside, closed,
                      "fatal error: sy_task_get_name called from outside a task\n");
}
END_TEST

/* Goal: a message that is too long is cut, and still one line. */
START_TEST(test_fatal_cuts_long_messages)
{
    static struct child child;
    char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    child_run(&child, say, longest);
    size_t length = strlen(child.text);
    ck_assert_uint_ge(length, 400);
    ck_assert_uint_le(length, 512);
    ck_assert_ptr_eq(strchr(child.text, '\n'), child.text + length - 1);
    ck_assert_int_eq(WEXITSTATUS(child.status), SY_EXIT_FATAL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("base");
    tcase_add_test(tests, test_handle_packs_slot_and_generation);
    tcase_add_test(tests, test_futex_wait_returns);
    tcase_add_test(tests, test_futex_wake_wakes);
    tcase_add_test(tests, test_topology_follows_affinity);
    tcase_add_test(tests, test_fatal_says_one_line);
    tcase_add_test(tests, test_fatal_cuts_long_messages);
    return suite_main("base", tests);
}

/* test_runtime_timer.c - waits with deadlines. Method: real tasks whose waits end in every way. */
#include <errno.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { SLEEPERS = 100, ROUNDS = 300 };

struct wait {
    sy_sem sem;
    sy_chan chan;
    unsigned seed;
    uint32_t permits; /* that the waiter got */
    uint32_t messages;
};

static struct wait waits[SLEEPERS];

static void sleep_once(struct wait *wait)
{
    sy_time deadline = sy_now() + rand_r(&wait->seed) % (100 * SY_MICROSECOND);
    expect_eq(sy_sleep_until(deadline), 0);
    expect_ge(sy_now(), deadline);
}

static void wait_for_permit(struct wait *wait)
{
    sy_time deadline = sy_now() + rand_r(&wait->seed) % (100 * SY_MICROSECOND);
    int result = sy_sem_wait_until(&wait->sem, deadline);
    expect_true(result == 0 || (result == -ETIMEDOUT && sy_now() >= deadline));
    wait->permits += result == 0;
}

static void wait_for_message(struct wait *wait)
{
    sy_time deadline = sy_now() + rand_r(&wait->seed) % (100 * SY_MICROSECOND);
    int result = sy_chan_recv_until(wait->chan, NULL, deadline);
    expect_true(result == 1 || (result == -ETIMEDOUT && sy_now() >= deadline));
    wait->messages += result == 1;
}

static void *wait_in_every_way(void *arg)
{
    struct wait *wait = arg;
    for (int i = 0; i < ROUNDS; i++) {
        sleep_once(wait);
        wait_for_permit(wait);
        wait_for_message(wait);
    }
    return NULL;
}

/* Half as many permits and messages as are waited for, at random times. */
static void *give_to_waiter(void *arg)
{
    struct wait *wait = arg;
    unsigned seed = wait->seed + 1;
    uint32_t sent = 0;
    for (int i = 0; i < ROUNDS / 2; i++) {
        expect_eq(sy_sem_post(&wait->sem), 0);
        sent += sy_chan_send_until(wait->chan, NULL, sy_now() + 50 * SY_MICROSECOND) == 0;
        sy_sleep(rand_r(&seed) % (200 * SY_MICROSECOND));
    }
    return (void *)(uintptr_t)sent;
}

static int wait_randomly(void *arg)
{
    sy_task waiters[SLEEPERS];
    sy_task givers[SLEEPERS];
    (void)arg;
    for (int i = 0; i < SLEEPERS; i++) {
        waits[i] = (struct wait){.seed = (unsigned)i};
        expect_eq(sy_sem_init(&waits[i].sem, 0), 0);
        expect_eq(sy_chan_new(&waits[i].chan, 0, 0), 0);
        expect_eq(sy_spawn(&waiters[i], wait_in_every_way, &waits[i]), 0);
        expect_eq(sy_spawn(&givers[i], give_to_waiter, &waits[i]), 0);
    }
    for (int i = 0; i < SLEEPERS; i++) {
        void *sent = NULL;
        uint32_t left = 0;
        expect_eq(sy_join(waiters[i], NULL), 0);
        expect_eq(sy_join(givers[i], &sent), 0);
        while (sy_sem_trywait(&waits[i].sem) == 0) {
            left++;
        }
        expect_eq(waits[i].permits + left, ROUNDS / 2); /* a permit goes to one, or stays */
        expect_eq(waits[i].messages, (uintptr_t)sent);  /* who timed out sent or took nothing */
        expect_eq(sy_chan_free(waits[i].chan), 0);
    }
    return 0;
}

/* Goal: 10^5 waits that time out or are ended by others at the same moment: none is lost, none is
 * early, no permit and no message is lost or doubled. */
START_TEST(test_timer_waits_end_once)
{
    run_tasks(RUN_PROCS[_i], wait_randomly, NULL);
}
END_TEST

static int awake;

static void *sleep_until_turn(void *arg)
{
    expect_eq(sy_sleep_until(*(sy_time *)arg), 0);
    awake++; /* one proc */
    return NULL;
}

static int sleep_in_turns(void *arg)
{
    sy_task sleepers[SLEEPERS];
    sy_time turns[SLEEPERS];
    sy_time start = sy_now() + 5 * SY_MILLISECOND;
    (void)arg;
    for (int i = 0; i < SLEEPERS; i++) {
        turns[i] = start + i * 37 % SLEEPERS * (10 * SY_MICROSECOND);
        expect_eq(sy_spawn(&sleepers[i], sleep_until_turn, &turns[i]), 0);
    }
    for (int i = 0; i < SLEEPERS; i++) {
        expect_eq(sy_join(sleepers[i], NULL), 0);
    }
    expect_eq(awake, SLEEPERS);
    return 0;
}

/* Goal: every sleeper wakes once, whatever the order in which they were armed. */
START_TEST(test_timer_wakes_all_sleepers)
{
    run_tasks(1, sleep_in_turns, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_timer");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_timer_waits_end_once, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_timer_wakes_all_sleepers);
    return suite_main("runtime_timer", tests);
}

/* test_runtime_timer.c - the heap of timers, and waits with deadlines. Method: the heap by direct
 * calls with tasks that are only descriptors, against a simple model; then real tasks whose waits
 * end in every way. The random choices come from printed seeds. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "scheduler.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"
#include "timer.h"

enum { TIMERS = 300, STEPS = 100000, SEEDS = 3 };

static struct task tasks[TIMERS];
static sy_time deadlines[TIMERS]; /* of the armed ones, else 0 */

static unsigned begin_seed(int which)
{
    unsigned seed = 4711u + (unsigned)which;
    printf("seed %u\n", seed);
    return seed;
}

static void heap_begin(void)
{
    scheduler.procs = 1; /* nobody to wake */
    ck_assert_int_eq(timer_init(TIMERS), 0);
    ck_assert_int_eq(timer_next(), SY_FOREVER);
}

static void arm(int which, sy_time deadline)
{
    deadlines[which] = deadline;
    timer_arm(&tasks[which], deadline);
}

static void disarm(int which)
{
    deadlines[which] = 0;
    timer_disarm(&tasks[which]);
}

static sy_time earliest_of_model(void)
{
    sy_time earliest = SY_FOREVER;
    for (int i = 0; i < TIMERS; i++) {
        if (deadlines[i] != 0 && deadlines[i] < earliest) {
            earliest = deadlines[i];
        }
    }
    return earliest;
}

/* Goal: after any arms and disarms the earliest deadline is known, and each armed task knows that
 * it is in the heap. */
START_TEST(test_timer_next_is_earliest)
{
    unsigned seed = begin_seed(_i);
    heap_begin();
    for (int step = 0; step < STEPS; step++) {
        int which = rand_r(&seed) % TIMERS;
        if (deadlines[which] == 0) {
            arm(which, 1 + rand_r(&seed) % 1000); /* many are equal */
        } else {
            disarm(which);
        }
        if (timer_next() != earliest_of_model() ||
            (tasks[which].timer_place != 0) != (deadlines[which] != 0)) {
            ck_abort_msg("step %d: earliest %lld, of the model %lld", step, (long long)timer_next(),
                         (long long)earliest_of_model());
        }
    }
    for (int i = 0; i < TIMERS; i++) {
        disarm(i); /* also those that are not armed: no harm */
    }
    ck_assert_int_eq(timer_next(), SY_FOREVER);
    timer_destroy();
}
END_TEST

/* A proc that only this thread uses, and tasks that sleep under locks biased to it. */
static void proc_begin(struct proc *proc)
{
    proc_init(proc, 0);
    proc_assign(proc);
    for (int i = 0; i < TIMERS; i++) {
        tasks[i] = (struct task){.state = TASK_PARKED, .reason = WAIT_SLEEP};
        tasks[i].wait_lock = &tasks[i].lock;
        lock_init(proc, &tasks[i].lock);
    }
}

/* Goal: all that are due are made ready, earliest first, with -ETIMEDOUT, and none that is not. */
START_TEST(test_timer_fires_due_ones_in_order)
{
    static struct proc proc;
    enum { DUE = 200 };
    unsigned seed = begin_seed(_i);
    sy_time before = 0;
    heap_begin();
    proc_begin(&proc);
    for (int i = 0; i < TIMERS; i++) {
        sy_time base = i < DUE ? 1 : 5001;
        arm(i, base + rand_r(&seed) % 5000);
    }
    timer_fire(5000);
    for (int i = 0; i < DUE; i++) {
        struct task *task = ring_pop_oldest(&proc.runq.woken);
        task = task != NULL ? task : runq_take_slot(&proc.runq.next);
        ck_assert_ptr_nonnull(task);
        ck_assert_int_eq(task->state, TASK_READY);
        ck_assert_int_eq(task->result, -ETIMEDOUT);
        ck_assert_uint_eq(task->timer_place, 0);
        ck_assert_int_ge(deadlines[task - tasks], before);
        before = deadlines[task - tasks];
    }
    ck_assert_int_le(before, 5000);
    ck_assert_ptr_null(runq_choose(&proc.runq));
    ck_assert_int_gt(timer_next(), 5000);
    timer_fire(10001);
    ck_assert_uint_eq(ring_length(&proc.runq.woken), TIMERS - DUE);
    ck_assert_int_eq(timer_next(), SY_FOREVER);
    proc_assign(NULL);
    timer_destroy();
}
END_TEST

/* --- real tasks ------------------------------------------------------------------------------ */

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
    tcase_add_loop_test(tests, test_timer_next_is_earliest, 0, SEEDS);
    tcase_add_loop_test(tests, test_timer_fires_due_ones_in_order, 0, SEEDS);
    tcase_add_loop_test(tests, test_timer_waits_end_once, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_timer_wakes_all_sleepers);
    return suite_main("runtime_timer", tests);
}

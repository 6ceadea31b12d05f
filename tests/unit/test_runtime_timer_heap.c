/* test_runtime_timer_heap.c - the heaps of timers. Method: direct calls, against a simple model,
 * with timers and tasks that are only descriptors. The random choices come from printed seeds. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "scheduler.h"
#include "support/suite_main.h"
#include "timer.h"

enum { HEAPS = 3, TIMERS = 300, STEPS = 100000, SEEDS = 3, NOWHERE = -1 };

static struct timer_heap heaps[HEAPS];
static struct timer timers[TIMERS];
static sy_time deadlines[TIMERS]; /* of the armed ones */
static int places[TIMERS];        /* in which heap it is, or NOWHERE */

static unsigned begin_seed(int which)
{
    unsigned seed = 4711u + (unsigned)which;
    printf("seed %u\n", seed);
    return seed;
}

static void heaps_begin(void)
{
    for (uint16_t i = 0; i < HEAPS; i++) {
        ck_assert_int_eq(timer_heap_init(&heaps[i], i, TIMERS), 0);
        ck_assert_int_eq(timer_heap_next(&heaps[i]), SY_FOREVER);
    }
    for (int i = 0; i < TIMERS; i++) {
        places[i] = NOWHERE;
    }
}

static void heaps_end(void)
{
    for (int i = 0; i < HEAPS; i++) {
        ck_assert_uint_eq(heaps[i].count, 0);
        timer_heap_destroy(&heaps[i]);
    }
}

static sy_time earliest_of_model(int heap)
{
    sy_time earliest = SY_FOREVER;
    for (int i = 0; i < TIMERS; i++) {
        if (places[i] == heap && deadlines[i] < earliest) {
            earliest = deadlines[i];
        }
    }
    return earliest;
}

/* --- steps, each checked against the model ---------------------------------------------------- */

static void insert(int which, int heap, sy_time deadline)
{
    sy_time before = earliest_of_model(heap);
    bool earliest = timer_heap_insert(&heaps[heap], &timers[which], deadline);
    ck_assert_int_eq(earliest, deadline < before);
    deadlines[which] = deadline;
    places[which] = heap;
}

/* In every heap: only the one that it is in knows it. */
static void remove_everywhere(int which)
{
    int found = 0;
    for (int heap = 0; heap < HEAPS; heap++) {
        bool armed = false;
        bool here = timer_heap_remove(&heaps[heap], &timers[which], &armed);
        ck_assert_msg(!armed || (here && heap == places[which]), "found in heap %d, put into %d",
                      heap, places[which]);
        found += armed;
    }
    ck_assert_int_eq(found, places[which] != NOWHERE);
    places[which] = NOWHERE;
}

static void move(int from, int to)
{
    bool expected = earliest_of_model(from) < earliest_of_model(to);
    ck_assert_int_eq(timer_heap_move(&heaps[from], &heaps[to]), expected);
    for (int i = 0; i < TIMERS; i++) {
        places[i] = places[i] == from ? to : places[i];
    }
}

static void take_due(int heap, sy_time now)
{
    sy_time earliest = earliest_of_model(heap);
    struct timer *timer = timer_heap_take_due(&heaps[heap], now);
    ck_assert_int_eq(timer != NULL, earliest <= now);
    if (timer != NULL) {
        ck_assert_int_eq(deadlines[timer - timers], earliest);
        ck_assert_int_eq(places[timer - timers], heap);
        ck_assert_uint_eq(load_relaxed(&timer->firing), 1);
        places[timer - timers] = NOWHERE;
        store_relaxed(&timer->firing, 0);
    }
}

static void step(unsigned *seed)
{
    int which = rand_r(seed) % TIMERS;
    int heap = rand_r(seed) % HEAPS;
    sy_time when = 1 + rand_r(seed) % 1000; /* many are equal */
    switch (rand_r(seed) % 100) {
    case 0:
        move((heap + 1) % HEAPS, heap);
        break;
    case 1:
        take_due(heap, when / 20);
        break;
    default:
        if (places[which] == NOWHERE) {
            insert(which, heap, when);
        } else {
            remove_everywhere(which);
        }
    }
}

/* Goal: after any inserts, removals, moves and takings each heap knows its earliest deadline, each
 * timer is in at most one heap, and that one finds it. */
START_TEST(test_timer_heap_agrees_with_model)
{
    unsigned seed = begin_seed(_i);
    heaps_begin();
    for (int i = 0; i < STEPS; i++) {
        step(&seed);
        int heap = i % HEAPS;
        if (timer_heap_next(&heaps[heap]) != earliest_of_model(heap)) {
            ck_abort_msg("step %d: heap %d says %lld, the model %lld", i, heap,
                         (long long)timer_heap_next(&heaps[heap]),
                         (long long)earliest_of_model(heap));
        }
    }
    for (int i = 0; i < TIMERS; i++) {
        remove_everywhere(i);
    }
    heaps_end();
}
END_TEST

/* Goal: a timer that a worker fires is in no heap for whoever wants to take it out, though that
 * worker may be about to put it into another heap: its place is one in that heap. */
START_TEST(test_timer_heap_leaves_firing_ones_alone)
{
    struct timer fired = {0};
    bool armed = true;
    heaps_begin();
    insert(0, 0, 10);
    insert(1, 0, 20);
    ck_assert(timer_heap_insert(&heaps[0], &fired, 5));
    ck_assert_ptr_eq(timer_heap_take_due(&heaps[0], 5), &fired);
    fired.place = 2;
    ck_assert(timer_heap_remove(&heaps[0], &fired, &armed));
    ck_assert(!armed);
    ck_assert_uint_eq(heaps[0].count, 2);
    remove_everywhere(0);
    remove_everywhere(1);
    heaps_end();
}
END_TEST

/* Goal: whoever looks for a timer in the heap that it has left is told to look again. */
START_TEST(test_timer_heap_tells_moved_ones)
{
    bool armed = true;
    heaps_begin();
    insert(7, 2, 10);
    move(2, 0);
    ck_assert(!timer_heap_remove(&heaps[2], &timers[7], &armed));
    ck_assert(!armed);
    ck_assert(timer_heap_remove(&heaps[0], &timers[7], &armed));
    ck_assert(armed);
    heaps_end();
}
END_TEST

/* --- firing ----------------------------------------------------------------------------------- */

static struct proc procs[2];
static struct task tasks[TIMERS];

/* Two procs; the first one is only this thread's, and the tasks sleep under locks biased to it. */
static void procs_begin(void)
{
    for (uint16_t i = 0; i < 2; i++) {
        proc_init(&procs[i], i);
        ck_assert_int_eq(timer_heap_init(&procs[i].timers, i, TIMERS), 0);
    }
    scheduler = (struct scheduler){.all = procs};
    store_relaxed(&scheduler.made, 2);
    proc_assign(&procs[0]);
    for (int i = 0; i < TIMERS; i++) {
        tasks[i] = (struct task){.state = TASK_PARKED, .reason = WAIT_SLEEP};
        tasks[i].wait_lock = &tasks[i].lock;
        lock_init(&procs[0], &tasks[i].lock);
    }
}

static void procs_end(void)
{
    proc_assign(NULL);
    timer_heap_destroy(&procs[0].timers);
    timer_heap_destroy(&procs[1].timers);
}

static void assert_fired_in_order(int due)
{
    sy_time before = 0;
    for (int i = 0; i < due; i++) {
        struct task *task = ring_pop_oldest(&procs[0].runq.woken);
        ck_assert_ptr_nonnull(task);
        ck_assert_int_eq(task->state, TASK_READY);
        ck_assert_int_eq(task->result, -ETIMEDOUT);
        ck_assert_uint_eq(task->timer.place, 0);
        ck_assert_uint_eq(load_relaxed(&task->timer.firing), 0);
        ck_assert_int_ge(deadlines[task - tasks], before);
        before = deadlines[task - tasks];
    }
    ck_assert_int_le(before, 5000);
    ck_assert_ptr_null(runq_choose(&procs[0].runq));
}

/* Goal: all that are due are made ready, earliest first, with -ETIMEDOUT, and none that is not. */
START_TEST(test_timer_fires_due_ones_in_order)
{
    enum { DUE = 200 };
    unsigned seed = begin_seed(_i);
    procs_begin();
    for (int i = 0; i < TIMERS; i++) {
        sy_time base = i < DUE ? 1 : 5001;
        deadlines[i] = base + rand_r(&seed) % 5000;
        timer_arm(&procs[0], &tasks[i].timer, deadlines[i]);
    }
    ck_assert(timer_fire(&procs[0], 5000));
    assert_fired_in_order(DUE);
    ck_assert(!timer_fire(&procs[0], 5000));
    ck_assert_int_gt(timer_next(), 5000);
    ck_assert(timer_fire(&procs[0], 10001));
    ck_assert_uint_eq(ring_length(&procs[0].runq.woken), TIMERS - DUE);
    ck_assert_int_eq(timer_next(), SY_FOREVER);
    ck_assert_uint_eq(load_relaxed(&scheduler.timers_fired), TIMERS);
    procs_end();
}
END_TEST

/* Goal: a worker with nothing else to do fires what is due in another proc's heap, too; the tasks
 * come to its own queue. */
START_TEST(test_timer_fires_those_of_other_procs)
{
    procs_begin();
    for (int i = 0; i < 100; i++) {
        deadlines[i] = 1 + i % 10;
        timer_arm(&procs[i % 2], &tasks[i].timer, deadlines[i]);
    }
    ck_assert_int_eq(timer_next(), 1);
    ck_assert(!timer_fire_all(0));
    ck_assert(timer_fire_all(10));
    ck_assert_uint_eq(ring_length(&procs[0].runq.woken), 100);
    ck_assert_uint_eq(ring_length(&procs[1].runq.woken), 0);
    ck_assert_int_eq(timer_next(), SY_FOREVER);
    procs_end();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_timer_heap");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_timer_heap_agrees_with_model, 0, SEEDS);
    tcase_add_test(tests, test_timer_heap_leaves_firing_ones_alone);
    tcase_add_test(tests, test_timer_heap_tells_moved_ones);
    tcase_add_loop_test(tests, test_timer_fires_due_ones_in_order, 0, SEEDS);
    tcase_add_test(tests, test_timer_fires_those_of_other_procs);
    return suite_main("runtime_timer_heap", tests);
}

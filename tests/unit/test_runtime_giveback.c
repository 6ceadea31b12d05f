/* test_runtime_giveback.c - memory of stacks that is not needed goes back to the system, and
 * nothing that is needed. Method: real runs; the pages of stacks are looked at until they are gone.
 * The linker sends the stops of the world through here, where they may be told to come too late. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <switchyard/switchyard.h>

#include "giveback.h"
#include "pool.h"
#include "stack.h"
#include "stop_world.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { MANY = 2000, DEEP = 20, DEPTH = 6 << 20, STACK = 8 << 20, PAGE = 4096 };

static _Atomic uint32_t stops_late; /* how many of the next ones are */

void __real_world_stop(struct world *world, const struct proc *own, sy_time patience);
void __wrap_world_stop(struct world *world, const struct proc *own, sy_time patience);

void __wrap_world_stop(struct world *world, const struct proc *own, sy_time patience)
{
    __real_world_stop(world, own, patience);
    if (load_relaxed(&stops_late) > 0) {
        fetch_add_relaxed(&stops_late, -1);
        world->whole = false;
    }
}

static size_t pages_of(uint32_t slot)
{
    static unsigned char pages[STACK / PAGE + 1];
    size_t resident = 0;
    if (mincore(stack_bottom(slot), stack_usable_bytes(), pages) != 0) {
        return 0;
    }
    for (size_t i = 0; i < stack_usable_bytes() / PAGE; i++) {
        resident += pages[i] & 1u;
    }
    return resident;
}

/* --- free stacks ------------------------------------------------------------------------------ */

static void *return_it(void *arg)
{
    return arg;
}

static uint32_t resident_slots(uint32_t count)
{
    uint32_t resident = 0;
    for (uint32_t slot = 0; slot < count; slot++) {
        resident += pages_of(slot) > 0;
    }
    return resident;
}

static void *wait_at(void *gate)
{
    expect_eq(sy_mutex_lock(gate), 0);
    sy_mutex_unlock(gate);
    return gate;
}

/* So many at once. */
static void spawn_many(sy_task *tasks)
{
    sy_mutex gate = SY_MUTEX_INIT;
    expect_eq(sy_mutex_lock(&gate), 0);
    for (uint32_t i = 0; i < MANY; i++) {
        expect_eq(sy_spawn(&tasks[i], wait_at, &gate), 0);
    }
    sy_mutex_unlock(&gate);
    for (uint32_t i = 0; i < MANY; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
}

static int free_many(void *arg)
{
    static sy_task old[MANY];
    static sy_task tasks[MANY];
    uint32_t kept = *(uint32_t *)arg * POOL_CACHE_SLOTS + 2 * POOL_BATCH;
    sy_task one;
    spawn_many(old);
    while (resident_slots(MANY) > kept) {
        sy_sleep(SY_MILLISECOND);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        expect_eq(sy_join(old[i], NULL), -ESRCH); /* stale, though the descriptor is gone */
    }
    spawn_many(tasks);
    for (uint32_t i = 0; i < MANY; i++) {
        expect_eq(sy_join(old[i], NULL), -ESRCH); /* and when the slot is another task's */
        expect_eq(sy_join(tasks[i], NULL), -ESRCH);
        expect_true(old[i].id != tasks[i].id);
    }
    expect_eq(sy_spawn(&one, return_it, NULL), 0);
    expect_eq(sy_join(one, NULL), 0);
    return 0;
}

/* Goal: the stacks of tasks that have ended, but for those in the caches of procs, have no page any
 * more; their handles stay stale, and the slots can be used again. */
START_TEST(test_giveback_of_free_stacks)
{
    uint32_t procs = RUN_PROCS[_i];
    run_tasks(procs, free_many, &procs);
}
END_TEST

/* --- stacks that were deep -------------------------------------------------------------------- */

struct diver {
    sy_task task;
    sy_chan up;    /* closed: come up */
    sy_chan leave; /* closed: end */
    bool deep;     /* stays there */
};

static unsigned sum_down(unsigned depth, const struct diver *diver)
{
    volatile unsigned char frame[1024];
    memset((void *)(uintptr_t)frame, (int)(depth & 127), sizeof frame);
    unsigned below = 0;
    if (depth > 0) {
        below = sum_down(depth - 1, diver);
    } else if (diver->deep) {
        sy_chan_recv(diver->leave, NULL);
    } else {
        sy_chan_recv(diver->up, NULL);
    }
    for (size_t i = 0; i < sizeof frame; i++) {
        expect_true(frame[i] == (depth & 127));
    }
    return below + 1;
}

static void *dive(void *arg)
{
    struct diver *diver = arg;
    unsigned char bytes[300];
    memset(bytes, 77, sizeof bytes);
    expect_eq(sum_down(DEPTH / 1200, diver), DEPTH / 1200 + 1);
    sy_chan_recv(diver->leave, NULL);
    for (size_t i = 0; i < sizeof bytes; i++) {
        expect_eq(bytes[i], 77);
    }
    return NULL;
}

static int go_deep(void *arg)
{
    struct diver divers[DEEP];
    sy_chan up;
    sy_chan leave;
    (void)arg;
    expect_eq(sy_chan_new(&up, 0, 0), 0);
    expect_eq(sy_chan_new(&leave, 0, 0), 0);
    for (int i = 0; i < DEEP; i++) {
        divers[i] = (struct diver){.up = up, .leave = leave, .deep = i == 7};
        expect_eq(sy_spawn(&divers[i].task, dive, &divers[i]), 0);
    }
    for (int i = 0; i < DEEP; i++) {
        while (pages_of((uint32_t)divers[i].task.id - 1) < DEPTH / PAGE / 2) {
            sy_sleep(SY_MILLISECOND);
        }
    }
    uint32_t deep = (uint32_t)divers[7].task.id - 1;
    sy_chan_close(up);
    for (int i = 0; i < DEEP; i++) {
        while (i != 7 && pages_of((uint32_t)divers[i].task.id - 1) > 4) {
            expect_ge(pages_of(deep), DEPTH / PAGE / 2);
            sy_sleep(SY_MILLISECOND);
        }
    }
    expect_ge(pages_of(deep), DEPTH / PAGE / 2); /* this one is in use */
    /* The only one that will be deep: if it were left alone once, nothing would tell of it again.
     */
    store_relaxed(&stops_late, 3);
    sy_chan_close(leave);
    for (int i = 0; i < DEEP; i++) {
        expect_eq(sy_join(divers[i].task, NULL), 0);
    }
    while (pages_of(deep) > 4) { /* in the cache of a proc, but it need not be deep */
        sy_sleep(SY_MILLISECOND);
    }
    expect_eq(load_relaxed(&stops_late), 0);
    sy_chan_free(up);
    sy_chan_free(leave);
    return 0;
}

/* Goal: what tasks have used once and do not use any more goes back, while they are parked and when
 * they have ended, also if the world does not stand still at once; what they use stays as it is. */
START_TEST(test_giveback_of_deep_stacks)
{
    struct sy_config config = {
        .procs = RUN_PROCS[_i % RUN_PROCS_COUNT], .max_tasks = 256, .stack_bytes = STACK};
    config.stack_policy = _i < RUN_PROCS_COUNT ? SY_STACK_LAZY : SY_STACK_HIBERNATE;
    ck_assert_int_eq(sy_run(&config, go_deep, NULL), 0);
    expect_assert_all();
}
END_TEST

/* --- rest ------------------------------------------------------------------------------------- */

static void *await_rest(void *arg)
{
    struct timespec nap = {.tv_nsec = 1000000};
    while (load_relaxed(&giveback.resting) == 0) {
        nanosleep(&nap, NULL);
    }
    return arg;
}

static int do_nothing(void *arg)
{
    static sy_task tasks[MANY];
    (void)arg;
    for (int round = 0; round < 3; round++) {
        spawn_many(tasks);
        sy_blocking(await_rest, NULL);
    }
    return 0;
}

/* Goal: when nothing is left to give back and no task runs, there is no tick. */
START_TEST(test_giveback_rests)
{
    run_tasks(RUN_PROCS[_i], do_nothing, NULL);
}
END_TEST

/* --- nogiveback ------------------------------------------------------------------------------- */

/* Many stacks become free at once. *arg: how long to wait until some of their memory goes back. */
static int leave_stacks(void *arg)
{
    static sy_task tasks[MANY];
    struct sy_stats stats = {0};
    sy_time end = sy_now() + *(sy_time *)arg;
    spawn_many(tasks);
    while (stats.stacks_returned == 0 && sy_now() < end) {
        expect_eq(sy_sleep(SY_MILLISECOND), 0);
        expect_eq(sy_stats_read(&stats), 0);
    }
    return (int)stats.stacks_returned;
}

/* Goal: free stacks go back to the system after a while, but not without the technique: not in
 * three periods of it. */
START_TEST(test_giveback_off)
{
    sy_time patience = 20 * SY_SECOND;
    ck_assert_int_gt(sy_run(NULL, leave_stacks, &patience), 0);
    ck_assert_int_eq(setenv("SWITCHYARD_TUNE", "nogiveback", 1), 0);
    patience = 3 * GIVEBACK_PERIOD;
    ck_assert_int_eq(sy_run(NULL, leave_stacks, &patience), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_giveback");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_giveback_of_free_stacks, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_giveback_of_deep_stacks, 0, 2 * RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_giveback_rests, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_giveback_off);
    return suite_main("runtime_giveback", tests);
}

/* test_headroom.c - the room below the limit of a stack is enough for what libc, which has no
 * checks, needs in common calls. Method: bytes are counted; and the calls are made where nothing
 * but that room is left, so that a call which needs more runs into the guard page. */
#include <stdlib.h>

#include <switchyard/switchyard.h>

#include "libc_calls.h"
#include "segment.h"
#include "segment_pool.h"
#include "stack.h"
#include "support/expect.h"
#include "support/suite_main.h"
#include "worker.h"

#define SMALL_FRAME 256 /* so much of the headroom a function with a check may use without it */
#define LARGE_STACK_BYTES ((size_t)128 << 10)
#define FRAME_BYTES 1024

static const struct libc_call *call;

/* True if the call is to be tested here. */
static bool choose(int number, bool large)
{
    call = &libc_calls[number];
    return call->is_large == large;
}

/* Goal: none of the calls that are said to fit takes more. */
START_TEST(test_headroom_is_more_than_used)
{
    if (choose(_i, false)) {
        size_t bytes = libc_call_measure(call);
        ck_assert_msg(bytes > 0 && bytes <= SEGMENT_HEADROOM - SMALL_FRAME, "%s: %zu bytes",
                      call->name, bytes);
    }
}
END_TEST

static void call_at(uintptr_t limit, uintptr_t bottom)
{
    uintptr_t top = (limit - SMALL_FRAME) & ~(uintptr_t)15;
    expect_ge(top - bottom, SEGMENT_HEADROOM - SMALL_FRAME - 16);
    expect_true(libc_call_depth(call, (char *)top, top - bottom) > 0);
}

static int call_at_slot_limit(void *arg)
{
    const struct task *task = worker_task();
    (void)arg;
    call_at(task->stack_limit, (uintptr_t)stack_bottom(task->slot.index));
    return 0;
}

/* Until it is on a segment. */
static __attribute__((noinline)) int descend(int depth)
{
    volatile char frame[FRAME_BYTES];
    frame[0] = 1;
    frame[sizeof frame - 1] = (char)depth;
    const struct task *task = worker_task();
    if (segment_in_use(task)) {
        call_at(task->segments->limit, task->segments->bottom);
        return frame[0];
    }
    return descend(depth + 1) + frame[0];
}

static int call_at_segment_limit(void *arg)
{
    (void)arg;
    expect_true(descend(0) > 1);
    return 0;
}

/* Goal: they can be made with the stack used up to its limit, in a slot and in a segment. */
START_TEST(test_headroom_is_enough)
{
    struct sy_config config = {.procs = 1, .max_tasks = 64};
    if (choose(_i, false)) {
        ck_assert_int_eq(sy_run(&config, call_at_slot_limit, NULL), 0);
        ck_assert_int_eq(sy_run(&config, call_at_segment_limit, NULL), 0);
        expect_assert_all();
    }
}
END_TEST

static void *make_call(void *arg)
{
    call->run();
    return arg;
}

static int call_in_new_task(void *arg)
{
    sy_task task;
    (void)arg;
    expect_eq(sy_spawn(&task, make_call, NULL), 0);
    expect_eq(sy_join(task, NULL), 0);
    return 0;
}

/* Goal: what docs/stacks.md tells to do with larger ones works: a task of its own, with a slot that
 * is large enough. */
START_TEST(test_headroom_is_not_needed_in_new_task)
{
    struct sy_config config = {.procs = 2, .max_tasks = 64, .stack_bytes = LARGE_STACK_BYTES};
    if (choose(_i, true)) {
        ck_assert_int_eq(sy_run(&config, call_in_new_task, NULL), 0);
        expect_assert_all();
    }
}
END_TEST

int main(void)
{
    int count = (int)libc_calls_count;
    TCase *tests = tcase_create("headroom");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_headroom_is_more_than_used, 0, count);
    tcase_add_loop_test(tests, test_headroom_is_enough, 0, count);
    tcase_add_loop_test(tests, test_headroom_is_not_needed_in_new_task, 0, count);
    return suite_main("headroom", tests);
}

/* test_cold.c - hibernation and give-back leave a task on a segment alone. Method: real runs; that
 * a stack is cold is read from the runtime's own word for it, that a segment is mapped from the
 * pool's count. */
#include "giveback.h"
#include "segment_pool.h"
#include "stack.h"
#include "support/run.h"
#include "support/suite_main.h"
#include "unit/hibernation.h"

enum { FRAME_BYTES = 1000, LOOKS = 3, PATIENCE_MS = 10000 };

struct sleeper {
    sy_task task;
    sy_chan deep;    /* closed: come up */
    sy_chan shallow; /* closed: end */
    bool on_segment;
};

static bool is_on_slot(const volatile void *address)
{
    return (size_t)((const volatile char *)address - stack_region.base) < stack_region.bytes;
}

/* Until it is on a segment; waits there. */
static __attribute__((noinline)) int descend(struct sleeper *sleeper, int depth)
{
    volatile char frame[FRAME_BYTES];
    frame[depth % FRAME_BYTES] = 1;
    if (is_on_slot(frame)) {
        return descend(sleeper, depth + 1) + frame[depth % FRAME_BYTES];
    }
    sleeper->on_segment = true;
    expect_eq(sy_chan_recv(sleeper->deep, NULL), 0);
    return frame[depth % FRAME_BYTES] - depth;
}

static void *sleep_deep(void *arg)
{
    struct sleeper *sleeper = arg;
    expect_eq(descend(sleeper, 0), 1); /* each frame added what it held */
    expect_eq(sy_chan_recv(sleeper->shallow, NULL), 0);
    return NULL;
}

static void *sleep_shallow(void *arg)
{
    const struct sleeper *sleeper = arg;
    expect_eq(sy_chan_recv(sleeper->shallow, NULL), 0);
    return NULL;
}

static int sleep_on_segment(void *arg)
{
    struct sleeper deep = {0};
    struct sleeper other = {0};
    (void)arg;
    expect_eq(sy_chan_new(&deep.deep, 0, 0), 0);
    expect_eq(sy_chan_new(&deep.shallow, 0, 0), 0);
    expect_eq(sy_spawn(&deep.task, sleep_deep, &deep), 0);
    for (int i = 0; i < LOOKS; i++) {
        expect_eq(sy_chan_new(&other.shallow, 0, 0), 0);
        expect_eq(sy_spawn(&other.task, sleep_shallow, &other), 0);
        await_cold(other.task); /* so the deep one was looked at, too */
        expect_true(deep.on_segment);
        expect_eq(warmth_of(deep.task), HIBERNATE_WARM);
        sy_chan_close(other.shallow);
        expect_eq(sy_join(other.task, NULL), 0);
        sy_chan_free(other.shallow);
    }
    sy_chan_close(deep.deep);
    await_cold(deep.task); /* in its slot again, with a segment kept */
    sy_chan_close(deep.shallow);
    expect_eq(sy_join(deep.task, NULL), 0);
    sy_chan_free(deep.deep);
    sy_chan_free(deep.shallow);
    return 0;
}

/* Goal: a task that waits on a segment does not hibernate, and does when it is back. */
START_TEST(test_cold_not_on_segment)
{
    run_hibernating(RUN_PROCS[_i], sleep_on_segment, NULL);
}
END_TEST

static int let_rest(void *arg)
{
    struct sleeper deep = {0};
    (void)arg;
    expect_eq(sy_chan_new(&deep.deep, 0, 0), 0);
    expect_eq(sy_chan_new(&deep.shallow, 0, 0), 0);
    sy_chan_close(deep.deep);
    sy_chan_close(deep.shallow);
    expect_eq(sy_spawn(&deep.task, sleep_deep, &deep), 0);
    expect_eq(sy_join(deep.task, NULL), 0);
    expect_true(deep.on_segment);
    expect_true(segment_pool_bytes() > 0); /* kept for the next one */
    for (int ms = 0; segment_pool_bytes() > 0 && ms < PATIENCE_MS; ms += 1000) {
        sy_sleep(SY_SECOND); /* idle meanwhile: sysmon comes to rest */
    }
    expect_eq(segment_pool_bytes(), 0);
    sy_chan_free(deep.deep);
    sy_chan_free(deep.shallow);
    return 0;
}

/* Goal: segments that are kept go back when the process comes to rest. */
START_TEST(test_cold_segments_go_back)
{
    struct sy_config config = {.procs = RUN_PROCS[_i]};
    int result = sy_run(&config, let_rest, NULL);
    expect_eq(result, 0);
    expect_assert_all();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("growth_cold");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_cold_not_on_segment, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_cold_segments_go_back, 0, RUN_PROCS_COUNT);
    return suite_main("growth_cold", tests);
}

/* test_runtime_retire.c - the queue of a proc that retires, where nobody else runs dry. Method:
 * tasks that yield for ever on two procs, of which one goes and comes back; the test looks into the
 * scheduler to know when. */
#include <stdatomic.h>

#include <switchyard/switchyard.h>

#include "settle.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { YIELDERS = 40, ROUNDS = 10 };

static atomic_uint turns[YIELDERS];
static atomic_bool enough;

static void *take_turns(void *turn)
{
    while (!enough) {
        ++*(atomic_uint *)turn;
        sy_yield();
    }
    return NULL;
}

/* Until each has had a turn from now on. */
static void await_turns(void)
{
    for (int i = 0; i < YIELDERS; i++) {
        turns[i] = 0;
    }
    for (int i = 0; i < YIELDERS; i++) {
        while (turns[i] == 0) {
            sy_yield();
        }
    }
}

static int shrink_beside_yielders(void *arg)
{
    sy_task tasks[YIELDERS];
    (void)arg;
    enough = false;
    for (int i = 0; i < YIELDERS; i++) {
        expect_eq(sy_spawn(&tasks[i], take_turns, &turns[i]), 0);
    }
    for (int i = 0; i < ROUNDS; i++) {
        while (ring_length(&scheduler.all[1].runq.woken) == 0) {
            sy_yield();
        }
        expect_eq(sy_set_procs(1), 2);
        settle(1);
        await_turns();
        expect_eq(sy_set_procs(2), 1);
    }
    enough = true;
    for (int i = 0; i < YIELDERS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: a proc whose tasks have all yielded, so that they are in its ring and none in a slot,
 * leaves none behind. Those that stay yield for ever, so nobody runs dry and takes them. */
START_TEST(test_retire_leaves_no_task_behind)
{
    run_tasks(2, shrink_beside_yielders, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_retire");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_retire_leaves_no_task_behind);
    return suite_main("runtime_retire", tests);
}

/* test_runtime_limits.c - configurations at the edge of what sy_run takes. Method: real runs; what
 * may crash or exits runs in a child. */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/child.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

static void *nothing(void *arg)
{
    return arg;
}

static int return_main(void *arg)
{
    (void)arg;
    return 7;
}

/* --- max_tasks -------------------------------------------------------------------------------- */

struct limit {
    uint32_t max_tasks;
    uint32_t alive; /* what is promised: rounded up to whole batches, main included */
};

static const struct limit limits[] = {{1, 64}, {63, 64}, {64, 64}, {65, 128}, {128, 128}};

enum { LIMITS = sizeof limits / sizeof limits[0], ALIVE_MAX = 200 };

static void *pass_gate(void *gate)
{
    expect_eq(sy_mutex_lock(gate), 0);
    sy_mutex_unlock(gate);
    return NULL;
}

static int reach_limit(void *arg)
{
    const struct limit *limit = arg;
    sy_task tasks[ALIVE_MAX];
    for (int round = 0; round < 30; round++) {
        sy_mutex gate = SY_MUTEX_INIT;
        uint32_t count = 0;
        int error = 0;
        expect_eq(sy_mutex_lock(&gate), 0);
        while (count < ALIVE_MAX && (error = sy_spawn(&tasks[count], pass_gate, &gate)) == 0) {
            count++;
        }
        expect_eq(error, -EAGAIN);
        expect_eq(count, limit->alive - 1);
        expect_eq(sy_go(nothing, NULL), -EAGAIN);
        sy_mutex_unlock(&gate);
        expect_eq(sy_join(tasks[--count], NULL), 0);
        expect_eq(sy_spawn(&tasks[count++], nothing, NULL), 0); /* one joined, one more */
        while (count > 0) {
            expect_eq(sy_join(tasks[--count], NULL), 0);
        }
    }
    return 0;
}

/* Goal: exactly so many tasks live at once; the next is refused; each that was joined makes room,
 * whichever proc it ended on. */
START_TEST(test_limits_max_tasks)
{
    struct limit limit = limits[_i % LIMITS];
    struct sy_config config = {.procs = RUN_PROCS[_i / LIMITS], .max_tasks = limit.max_tasks};
    ck_assert_int_eq(sy_run(&config, reach_limit, &limit), 0);
    expect_assert_all();
}
END_TEST

/* --- stack_bytes ------------------------------------------------------------------------------ */

static const struct {
    size_t bytes;
    int result;
} stacks[] = {
    {0, 7},       /* the default */
    {1, -EINVAL}, /* too small ... */
    {16 * 1024 - 1, -EINVAL},
    {16 * 1024, 7},
    {16 * 1024 + 1, 7}, /* rounded up */
    {99999, 7},
    {((size_t)1 << 30) + 1, -EINVAL},
    {SIZE_MAX, -EINVAL},
};

enum { STACKS = sizeof stacks / sizeof stacks[0] };

START_TEST(test_limits_stack_bytes)
{
    struct sy_config config = {.procs = 2, .max_tasks = 64, .stack_bytes = stacks[_i].bytes};
    ck_assert_int_eq(sy_run(&config, return_main, NULL), stacks[_i].result);
}
END_TEST

/* A frame of almost bytes, written at both ends. */
static void *fill_stack(void *arg)
{
    size_t bytes = *(size_t *)arg;
    volatile char *frame = __builtin_alloca(bytes);
    for (size_t i = 0; i < bytes; i += 1024) {
        frame[i] = 1;
    }
    frame[bytes - 1] = 1;
    return NULL;
}

static int fill_stacks(void *arg)
{
    sy_task tasks[3];
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_spawn(&tasks[i], fill_stack, arg), 0);
    }
    for (int i = 0; i < 3; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return 0;
}

/* Goal: a task may use what it was promised, but for the descriptor and the frames around (4 KiB),
 * with stacks of the smallest, an odd, and a large size. */
START_TEST(test_limits_stack_is_usable)
{
    static const size_t sizes[] = {16 * 1024, 99999, (size_t)16 << 20};
    size_t bytes = sizes[_i] - 4096;
    struct sy_config config = {.procs = 2, .max_tasks = 64, .stack_bytes = sizes[_i]};
    ck_assert_int_eq(sy_run(&config, fill_stacks, &bytes), 0);
    expect_assert_all();
}
END_TEST

/* --- procs ------------------------------------------------------------------------------------ */

static void run_by_environment(void *arg)
{
    setenv("SWITCHYARD_PROCS", arg, 1);
    _exit(sy_run(NULL, return_main, NULL));
}

static const char *const not_procs[] = {"",   "0",   "-1",  "257",
                                        "2x", "two", "1.5", "99999999999999999999"};

enum { NOT_PROCS = sizeof not_procs / sizeof not_procs[0] };

/* Goal: one clear line and exit status 2, never a guess. */
START_TEST(test_limits_procs_variable_refused)
{
    static struct child child;
    child_run(&child, run_by_environment, (void *)(uintptr_t)not_procs[_i]);
    ck_assert_str_eq(child.text, "fatal error: SWITCHYARD_PROCS must be a number from 1 to 256\n");
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
}
END_TEST

static int count_procs(void *arg)
{
    struct sy_stats stats;
    (void)arg;
    return sy_stats_read(&stats) == 0 ? (int)stats.procs : -1;
}

START_TEST(test_limits_procs_variable_taken)
{
    struct sy_config config = {.procs = 3};
    setenv("SWITCHYARD_PROCS", "256", 1);
    ck_assert_int_eq(sy_run(NULL, count_procs, NULL), 256);
    ck_assert_int_eq(sy_run(&config, count_procs, NULL), 3); /* the program's word goes first */
    setenv("SWITCHYARD_PROCS", "1", 1);
    ck_assert_int_eq(sy_run(NULL, count_procs, NULL), 1);
}
END_TEST

/* --- handles of tasks whose joiner gave up -----------------------------------------------------
 */

static void *end_when_told(void *sem)
{
    expect_eq(sy_sem_wait(sem), 0);
    return (void *)(uintptr_t)77;
}

static int detach_after_timeout(void *arg)
{
    sy_sem end;
    sy_task task;
    void *result = NULL;
    (void)arg;
    expect_eq(sy_sem_init(&end, 0), 0);
    expect_eq(sy_spawn(&task, end_when_told, &end), 0);
    expect_eq(sy_join_until(task, &result, sy_now() + SY_MILLISECOND), -ETIMEDOUT);
    expect_eq(sy_detach(task), 0);
    expect_eq(sy_sem_post(&end), 0);
    while (sy_detach(task) != -ESRCH) {
        sy_yield();
    }
    expect_true(result == NULL);
    return 0;
}

/* Goal: a task that is detached after a join of it timed out does not write its result to where
 * that join had wanted it. */
START_TEST(test_limits_detach_after_join_timed_out)
{
    run_tasks(1, detach_after_timeout, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_limits");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_limits_max_tasks, 0, LIMITS * RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_limits_stack_bytes, 0, STACKS);
    tcase_add_loop_test(tests, test_limits_stack_is_usable, 0, 3);
    tcase_add_loop_test(tests, test_limits_procs_variable_refused, 0, NOT_PROCS);
    tcase_add_test(tests, test_limits_procs_variable_taken);
    tcase_add_test(tests, test_limits_detach_after_join_timed_out);
    return suite_main("runtime_limits", tests);
}

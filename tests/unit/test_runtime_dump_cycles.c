/* test_runtime_dump_cycles.c - the cycles that a dump finds. Method: children make one of five
 * tasks, which wait for ever, and compare what the dump says. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/blocked.h"
#include "support/child.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { RING = 5 };

static struct {
    sy_mutex mutexes[RING];
    sy_task tasks[RING];
    atomic_int ready;
    sy_time deadline; /* of the wait of task 0 */
} ring;

static void await_all(int count)
{
    ring.ready++;
    while (ring.ready < count) {
        sy_yield();
    }
}

/* Task 0 waits for the mutex of task 1, which joins task 2, which waits for the mutex of 3, which
 * joins 4, which waits for the mutex of 0. */
static void *wait_for_the_next(void *arg)
{
    int place = (int)(intptr_t)arg;
    int next = (place + 1) % RING;
    (void)sy_mutex_lock(&ring.mutexes[place]);
    await_all(RING + 1); /* and tasks[] is set */
    blocked_soon();
    if (place % 2 != 0) {
        (void)sy_join(ring.tasks[next], NULL);
    } else {
        (void)sy_mutex_lock_until(&ring.mutexes[next], place == 0 ? ring.deadline : SY_FOREVER);
    }
    return NULL;
}

/* In no cycle itself, but waits for one that is. */
static void *wait_for_the_ring(void *arg)
{
    blocked_soon();
    (void)sy_mutex_lock(&ring.mutexes[0]);
    return arg;
}

static void expected_cycle(char *text)
{
    text += sprintf(text, "\ncycle: task %u \"\"", (uint32_t)ring.tasks[0].id);
    for (int i = 0; i < RING; i++) {
        int next = (i + 1) % RING;
        uint32_t number = (uint32_t)ring.tasks[next].id;
        text += sprintf(text, "%s waits ", i == 0 ? "" : ", which");
        text += i % 2 != 0 ? sprintf(text, "to join task %u \"\"", number)
                           : sprintf(text, "for mutex %p held by task %u \"\"",
                                     (void *)&ring.mutexes[next], number);
    }
    strcpy(text, "\n");
}

/* Ends the process: with 0 if the dump shows the one cycle, or none if the first task's wait has a
 * deadline. */
static int dump_the_ring(void *arg)
{
    static char text[1 << 16];
    char expected[1024];
    sy_task outside;
    (void)arg;
    blocked_begin();
    for (intptr_t i = 0; i < RING; i++) {
        (void)sy_spawn(&ring.tasks[i], wait_for_the_next, (void *)i);
    }
    await_all(RING + 1);
    (void)sy_spawn(&outside, wait_for_the_ring, NULL);
    blocked_await(RING + 1);
    bool closed = ring.deadline == SY_FOREVER;
    int file = memfd_create("dump", MFD_CLOEXEC);
    int cycles = sy_dump(file);
    (void)pread(file, text, sizeof text - 1, 0);
    const char *cycle = strstr(text, "\ncycle: ");
    expected_cycle(expected);
    bool right = closed ? cycles == 1 && cycle != NULL && strcmp(cycle, expected) == 0
                        : cycles == 0 && cycle == NULL;
    fprintf(stderr, "%s", right ? "" : text);
    _exit(right ? 0 : 1);
}

static void run_the_ring(void *arg)
{
    struct sy_config config = {.procs = *(uint32_t *)arg};
    (void)sy_run(&config, dump_the_ring, NULL);
}

/* Goal: a cycle through mutexes and joins is printed once, whole, without those who only wait for
 * it; with a deadline in it there is none. */
START_TEST(test_dump_prints_a_cycle_once)
{
    static struct child child;
    uint32_t procs = RUN_PROCS[_i / 2];
    ring.deadline = _i % 2 == 0 ? SY_FOREVER : sy_now() + 3600 * SY_SECOND;
    child_run(&child, run_the_ring, &procs);
    ck_assert_msg(WIFEXITED(child.status) && WEXITSTATUS(child.status) == 0, "%s", child.text);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_dump_cycles");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_dump_prints_a_cycle_once, 0, 2 * RUN_PROCS_COUNT);
    return suite_main("runtime_dump_cycles", tests);
}

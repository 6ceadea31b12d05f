/* test_runtime_dump.c - the dump of a running program: what it says of each kind of wait, and that
 * it disturbs nobody. Method: dumps into a file in memory. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "stack.h"
#include "support/blocked.h"
#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

static char dumped[1 << 20];

/* The dump as text. */
static const char *dump(int cycles)
{
    int file = memfd_create("dump", MFD_CLOEXEC);
    expect_eq(sy_dump(file), cycles);
    ssize_t bytes = pread(file, dumped, sizeof dumped - 1, 0);
    expect_ge(bytes, 1);
    dumped[bytes > 0 ? bytes : 0] = '\0';
    close(file);
    return dumped;
}

static void expect_has(const char *text, const char *part)
{
    bool has = strstr(text, part) != NULL;
    if (!has) {
        fprintf(stderr, "no \"%s\" in: %s\n", part, text);
    }
    expect_true(has);
}

/* task 7 "consumer": ... */
static void expect_state(const char *text, sy_task task, const char *name, const char *state)
{
    char headline[128];
    snprintf(headline, sizeof headline, "\ntask %u \"%s\": %s", (uint32_t)task.id, name, state);
    expect_has(text, headline);
}

/* --- kinds of waits --------------------------------------------------------------------------- */

static struct {
    sy_mutex mutex;
    sy_sem sem;
    sy_sem never;
    sy_chan chan;
    int ends[2];
    sy_task joined;
} kinds;

static void *lock_mutex(void *arg)
{
    blocked_soon();
    expect_eq(sy_mutex_lock(&kinds.mutex), 0);
    sy_mutex_unlock(&kinds.mutex);
    return arg;
}

static void *receive(void *arg)
{
    blocked_soon();
    expect_eq(sy_chan_recv_until(kinds.chan, NULL, sy_now() + 3600 * SY_SECOND), 1);
    return arg;
}

static void *wait_for_permit(void *sem)
{
    blocked_soon();
    expect_eq(sy_sem_wait(sem), 0);
    return NULL;
}

static void *join_it(void *arg)
{
    blocked_soon();
    expect_eq(sy_join(kinds.joined, NULL), 0);
    return arg;
}

static void *sleep_short(void *arg)
{
    blocked_soon();
    expect_eq(sy_sleep(SY_SECOND / 2), 0);
    return arg;
}

static void *read_byte(void *arg)
{
    char byte = 0;
    blocked_soon();
    expect_eq(sy_read(kinds.ends[0], &byte, 1), 1);
    return arg;
}

static void *end(void *arg)
{
    return arg;
}

static const struct kind {
    const char *name;
    sy_task_fn body;
    const char *state;
} waits[] = {
    {"locker", lock_mutex, "waits for mutex 0x"},
    {"receiver", receive, "waits to receive from channel 1, for "},
    {"waiter", wait_for_permit, "waits for semaphore 0x"},
    {"joiner", join_it, "waits to join task "},
    {"sleeper", sleep_short, "sleeps, for "},
    {"reader", read_byte, "waits to read from descriptor "},
};

#define BLOCKED_KINDS ((int)(sizeof waits / sizeof waits[0]))

static void release_all(sy_task *tasks)
{
    expect_eq(sy_chan_send(kinds.chan, NULL), 0);
    expect_eq(sy_write(kinds.ends[1], "x", 1), 1);
    expect_eq(sy_sem_post(&kinds.sem), 0);
    expect_eq(sy_sem_post(&kinds.never), 0);
    sy_mutex_unlock(&kinds.mutex);
    for (int i = 0; i < BLOCKED_KINDS; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
}

static int wait_in_each_way(void *arg)
{
    sy_task tasks[sizeof waits / sizeof waits[0]];
    sy_task ended;
    sy_task late;
    (void)arg;
    kinds.mutex = (sy_mutex)SY_MUTEX_INIT;
    expect_eq(sy_sem_init(&kinds.sem, 0), 0);
    expect_eq(sy_sem_init(&kinds.never, 0), 0);
    expect_eq(sy_chan_new(&kinds.chan, 0, 0), 0);
    expect_eq(pipe(kinds.ends), 0);
    expect_eq(sy_task_set_name(sy_self(), "first\nname"), 0);
    expect_eq(sy_mutex_lock(&kinds.mutex), 0);
    blocked_begin();
    expect_eq(sy_spawn(&kinds.joined, wait_for_permit, &kinds.never), 0);
    for (int i = 0; i < BLOCKED_KINDS; i++) {
        expect_eq(sy_spawn(&tasks[i], waits[i].body, &kinds.sem), 0);
        expect_eq(sy_task_set_name(tasks[i], waits[i].name), 0);
    }
    expect_eq(sy_spawn(&ended, end, NULL), 0);
    blocked_await((uint32_t)BLOCKED_KINDS + 1);
    expect_eq(sy_spawn(&late, end, NULL), 0);
    const char *text = dump(0);
    for (int i = 0; i < BLOCKED_KINDS; i++) {
        expect_state(text, tasks[i], waits[i].name, waits[i].state);
    }
    expect_state(text, sy_self(), "first?name", "runs on proc ");
    expect_has(text, " ms; held by task 1 \"first?name\"\n");
    expect_has(text, " ms, with a deadline\n");
    expect_state(text, ended, "", "has ended, and was neither joined nor detached\n");
    release_all(tasks);
    expect_eq(sy_join(ended, NULL), 0);
    expect_eq(sy_join(late, NULL), 0);
    expect_eq(sy_chan_free(kinds.chan), 0);
    close(kinds.ends[0]);
    close(kinds.ends[1]);
    return 0;
}

/* Goal: of each task it says what it waits for; names cannot spoil its lines. */
START_TEST(test_dump_names_each_wait)
{
    run_tasks(RUN_PROCS[_i], wait_in_each_way, NULL);
}
END_TEST

/* --- standing still --------------------------------------------------------------------------- */

enum { DUMPERS = 4, DUMPS = 50 };

static void *dump_often(void *arg)
{
    for (int i = 0; i < DUMPS; i++) {
        expect_eq(sy_dump(*(int *)arg), 0);
        sy_yield();
    }
    return NULL;
}

/* Everything that moves: births, ends, joins, messages, timers, contended mutexes. */
static void *make_traffic(void *arg)
{
    sy_task child;
    for (int i = 0; i < 10 * DUMPS; i++) {
        expect_eq(sy_mutex_lock(&kinds.mutex), 0);
        sy_yield();
        sy_mutex_unlock(&kinds.mutex);
        expect_eq(sy_spawn(&child, end, NULL), 0);
        expect_eq(sy_sleep(SY_MICROSECOND), 0);
        expect_eq(sy_join(child, NULL), 0);
    }
    return arg;
}

/* Procs come and go. */
static void *resize(void *arg)
{
    for (uint32_t i = 0; i < DUMPS; i++) {
        expect_ge(sy_set_procs(1 + i % 6), 1);
        sy_yield();
    }
    return arg;
}

static int dump_at_once(void *arg)
{
    sy_task tasks[2 * DUMPERS + 1];
    int file = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)arg;
    kinds.mutex = (sy_mutex)SY_MUTEX_INIT;
    expect_eq(sy_spawn(&tasks[2 * DUMPERS], resize, NULL), 0);
    for (int i = 0; i < DUMPERS; i++) {
        expect_eq(sy_spawn(&tasks[2 * i], dump_often, &file), 0);
        expect_eq(sy_spawn(&tasks[2 * i + 1], make_traffic, NULL), 0);
    }
    for (int i = 0; i < 2 * DUMPERS + 1; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    close(file);
    return 0;
}

/* Goal: several tasks dump at the same time, while the others do everything that tasks do: nobody
 * hangs, and nothing is lost. */
START_TEST(test_dump_by_several_at_once)
{
    run_tasks(RUN_PROCS[_i], dump_at_once, NULL);
}
END_TEST

/* Leaves less of the stack than a backtrace needs, and waits there. */
static int wait_far_down(const char *bottom, sy_sem *sem)
{
    volatile char here[256];
    here[0] = 1;
    if ((uintptr_t)here - (uintptr_t)bottom > 2048) {
        return wait_far_down(bottom, sem) + here[0];
    }
    return sy_sem_wait(sem) + here[0];
}

static void *fill_the_stack(void *sem)
{
    uint32_t slot = (uint32_t)sy_self().id - 1;
    blocked_soon(); /* has no room down there */
    return (void *)(intptr_t)wait_far_down(stack_bottom(slot), sem);
}

static int dump_a_full_stack(void *arg)
{
    enum { FRAMES_SHOWN = 64 };
    sy_sem sem;
    sy_task task;
    void *depth = NULL;
    (void)arg;
    expect_eq(sy_sem_init(&sem, 0), 0);
    blocked_begin();
    expect_eq(sy_spawn(&task, fill_the_stack, &sem), 0);
    blocked_await(1);
    const char *text = strstr(dump(0), "waits for semaphore");
    int lines = 0;
    for (text = strstr(text, "\n    "); text != NULL && text[1] == ' ';
         text = strchr(text + 1, '\n')) {
        lines++;
    }
    expect_ge(lines, 30);
    expect_eq(sy_sem_post(&sem), 0);
    expect_eq(sy_join(task, &depth), 0);
    expect_ge((intptr_t)depth, 30);
    return 0;
}

/* Goal: the backtrace of a task whose stack is nearly used up, without a byte of that stack. */
START_TEST(test_dump_of_a_full_stack)
{
    run_tasks(RUN_PROCS[_i], dump_a_full_stack, NULL);
}
END_TEST

static int dump_from_a_small_stack(void *arg)
{
    (void)arg;
    expect_has(dump(0), "\ntask 1 \"\": runs on proc 0\n");
    return 0;
}

/* Goal: a task with the smallest stack that there is can dump. */
START_TEST(test_dump_from_a_small_stack)
{
    struct sy_config config = {.procs = 1, .stack_bytes = STACK_BYTES_MIN};
    ck_assert_int_eq(sy_run(&config, dump_from_a_small_stack, NULL), 0);
    expect_assert_all();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_dump");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_dump_names_each_wait, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_dump_by_several_at_once, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_dump_of_a_full_stack, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_dump_from_a_small_stack);
    return suite_main("runtime_dump", tests);
}

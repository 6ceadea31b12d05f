/* test_runtime_hibernate.c - stacks that hibernate: what was on them is there when it is touched,
 * by whomever, and what is no touch keeps its meaning. Method: real runs; that a stack is cold is
 * read from the runtime's own word for it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "giveback.h"
#include "hibernation.h"
#include "stack.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { BYTES = 200 };

/* What is on a sleeper's stack, for others to look at and to write to. */
struct sleeper {
    sy_task task;
    sy_chan gate;
    unsigned char *bytes;
    size_t size;
    sy_time value; /* what the gate brought */
};

static void fill(unsigned char *bytes, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(seed + i * 7);
    }
}

static bool is_filled(const unsigned char *bytes, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != (unsigned char)(seed + i * 7)) {
            return false;
        }
    }
    return true;
}

/* Waits with `size` bytes on its stack, and checks them when it is woken. */
static void *sleep_on(void *arg)
{
    struct sleeper *sleeper = arg;
    unsigned char *bytes = __builtin_alloca(sleeper->size);
    sy_time value = 0;
    fill(bytes, sleeper->size, 1);
    sleeper->bytes = bytes;
    expect_eq(sy_chan_recv(sleeper->gate, &value), 1);
    expect_true(is_filled(bytes, sleeper->size, 1));
    sleeper->value = value;
    return arg;
}

static void lay_to_sleep(struct sleeper *sleeper, size_t size)
{
    *sleeper = (struct sleeper){.size = size};
    expect_eq(sy_chan_new(&sleeper->gate, sizeof(sy_time), 0), 0);
    expect_eq(sy_spawn(&sleeper->task, sleep_on, sleeper), 0);
}

static void wake(struct sleeper *sleeper)
{
    void *result = NULL;
    sy_time value = 4711;
    expect_eq(sy_chan_send(sleeper->gate, &value), 0);
    expect_eq(sy_join(sleeper->task, &result), 0);
    expect_true(result == sleeper);
    expect_eq(sleeper->value, 4711);
    sy_chan_free(sleeper->gate);
}

/* --- touches ---------------------------------------------------------------------------------- */

static const size_t sizes[] = {1, BYTES, 3000, 4096, 5000, 9000, 15000};

enum { SIZES = sizeof sizes / sizeof sizes[0] };

static int be_woken(void *arg)
{
    struct sleeper sleeper;
    (void)arg;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < SIZES; i++) {
            lay_to_sleep(&sleeper, sizes[i]);
            await_cold(sleeper.task);
            wake(&sleeper);
        }
    }
    return 0;
}

/* Goal: a cold task is woken, with everything that was on its stack, one page of it or several; and
 * the element that its waker delivers arrives there. */
START_TEST(test_hibernate_wakes)
{
    run_hibernating(RUN_PROCS[_i], be_woken, NULL);
}
END_TEST

/* The page of the lowest byte is in memory. */
static bool is_resident(const struct sleeper *sleeper)
{
    unsigned char resident = 0;
    uintptr_t page = (uintptr_t)sleeper->bytes & ~(uintptr_t)4095;
    return mincore((void *)page, 4096, &resident) == 0 && (resident & 1) != 0;
}

static void *write_there(void *arg)
{
    struct sleeper *sleeper = arg;
    sleeper->bytes[0] = 1; /* what is there already, but it is a write */
    return NULL;
}

static void *read_there(void *arg)
{
    const struct sleeper *sleeper = arg;
    return is_filled(sleeper->bytes, sleeper->size, 1) ? arg : NULL;
}

static void touch_from_task(struct sleeper *sleeper, void *(*touch)(void *))
{
    sy_task task;
    expect_eq(sy_spawn(&task, touch, sleeper), 0);
    expect_eq(sy_join(task, NULL), 0);
}

static void touch_from_thread(struct sleeper *sleeper, void *(*touch)(void *))
{
    pthread_t thread;
    expect_eq(pthread_create(&thread, NULL, touch, sleeper), 0);
    expect_eq(pthread_join(thread, NULL), 0);
}

static int be_touched(void *arg)
{
    static void *(*const touches[])(void *) = {write_there, read_there};
    struct sleeper sleeper;
    (void)arg;
    for (int way = 0; way < 4; way++) {
        lay_to_sleep(&sleeper, BYTES);
        await_cold(sleeper.task);
        expect_true(!is_resident(&sleeper));
        uint64_t warmed = load_relaxed(&hibernate.warmed);
        (way < 2 ? touch_from_task : touch_from_thread)(&sleeper, touches[way % 2]);
        expect_ge(load_relaxed(&hibernate.warmed), warmed + 1);
        expect_true(read_there(&sleeper) == &sleeper);
        await_cold(sleeper.task); /* and it becomes cold again */
        wake(&sleeper);
    }
    return 0;
}

/* Goal: a cold stack takes no page; whoever reads or writes there, a task or a thread that the
 * runtime does not know, finds what was there. */
START_TEST(test_hibernate_is_touched)
{
    run_hibernating(RUN_PROCS[_i], be_touched, NULL);
}
END_TEST

static void *join_it(void *arg)
{
    struct sleeper *sleeper = arg;
    void *result = NULL;
    expect_eq(sy_join(sleeper->task, &result), 0);
    expect_true(result == sleeper);
    return NULL;
}

static int deliver_result(void *arg)
{
    struct sleeper sleeper;
    sy_task joiner;
    sy_time value = 1;
    (void)arg;
    lay_to_sleep(&sleeper, BYTES);
    expect_eq(sy_spawn(&joiner, join_it, &sleeper), 0);
    await_cold(joiner);
    await_cold(sleeper.task);
    expect_eq(sy_chan_send(sleeper.gate, &value), 0);
    expect_eq(sy_join(joiner, NULL), 0);
    sy_chan_free(sleeper.gate);
    return 0;
}

/* Goal: the result of a join is written to the stack of a cold joiner. */
START_TEST(test_hibernate_join_result)
{
    run_hibernating(RUN_PROCS[_i], deliver_result, NULL);
}
END_TEST

/* More than a block of the store holds. */
static int stay_warm(void *arg)
{
    struct sleeper large;
    struct sleeper small;
    (void)arg;
    lay_to_sleep(&large, 20000);
    lay_to_sleep(&small, BYTES);
    for (int i = 0; i < 3; i++) {
        await_cold(small.task); /* so the large one was looked at, too */
        expect_eq(warmth_of(large.task), HIBERNATE_WARM);
        write_there(&small);
    }
    wake(&large);
    wake(&small);
    return 0;
}

/* Goal: a task that uses much of its stack stays as it is. */
START_TEST(test_hibernate_leaves_large_ones)
{
    run_hibernating(RUN_PROCS[_i], stay_warm, NULL);
}
END_TEST

static int come_to_rest(void *arg)
{
    struct sleeper sleepers[100];
    (void)arg;
    for (int i = 0; i < 100; i++) {
        lay_to_sleep(&sleepers[i], BYTES);
    }
    for (int i = 0; i < 100; i++) {
        await_cold(sleepers[i].task);
    }
    expect_eq(load_relaxed(&giveback.resting), 0); /* while a task runs: we do */
    for (int i = 0; i < 100; i++) {
        wake(&sleepers[i]);
    }
    return 0;
}

/* Goal: many at once. */
START_TEST(test_hibernate_many)
{
    run_hibernating(RUN_PROCS[_i], come_to_rest, NULL);
}
END_TEST

static void *watch_it_rest(void *arg)
{
    const struct sleeper *sleeper = arg;
    struct timespec nap = {.tv_nsec = 1000000};
    while (load_relaxed(&giveback.resting) == 0) {
        nanosleep(&nap, NULL);
    }
    *(volatile unsigned char *)&sleeper->bytes[0] = 1;
    return NULL;
}

static void *join_thread(void *arg)
{
    pthread_join(*(pthread_t *)arg, NULL);
    return NULL;
}

static int sleep_all(void *arg)
{
    struct sleeper sleeper;
    pthread_t thread;
    (void)arg;
    lay_to_sleep(&sleeper, BYTES);
    await_cold(sleeper.task);
    expect_eq(pthread_create(&thread, NULL, watch_it_rest, &sleeper), 0);
    sy_blocking(join_thread, &thread); /* no task runs: nothing is left to do */
    wake(&sleeper);
    lay_to_sleep(&sleeper, BYTES); /* and it is stirred again */
    await_cold(sleeper.task);
    wake(&sleeper);
    return 0;
}

/* Goal: when all is cold and no task runs, sysmon has no tick; when tasks run again, it has. */
START_TEST(test_hibernate_rests)
{
    run_hibernating(RUN_PROCS[_i], sleep_all, NULL);
}
END_TEST

/* --- the kernel ------------------------------------------------------------------------------- */

struct reader {
    int fd;
    unsigned char *into;
    size_t size;
    ssize_t got;
};

static void *read_into(void *arg)
{
    struct reader *reader = arg;
    reader->got = sy_read(reader->fd, reader->into, reader->size);
    return NULL;
}

static void make_pipe(int ends[2])
{
    expect_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
}

static int read_into_stack(void *arg)
{
    struct sleeper sleeper;
    unsigned char bytes[BYTES];
    int ends[2];
    sy_task task;
    (void)arg;
    fill(bytes, sizeof bytes, 1);
    make_pipe(ends);
    lay_to_sleep(&sleeper, BYTES);
    await_cold(sleeper.task);
    expect_eq(sy_write(ends[1], bytes, sizeof bytes), BYTES);
    expect_eq(sy_read(ends[0], sleeper.bytes, BYTES), BYTES); /* at once */
    await_cold(sleeper.task);
    struct reader reader = {ends[0], sleeper.bytes, BYTES, 0};
    expect_eq(sy_spawn(&task, read_into, &reader), 0); /* waits */
    await_cold(task);
    uint32_t word = load_relaxed(&hibernate.slots[(uint32_t)sleeper.task.id - 1].word);
    expect_eq(word, HIBERNATE_WARM + HIBERNATE_PIN);
    expect_eq(sy_write(ends[1], bytes, sizeof bytes), BYTES);
    expect_eq(sy_join(task, NULL), 0);
    expect_eq(reader.got, BYTES);
    await_cold(sleeper.task);
    expect_eq(sy_write(ends[1], sleeper.bytes, BYTES), BYTES);
    struct iovec pieces[2] = {{bytes, 10}, {sleeper.bytes, BYTES - 10}};
    await_cold(sleeper.task);
    expect_eq(sy_readv(ends[0], pieces, 2), BYTES);
    fill(sleeper.bytes, BYTES, 1);
    wake(&sleeper);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* Goal: I/O finds the memory of a cold stack, and keeps it warm while it waits, though not the
 * stack of the task that waits. */
START_TEST(test_hibernate_pins_buffers)
{
    run_hibernating(RUN_PROCS[_i], read_into_stack, NULL);
}
END_TEST

/* A socket's address on the stack of a task that is cold. */
static int accept_into_stack(void *arg)
{
    struct sleeper sleeper;
    struct sockaddr_un address = {.sun_family = AF_UNIX}; /* the kernel gives it a name */
    socklen_t length = sizeof address;
    (void)arg;
    int listener = sy_listen((struct sockaddr *)&address, sizeof address.sun_family, 1);
    expect_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    lay_to_sleep(&sleeper, BYTES + sizeof address);
    await_cold(sleeper.task);
    unsigned char *there = sleeper.bytes + BYTES;
    memcpy(there, &address, sizeof address);
    await_cold(sleeper.task);
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    expect_eq(sy_connect(client, (struct sockaddr *)there, length), 0);
    await_cold(sleeper.task);
    expect_eq(close(sy_accept(listener, (struct sockaddr *)there, &length)), 0);
    expect_eq(length, sizeof address.sun_family); /* of a client without a name */
    fill(there, sizeof address, 1 + BYTES * 7);
    wake(&sleeper);
    close(client);
    close(listener);
    return 0;
}

/* Goal: the addresses of connect and accept may be on cold stacks. */
START_TEST(test_hibernate_pins_addresses)
{
    run_hibernating(RUN_PROCS[_i], accept_into_stack, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_hibernate");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_hibernate_wakes, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_hibernate_is_touched, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_hibernate_join_result, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_hibernate_leaves_large_ones, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_hibernate_many, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_hibernate_rests, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_hibernate_pins_buffers, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_hibernate_pins_addresses, 0, RUN_PROCS_COUNT);
    return suite_main("runtime_hibernate", tests);
}

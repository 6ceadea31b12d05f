/* test_runtime_refused.c - the kernel refuses memory, guards and threads: the runtime says so or
 * goes on with less, and keeps nothing. Method: the linker sends the runtime's system calls through
 * the functions here (--wrap), which fail when they are told to. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { GUARD_INSTALL = 102, NEVER = 1000000 };

/* The linker defines the names with __real_ and calls those with __wrap_. */
void *__real_mmap(void *place, size_t bytes, int protection, int flags, int file, off_t offset);
void *__wrap_mmap(void *place, size_t bytes, int protection, int flags, int file, off_t offset);
int __real_munmap(void *place, size_t bytes);
int __wrap_munmap(void *place, size_t bytes);
int __real_mprotect(void *place, size_t bytes, int protection);
int __wrap_mprotect(void *place, size_t bytes, int protection);
int __real_madvise(void *place, size_t bytes, int advice);
int __wrap_madvise(void *place, size_t bytes, int advice);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);

static atomic_int mmaps;          /* so far */
static atomic_int mmap_refused;   /* the number of the mmap that fails; 0: none */
static atomic_bool and_all_later; /* those after it, too */
static atomic_llong mapped;       /* bytes */
static atomic_bool refuse_guards;
static atomic_int guard_error = EINVAL;
static atomic_int mprotects_left = NEVER;
static atomic_int threads_asked;
static atomic_int threads_left = NEVER; /* how many may still be made */
static atomic_bool refuse_every_second;

void *__wrap_mmap(void *place, size_t bytes, int protection, int flags, int file, off_t offset)
{
    int number = ++mmaps;
    int refused = mmap_refused;
    if (refused != 0 && (number == refused || (and_all_later && number > refused))) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    void *memory = __real_mmap(place, bytes, protection, flags, file, offset);
    mapped += memory != MAP_FAILED ? (long long)bytes : 0;
    return memory;
}

int __wrap_munmap(void *place, size_t bytes)
{
    mapped -= (long long)bytes;
    return __real_munmap(place, bytes);
}

int __wrap_mprotect(void *place, size_t bytes, int protection)
{
    if (mprotects_left-- <= 0) {
        mprotects_left = 0;
        errno = ENOMEM; /* vm.max_map_count */
        return -1;
    }
    return __real_mprotect(place, bytes, protection);
}

int __wrap_madvise(void *place, size_t bytes, int advice)
{
    if (refuse_guards && advice == GUARD_INSTALL) {
        errno = guard_error;
        return -1;
    }
    return __real_madvise(place, bytes, advice);
}

long __wrap_syscall(long number, ...)
{
    long words[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++) {
        words[i] = va_arg(arguments, long);
    }
    va_end(arguments);
    if (refuse_guards && number == SYS_process_madvise) {
        errno = guard_error;
        return -1;
    }
    return __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg)
{
    int number = ++threads_asked;
    if (threads_left <= 0 || (refuse_every_second && number % 2 == 1)) {
        return EAGAIN;
    }
    threads_left--;
    return __real_pthread_create(thread, attributes, fn, arg);
}

/* --- memory ---------------------------------------------------------------------------------- */

static int mmaps_of_start; /* before main runs */

static int spawn_and_join(void *arg)
{
    sy_task task;
    sy_chan chan;
    mmaps_of_start = mmaps;
    expect_eq(sy_chan_new(&chan, sizeof(int), 3), 0);
    expect_eq(sy_spawn(&task, arg, NULL), 0);
    return sy_join(task, NULL);
}

static void *nothing(void *arg)
{
    return arg;
}

static int start_with(uint32_t procs)
{
    struct sy_config config = {.procs = procs, .max_tasks = 1000};
    mmaps = 0;
    return sy_run(&config, spawn_and_join, (void *)nothing);
}

static int start_once(void)
{
    return start_with(1);
}

/* Those of each start. On a busy machine sysmon may make a worker before main runs, which takes one
 * more: the least of some. */
static int mmaps_of_starts(void)
{
    int least = INT_MAX;
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(start_once(), 0);
        least = mmaps_of_start < least ? mmaps_of_start : least;
    }
    return least;
}

/* Goal: whichever mmap of the start fails, once (0) or from then on (1): -ENOMEM or all is well,
 * nothing stays mapped, and the next sy_run works. */
START_TEST(test_refused_mmap_at_start)
{
    int made = 0;
    int refusals = 0;
    made = mmaps_of_starts();
    ck_assert_int_ge(made, 5);
    ck_assert_int_eq(mapped, 0);
    for (int refused = 1; refused <= made; refused++) {
        mmap_refused = refused;
        and_all_later = _i == 1;
        int result = start_once();
        mmap_refused = 0;
        ck_assert_msg(result == -ENOMEM || (result == 0 && _i == 0), "mmap %d refused: %d", refused,
                      result);
        refusals += result != 0;
        ck_assert_msg(mapped == 0, "mmap %d refused: %lld bytes stay", refused, (long long)mapped);
        ck_assert_int_eq(start_once(), 0);
        ck_assert_int_eq(mapped, 0);
    }
    /* Refused once, all but the signal stack is asked for again, for fewer tasks. */
    ck_assert_int_eq(refusals, _i == 0 ? 1 : made);
    expect_assert_all();
}
END_TEST

/* --- guards ---------------------------------------------------------------------------------- */

static void *pass_gate(void *gate)
{
    expect_eq(sy_mutex_lock(gate), 0);
    sy_mutex_unlock(gate);
    return NULL;
}

enum { SPAWNED_MAX = 1000 };

/* Spawns until it is refused with that error; lets all end and joins them. Returns how many. */
static int spawn_to_refusal(int error)
{
    static sy_task tasks[SPAWNED_MAX];
    sy_mutex gate = SY_MUTEX_INIT;
    int count = 0;
    int result = 0;
    expect_eq(sy_mutex_lock(&gate), 0);
    while (count < SPAWNED_MAX && (result = sy_spawn(&tasks[count], pass_gate, &gate)) == 0) {
        count++;
    }
    expect_eq(result, count < SPAWNED_MAX ? error : 0);
    expect_eq(sy_go(pass_gate, &gate), result);
    sy_mutex_unlock(&gate);
    for (int i = 0; i < count; i++) {
        expect_eq(sy_join(tasks[i], NULL), 0);
    }
    return count;
}

static int exhaust_mappings(void *arg)
{
    (void)arg;
    expect_eq(spawn_to_refusal(-EAGAIN), 3 * 64 - 1); /* and main */
    expect_eq(spawn_to_refusal(-EAGAIN), 3 * 64 - 1); /* again, with recycled stacks */
    mprotects_left = 100;                             /* ends within a batch */
    expect_eq(spawn_to_refusal(-EAGAIN), 4 * 64 - 1);
    mprotects_left = NEVER;
    expect_eq(spawn_to_refusal(-EAGAIN), 700 / 64 * 64 + 64 - 1); /* max_tasks, whole batches */
    return 0;
}

/* Goal: without MADV_GUARD_INSTALL, when mprotect reaches vm.max_map_count: spawn answers -EAGAIN,
 * all tasks before it go on, and it works again when tasks have ended. */
START_TEST(test_refused_mprotect)
{
    struct sy_config config = {.procs = RUN_PROCS[_i], .max_tasks = 700};
    refuse_guards = true;
    mprotects_left = 3 * 64 + 10;
    ck_assert_int_eq(sy_run(&config, exhaust_mappings, NULL), 0);
    expect_assert_all();
    mprotects_left = 0; /* not even for main: */
    ck_assert_int_lt(start_once(), 0);
    mprotects_left = NEVER;
    ck_assert_int_eq(start_once(), 0);
    ck_assert_int_eq(mapped, 0);
}
END_TEST

static int exhaust_guards(void *arg)
{
    (void)arg;
    refuse_guards = true;
    expect_eq(spawn_to_refusal(-ENOMEM), 64 - 1);
    refuse_guards = false;
    expect_eq(spawn_to_refusal(-EAGAIN), 700 / 64 * 64 + 64 - 1);
    return 0;
}

/* Goal: guards refused for want of memory, not for want of the call: -ENOMEM, and later again. */
START_TEST(test_refused_guard_memory)
{
    struct sy_config config = {.procs = RUN_PROCS[_i], .max_tasks = 700};
    guard_error = ENOMEM;
    ck_assert_int_eq(sy_run(&config, exhaust_guards, NULL), 0);
    expect_assert_all();
}
END_TEST

/* --- threads --------------------------------------------------------------------------------- */

enum { HOPS = 2000, PAIRS = 8 };

static sy_chan pings[PAIRS];

static void *ping(void *arg)
{
    uint64_t value = 0;
    sy_chan chan = *(sy_chan *)arg;
    for (int i = 0; i < HOPS; i++) {
        expect_eq(sy_chan_recv(chan, &value), 1);
        expect_eq(value, i);
        if (i % 100 == 0) {
            sy_sleep(10 * SY_MICROSECOND); /* timers, too, without anybody to watch */
        }
    }
    return NULL;
}

static void *pong(void *arg)
{
    sy_chan chan = *(sy_chan *)arg;
    for (uint64_t i = 0; i < HOPS; i++) {
        expect_eq(sy_chan_send(chan, &i), 0);
    }
    return NULL;
}

static int play(void *stats)
{
    sy_task players[2 * PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        expect_eq(sy_chan_new(&pings[i], sizeof(uint64_t), (size_t)i), 0);
        expect_eq(sy_spawn(&players[2 * i], ping, &pings[i]), 0);
        expect_eq(sy_spawn(&players[2 * i + 1], pong, &pings[i]), 0);
    }
    for (int i = 0; i < 2 * PAIRS; i++) {
        expect_eq(sy_join(players[i], NULL), 0);
    }
    expect_eq(sy_stats_read(stats), 0);
    return 0;
}

/* Goal: the program goes on with the workers that it gets: none, one, or every second. */
START_TEST(test_refused_threads)
{
    struct sy_stats stats;
    threads_left = _i == 0 ? 0 : _i == 1 ? 1 : NEVER;
    refuse_every_second = _i == 2;
    for (int round = 0; round < 3; round++) {
        run_tasks(4, play, &stats);
        ck_assert_uint_le(stats.workers_started, _i == 0 ? 1 : 4);
        ck_assert_int_eq(mapped, 0);
    }
    ck_assert_int_gt(threads_asked, 0);
    ck_assert_int_lt(threads_asked, 100); /* refusals are not answered by asking at once again */
}
END_TEST

/* Goal: a worker that gets no signal stack is as one that was refused. */
START_TEST(test_refused_signal_stacks_of_workers)
{
    struct sy_stats stats;
    ck_assert_int_eq(start_with(4), 0);
    mmap_refused = mmaps_of_start + 1;
    and_all_later = true;
    mmaps = 0;
    run_tasks(4, play, &stats);
    ck_assert_uint_eq(stats.workers_started, 1);
    ck_assert_int_eq(mapped, 0);
    mmap_refused = 0;
    run_tasks(4, play, &stats);
    ck_assert_int_eq(mapped, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_refused");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_refused_mmap_at_start, 0, 2);
    tcase_add_loop_test(tests, test_refused_mprotect, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_refused_guard_memory, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_refused_threads, 0, 3);
    tcase_add_test(tests, test_refused_signal_stacks_of_workers);
    return suite_main("runtime_refused", tests);
}

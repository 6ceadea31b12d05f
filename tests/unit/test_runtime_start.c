/* test_runtime_start.c - the kernel refuses something of what sy_run asks for, on its own or from
 * then on: sy_run says so or goes on with less, leaves nothing behind, and works the next time.
 * Method: the linker sends the runtime's calls through the functions here (--wrap), which count
 * them and refuse one of them, or it and all later ones. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/types.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

/* The linker defines the names with __real_ and calls those with __wrap_. */
void *__real_mmap(void *place, size_t bytes, int protection, int flags, int file, off_t offset);
void *__wrap_mmap(void *place, size_t bytes, int protection, int flags, int file, off_t offset);
int __real_munmap(void *place, size_t bytes);
int __wrap_munmap(void *place, size_t bytes);
int __real_epoll_create1(int flags);
int __wrap_epoll_create1(int flags);
int __real_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __real_eventfd(unsigned initial, int flags);
int __wrap_eventfd(unsigned initial, int flags);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);

enum kind { MMAP, EPOLL_CREATE, EPOLL_CTL, EVENTFD, PTHREAD_CREATE, KINDS };

static const int errors[KINDS] = {ENOMEM, EMFILE, ENOSPC, ENFILE, EAGAIN};

static atomic_int calls;   /* so far */
static atomic_int refused; /* the number of the call that fails; 0: none */
static atomic_bool and_all_later;
static atomic_int kind_refused; /* of the first that was */
static atomic_llong mapped;     /* bytes */

static bool refuse(enum kind kind)
{
    int number = ++calls;
    bool refuses = refused != 0 && (number == refused || (and_all_later && number > refused));
    if (refuses) {
        int none = KINDS;
        atomic_compare_exchange_strong(&kind_refused, &none, (int)kind);
        errno = errors[kind];
    }
    return refuses;
}

void *__wrap_mmap(void *place, size_t bytes, int protection, int flags, int file, off_t offset)
{
    if (refuse(MMAP)) {
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

int __wrap_epoll_create1(int flags)
{
    return refuse(EPOLL_CREATE) ? -1 : __real_epoll_create1(flags);
}

int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    return refuse(EPOLL_CTL) ? -1 : __real_epoll_ctl(epoll, operation, fd, event);
}

int __wrap_eventfd(unsigned initial, int flags)
{
    return refuse(EVENTFD) ? -1 : __real_eventfd(initial, flags);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg)
{
    return refuse(PTHREAD_CREATE) ? EAGAIN : __real_pthread_create(thread, attributes, fn, arg);
}

/* --- one start ---------------------------------------------------------------------------------
 */

static int calls_of_start; /* before main runs */
static int kinds_seen[KINDS];

static void *pass_message(void *chan)
{
    int message = 7;
    expect_eq(sy_chan_send(*(sy_chan *)chan, &message), 0);
    return NULL;
}

static int do_a_little(void *arg)
{
    sy_task task;
    sy_chan chan;
    int message = 0;
    (void)arg;
    calls_of_start = calls;
    refused = 0; /* what is refused later is test_runtime_refused's */
    expect_eq(sy_chan_new(&chan, sizeof message, 0), 0);
    expect_eq(sy_spawn(&task, pass_message, &chan), 0);
    expect_eq(sy_chan_recv(chan, &message), 1);
    expect_eq(message, 7);
    expect_eq(sy_sleep(SY_MILLISECOND), 0);
    expect_eq(sy_chan_free(chan), 0);
    return sy_join(task, NULL);
}

static int start(uint32_t procs, int number)
{
    struct sy_config config = {.procs = procs, .max_tasks = 1000};
    calls = 0;
    kind_refused = KINDS;
    refused = number;
    int result = sy_run(&config, do_a_little, NULL);
    refused = 0;
    return result;
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

/* What sy_run may answer: the error, unless it can do without. */
static void assert_result(int result, int number)
{
    int kind = kind_refused;
    ck_assert_msg(kind < KINDS, "call %d was not made", number);
    bool needed = kind != PTHREAD_CREATE && (kind != MMAP || and_all_later);
    ck_assert_msg(result == -errors[kind] || (result == 0 && !needed),
                  "call %d, of kind %d, refused: %d", number, kind, result);
    kinds_seen[kind]++;
}

/* Goal: whichever call of the start is refused, with one proc and with four, once and from then on.
 */
START_TEST(test_start_refused)
{
    uint32_t procs = _i % 2 == 0 ? 1 : 4;
    and_all_later = _i >= 2;
    ck_assert_int_eq(start(procs, 0), 0);
    int made = calls_of_start;
    int open = open_descriptors();
    for (int number = 1; number <= made; number++) {
        assert_result(start(procs, number), number);
        ck_assert_msg(mapped == 0, "call %d: %lld bytes stay", number, (long long)mapped);
        ck_assert_msg(open_descriptors() == open, "call %d: a descriptor stays open", number);
        ck_assert_int_eq(start(procs, 0), 0);
        ck_assert_int_eq(mapped, 0);
    }
    ck_assert_int_ge(kinds_seen[MMAP], 5 + (int)procs); /* a heap for each proc among them */
    for (int kind = EPOLL_CREATE; kind < KINDS; kind++) {
        ck_assert_int_ge(kinds_seen[kind], 1);
    }
    expect_assert_all();
}
END_TEST

/* --- more procs, later -------------------------------------------------------------------------
 */

static int grow_in_vain(void *arg)
{
    (void)arg;
    for (int round = 0; round < 6; round++) {
        struct sy_stats stats;
        calls = 0;
        refused = 1 + round % 2; /* every second round gets one heap of the six */
        expect_eq(sy_set_procs(8), -ENOMEM);
        refused = 0;
        expect_eq(sy_stats_read(&stats), 0);
        expect_eq(stats.procs, 2);
    }
    expect_eq(sy_set_procs(8), 2);
    expect_eq(sy_set_procs(2), 8);
    return do_a_little(NULL);
}

/* Goal: a heap for a new proc is refused: sy_set_procs says so, the number stays, and it works
 * later. */
START_TEST(test_start_more_procs_refused)
{
    and_all_later = true;
    run_tasks(2, grow_in_vain, NULL);
    ck_assert_int_eq(mapped, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_start");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_start_refused, 0, 4);
    tcase_add_test(tests, test_start_more_procs_refused);
    return suite_main("runtime_start", tests);
}

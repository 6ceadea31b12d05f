/* cancel.c - the cancellation of its scope reaches a task in every call that waits. */
#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/blocked.h"
#include "support/descriptors.h"
#include "support/endpoint.h"
#include "support/expect.h"
#include "support/run.h"

/* What the calls wait on: nothing of it ever comes. */
static struct {
    sy_chan empty; /* unbuffered */
    sy_mutex held;
    sy_cond cond;
    sy_mutex free; /* for cond */
    sy_sem sem;
    sy_waitgroup group;
    sy_rwlock written;
    sy_once running;
    sy_barrier barrier;
    sy_task sleeper;
    int pipe[2];
    int full[2];
    int listener;
    struct endpoint endpoint;
    int full_listener; /* one connection waits to be accepted: no room for another */
    struct endpoint busy;
    int waiting;
    int caller;
} things;

static sy_time ahead = 100 * SY_SECOND;

static sy_time later(void)
{
    return sy_now() + ahead;
}

static struct sy_case receive_case(void)
{
    return (struct sy_case){things.empty, SY_SELECT_RECV, NULL, 0};
}

static int value;
static char byte = 1;

/* A call as each test makes it. */
#define CALL(NAME, EXPRESSION)                                                                     \
    static int NAME(void)                                                                          \
    {                                                                                              \
        return (int)(EXPRESSION);                                                                  \
    }

CALL(call_send, sy_chan_send(things.empty, &value))
CALL(call_recv, sy_chan_recv(things.empty, &value))
CALL(call_send_until, sy_chan_send_until(things.empty, &value, later()))
CALL(call_recv_until, sy_chan_recv_until(things.empty, &value, later()))
CALL(call_mutex, sy_mutex_lock(&things.held))
CALL(call_mutex_until, sy_mutex_lock_until(&things.held, later()))
CALL(call_sem, sy_sem_wait(&things.sem))
CALL(call_sem_until, sy_sem_wait_until(&things.sem, later()))
CALL(call_group, sy_waitgroup_wait(&things.group))
CALL(call_group_until, sy_waitgroup_wait_until(&things.group, later()))
CALL(call_read_lock, sy_rwlock_read_lock(&things.written))
CALL(call_read_lock_until, sy_rwlock_read_lock_until(&things.written, later()))
CALL(call_write_lock, sy_rwlock_write_lock(&things.written))
CALL(call_write_lock_until, sy_rwlock_write_lock_until(&things.written, later()))
CALL(call_barrier, sy_barrier_wait(&things.barrier))
CALL(call_barrier_until, sy_barrier_wait_until(&things.barrier, later()))
CALL(call_join, sy_join(things.sleeper, NULL))
CALL(call_join_until, sy_join_until(things.sleeper, NULL, later()))
CALL(call_sleep, sy_sleep(100 * SY_SECOND))
CALL(call_sleep_until, sy_sleep_until(SY_FOREVER))
CALL(call_nothing, sy_select(NULL, 0))
CALL(call_read, sy_read(things.pipe[0], &byte, 1))
CALL(call_read_until, sy_read_until(things.pipe[0], &byte, 1, later()))
CALL(call_write, sy_write(things.full[0], &byte, 1))
CALL(call_write_until, sy_write_until(things.full[0], &byte, 1, later()))
static const struct iovec piece = {&byte, 1};

CALL(call_readv, sy_readv(things.pipe[0], &piece, 1))
CALL(call_readv_until, sy_readv_until(things.pipe[0], &piece, 1, later()))
CALL(call_writev, sy_writev(things.full[0], &piece, 1))
CALL(call_writev_until, sy_writev_until(things.full[0], &piece, 1, later()))
CALL(call_accept, sy_accept(things.listener, NULL, NULL))
CALL(call_accept_until, sy_accept_until(things.listener, NULL, NULL, later()))
CALL(call_connect, sy_connect(things.caller, &things.busy.address.any, things.busy.length))
CALL(call_connect_until,
     sy_connect_until(things.caller, &things.busy.address.any, things.busy.length, later()))

static int call_select(void)
{
    struct sy_case one = receive_case();
    return sy_select(&one, 1);
}

static int call_select_until(void)
{
    struct sy_case both[2] = {receive_case(), receive_case()};
    return sy_select_until(both, 2, later());
}

static void never_runs(void *arg)
{
    (void)arg;
    expect_true(false);
}

CALL(call_once, sy_once_do(&things.running, never_runs, NULL))

CALL(call_once_until, sy_once_do_until(&things.running, never_runs, NULL, later()))

/* It has the mutex again, also when cancelled. */
static int call_cond(void)
{
    expect_eq(sy_mutex_trylock(&things.free), 0);
    int result = sy_cond_wait(&things.cond, &things.free);
    sy_mutex_unlock(&things.free);
    return result;
}

static int call_cond_until(void)
{
    expect_eq(sy_mutex_trylock(&things.free), 0);
    int result = sy_cond_wait_until(&things.cond, &things.free, later());
    sy_mutex_unlock(&things.free);
    return result;
}

static int (*const calls[])(void) = {
    call_send,          call_recv,
    call_send_until,    call_recv_until,
    call_mutex,         call_mutex_until,
    call_sem,           call_sem_until,
    call_group,         call_group_until,
    call_read_lock,     call_read_lock_until,
    call_write_lock,    call_write_lock_until,
    call_barrier,       call_barrier_until,
    call_join,          call_join_until,
    call_sleep,         call_sleep_until,
    call_nothing,       call_select,
    call_select_until,  call_once,
    call_once_until,    call_cond,
    call_cond_until,    call_read,
    call_read_until,    call_write,
    call_write_until,   call_readv,
    call_readv_until,   call_writev,
    call_writev_until,  call_accept,
    call_accept_until,  call_connect,
    call_connect_until,
};

enum { CALLS = sizeof calls / sizeof calls[0] };

static sy_chan release; /* closed when the helpers shall end */

static void *sleep_long(void *arg)
{
    expect_eq(sy_chan_recv(release, NULL), 0);
    return arg;
}

static void stay_inside(void *arg)
{
    atomic_bool *inside = arg;
    *inside = true;
    expect_eq(sy_chan_recv(release, NULL), 0);
}

static void *be_the_first(void *inside)
{
    expect_eq(sy_once_do(&things.running, stay_inside, inside), 0);
    return NULL;
}

static sy_task make_things(atomic_bool *inside)
{
    sy_task runner;
    memset(&things, 0, sizeof things); /* of an earlier run */
    expect_eq(sy_chan_new(&things.empty, sizeof(int), 0), 0);
    expect_eq(sy_chan_new(&release, 0, 0), 0);
    expect_eq(sy_mutex_lock(&things.held), 0);
    expect_eq(sy_sem_init(&things.sem, 0), 0);
    sy_waitgroup_add(&things.group, 1);
    expect_eq(sy_rwlock_write_lock(&things.written), 0);
    expect_eq(sy_barrier_init(&things.barrier, 2), 0);
    open_pipe(things.pipe);
    open_sockets(things.full);
    fill(things.full[0]);
    things.listener = endpoint_listen(&things.endpoint, AF_UNIX, 1);
    things.full_listener = endpoint_listen(&things.busy, AF_UNIX, 0);
    things.waiting = endpoint_connect(&things.busy);
    things.caller = endpoint_socket(AF_UNIX);
    expect_eq(sy_spawn(&things.sleeper, sleep_long, NULL), 0);
    expect_eq(sy_spawn(&runner, be_the_first, inside), 0);
    while (!*inside) {
        sy_yield();
    }
    return runner;
}

/* Each destroy would see a waiter that is still there. */
static void end_things(sy_task runner)
{
    expect_eq(sy_chan_close(release), 0);
    expect_eq(sy_join(things.sleeper, NULL), 0);
    expect_eq(sy_join(runner, NULL), 0);
    expect_eq(sy_chan_free(things.empty), 0);
    expect_eq(sy_chan_free(release), 0);
    sy_mutex_unlock(&things.held);
    expect_eq(sy_mutex_destroy(&things.held), 0);
    expect_eq(sy_cond_destroy(&things.cond), 0);
    expect_eq(sy_sem_destroy(&things.sem), 0);
    sy_waitgroup_done(&things.group);
    expect_eq(sy_waitgroup_destroy(&things.group), 0);
    sy_rwlock_write_unlock(&things.written);
    expect_eq(sy_rwlock_destroy(&things.written), 0);
    expect_eq(sy_barrier_destroy(&things.barrier), 0);
    close_both(things.pipe);
    close_both(things.full);
    expect_eq(sy_io_close(things.listener), 0);
    expect_eq(sy_io_close(things.full_listener), 0);
    expect_eq(sy_io_close(things.waiting), 0);
    expect_eq(sy_io_close(things.caller), 0);
}

static int results[CALLS];

static int wait_for_it(void *arg)
{
    int call = *(int *)arg;
    blocked_soon();
    results[call] = calls[call]();
    return 0;
}

static int cancel_waiting(void *arg)
{
    int call = *(int *)arg;
    atomic_bool inside = false;
    sy_scope scope;
    sy_task runner = make_things(&inside);
    sy_scope_init(&scope);
    blocked_begin();
    expect_eq(sy_scope_spawn(&scope, wait_for_it, &call), 0);
    blocked_await(1);
    sy_scope_cancel(&scope);
    expect_eq(sy_scope_join(&scope), -ECANCELED);
    expect_eq(results[call], -ECANCELED);
    expect_eq(sy_scope_destroy(&scope), 0);
    end_things(runner);
    return 0;
}

/* Goal: a task that waits in the call gets -ECANCELED, and leaves nothing behind. */
START_TEST(test_cancel_ends_each_wait)
{
    int call = _i;
    run_tasks(1, cancel_waiting, &call);
    run_tasks(2, cancel_waiting, &call);
}
END_TEST

static int call_all_cancelled(void *arg)
{
    (void)arg;
    while (!sy_is_cancelled()) {
        sy_yield();
    }
    for (int call = 0; call < CALLS; call++) {
        results[call] = calls[call]();
    }
    return 0;
}

static int cancel_before(void *arg)
{
    atomic_bool inside = false;
    sy_scope scope;
    sy_task runner = make_things(&inside);
    (void)arg;
    sy_scope_init(&scope);
    expect_eq(sy_scope_spawn(&scope, call_all_cancelled, NULL), 0);
    sy_scope_cancel(&scope);
    expect_eq(sy_scope_join(&scope), -ECANCELED);
    for (int call = 0; call < CALLS; call++) {
        expect_eq(results[call], -ECANCELED);
    }
    expect_eq(sy_scope_destroy(&scope), 0);
    end_things(runner);
    return 0;
}

/* Goal: a task that has been cancelled does not begin to wait. */
START_TEST(test_cancel_comes_before_the_wait)
{
    run_tasks(RUN_PROCS[_i], cancel_before, NULL);
}
END_TEST

/* Those with a deadline, but for sleep, which has slept long enough then. */
static int (*const timed_calls[])(void) = {
    call_send_until,   call_recv_until,    call_mutex_until,     call_sem_until,
    call_group_until,  call_barrier_until, call_read_lock_until, call_write_lock_until,
    call_join_until,   call_select_until,  call_once_until,      call_cond_until,
    call_read_until,   call_write_until,   call_readv_until,     call_writev_until,
    call_accept_until, call_connect_until,
};

enum { TIMED_CALLS = sizeof timed_calls / sizeof timed_calls[0] };

static int call_timed_too_late(void *arg)
{
    (void)arg;
    while (!sy_is_cancelled()) {
        sy_yield();
    }
    for (int call = 0; call < TIMED_CALLS; call++) {
        results[call] = timed_calls[call]();
    }
    return 0;
}

static int come_too_late(void *arg)
{
    atomic_bool inside = false;
    sy_scope scope;
    sy_task runner = make_things(&inside);
    (void)arg;
    ahead = -SY_MICROSECOND;
    sy_scope_init(&scope);
    expect_eq(sy_scope_spawn(&scope, call_timed_too_late, NULL), 0);
    sy_scope_cancel(&scope);
    expect_eq(sy_scope_join(&scope), -ECANCELED);
    for (int call = 0; call < TIMED_CALLS; call++) {
        expect_eq(results[call], -ETIMEDOUT);
    }
    expect_eq(sy_scope_destroy(&scope), 0);
    end_things(runner);
    return 0;
}

/* Goal: a call whose deadline has passed would not wait, so it is not cancelled either. */
START_TEST(test_cancel_comes_after_the_deadline)
{
    run_tasks(RUN_PROCS[_i], come_too_late, NULL);
}
END_TEST

Suite *suite_cancel(void)
{
    Suite *suite = suite_create("cancel");
    TCase *tests = tcase_create("cancel");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_cancel_ends_each_wait, 0, CALLS);
    tcase_add_loop_test(tests, test_cancel_comes_before_the_wait, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_cancel_comes_after_the_deadline, 0, RUN_PROCS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}

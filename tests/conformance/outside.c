/* outside.c - calls from threads that are no tasks: some are allowed, the others end the process
 * with one line that names the function. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>

#include <switchyard/switchyard.h>

#include "suites.h"
#include "support/child.h"
#include "support/expect.h"
#include "support/run.h"

static sy_mutex mutex;
static sy_cond cond;
static sy_sem sem;
static sy_waitgroup group;
static sy_rwlock rwlock;
static sy_once once;
static sy_barrier barrier;
static sy_key key;
static sy_scope scope;
static sy_task task;
static sy_chan chan;
static sy_timer timer;
static char buffer[SY_NAME_BYTES];
static struct iovec piece = {buffer, sizeof buffer};
static struct sockaddr address;

static void *nothing(void *arg)
{
    return arg;
}

static void ignore(void *arg)
{
    (void)arg;
}

static int succeed(void *arg)
{
    (void)arg;
    return 0;
}

/* A table of functions, each with a wrapper that calls it and is named after it. */
#define FROM_TASKS_ONLY(CALL)                                                                      \
    CALL(sy_spawn, (&task, nothing, NULL))                                                         \
    CALL(sy_go, (nothing, NULL))                                                                   \
    CALL(sy_join, (task, NULL))                                                                    \
    CALL(sy_join_until, (task, NULL, 0))                                                           \
    CALL(sy_detach, (task))                                                                        \
    CALL(sy_yield, ())                                                                             \
    CALL(sy_exit, (NULL))                                                                          \
    CALL(sy_task_set_name, (task, "name"))                                                         \
    CALL(sy_task_get_name, (task, buffer, sizeof buffer))                                          \
    CALL(sy_chan_new, (&chan, 8, 0))                                                               \
    CALL(sy_chan_free, (chan))                                                                     \
    CALL(sy_chan_send, (chan, buffer))                                                             \
    CALL(sy_chan_recv, (chan, buffer))                                                             \
    CALL(sy_chan_try_send, (chan, buffer))                                                         \
    CALL(sy_chan_try_recv, (chan, buffer))                                                         \
    CALL(sy_chan_send_until, (chan, buffer, 0))                                                    \
    CALL(sy_chan_recv_until, (chan, buffer, 0))                                                    \
    CALL(sy_chan_close, (chan))                                                                    \
    CALL(sy_chan_len, (chan))                                                                      \
    CALL(sy_chan_cap, (chan))                                                                      \
    CALL(sy_mutex_lock, (&mutex))                                                                  \
    CALL(sy_mutex_lock_until, (&mutex, 0))                                                         \
    CALL(sy_mutex_trylock, (&mutex))                                                               \
    CALL(sy_mutex_unlock, (&mutex))                                                                \
    CALL(sy_cond_wait, (&cond, &mutex))                                                            \
    CALL(sy_cond_wait_until, (&cond, &mutex, 0))                                                   \
    CALL(sy_cond_signal, (&cond))                                                                  \
    CALL(sy_cond_broadcast, (&cond))                                                               \
    CALL(sy_sem_wait, (&sem))                                                                      \
    CALL(sy_sem_wait_until, (&sem, 0))                                                             \
    CALL(sy_sem_trywait, (&sem))                                                                   \
    CALL(sy_sem_post, (&sem))                                                                      \
    CALL(sy_waitgroup_add, (&group, 1))                                                            \
    CALL(sy_waitgroup_done, (&group))                                                              \
    CALL(sy_waitgroup_wait, (&group))                                                              \
    CALL(sy_waitgroup_wait_until, (&group, 0))                                                     \
    CALL(sy_select, (NULL, 0))                                                                     \
    CALL(sy_select_until, (NULL, 0, 0))                                                            \
    CALL(sy_try_select, (NULL, 0))                                                                 \
    CALL(sy_rwlock_read_lock, (&rwlock))                                                           \
    CALL(sy_rwlock_read_lock_until, (&rwlock, 0))                                                  \
    CALL(sy_rwlock_read_trylock, (&rwlock))                                                        \
    CALL(sy_rwlock_read_unlock, (&rwlock))                                                         \
    CALL(sy_rwlock_write_lock, (&rwlock))                                                          \
    CALL(sy_rwlock_write_lock_until, (&rwlock, 0))                                                 \
    CALL(sy_rwlock_write_trylock, (&rwlock))                                                       \
    CALL(sy_rwlock_write_unlock, (&rwlock))                                                        \
    CALL(sy_once_do, (&once, ignore, NULL))                                                        \
    CALL(sy_once_do_until, (&once, ignore, NULL, 0))                                               \
    CALL(sy_barrier_wait, (&barrier))                                                              \
    CALL(sy_barrier_wait_until, (&barrier, 0))                                                     \
    CALL(sy_key_new, (&key, ignore))                                                               \
    CALL(sy_key_free, (key))                                                                       \
    CALL(sy_local_set, (key, NULL))                                                                \
    CALL(sy_local_get, (key))                                                                      \
    CALL(sy_scope_init, (&scope))                                                                  \
    CALL(sy_scope_spawn, (&scope, succeed, NULL))                                                  \
    CALL(sy_scope_cancel, (&scope))                                                                \
    CALL(sy_scope_join, (&scope))                                                                  \
    CALL(sy_scope_join_until, (&scope, 0))                                                         \
    CALL(sy_scope_destroy, (&scope))                                                               \
    CALL(sy_is_cancelled, ())                                                                      \
    CALL(sy_sleep, (1))                                                                            \
    CALL(sy_sleep_until, (0))                                                                      \
    CALL(sy_timer_init, (&timer, chan))                                                            \
    CALL(sy_timer_set, (&timer, 0, 0))                                                             \
    CALL(sy_timer_stop, (&timer))                                                                  \
    CALL(sy_set_procs, (1))                                                                        \
    CALL(sy_read, (-1, buffer, 1))                                                                 \
    CALL(sy_read_until, (-1, buffer, 1, 0))                                                        \
    CALL(sy_write, (-1, buffer, 1))                                                                \
    CALL(sy_write_until, (-1, buffer, 1, 0))                                                       \
    CALL(sy_readv, (-1, &piece, 1))                                                                \
    CALL(sy_readv_until, (-1, &piece, 1, 0))                                                       \
    CALL(sy_writev, (-1, &piece, 1))                                                               \
    CALL(sy_writev_until, (-1, &piece, 1, 0))                                                      \
    CALL(sy_listen, (&address, sizeof address, 1))                                                 \
    CALL(sy_accept, (-1, NULL, NULL))                                                              \
    CALL(sy_accept_until, (-1, NULL, NULL, 0))                                                     \
    CALL(sy_connect, (-1, &address, sizeof address))                                               \
    CALL(sy_connect_until, (-1, &address, sizeof address, 0))                                      \
    CALL(sy_io_cancel, (-1))                                                                       \
    CALL(sy_io_close, (-1))                                                                        \
    CALL(sy_blocking, (nothing, NULL))                                                             \
    CALL(sy_dump, (-1))                                                                            \
    CALL(sy_trace_start, (1))                                                                      \
    CALL(sy_trace_stop, ())                                                                        \
    CALL(sy_trace_write, (-1))

#define DEFINE_WRAPPER(function, arguments)                                                        \
    static void call_##function(void *arg)                                                         \
    {                                                                                              \
        (void)arg;                                                                                 \
        (void)function arguments;                                                                  \
    }
FROM_TASKS_ONLY(DEFINE_WRAPPER)

#define TABLE_ROW(function, arguments) {#function, call_##function},
static const struct {
    const char *name;
    void (*call)(void *arg);
} from_tasks_only[] = {FROM_TASKS_ONLY(TABLE_ROW)};

/* Goal: before any runtime runs, each call that only tasks may make says so. */
START_TEST(test_outside_calls_end_the_process)
{
    static struct child child;
    char line[100];
    child_run(&child, from_tasks_only[_i].call, NULL);
    snprintf(line, sizeof line, "fatal error: %s called from outside a task\n",
             from_tasks_only[_i].name);
    ck_assert_str_eq(child.text, line);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
}
END_TEST

static void *call_on_thread(void *row)
{
    from_tasks_only[*(int *)row].call(NULL);
    return NULL;
}

static int call_beside_tasks(void *row)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, call_on_thread, row) == 0) {
        pthread_join(thread, NULL);
    }
    return 0;
}

/* Goal: the same from a foreign thread while tasks run. */
START_TEST(test_outside_calls_beside_tasks_end_the_process)
{
    char line[100];
    int row = _i;
    snprintf(line, sizeof line, "fatal error: %s called from outside a task\n",
             from_tasks_only[row].name);
    child_assert_fatal(call_beside_tasks, &row, line);
}
END_TEST

static void *call_what_is_allowed(void *arg)
{
    sy_mutex own_mutex;
    sy_cond own_cond;
    sy_sem own_sem;
    sy_waitgroup own_group;
    sy_rwlock own_rwlock;
    sy_barrier own_barrier;
    (void)arg;
    expect_ge(sy_now(), 1);
    expect_eq(sy_self().id, 0);
    expect_true(sy_backend() != NULL);
    sy_mutex_init(&own_mutex);
    expect_eq(sy_mutex_destroy(&own_mutex), 0);
    sy_cond_init(&own_cond);
    expect_eq(sy_cond_destroy(&own_cond), 0);
    expect_eq(sy_sem_init(&own_sem, 3), 0);
    expect_eq(sy_sem_destroy(&own_sem), 0);
    sy_waitgroup_init(&own_group);
    expect_eq(sy_waitgroup_destroy(&own_group), 0);
    sy_rwlock_init(&own_rwlock);
    expect_eq(sy_rwlock_destroy(&own_rwlock), 0);
    expect_eq(sy_barrier_init(&own_barrier, 2), 0);
    expect_eq(sy_barrier_destroy(&own_barrier), 0);
    return NULL;
}

static int call_allowed_beside_tasks(void *arg)
{
    pthread_t thread;
    expect_eq(pthread_create(&thread, NULL, call_what_is_allowed, arg), 0);
    expect_eq(pthread_join(thread, NULL), 0);
    return 0;
}

START_TEST(test_outside_calls_that_are_allowed)
{
    call_what_is_allowed(NULL);
    run_tasks(0, call_allowed_beside_tasks, NULL);
}
END_TEST

/* An object made before the runtime starts, used by tasks, ended after. */
static int use_objects(void *arg)
{
    (void)arg;
    expect_eq(sy_sem_trywait(&sem), 0);
    expect_eq(sy_mutex_lock(&mutex), 0);
    sy_mutex_unlock(&mutex);
    return 0;
}

START_TEST(test_outside_objects_outlive_the_runtime)
{
    sy_mutex_init(&mutex);
    ck_assert_int_eq(sy_sem_init(&sem, 2), 0);
    run_tasks(0, use_objects, NULL);
    run_tasks(0, use_objects, NULL);
    ck_assert_int_eq(sy_sem_destroy(&sem), 0);
    ck_assert_int_eq(sy_mutex_destroy(&mutex), 0);
}
END_TEST

Suite *suite_outside(void)
{
    int rows = (int)(sizeof from_tasks_only / sizeof from_tasks_only[0]);
    Suite *suite = suite_create("outside");
    TCase *tests = tcase_create("outside");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, test_outside_calls_end_the_process, 0, rows);
    tcase_add_loop_test(tests, test_outside_calls_beside_tasks_end_the_process, 0, rows);
    tcase_add_test(tests, test_outside_calls_that_are_allowed);
    tcase_add_test(tests, test_outside_objects_outlive_the_runtime);
    suite_add_tcase(suite, tests);
    return suite;
}

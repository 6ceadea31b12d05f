/* test_runtime_fallback.c - a kernel that lacks what the runtime would like: guards without
 * mappings, membarrier(2). Method: a child whose system calls are refused by a seccomp filter. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "proc.h"
#include "support/child.h"
#include "support/refuse.h"
#include "support/suite_main.h"

enum { GUARDS = 300, TOO_MANY = 50000 };

/* --- guards ----------------------------------------------------------------------------------- */

static volatile bool endless = true; /* volatile, so that no compiler sees the end */

static int descend(int depth)
{
    volatile char frame[200];
    frame[0] = (char)depth;
    return endless ? descend(depth + 1) + frame[0] : depth;
}

static void *overflow(void *arg)
{
    (void)descend(0);
    return arg;
}

static void *pass_gate(void *gate)
{
    (void)sy_mutex_lock(gate);
    sy_mutex_unlock(gate);
    return NULL;
}

static int count_mappings(void)
{
    int lines = 0;
    char line[512];
    FILE *file = fopen("/proc/self/maps", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        lines++;
    }
    if (file != NULL) {
        fclose(file);
    }
    return lines;
}

/* Each guard is a mapping now: that shows that the fallback is in use. Then one task overflows. */
static int overflow_among_many(void *arg)
{
    sy_mutex gate = SY_MUTEX_INIT;
    static sy_task tasks[GUARDS];
    sy_task deep;
    (void)arg;
    (void)sy_mutex_lock(&gate);
    for (int i = 0; i < GUARDS; i++) {
        if (sy_spawn(&tasks[i], pass_gate, &gate) != 0) {
            _exit(3);
        }
    }
    if (count_mappings() < GUARDS) {
        _exit(4);
    }
    sy_mutex_unlock(&gate);
    for (int i = 0; i < GUARDS; i++) {
        if (sy_join(tasks[i], NULL) != 0) {
            _exit(5);
        }
    }
    (void)sy_spawn(&deep, overflow, NULL);
    (void)sy_task_set_name(deep, "deep");
    return sy_join(deep, NULL);
}

static void run_without_guards(void *arg)
{
    struct sy_config config = {.procs = *(uint32_t *)arg};
    refuse_advice(REFUSE_GUARDS, EINVAL); /* as Linux before 6.13 */
    _exit(sy_run(&config, overflow_among_many, NULL));
}

/* Goal: guards by mprotect where the kernel has no others, and the same report of an overflow. */
START_TEST(test_fallback_guards_by_mprotect)
{
    static struct child child;
    uint32_t procs = (uint32_t)_i;
    child_run(&child, run_without_guards, &procs);
    ck_assert_msg(WIFSIGNALED(child.status), "it exited with %d: %s", WEXITSTATUS(child.status),
                  child.text);
    ck_assert_int_eq(WTERMSIG(child.status), SIGSEGV);
    ck_assert_msg(strncmp(child.text, "fatal error: stack overflow in task ", 36) == 0 &&
                      strstr(child.text, " \"deep\"\n    sp 0x") != NULL,
                  "it says otherwise: %s", child.text);
}
END_TEST

/* As many tasks as vm.max_map_count allows guards for; then one more is refused, and the others go
 * on. */
static int exhaust_mappings(void *arg)
{
    static sy_task tasks[TOO_MANY];
    sy_mutex mutex = SY_MUTEX_INIT;
    int made = 0;
    int error = 0;
    (void)arg;
    (void)sy_mutex_lock(&mutex);
    while (made < TOO_MANY && (error = sy_spawn(&tasks[made], pass_gate, &mutex)) == 0) {
        made++;
    }
    sy_mutex_unlock(&mutex);
    for (int i = 0; i < made; i++) {
        if (sy_join(tasks[i], NULL) != 0) {
            return 3;
        }
    }
    return error == -EAGAIN && made >= GUARDS ? 7 : 4;
}

static void run_out_of_mappings(void *arg)
{
    struct sy_config config = {.procs = *(uint32_t *)arg};
    refuse_advice(REFUSE_GUARDS, EINVAL); /* as Linux before 6.13 */
    _exit(sy_run(&config, exhaust_mappings, NULL));
}

/* Goal: where guards are mappings and the kernel allows no more of them, tasks are refused. */
START_TEST(test_fallback_mappings_exhausted)
{
    static struct child child;
    uint32_t procs = (uint32_t)_i;
    long most = 0;
    FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
    if (file == NULL || fscanf(file, "%ld", &most) != 1 || most / 2 >= TOO_MANY) {
        return; /* this machine allows more than is tried here */
    }
    fclose(file);
    child_run(&child, run_out_of_mappings, &procs);
    ck_assert_str_eq(child.text, "");
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 7);
}
END_TEST

/* --- membarrier ------------------------------------------------------------------------------- */

enum { USERS = 8, USES = 5000, OBJECTS = 16 };

static struct object {
    sy_mutex mutex;
    sy_chan chan;
    uint64_t guarded; /* mutex */
} objects[OBJECTS];

/* Each use adds 1 to what a mutex guards, and 1 to the number in a channel. */
static void *use_objects(void *arg)
{
    for (uintptr_t i = 0; i < USES; i++) {
        struct object *object = &objects[(i * 7 + (uintptr_t)arg) % OBJECTS];
        uint64_t value = 0;
        (void)sy_mutex_lock(&object->mutex);
        object->guarded++;
        sy_mutex_unlock(&object->mutex);
        (void)sy_chan_recv(object->chan, &value);
        value++;
        (void)sy_chan_send(object->chan, &value);
        if (i % 32 == 0) {
            sy_yield();
        }
        if (i % 1000 == 0) {
            sy_sleep(20 * SY_MICROSECOND);
        }
    }
    return NULL;
}

static int share_objects(void *arg)
{
    sy_task users[USERS];
    uint64_t sum = 0;
    uint64_t value = 0;
    (void)arg;
    if (proc_asymmetric) {
        return 3;
    }
    for (int i = 0; i < OBJECTS; i++) {
        objects[i] = (struct object){.mutex = SY_MUTEX_INIT};
        (void)sy_chan_new(&objects[i].chan, sizeof value, 1);
        (void)sy_chan_send(objects[i].chan, &value);
    }
    for (uintptr_t i = 0; i < USERS; i++) {
        (void)sy_spawn(&users[i], use_objects, (void *)i);
    }
    for (int i = 0; i < USERS; i++) {
        (void)sy_join(users[i], NULL);
    }
    for (int i = 0; i < OBJECTS; i++) {
        (void)sy_chan_recv(objects[i].chan, &value);
        sum += value + objects[i].guarded;
    }
    return sum == (uint64_t)2 * USERS * USES ? 7 : 4;
}

static void run_without_membarrier(void *arg)
{
    struct sy_config config = {.procs = 4};
    int result = 7;
    refuse_call(SYS_membarrier, *(int *)arg);
    for (int round = 0; round < 5 && result == 7; round++) {
        result = sy_run(&config, share_objects, NULL);
    }
    _exit(result);
}

/* Goal: without membarrier(2) four procs still exclude each other. */
START_TEST(test_fallback_without_membarrier)
{
    static struct child child;
    int error = _i == 0 ? ENOSYS : EPERM;
    child_run(&child, run_without_membarrier, &error);
    ck_assert_str_eq(child.text, "");
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 7);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_fallback");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_fallback_guards_by_mprotect, 1, 3);
    tcase_add_loop_test(tests, test_fallback_mappings_exhausted, 1, 3);
    tcase_add_loop_test(tests, test_fallback_without_membarrier, 0, 2);
    return suite_main("runtime_fallback", tests);
}

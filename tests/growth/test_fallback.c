/* test_fallback.c - stacks that grow, and that hibernate, where the system refuses what they are
 * made of: guards without mappings, other advice, protection, mappings. Method: a child whose
 * system calls are refused, from before sy_run or from within a task; the parent reads its stderr,
 * and how it ended. (From before sy_run, hibernation: tests/unit/test_runtime_stack_policy.c.) */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "segment.h"
#include "stack.h"
#include "support/child.h"
#include "support/refuse.h"
#include "support/suite_main.h"
#include "unit/hibernation.h"
#include "worker.h"

enum { DONE = 7, WRONG = 8, LITTLE = 9, PAGE = 4096, MAPPINGS_MAX = 200000 };

#define FRAME_BYTES 16384

static const int errors[] = {EINVAL, EPERM, ENOSYS};

enum { ERRORS = sizeof errors / sizeof errors[0] };

/* --- what is refused -------------------------------------------------------------------------- */

static void refuse_all_advice(int error)
{
    static const int advices[] = {MADV_NOHUGEPAGE, MADV_HUGEPAGE, MADV_DONTNEED, MADV_FREE,
                                  REFUSE_GUARDS};
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++) {
        refuse_advice(advices[i], error);
    }
}

static void refuse_guards(int error)
{
    refuse_advice(REFUSE_GUARDS, error);
}

static void refuse_any_guard(int error)
{
    refuse_guards(error);
    refuse_call(SYS_mprotect, error);
}

/* Each mapping differs from its neighbours, so that they cannot be one. */
static void use_up_mappings(int error)
{
    int protection = PROT_READ;
    (void)error;
    for (int i = 0; i < MAPPINGS_MAX; i++) {
        protection ^= PROT_WRITE;
        if (mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) {
            return;
        }
    }
    _exit(LITTLE); /* this machine allows more than is tried here */
}

/* --- deep tasks ------------------------------------------------------------------------------- */

static struct {
    void (*refuse)(int error); /* from within the task; NULL: nothing */
    int error;
    long depth;        /* frames */
    void (*end)(void); /* what the last one does; NULL: nothing */
} scene;

static __attribute__((noinline)) long descend(long depth)
{
    volatile char frame[FRAME_BYTES - 64];
    frame[0] = 1;
    frame[sizeof frame - 1] = 2;
    if (depth == 1 && scene.end != NULL) {
        scene.end();
    }
    return (depth > 1 ? descend(depth - 1) : 0) + frame[0];
}

static void *be_deep(void *arg)
{
    (void)sy_task_set_name(sy_self(), "deep");
    if (scene.refuse != NULL) {
        scene.refuse(scene.error);
    }
    for (int i = 0; i < 3; i++) {
        *(bool *)arg = descend(scene.depth) == scene.depth;
    }
    return NULL;
}

static int join_deep(void *arg)
{
    sy_task task;
    bool right = false;
    (void)arg;
    if (sy_spawn(&task, be_deep, &right) != 0 || sy_join(task, NULL) != 0) {
        return WRONG;
    }
    return right ? DONE : WRONG;
}

static void run_scene(void *refuse_before)
{
    struct sy_config config = {.procs = 1, .max_tasks = 64};
    void (*refuse)(int error) = *(void (**)(int))refuse_before;
    if (refuse != NULL) {
        refuse(scene.error);
    }
    int result = sy_run(&config, join_deep, NULL);
    _exit(result == -ENOMEM ? LITTLE : result);
}

static struct child child;

static void assert_exited(int status)
{
    ck_assert_str_eq(child.text, "");
    ck_assert_msg(WIFEXITED(child.status), "killed by %d", WTERMSIG(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), status);
}

/* By SIGSEGV, after a report that begins and ends so. */
static void assert_reported(const char *place, const char *end)
{
    static const char begin[] = "fatal error: stack overflow in task 2 \"deep\"\n    sp 0x";
    size_t length = strlen(child.text);
    ck_assert_msg(WIFSIGNALED(child.status) && WTERMSIG(child.status) == SIGSEGV, "status %d: %s",
                  child.status, child.text);
    ck_assert_msg(strncmp(child.text, begin, sizeof begin - 1) == 0 &&
                      strstr(child.text, place) != NULL && length > strlen(end) &&
                      strcmp(child.text + length - strlen(end), end) == 0,
                  "%s", child.text);
}

/* The mapping that holds the address has no permissions: that shows which kind of guard it is. */
static bool is_mapped_without_access(uintptr_t address)
{
    char line[512];
    bool found = false;
    FILE *file = fopen("/proc/self/maps", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        unsigned long first = 0;
        unsigned long end = 0;
        char access[8] = "";
        if (sscanf(line, "%lx-%lx %4s", &first, &end, access) == 3 && address >= first &&
            address < end) {
            found = strcmp(access, "---p") == 0;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

static void look_at_guard(void)
{
    const struct task *task = worker_task();
    if (!segment_in_use(task) || !is_mapped_without_access(task->segments->bottom - 1)) {
        _exit(WRONG);
    }
}

static void write_to_guard(void)
{
    *((volatile char *)worker_task()->segments->bottom - 1) = 1;
}

/* Goal: stacks grow to 16 MiB, on segments that are guarded by protection. */
START_TEST(test_fallback_grows_without_guards)
{
    void (*before)(int error) = _i < ERRORS ? refuse_guards : refuse_all_advice;
    scene.error = errors[_i % ERRORS];
    scene.depth = 1024;
    scene.end = look_at_guard;
    child_run(&child, run_scene, &before);
    assert_exited(DONE);
}
END_TEST

/* Goal: the same report of an overflow of a segment. */
START_TEST(test_fallback_segment_overflow)
{
    void (*before)(int error) = _i == 0 ? refuse_guards : refuse_all_advice;
    scene.error = EINVAL;
    scene.depth = 20;
    scene.end = write_to_guard;
    child_run(&child, run_scene, &before);
    assert_reported(" bytes in use in all, spawned at 0x", "\n");
}
END_TEST

/* Goal: no segment without any guard, and none without a mapping: the report says why. With guards
 * that are mappings, and with others. */
START_TEST(test_fallback_no_segment)
{
    void (*before)(int error) = _i % 2 == 0 ? NULL : refuse_guards;
    scene.refuse = _i < 2 ? refuse_any_guard : use_up_mappings;
    scene.error = EPERM;
    scene.depth = 1024;
    child_run(&child, run_scene, &before);
    if (_i < 2 || !WIFEXITED(child.status) || WEXITSTATUS(child.status) != LITTLE) {
        assert_reported(" (65536 bytes), spawned at 0x", "\n    no memory for a further segment\n");
    }
}
END_TEST

/* Goal: sy_run does not start without any guard. */
START_TEST(test_fallback_no_guard_at_all)
{
    void (*before)(int error) = refuse_any_guard;
    scene.error = errors[_i];
    scene.depth = 1;
    child_run(&child, run_scene, &before);
    assert_exited(LITTLE);
}
END_TEST

/* --- hibernation that is refused later -------------------------------------------------------- */

static sy_chan gate;

static void *sleep_on(void *arg)
{
    volatile unsigned char bytes[200];
    bytes[7] = 77;
    (void)sy_chan_recv(gate, NULL);
    *(int *)arg = bytes[7];
    return NULL;
}

/* How often sysmon wants to protect pages, and how often it shall have before the task is woken. */
static _Atomic uint32_t protections;
static uint32_t protections_wanted;

int __real_uffd_protect(void *pages, size_t bytes);
int __wrap_uffd_protect(void *pages, size_t bytes);

int __wrap_uffd_protect(void *pages, size_t bytes)
{
    fetch_add_relaxed(&protections, 1); /* relaxed: a count */
    return __real_uffd_protect(pages, bytes);
}

/* A task sleeps, and is looked at by sysmon; then it is woken. */
static int sleep_while_refused(void *cold_before)
{
    sy_task task;
    int result = 0;
    (void)sy_chan_new(&gate, 0, 0);
    if (*(bool *)cold_before) {
        (void)sy_spawn(&task, sleep_on, &result);
        await_cold(task);
        scene.refuse(scene.error);
    } else {
        scene.refuse(scene.error);
        (void)sy_spawn(&task, sleep_on, &result);
        while (load_relaxed(&protections) < protections_wanted) { /* relaxed: a count */
            sy_sleep(SY_MILLISECOND);
        }
    }
    sy_chan_close(gate);
    return sy_join(task, NULL) == 0 && result == 77 ? DONE : WRONG;
}

static void run_sleeper(void *cold_before)
{
    struct sy_config config = {
        .procs = 2, .stack_policy = SY_STACK_HIBERNATE, .cold_after = SY_MILLISECOND};
    _exit(sy_run(&config, sleep_while_refused, cold_before));
}

static void refuse_ioctl(int error)
{
    refuse_call(SYS_ioctl, error);
}

/* Goal: where pages cannot be protected any more, stacks stay warm, and all goes on. */
START_TEST(test_fallback_stays_warm)
{
    bool cold_before = false;
    protections_wanted = 3;
    scene.refuse = refuse_ioctl;
    scene.error = EPERM;
    child_run(&child, run_sleeper, &cold_before);
    assert_exited(DONE);
}
END_TEST

/* Goal: a stack that is cold and cannot come back, or one that is half-way and cannot get its
 * guard, ends the program with the reason. */
START_TEST(test_fallback_hibernation_ends)
{
    static const char *const texts[] = {
        "fatal error: no guards for hibernated stacks (error 1)\n",
        "fatal error: a hibernated stack cannot be put back (error 1)\n"};
    bool cold_before = _i == 1;
    protections_wanted = UINT32_MAX; /* it ends before */
    scene.refuse = cold_before ? refuse_ioctl : refuse_guards;
    scene.error = EPERM;
    child_run(&child, run_sleeper, &cold_before);
    ck_assert_str_eq(child.text, texts[_i]);
    ck_assert(WIFEXITED(child.status));
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("fallback");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_fallback_grows_without_guards, 0, 2 * ERRORS);
    tcase_add_loop_test(tests, test_fallback_segment_overflow, 0, 2);
    tcase_add_loop_test(tests, test_fallback_no_segment, 0, 4);
    tcase_add_loop_test(tests, test_fallback_no_guard_at_all, 0, ERRORS);
    tcase_add_test(tests, test_fallback_stays_warm);
    tcase_add_loop_test(tests, test_fallback_hibernation_ends, 0, 2);
    return suite_main("fallback", tests);
}

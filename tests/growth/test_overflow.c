/* test_overflow.c - the report of a stack overflow, by a byte, in a system call, in the runtime's
 * own code, on a worker's own stack, of all that segments may take, and without memory for one; and
 * that other faults are none. Method: a child does it; the parent reads its stderr, whole, and how
 * it was killed. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "segment.h"
#include "stack.h"
#include "support/child.h"
#include "support/run.h"
#include "support/suite_main.h"
#include "worker.h"

#define NO_CHECK __attribute__((noinline, no_split_stack))
#define MEBIBYTE (1L << 20)

/* --- the deeds: each is the body of task 2, "deep" --- */

static NO_CHECK void *overflow_by_a_byte(void *arg)
{
    volatile char *bottom = stack_bottom(worker_task()->slot.index);
    *bottom = 1;       /* the last byte that there is */
    *(bottom - 1) = 1; /* the first that is not */
    return arg;
}

static void *yield_for_ever(void *arg)
{
    for (;;) {
        sy_yield();
    }
    return arg;
}

/* With 32 bytes left, which the call itself and its switch do not fit in. */
static NO_CHECK void *overflow_in_the_runtime(void *arg)
{
    char *low = (char *)stack_bottom(worker_task()->slot.index) + 32;
    (void)sy_go(yield_for_ever, NULL);
    __asm__ volatile("movq %%rsp, %%rbx\n\tmovq %0, %%rsp\n\tcall sy_yield\n\tmovq %%rbx, %%rsp"
                     :
                     : "r"(low)
                     : "rbx", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
                       "memory");
    return arg;
}

static NO_CHECK void *overflow_of_the_worker(void *arg)
{
    *((volatile char *)(uintptr_t)worker_self()->stack_bottom - 1) = 1;
    return arg;
}

/* Frames of a mebibyte, all but the words around them. */
static __attribute__((noinline)) long descend(long depth)
{
    volatile char frame[MEBIBYTE - 64];
    frame[0] = 1;
    frame[sizeof frame - 1] = 2;
    return (depth > 1 ? descend(depth - 1) : 0) + frame[0];
}

static void *use_a_gibibyte(void *arg)
{
    return descend(1024) == 1024 ? arg : NULL;
}

static void *use_more_than_a_gibibyte(void *arg)
{
    return descend(1025) != 0 ? arg : NULL;
}

/* From here on there is no address space for anything new. */
static void *grow_without_memory(void *arg)
{
    struct rlimit limit = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
    return setrlimit(RLIMIT_AS, &limit) == 0 && descend(1) != 0 ? arg : NULL;
}

static void *write_to_nowhere(void *arg)
{
    volatile char *volatile nowhere = (char *)16;
    *nowhere = 1;
    return arg;
}

static void *write_to_read_only_memory(void *arg)
{
    volatile char *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *memory = 1;
    return arg;
}

static void *raise_it(void *arg)
{
    raise(SIGSEGV);
    return arg;
}

static const sy_task_fn foreign[] = {write_to_nowhere, write_to_read_only_memory, raise_it};

enum { FOREIGN = sizeof foreign / sizeof foreign[0] };

static void *read_beyond_the_stack(void *arg)
{
    int pipes[2];
    char *bottom = stack_bottom(worker_task()->slot.index);
    if (pipe(pipes) != 0 || write(pipes[1], "12345678", 8) != 8) {
        return arg;
    }
    return read(pipes[0], bottom - 8, 8) == -1 && errno == EFAULT ? NULL : arg;
}

/* --- doing them in a child --- */

struct deed {
    uint32_t procs;
    sy_task_fn body;
};

static sy_task_fn body_now;

static void *deep(void *arg)
{
    (void)sy_task_set_name(sy_self(), "deep");
    return body_now(arg);
}

static int do_it(void *arg)
{
    sy_task task;
    void *result = &task;
    (void)sy_spawn(&task, deep, arg);
    (void)sy_join(task, &result);
    return result == NULL;
}

static void run_deed(void *arg)
{
    struct deed *deed = arg;
    struct sy_config config = {.procs = deed->procs};
    body_now = deed->body;
    _exit(sy_run(&config, do_it, deed));
}

static const char *report_of(uint32_t procs, sy_task_fn body)
{
    static struct child child;
    struct deed deed = {procs, body};
    child_run(&child, run_deed, &deed);
    ck_assert_msg(WIFSIGNALED(child.status), "it exited with %d: %s", WEXITSTATUS(child.status),
                  child.text);
    ck_assert_int_eq(WTERMSIG(child.status), SIGSEGV);
    return child.text;
}

static int status_of(uint32_t procs, sy_task_fn body)
{
    static struct child child;
    struct deed deed = {procs, body};
    child_run(&child, run_deed, &deed);
    ck_assert_msg(WIFEXITED(child.status) && child.text[0] == '\0', "%s", child.text);
    return WEXITSTATUS(child.status);
}

/* The report of a slot, whole. */
static void assert_slot_report(const char *text)
{
    unsigned long sp = 0;
    unsigned long bottom = 0;
    unsigned long top = 0;
    unsigned long site = 0;
    int end = 0;
    int found = sscanf(text, /* the rest of the line is compared by %n */
                       "fatal error: stack overflow in task 2 \"deep\"\n"
                       "    sp 0x%lx, stack 0x%lx ... 0x%lx (65536 bytes), spawned at 0x%lx\n%n",
                       &sp, &bottom, &top, &site, &end);
    ck_assert_msg(found == 4 && text[end] == '\0', "%s", text);
    ck_assert_uint_eq(top - bottom, STACK_BYTES_DEFAULT);
    ck_assert(sp >= bottom - 4096 && sp < top && site != 0);
}

START_TEST(test_overflow_by_a_byte)
{
    assert_slot_report(report_of(RUN_PROCS[_i], overflow_by_a_byte));
}
END_TEST

/* Goal: the same report where the runtime itself needs the stack, in its critical section. */
START_TEST(test_overflow_in_the_runtime)
{
    assert_slot_report(report_of(1, overflow_in_the_runtime));
}
END_TEST

START_TEST(test_overflow_of_the_workers_stack)
{
    unsigned long sp = 0;
    unsigned long bottom = 0;
    unsigned long top = 0;
    unsigned long bytes = 0;
    int end = 0;
    const char *text = report_of(RUN_PROCS[_i], overflow_of_the_worker);
    int found = sscanf(text,
                       "fatal error: stack overflow on the own stack of a worker\n"
                       "    sp 0x%lx, stack 0x%lx ... 0x%lx (%lu bytes)\n%n",
                       &sp, &bottom, &top, &bytes, &end);
    ck_assert_msg(found == 4 && text[end] == '\0', "%s", text);
    ck_assert_uint_eq(top - bottom, bytes);
}
END_TEST

/* Goal: a gibibyte of frames is there; one frame more is an overflow. */
START_TEST(test_overflow_of_a_gibibyte)
{
    unsigned long sp = 0;
    unsigned long bottom = 0;
    unsigned long top = 0;
    unsigned long bytes = 0;
    unsigned long used = 0;
    unsigned long site = 0;
    int end = 0;
    ck_assert_int_eq(status_of(1, use_a_gibibyte), 0);
    const char *text = report_of(1, use_more_than_a_gibibyte);
    int found =
        sscanf(text,
               "fatal error: stack overflow in task 2 \"deep\"\n"
               "    sp 0x%lx, segment 0x%lx ... 0x%lx (%lu bytes), %lu bytes in use in all, "
               "spawned at 0x%lx\n%n",
               &sp, &bottom, &top, &bytes, &used, &site, &end);
    ck_assert_msg(found == 6 && text[end] == '\0', "%s", text);
    ck_assert(sp >= bottom && sp < top && top - bottom == bytes && site != 0);
    ck_assert(used <= STACK_TOTAL && used > STACK_TOTAL - 2 * MEBIBYTE);
}
END_TEST

/* Goal: a stack that may grow, but for which the system has no memory, says so. */
START_TEST(test_overflow_without_memory)
{
    unsigned long sp = 0;
    unsigned long bottom = 0;
    unsigned long top = 0;
    unsigned long site = 0;
    int end = 0;
    const char *text = report_of(RUN_PROCS[_i], grow_without_memory);
    int found = sscanf(text,
                       "fatal error: stack overflow in task 2 \"deep\"\n"
                       "    sp 0x%lx, stack 0x%lx ... 0x%lx (65536 bytes), spawned at 0x%lx\n"
                       "    no memory for a further segment\n%n",
                       &sp, &bottom, &top, &site, &end);
    ck_assert_msg(found == 4 && end > 0 && text[end] == '\0', "%s", text);
    ck_assert(sp >= bottom && sp < top && site != 0);
}
END_TEST

/* Goal: a SIGSEGV that is no overflow has its default action, in silence. */
START_TEST(test_overflow_is_not_any_fault)
{
    ck_assert_str_eq(report_of(RUN_PROCS[_i / FOREIGN], foreign[_i % FOREIGN]), "");
}
END_TEST

/* Goal: the kernel refuses a buffer in a guard page, and nobody dies of it (docs/stacks.md). */
START_TEST(test_overflow_in_a_system_call)
{
    ck_assert_int_eq(status_of(RUN_PROCS[_i], read_beyond_the_stack), 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("overflow");
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, test_overflow_by_a_byte, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_overflow_in_the_runtime);
    tcase_add_loop_test(tests, test_overflow_of_the_workers_stack, 0, RUN_PROCS_COUNT);
    tcase_add_test(tests, test_overflow_of_a_gibibyte);
    tcase_add_loop_test(tests, test_overflow_without_memory, 0, RUN_PROCS_COUNT);
    tcase_add_loop_test(tests, test_overflow_is_not_any_fault, 0, RUN_PROCS_COUNT * FOREIGN);
    tcase_add_loop_test(tests, test_overflow_in_a_system_call, 0, RUN_PROCS_COUNT);
    return suite_main("overflow", tests);
}

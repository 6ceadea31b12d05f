/* test_runtime_stack_policy.c - SWITCHYARD_STACK and the policy of struct sy_config: what is
 * understood, what is refused, and that each policy is really in force. Method: the environment of
 * a child, or real runs whose pages are counted. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "hibernate.h"
#include "stack.h"
#include "stack_policy.h"
#include "support/child.h"
#include "support/refuse.h"
#include "support/suite_main.h"

static const struct {
    const char *text;
    enum sy_stack_policy kind;
    sy_time cold_after;
} texts[] = {
    {"", SY_STACK_LAZY, 100 * SY_MILLISECOND},
    {"lazy", SY_STACK_LAZY, 100 * SY_MILLISECOND},
    {"fixed", SY_STACK_FIXED, 100 * SY_MILLISECOND},
    {"hibernate", SY_STACK_HIBERNATE, 100 * SY_MILLISECOND},
    {"hibernate=1", SY_STACK_HIBERNATE, SY_MILLISECOND},
    {"hibernate=3600000", SY_STACK_HIBERNATE, SY_COLD_AFTER_MAX},
};

/* Goal: each word is its policy; the configuration goes before the environment. */
START_TEST(test_stack_policy_words)
{
    struct sy_config config = {0};
    struct sy_config asked = {.stack_policy = SY_STACK_FIXED, .cold_after = 7};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert_int_eq(setenv("SWITCHYARD_STACK", texts[i].text, 1), 0);
        ck_assert_int_eq(stack_policy_choose(&config), 0);
        ck_assert_msg(stack_policy.kind == texts[i].kind, "\"%s\"", texts[i].text);
        ck_assert_int_eq(stack_policy.cold_after, texts[i].cold_after);
        ck_assert_int_eq(stack_policy_choose(&asked), 0);
        ck_assert_int_eq(stack_policy.kind, SY_STACK_FIXED);
        ck_assert_int_eq(stack_policy.cold_after, 7);
    }
}
END_TEST

static const char *const wrongs[] = {
    "nonsense", "LAZY",         "lazy,fixed",        "lazy=1",
    "fixed=",   "hibernate=",   "hibernate=0",       "hibernate=-1",
    "=",        "hibernate=1x", "hibernate=3600001", "hibernate=99999999999999999999",
    "0",        "65536",        "lazy=65536",        "18446744073709551615"};

enum { WRONGS = sizeof wrongs / sizeof wrongs[0] };

static int return_seven(void *arg)
{
    (void)arg;
    return 7;
}

static void run_seven(void *arg)
{
    _exit(sy_run(arg, return_seven, NULL));
}

/* Goal: nonsense ends the program with the list. */
START_TEST(test_stack_policy_refuses_words)
{
    static struct child child;
    char line[256];
    ck_assert_int_eq(setenv("SWITCHYARD_STACK", wrongs[_i], 1), 0);
    (void)snprintf(line, sizeof line,
                   "fatal error: SWITCHYARD_STACK: unknown policy \"%s\"; there are lazy, fixed, "
                   "hibernate, hibernate=MS (1 ... 3600000)\n",
                   wrongs[_i]);
    child_run(&child, run_seven, NULL);
    ck_assert_str_eq(child.text, line);
    ck_assert_int_eq(WEXITSTATUS(child.status), 2);
}
END_TEST

static const struct {
    uint32_t policy;
    sy_time cold_after;
    int result;
} configs[] = {{SY_STACK_DEFAULT, 0, 7},
               {SY_STACK_LAZY, 0, 7},
               {SY_STACK_FIXED, 0, 7},
               {SY_STACK_HIBERNATE, 0, 7},
               {SY_STACK_HIBERNATE, 1, 7},
               {SY_STACK_HIBERNATE, SY_COLD_AFTER_MAX, 7},
               {SY_STACK_HIBERNATE, SY_COLD_AFTER_MAX + 1, -EINVAL},
               {SY_STACK_HIBERNATE, -1, -EINVAL},
               {SY_STACK_HIBERNATE + 1, 0, -EINVAL},
               {UINT32_MAX, 0, -EINVAL}};

/* Goal: the bounds of the configuration. */
START_TEST(test_stack_policy_configured)
{
    struct sy_config config = {
        .procs = 2, .stack_policy = configs[_i].policy, .cold_after = configs[_i].cold_after};
    ck_assert_int_eq(sy_run(&config, return_seven, NULL), configs[_i].result);
}
END_TEST

/* --- what they do ----------------------------------------------------------------------------- */

/* Pages of the caller's stack that are in memory, and in all. */
static int count_pages(void *arg)
{
    unsigned char pages[16];
    int resident = 0;
    uint32_t slot = (uint32_t)sy_self().id - 1;
    (void)arg;
    if (mincore(stack_bottom(slot), stack_usable_bytes(), pages) != 0) {
        return -errno;
    }
    for (size_t i = 0; i < 16; i++) {
        resident += pages[i] & 1;
    }
    return resident;
}

/* Goal: a lazy stack has the pages that were touched, a fixed one all. */
START_TEST(test_stack_policy_pages)
{
    struct sy_config config = {.procs = 1, .max_tasks = 64, .stack_policy = SY_STACK_LAZY};
    ck_assert_int_le(sy_run(&config, count_pages, NULL), 3);
    config.stack_policy = SY_STACK_HIBERNATE;
    ck_assert_int_le(sy_run(&config, count_pages, NULL), 3);
    config.stack_policy = SY_STACK_FIXED;
    ck_assert_int_eq(sy_run(&config, count_pages, NULL), 16);
}
END_TEST

/* Goal: fixed stacks for which there is no memory are refused, before the system runs out of it. */
START_TEST(test_stack_policy_fixed_is_too_much)
{
    struct sy_config config = {.procs = 1, .stack_policy = SY_STACK_FIXED};
    config.stack_bytes = STACK_BYTES_MAX; /* 64 GiB for the first batch */
    if ((size_t)sysconf(_SC_PHYS_PAGES) >= POOL_BATCH * STACK_BYTES_MAX / 4096) {
        return; /* this machine has that much */
    }
    ck_assert_int_eq(sy_run(&config, return_seven, NULL), -ENOMEM);
}
END_TEST

/* --- kernels that cannot ---------------------------------------------------------------------- */

enum { LACKS_UFFD, LACKS_GUARDS, LACKS };

static int report_policy(void *arg)
{
    (void)arg;
    return stack_policy.kind == SY_STACK_LAZY && hibernate.slots == NULL ? 7 : 3;
}

struct lacking {
    int what;
    struct sy_config config;
};

static void run_lacking(void *arg)
{
    struct lacking *lacking = arg;
    if (lacking->what == LACKS_UFFD) {
        refuse_call(SYS_userfaultfd, EPERM);
    } else {
        refuse_advice(REFUSE_GUARDS, EINVAL);
    }
    int result = sy_run(&lacking->config, report_policy, NULL);
    _exit(result == -EOPNOTSUPP ? 8 : result);
}

/* Goal: where the kernel cannot hibernate, a program that was told so by its environment says that
 * and runs; one that asks for it by its configuration is told. */
START_TEST(test_stack_policy_kernel_lacks)
{
    static struct child child;
    struct lacking lacking = {.what = _i, .config = {.procs = 2}};
    ck_assert_int_eq(setenv("SWITCHYARD_STACK", "hibernate", 1), 0);
    child_run(&child, run_lacking, &lacking);
    ck_assert_int_eq(WEXITSTATUS(child.status), 7);
    ck_assert_str_eq(child.text, "SWITCHYARD_STACK: hibernate needs userfaultfd(2) and guards "
                                 "without mappings (Linux 6.13), and no sanitizer; stacks are lazy "
                                 "instead\n");
    lacking.config.stack_policy = SY_STACK_HIBERNATE;
    child_run(&child, run_lacking, &lacking);
    ck_assert_int_eq(WEXITSTATUS(child.status), 8);
    ck_assert_str_eq(child.text, "");
}
END_TEST

/* --- little room ------------------------------------------------------------------------------ */

static size_t virtual_bytes(void)
{
    char text[64] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    size_t pages = file != NULL && fgets(text, sizeof text, file) ? strtoul(text, NULL, 10) : 0;
    fclose(file);
    return pages * 4096;
}

static void run_in_little_space(void *arg)
{
    struct sy_config config = {.procs = 2, .stack_policy = SY_STACK_HIBERNATE};
    rlim_t bytes = virtual_bytes() + *(rlim_t *)arg;
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
    if (setrlimit(RLIMIT_AS, &limit) != 0) {
        _exit(1);
    }
    int result = sy_run(&config, return_seven, NULL);
    _exit(result == -ENOMEM ? 8 : result);
}

/* Goal: with ulimit -v, stacks that could hibernate are fewer, or sy_run says -ENOMEM. */
START_TEST(test_stack_policy_little_space)
{
    static struct child child;
    for (rlim_t bytes = 4096; bytes < (rlim_t)1 << 40; bytes *= 2) {
        child_run(&child, run_in_little_space, &bytes);
        int status = WEXITSTATUS(child.status);
        ck_assert_msg(WIFEXITED(child.status) && (status == 7 || (status == 8 && bytes < 1 << 30)),
                      "%llu bytes: exit status %d: %s", (unsigned long long)bytes, status,
                      child.text);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_stack_policy");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_stack_policy_words);
    tcase_add_loop_test(tests, test_stack_policy_refuses_words, 0, WRONGS);
    tcase_add_loop_test(tests, test_stack_policy_configured, 0, sizeof configs / sizeof configs[0]);
    tcase_add_test(tests, test_stack_policy_pages);
    tcase_add_test(tests, test_stack_policy_fixed_is_too_much);
    tcase_add_loop_test(tests, test_stack_policy_kernel_lacks, 0, LACKS);
    tcase_add_test(tests, test_stack_policy_little_space);
    return suite_main("runtime_stack_policy", tests);
}

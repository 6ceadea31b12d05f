/* test_runtime_space.c - processes that may have little address space. Method: children under
 * RLIMIT_AS, from a page to a tebibyte. Not under sanitizers, which need a lot of it themselves. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/child.h"
#include "support/suite_main.h"

static void *nothing(void *arg)
{
    return arg;
}

enum { FEW = 50 };

static int work_in_little_space(void *arg)
{
    (void)arg;
    for (int round = 0; round < 20; round++) {
        sy_task tasks[FEW];
        int made = 0;
        while (made < FEW && sy_spawn(&tasks[made], nothing, NULL) == 0) {
            made++;
        }
        for (int i = 0; i < made; i++) {
            if (sy_join(tasks[i], NULL) != 0) {
                return 1;
            }
        }
        if (made == 0) {
            return 2;
        }
    }
    return 7;
}

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
    struct sy_config config = {.procs = 4};
    rlim_t bytes = virtual_bytes() + *(rlim_t *)arg;
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
    if (setrlimit(RLIMIT_AS, &limit) != 0) {
        _exit(1);
    }
    int result = sy_run(&config, work_in_little_space, NULL);
    _exit(result == -ENOMEM ? 8 : result);
}

static int status_in_little_space(rlim_t bytes)
{
    static struct child child;
    child_run(&child, run_in_little_space, &bytes);
    ck_assert_msg(WIFEXITED(child.status) && *child.text == '\0', "%llu bytes: %s",
                  (unsigned long long)bytes, child.text);
    return WEXITSTATUS(child.status);
}

/* Goal: with ulimit -v: the program runs with fewer stacks or threads, or sy_run says -ENOMEM. With
 * half of what it would like to reserve it runs. */
START_TEST(test_space_is_little)
{
    for (rlim_t bytes = 4096; bytes < (rlim_t)1 << 40; bytes += bytes / 2) {
        int status = status_in_little_space(bytes / 4096 * 4096);
        ck_assert_msg(status == 7 || status == 8, "%llu bytes: exit status %d",
                      (unsigned long long)bytes, status);
    }
    ck_assert_int_eq(status_in_little_space(4096), 8);
    ck_assert_int_eq(status_in_little_space((rlim_t)128 << 30), 7);
    ck_assert_int_eq(status_in_little_space((rlim_t)8 << 30), 7);
}
END_TEST

static int return_seven(void *arg)
{
    (void)arg;
    return 7;
}

/* Goal: the largest stacks there are; only what is used of them takes memory. */
START_TEST(test_space_for_largest_stacks)
{
    struct sy_config config = {.procs = 2, .max_tasks = 64, .stack_bytes = (size_t)1 << 30};
    ck_assert_int_eq(sy_run(&config, return_seven, NULL), 7);
    ck_assert_int_eq(sy_run(&config, work_in_little_space, NULL), 7);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_space");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_space_is_little);
    tcase_add_test(tests, test_space_for_largest_stacks);
    return suite_main("runtime_space", tests);
}

/* test_runtime_million.c - stress: 10^6 tasks parked at once, and joined again. Method: they wait
 * at one gate; meanwhile the mappings of the process are counted. A machine with little memory gets
 * fewer tasks: a parked one takes somewhat more than a page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <switchyard/switchyard.h>

#include "support/expect.h"
#include "support/run.h"
#include "support/suite_main.h"

enum { MILLION = 1000000, MAPPINGS_MAX = 100, KIBIBYTES_PER_TASK = 5 };

static sy_mutex gate = SY_MUTEX_INIT;
static uint64_t passed; /* gate */

static void *pass_gate(void *arg)
{
    expect_eq(sy_mutex_lock(&gate), 0);
    passed++;
    sy_mutex_unlock(&gate);
    return arg;
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

static long available_kibibytes(void)
{
    long number = 0;
    char line[512];
    FILE *file = fopen("/proc/meminfo", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "MemAvailable:", 13) == 0) {
            number = strtol(line + 13, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return number;
}

/* The million, or what half of the free memory holds. */
static uint32_t tasks_that_fit(void)
{
    long fit = available_kibibytes() / 2 / KIBIBYTES_PER_TASK;
    uint32_t count = fit < MILLION ? (uint32_t)fit : MILLION;
    printf("%u tasks\n", count);
    return count;
}

static int park_and_join(void *arg)
{
    uint32_t count = *(uint32_t *)arg;
    sy_task *tasks = malloc(count * sizeof *tasks);
    struct sy_stats stats;
    expect_true(tasks != NULL);
    expect_eq(sy_mutex_lock(&gate), 0);
    passed = 0;
    for (uint32_t i = 0; i < count; i++) {
        expect_eq(sy_spawn(&tasks[i], pass_gate, (void *)(uintptr_t)i), 0);
    }
    do {
        sy_yield();
        expect_eq(sy_stats_read(&stats), 0);
    } while (stats.parks < count);
    expect_eq(stats.tasks_spawned - stats.tasks_ended, count + 1);
    int mappings = count_mappings();
    expect_ge(mappings, 5);
    expect_le(mappings, MAPPINGS_MAX - 1);
    sy_mutex_unlock(&gate);
    for (uint32_t i = 0; i < count; i++) {
        void *result = NULL;
        expect_eq(sy_join(tasks[i], &result), 0);
        expect_eq((uintptr_t)result, i);
    }
    expect_eq(passed, count);
    free(tasks);
    return 0;
}

START_TEST(test_million_parked_and_joined)
{
    uint32_t count = tasks_that_fit();
    ck_assert_uint_gt(count, 1000);
    run_tasks((uint32_t)_i, park_and_join, &count);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("runtime_million");
    tcase_set_timeout(tests, 100);
    tcase_add_loop_test(tests, test_million_parked_and_joined, 1, 3);
    return suite_main("runtime_million", tests);
}

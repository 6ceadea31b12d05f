/* blocked.c - see blocked.h. */
#include "support/blocked.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/run.h"

static atomic_uint announced;
static atomic_int thread_ids[BLOCKED_MAX]; /* 0 until announced */
static uint64_t parks_before;

static uint64_t parks_now(void)
{
    struct sy_stats stats = {0};
    (void)sy_stats_read(&stats);
    return stats.parks;
}

void blocked_begin(void)
{
    for (uint32_t i = 0; i < BLOCKED_MAX; i++) {
        thread_ids[i] = 0;
    }
    announced = 0;
    parks_before = parks_now();
}

void blocked_soon(void)
{
    uint32_t place = atomic_fetch_add(&announced, 1);
    if (place >= BLOCKED_MAX) {
        abort();
    }
    thread_ids[place] = gettid();
}

/* Field 3 of /proc/self/task/<id>/stat, after the name in parentheses. */
static bool thread_sleeps(int id)
{
    char path[64];
    char line[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", id);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return true; /* ended: its wait is over */
    }
    char *read = fgets(line, sizeof line, file);
    fclose(file);
    char *end_of_name = read == NULL ? NULL : strrchr(line, ')');
    return end_of_name != NULL && end_of_name[1] == ' ' && end_of_name[2] == 'S';
}

static bool threads_sleep(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (thread_ids[i] == 0 || !thread_sleeps(thread_ids[i])) {
            return false;
        }
    }
    return true;
}

static bool all_wait(uint32_t count)
{
    if (announced < count) {
        return false;
    }
    return run_is_green() ? parks_now() - parks_before >= count : threads_sleep(count);
}

void blocked_await(uint32_t count)
{
    while (!all_wait(count)) {
        sy_yield();
    }
}

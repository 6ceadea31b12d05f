/* blocked.c - see blocked.h. */
#include "support/blocked.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <switchyard/switchyard.h>

#include "support/run.h"

static atomic_uint announced;
static atomic_int thread_ids[BLOCKED_MAX]; /* 0 until announced */
static struct sy_stats stats_before;

static struct sy_stats stats_now(void)
{
    struct sy_stats stats = {0};
    (void)sy_stats_read(&stats);
    return stats;
}

void blocked_begin(void)
{
    for (uint32_t i = 0; i < BLOCKED_MAX; i++) {
        thread_ids[i] = 0;
    }
    announced = 0;
    stats_before = stats_now();
}

void blocked_soon(void)
{
    uint32_t place = atomic_fetch_add(&announced, 1);
    if (place >= BLOCKED_MAX) {
        abort();
    }
    thread_ids[place] = gettid();
}

/* The first line of a file in /proc/self/task/<id>, false if it cannot be read. */
static bool thread_file(int id, const char *name, char *line, int bytes)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/%s", id, name);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    bool read = fgets(line, bytes, file) != NULL;
    fclose(file);
    return read;
}

/* Field 3 of the stat file, after the name in parentheses. A thread that has ended sleeps too: its
 * wait is over. */
static bool thread_sleeps(int id)
{
    char line[256];
    if (!thread_file(id, "stat", line, sizeof line)) {
        return true;
    }
    const char *end_of_name = strrchr(line, ')');
    return end_of_name != NULL && end_of_name[1] == ' ' && end_of_name[2] == 'S';
}

/* The syscall file begins with the number of the system call, or says "running". A kernel without
 * that file leaves us with the state alone. */
static bool thread_sleeps_in_io(int id)
{
    char line[256];
    if (!thread_file(id, "syscall", line, sizeof line)) {
        return thread_sleeps(id);
    }
    char *end = line;
    long call = strtol(line, &end, 10);
    return end != line && call != SYS_futex && thread_sleeps(id);
}

static bool threads_all(bool (*hold)(int id), uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (thread_ids[i] == 0 || !hold(thread_ids[i])) {
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
    return run_is_green() ? stats_now().parks - stats_before.parks >= count
                          : threads_all(thread_sleeps, count);
}

static bool all_wait_in_io(uint32_t count)
{
    if (!run_is_green()) {
        return announced >= count && threads_all(thread_sleeps_in_io, count);
    }
    return all_wait(count) && stats_now().io_waits - stats_before.io_waits >= count;
}

void blocked_await(uint32_t count)
{
    while (!all_wait(count)) {
        sy_yield();
    }
}

void blocked_await_io(uint32_t count)
{
    while (!all_wait_in_io(count)) {
        sy_yield();
    }
}

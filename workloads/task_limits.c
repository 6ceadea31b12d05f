/* task_limits.c - see task_limits.h. Each limit has a line in a table; the first that is used up is
 * it. */
#include "task_limits.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "procfile.h"

#define DEFAULT_MAX_TASKS (UINT32_C(1) << 22) /* task.h */
#define TASK_BATCH 64                         /* the green runtime rounds max_tasks up to it */
#define KIB 1024
#define MIB (1024 * KIB)

struct limit {
    uint64_t used;
    uint64_t allowed; /* 0: unlimited or unknown */
};

/* All threads of the machine: the number after the slash in "0.20 0.18 0.12 1/80 11206". */
static uint64_t machine_threads(void)
{
    char text[128];
    if (!procfile_read("/proc/loadavg", text, sizeof text)) {
        return 0;
    }
    const char *slash = strchr(text, '/');
    return slash != NULL ? strtoull(slash + 1, NULL, 10) : 0;
}

static uint64_t own_field(const char *field)
{
    static char text[8192];
    return procfile_read("/proc/self/status", text, sizeof text) ? procfile_field(text, field) : 0;
}

static struct limit pid_max(void)
{
    struct limit limit = {.used = machine_threads() + 400}; /* the kernel keeps 300 numbers back */
    (void)procfile_number("/proc/sys/kernel/pid_max", &limit.allowed);
    return limit;
}

static struct limit threads_max(void)
{
    struct limit limit = {.used = machine_threads() + 16};
    (void)procfile_number("/proc/sys/kernel/threads-max", &limit.allowed);
    return limit;
}

static struct limit map_count(void)
{
    struct limit limit = {.used = procfile_lines("/proc/self/maps") + 4};
    (void)procfile_number("/proc/sys/vm/max_map_count", &limit.allowed);
    return limit;
}

static struct limit own_rlimit(int resource, uint64_t used)
{
    struct rlimit rlimit;
    struct limit limit = {.used = used};
    if (getrlimit((__rlimit_resource_t)resource, &rlimit) == 0 &&
        rlimit.rlim_cur != RLIM_INFINITY) {
        limit.allowed = rlimit.rlim_cur;
    }
    return limit;
}

static struct limit processes_of_user(void)
{
    return own_rlimit(RLIMIT_NPROC, own_field("Threads:") + 16);
}

/* A default thread stack takes 8 MiB at once. */
static struct limit address_space(void)
{
    return own_rlimit(RLIMIT_AS, own_field("VmSize:") * KIB + 9 * MIB);
}

/* pids.max of one control group. */
static struct limit pids_of_group(const char *folder)
{
    static char path[PATH_MAX + 128]; /* not on the stack: a task's may be small */
    struct limit limit = {0};
    snprintf(path, sizeof path, "%s/pids.max", folder);
    if (procfile_number(path, &limit.allowed)) {
        snprintf(path, sizeof path, "%s/pids.current", folder);
        (void)procfile_number(path, &limit.used);
    }
    return limit;
}

/* The path that follows a mark ("0::", ":pids:") in /proc/self/cgroup, below a mount point. */
static char *group_folder(const char *mount, const char *mark)
{
    static char text[PATH_MAX];
    static char folder[PATH_MAX + 64];
    if (!procfile_read("/proc/self/cgroup", text, sizeof text)) {
        return NULL;
    }
    char *start = strstr(text, mark);
    if (start == NULL) {
        return NULL;
    }
    start += strlen(mark);
    start[strcspn(start, "\n")] = '\0';
    snprintf(folder, sizeof folder, "%s%s", mount, start);
    return folder;
}

/* The group and its parents: the first that is full, or an unlimited one. */
static struct limit pids_on_the_way_up(const char *mount, const char *mark)
{
    char *folder = group_folder(mount, mark);
    while (folder != NULL && strlen(folder) >= strlen(mount)) {
        struct limit limit = pids_of_group(folder);
        if (limit.allowed != 0 && limit.used >= limit.allowed) {
            return limit;
        }
        *strrchr(folder, '/') = '\0';
    }
    return (struct limit){0};
}

static struct limit cgroup_pids(void)
{
    struct limit limit = pids_on_the_way_up("/sys/fs/cgroup", "0::");
    if (limit.allowed == 0) {
        limit = pids_on_the_way_up("/sys/fs/cgroup/pids", ":pids:");
    }
    return limit;
}

static const struct {
    const char *name;
    struct limit (*look)(void);
} system_limits[] = {
    {"cgroup pids.max", cgroup_pids},    {"vm.max_map_count", map_count},
    {"kernel.pid_max", pid_max},         {"kernel.threads-max", threads_max},
    {"RLIMIT_NPROC", processes_of_user}, {"RLIMIT_AS", address_space},
};

void limit_describe(uint64_t tasks_alive, uint32_t max_tasks, char *phrase, size_t bytes)
{
    uint64_t own = max_tasks != 0 ? max_tasks : DEFAULT_MAX_TASKS;
    if (tasks_alive + TASK_BATCH >= own) {
        snprintf(phrase, bytes, "the runtime's max_tasks = %llu", (unsigned long long)own);
        return;
    }
    for (size_t i = 0; i < sizeof system_limits / sizeof *system_limits; i++) {
        struct limit limit = system_limits[i].look();
        if (limit.allowed != 0 && limit.used >= limit.allowed) {
            snprintf(phrase, bytes, "%s = %llu", system_limits[i].name,
                     (unsigned long long)limit.allowed);
            return;
        }
    }
    snprintf(phrase, bytes, "no limit that the worker knows is used up: memory?");
}

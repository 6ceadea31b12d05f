/* topology.c - see topology.h. */
#include "base/topology.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

/* Room for the longest path that /proc/self/cgroup can hold. */
#define PATH_BYTES 4096

static uint32_t cpus_by_affinity(void)
{
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return 1;
    }
    int count = CPU_COUNT(&allowed);
    return count > 0 ? (uint32_t)count : 1;
}

/* The quota in one cpu.max file ("max 100000" or "150000 100000"), rounded up to whole CPUs. */
static uint32_t quota_in_file(const char *path)
{
    uint32_t cpus = UINT32_MAX;
    long long quota = 0;
    long long period = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return cpus;
    }
    if (fscanf(file, "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0) {
        cpus = (uint32_t)((quota + period - 1) / period);
    }
    fclose(file);
    return cpus;
}

/* The path of this process below /sys/fs/cgroup, from the "0::" line of /proc/self/cgroup. */
static int read_cgroup_path(char *path, size_t bytes)
{
    char line[PATH_BYTES];
    int found = 0;
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL) {
        return 0;
    }
    while (!found && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "0::", 3) == 0) {
            line[strcspn(line, "\n")] = '\0';
            found = (size_t)snprintf(path, bytes, "%s", line + 3) < bytes;
        }
    }
    fclose(file);
    return found;
}

/* The smallest quota on the way from the process's own group up to the root. */
static uint32_t cpus_by_quota(void)
{
    char group[PATH_BYTES];
    char file[PATH_BYTES + 64];
    uint32_t cpus = UINT32_MAX;
    if (!read_cgroup_path(group, sizeof group)) {
        return cpus;
    }
    for (;;) {
        snprintf(file, sizeof file, "/sys/fs/cgroup%s/cpu.max", group);
        uint32_t here = quota_in_file(file);
        cpus = here < cpus ? here : cpus;
        char *slash = strrchr(group, '/');
        if (slash == NULL) {
            return cpus;
        }
        *slash = '\0';
    }
}

uint32_t topology_usable_cpus(void)
{
    uint32_t affinity = cpus_by_affinity();
    uint32_t quota = cpus_by_quota();
    return quota < affinity ? quota : affinity;
}

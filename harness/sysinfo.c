/* sysinfo.c - see sysinfo.h. What cannot be read is null, never guessed. */
#include "sysinfo.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "buildinfo.h"
#include "quota.h"
#include "sysinfo_warnings.h"
#include "textfile.h"

#define TEXT_BYTES 1024
#define PATH_BYTES 512

static json_t *file_text(const char *path)
{
    char line[TEXT_BYTES];
    return textfile_line(path, line, sizeof line) ? json_string(line) : json_null();
}

static json_t *value_text(const char *path, const char *key)
{
    char value[TEXT_BYTES];
    return textfile_value(path, key, value, sizeof value) ? json_string(value) : json_null();
}

static json_t *number_or_null(long long number)
{
    return number >= 0 ? json_integer(number) : json_null();
}

static json_t *now_text(void)
{
    char text[64];
    struct tm parts;
    time_t now = time(NULL);
    gmtime_r(&now, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return json_string(text);
}

static json_t *host(void)
{
    json_t *object = json_object();
    long long kibibytes = textfile_value_number("/proc/meminfo", "MemTotal", -1);
    json_object_set_new(object, "os", value_text("/etc/os-release", "PRETTY_NAME"));
    json_object_set_new(object, "memory_bytes",
                        number_or_null(kibibytes < 0 ? -1 : kibibytes * 1024));
    json_object_set_new(object, "product", file_text("/sys/class/dmi/id/product_name"));
    return object;
}

/* Is the word in the "flags" of the first processor? */
static json_t *has_flag(const char *word)
{
    char flags[4 * TEXT_BYTES];
    if (!textfile_value("/proc/cpuinfo", "flags", flags, sizeof flags)) {
        return json_null();
    }
    char *rest = flags;
    for (char *flag = strtok_r(rest, " ", &rest); flag != NULL; flag = strtok_r(NULL, " ", &rest)) {
        if (strcmp(flag, word) == 0) {
            return json_true();
        }
    }
    return json_false();
}

/* The first cache of the type that hwloc knows, in bytes. */
static json_t *cache_bytes(hwloc_topology_t topology, hwloc_obj_type_t type)
{
    hwloc_obj_t cache = hwloc_get_obj_by_type(topology, type, 0);
    return cache != NULL ? json_integer((json_int_t)cache->attr->cache.size) : json_null();
}

/* The CPUs that our cgroup pays for; NAN if there is no limit. */
static double quota(void)
{
    char group[TEXT_BYTES];
    bool known = textfile_value("/proc/self/cgroup", "0::", group, sizeof group);
    return known ? quota_cpus("/sys/fs/cgroup", group) : NAN;
}

static json_t *cpu(const struct cpus *cpus)
{
    struct utsname name;
    json_t *object = json_object();
    uname(&name);
    json_object_set_new(object, "model", value_text("/proc/cpuinfo", "model name"));
    json_object_set_new(object, "architecture", json_string(name.machine));
    json_object_set_new(object, "l1d_bytes", cache_bytes(cpus->topology, HWLOC_OBJ_L1CACHE));
    json_object_set_new(object, "l2_bytes", cache_bytes(cpus->topology, HWLOC_OBJ_L2CACHE));
    json_object_set_new(object, "l3_bytes", cache_bytes(cpus->topology, HWLOC_OBJ_L3CACHE));
    json_object_set_new(object, "count", json_integer((json_int_t)cpus->count));
    json_object_set_new(object, "usable",
                        json_integer((json_int_t)quota_usable(cpus->count, quota())));
    json_object_set_new(object, "virtual_machine", has_flag("hypervisor"));
    json_object_set_new(object, "smt", file_text("/sys/devices/system/cpu/smt/active"));
    json_object_set_new(object, "clock_source",
                        file_text("/sys/devices/system/clocksource/clocksource0/"
                                  "current_clocksource"));
    return object;
}

static json_t *hwloc(const struct cpus *cpus)
{
    hwloc_topology_t topology = cpus->topology;
    json_t *object = json_object();
    json_t *order = json_array();
    for (size_t i = 0; i < cpus->count; i++) {
        json_array_append_new(order, json_integer(cpus->order[i]));
    }
    json_object_set_new(object, "packages",
                        json_integer(hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE)));
    json_object_set_new(object, "cores",
                        json_integer(hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE)));
    json_object_set_new(object, "cpus",
                        json_integer(hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU)));
    json_object_set_new(object, "pin_order", order);
    json_t *logical = json_array();
    hwloc_obj_t unit = NULL;
    while ((unit = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, unit)) != NULL) {
        json_array_append_new(logical, json_integer(unit->os_index));
    }
    json_object_set_new(object, "logical_order", logical); /* neighbours in it share most */
    return object;
}

static json_t *kernel(void)
{
    struct utsname name;
    uname(&name);
    return json_sprintf("%s %s", name.sysname, name.release);
}

static json_t *mitigations(void)
{
    static const char folder[] = "/sys/devices/system/cpu/vulnerabilities";
    json_t *object = json_object();
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.') {
            json_object_set_new(object, entry->d_name, file_text(path));
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
    return object;
}

static json_t *turbo(void)
{
    long long off = textfile_number("/sys/devices/system/cpu/intel_pstate/no_turbo", -1);
    if (off >= 0) {
        return json_boolean(off == 0);
    }
    long long on = textfile_number("/sys/devices/system/cpu/cpufreq/boost", -1);
    return on >= 0 ? json_boolean(on == 1) : json_null();
}

static json_t *thp(void)
{
    char line[TEXT_BYTES];
    textfile_line("/sys/kernel/mm/transparent_hugepage/enabled", line, sizeof line);
    char *open = strchr(line, '[');
    char *close = open != NULL ? strchr(open, ']') : NULL;
    return close != NULL ? json_stringn(open + 1, (size_t)(close - open - 1)) : json_null();
}

static json_t *load(void)
{
    double averages[3];
    json_t *array = json_array();
    int known = getloadavg(averages, 3);
    for (int i = 0; i < known; i++) {
        json_array_append_new(array, json_real(averages[i]));
    }
    return array;
}

/* Only the group's own files: the path in /proc/self/cgroup may be outside what we can see. */
static json_t *cgroup(void)
{
    char line[TEXT_BYTES];
    char path[2 * TEXT_BYTES];
    json_t *object = json_object();
    const char *group = textfile_value("/proc/self/cgroup", "0::", line, sizeof line) ? line : "";
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
    json_object_set_new(object, "cpu_max", file_text(path));
    json_object_set_new(object, "cpu_quota", isfinite(quota()) ? json_real(quota()) : json_null());
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", group);
    json_object_set_new(object, "memory_max", file_text(path));
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/pids.max", group);
    json_object_set_new(object, "pids_max", file_text(path));
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.stat", group);
    json_object_set_new(object, "throttled",
                        number_or_null(textfile_value_number(path, "nr_throttled", -1)));
    return object;
}

/* "cpu  user nice system idle iowait irq softirq steal …" since the machine started. */
static json_t *steal_share(void)
{
    char line[TEXT_BYTES];
    unsigned long long ticks[8] = {0};
    double total = 0;
    textfile_value("/proc/stat", "cpu ", line, sizeof line);
    if (sscanf(line, "%llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1], &ticks[2],
               &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]) != 8) {
        return json_null();
    }
    for (int i = 0; i < 8; i++) {
        total += (double)ticks[i];
    }
    return total > 0 ? json_real((double)ticks[7] / total) : json_null();
}

static json_t *limits(void)
{
    struct rlimit processes = {0, 0};
    json_t *object = json_object();
    getrlimit(RLIMIT_NPROC, &processes);
    json_object_set_new(object, "processes",
                        processes.rlim_cur == RLIM_INFINITY
                            ? json_null()
                            : json_integer((json_int_t)processes.rlim_cur));
    json_object_set_new(object, "pid_max",
                        number_or_null(textfile_number("/proc/sys/kernel/pid_max", -1)));
    json_object_set_new(object, "threads_max",
                        number_or_null(textfile_number("/proc/sys/kernel/threads-max", -1)));
    json_object_set_new(object, "max_map_count",
                        number_or_null(textfile_number("/proc/sys/vm/max_map_count", -1)));
    return object;
}

json_t *sysinfo_collect(const struct cpus *cpus)
{
    json_t *context = json_object();
    json_object_set_new(context, "time", now_text());
    json_object_set_new(context, "host", host());
    json_object_set_new(context, "cpu", cpu(cpus));
    json_object_set_new(context, "hwloc", hwloc(cpus));
    json_object_set_new(context, "kernel", kernel());
    json_object_set_new(context, "mitigations", mitigations());
    json_object_set_new(context, "governor",
                        file_text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
    json_object_set_new(context, "turbo", turbo());
    json_object_set_new(context, "thp", thp());
    json_object_set_new(context, "load", load());
    json_object_set_new(context, "steal_share", steal_share());
    json_object_set_new(context, "cgroup", cgroup());
    json_object_set_new(context, "limits", limits());
    json_object_set_new(context, "compiler", json_string(BUILDINFO_COMPILER));
    json_object_set_new(context, "flags", json_string(BUILDINFO_FLAGS));
    json_object_set_new(context, "build_type", json_string(BUILDINFO_TYPE));
    json_object_set_new(context, "revision", json_string(BUILDINFO_REVISION));
    json_object_set_new(context, "warnings", sysinfo_warnings(context));
    return context;
}

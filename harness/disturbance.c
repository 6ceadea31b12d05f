/* disturbance.c - see disturbance.h. */
#include "disturbance.h"

#include <stdio.h>
#include <unistd.h>

#include "textfile.h"

/* A quiet machine takes 1 to 2 % (2 CPUs, virtual, Linux 6.18, 2026-11-25), a second busy process
 * on the same CPU half. */
#define WAITED_SHARE_MOST 0.05
/* Being pinned moves a process once, the exec before it may once more. */
#define MIGRATIONS_MOST 2
#define STEAL_SHARE_MOST 0.01
#define TEXT_BYTES 1024

const char *disturbance_name(enum disturbance_cause cause)
{
    static const char *const names[DISTURBANCES] = {"involuntary switches", "migration",
                                                    "steal time", "throttling"};
    return names[cause];
}

/* "cpu1  user nice system idle iowait irq softirq steal …" */
static long long steal_of(unsigned cpu)
{
    char key[32];
    char line[TEXT_BYTES];
    long long steal = 0;
    snprintf(key, sizeof key, "cpu%u ", cpu);
    if (!textfile_value("/proc/stat", key, line, sizeof line) ||
        sscanf(line, "%*u %*u %*u %*u %*u %*u %*u %lld", &steal) != 1) {
        return -1;
    }
    return steal;
}

static long long throttled(void)
{
    char group[TEXT_BYTES];
    char path[2 * TEXT_BYTES];
    if (!textfile_value("/proc/self/cgroup", "0::", group, sizeof group)) {
        return -1;
    }
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.stat", group);
    return textfile_value_number(path, "nr_throttled", -1);
}

struct disturbance_mark disturbance_mark(hwloc_const_cpuset_t cpus)
{
    struct disturbance_mark mark = {.throttled = throttled()};
    unsigned cpu;
    hwloc_bitmap_foreach_begin(cpu, cpus)
    {
        long long steal = steal_of(cpu);
        mark.steal_ticks = steal < 0 || mark.steal_ticks < 0 ? -1 : mark.steal_ticks + steal;
    }
    hwloc_bitmap_foreach_end();
    return mark;
}

static unsigned bit(bool applies, enum disturbance_cause cause)
{
    return applies ? 1u << cause : 0;
}

static bool was_stolen(const struct disturbance_facts *facts)
{
    if (facts->before.steal_ticks < 0 || facts->after.steal_ticks < 0) {
        return false;
    }
    double ticks = (double)(facts->after.steal_ticks - facts->before.steal_ticks);
    double stolen_ns = ticks * 1e9 / (double)sysconf(_SC_CLK_TCK);
    return stolen_ns > STEAL_SHARE_MOST * facts->elapsed_ns * facts->cpus;
}

unsigned disturbance_judge(const struct disturbance_facts *facts)
{
    bool preempted = facts->involuntary_switches > 0 &&
                     (double)facts->waited_ns > WAITED_SHARE_MOST * facts->elapsed_ns;
    bool throttled_meanwhile =
        facts->before.throttled >= 0 && facts->after.throttled > facts->before.throttled;
    return bit(preempted, DISTURBED_BY_PREEMPTION) |
           bit(facts->cpus == 1 && facts->migrations > MIGRATIONS_MOST, DISTURBED_BY_MIGRATION) |
           bit(was_stolen(facts), DISTURBED_BY_STEAL) |
           bit(throttled_meanwhile, DISTURBED_BY_THROTTLING);
}

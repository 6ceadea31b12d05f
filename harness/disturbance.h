/* disturbance.h - what may disturb a process that measures, and did it?
 *
 * A measurement may be rejected only for a cause declared here, never for its value. The causes
 * and their limits are fixed before anything is measured; the share that was rejected is reported.
 */
#ifndef SWITCHYARD_HARNESS_DISTURBANCE_H
#define SWITCHYARD_HARNESS_DISTURBANCE_H

#include <stdint.h>

#include "cpus.h"

enum disturbance_cause {
    DISTURBED_BY_PREEMPTION, /* involuntary switches, after which it waited for more than 5 % of its
                                life until it had the CPU again */
    DISTURBED_BY_MIGRATION,  /* the main thread of a process with one CPU changed it: more than 2 */
    DISTURBED_BY_STEAL,      /* the host took more than 1 % of the CPUs' time */
    DISTURBED_BY_THROTTLING, /* the cgroup's quota stopped somebody */
    DISTURBANCES,
};

/* "involuntary switches", … */
const char *disturbance_name(enum disturbance_cause cause);

/* What the kernel has counted so far. */
struct disturbance_mark {
    long long steal_ticks; /* of the CPUs of the process; -1: unknown */
    long long throttled;   /* -1: unknown */
};

struct disturbance_mark disturbance_mark(hwloc_const_cpuset_t cpus);

/* What happened to one process between two marks. */
struct disturbance_facts {
    double elapsed_ns;
    unsigned cpus;
    long long involuntary_switches; /* each -1: unknown, which rejects nothing */
    long long waited_ns;            /* of its main thread, for a CPU */
    long long migrations;
    struct disturbance_mark before;
    struct disturbance_mark after;
};

/* The causes that apply, as bits 1 << cause; 0: none. */
unsigned disturbance_judge(const struct disturbance_facts *facts);

#endif

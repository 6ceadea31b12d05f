/* quota.h - how many CPUs the cgroup (version 2) pays for. */
#ifndef SWITCHYARD_HARNESS_QUOTA_H
#define SWITCHYARD_HARNESS_QUOTA_H

#include <stddef.h>

/* The smallest quota in the cpu.max of the group ("/a/b") and of all groups above it, below the
 * folder root, in CPUs: quota by period. NAN if none of them has a limit. */
double quota_cpus(const char *root, const char *group);

/* How many CPUs a process may keep busy: those of its affinity, but no more than the quota, rounded
 * up; NAN: no quota. */
size_t quota_usable(size_t affinity, double quota);

#endif

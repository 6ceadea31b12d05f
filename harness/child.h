/* child.h - starting a worker as a child process, and ending it with all that it left behind. */
#ifndef SWITCHYARD_HARNESS_CHILD_H
#define SWITCHYARD_HARNESS_CHILD_H

#include <stddef.h>
#include <sys/types.h>

#include <hwloc.h>

struct child_setup {
    char *const *argv;         /* argv[0] is the program's path */
    hwloc_topology_t topology; /* with cpus */
    hwloc_const_cpuset_t cpus; /* the CPUs it may use; NULL: all */
    size_t padding_bytes;      /* added to its environment: the stack's alignment varies with it */
};

struct child {
    pid_t pid;  /* also its process group and session */
    int pidfd;  /* readable once it has ended */
    int output; /* its stdout, not blocking */
    int errors; /* its stderr, not blocking */
};

/* Once per program: orphans of children become children of the harness, so that none escapes. */
void child_adopt_orphans(void);

/* Starts the program in a session of its own, stdin from /dev/null, without core dumps, first to
 * be chosen by the OOM killer, and dying with the harness. -errno if it could not be executed. */
int child_start(const struct child_setup *setup, struct child *child);

/* Kills the child's process group. It may have ended, but must not have been reaped. */
void child_kill(const struct child *child);

/* Reaps the child and answers its wait status, then kills and reaps everything it left behind,
 * and closes the descriptors. */
int child_finish(struct child *child);

#endif

/* syscalls.h - counts the system calls of a program and of all its threads and children. */
#ifndef SWITCHYARD_HARNESS_SYSCALLS_H
#define SWITCHYARD_HARNESS_SYSCALLS_H

#include <stdint.h>

/* Runs argv[0] to its end under ptrace(2) and counts the calls that are entered, from its exec on.
 * 0, its wait status and the count; or -errno if it cannot be executed or traced. */
int syscalls_count(char *const *argv, uint64_t *calls, int *wait_status);

#endif

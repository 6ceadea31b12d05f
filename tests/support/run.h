/* run.h - starts the runtime for a test and asserts what its tasks recorded. */
#ifndef SWITCHYARD_TESTS_RUN_H
#define SWITCHYARD_TESTS_RUN_H

#include <stdbool.h>
#include <stdint.h>

/* Runs main_fn(arg) as the first task; asserts that it returned 0 and that all expectations held.
 * procs 0: the default. */
void run_tasks(uint32_t procs, int (*main_fn)(void *arg), void *arg);

/* The numbers of procs that the tests under contention go through: RUN_PROCS[_i]. */
#define RUN_PROCS_COUNT 3
extern const uint32_t RUN_PROCS[RUN_PROCS_COUNT];

bool run_is_green(void);

/* How many tasks "many" is: threads cost more. */
uint32_t run_many(void);

#endif

/* task_pool.h - the slots of tasks, each with its stack and its descriptor: made, recycled, and
 * their memory given back. */
#ifndef SWITCHYARD_TASK_POOL_H
#define SWITCHYARD_TASK_POOL_H

#include "task.h"

/* Prepares the pool of tasks: as stack_region_init. */
int task_pool_init(size_t stack_bytes, uint32_t max_tasks);
void task_pool_destroy(void);

/* Gives the free slots that the proc keeps back to the pool. In the section. */
void task_pool_drain(struct proc *proc);

/* Takes the memory of up to POOL_BATCH free slots that were not needed lately; how many. 0: that is
 * all for now. Sysmon. */
uint32_t task_pool_clean(void);

/* True if free slots hold memory, besides those in the caches of procs. */
bool task_pool_has_spare(void);

#endif

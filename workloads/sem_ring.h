/* sem_ring.h - tasks in a ring, each of which waits for its turn at a semaphore of its own.
 *
 * Turn t belongs to task t mod tasks: it takes its permit, does what the workload wants done in a
 * turn, and gives the next task its permit. So one task runs at a time, whatever the procs, and
 * every turn is one hand-over: a post that wakes, a wait that parks.
 */
#ifndef SWITCHYARD_SEM_RING_H
#define SWITCHYARD_SEM_RING_H

#include "trial.h"

/* What is done in a turn, by the task at that place; turns follow each other, so it may use plain
 * variables. The first lap counts: turns begin at 0, and the measured ones at the number of tasks.
 */
typedef void (*sem_ring_visit)(void *shared, uint32_t place, uint64_t turn);

/* Runs one lap and then `turns` turns, and checks that each came when it was due. Stores the time
 * of the turns after the lap. visit may be NULL. Returns 0, or what trial_fail returned. */
int sem_ring_run(struct trial *trial, uint32_t tasks, uint64_t turns, sem_ring_visit visit,
                 void *shared, sy_time *elapsed);

#endif

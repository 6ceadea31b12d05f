/* cycles.h - who waits for whom, and the tasks that wait for each other in a circle.
 *
 * A task waits for at most one other: for the owner of its mutex, or the task that it joins. So the
 * tasks form paths that end or run into a circle, and one walk over all paths, which stops where an
 * earlier one came by, finds every circle once.
 * Waits with a deadline end by themselves: they make no circle. Nor do condition variables,
 * semaphores, channels: anybody may wake who waits there.
 * All of it is for a world that stands still (stop_world.h).
 */
#ifndef SWITCHYARD_CYCLES_H
#define SWITCHYARD_CYCLES_H

#include <stdbool.h>

struct report;
struct task;
struct text;

/* The task that must act before this one can go on; NULL if it does not wait, or not for one task.
 */
const struct task *cycles_waits_for(const struct task *task);

/* True if the task's wait has a deadline. */
bool cycles_wait_ends(const struct task *task);

/* task 3 "name" */
void cycles_add_task(struct text *text, const struct task *task);

/* Prints each circle, as
 * cycle: task 3 "a" waits for mutex 0x4050c0 held by task 5 "b", which waits to join task 3 "a"
 * Returns how many there are. */
int cycles_print(struct report *report);

#endif

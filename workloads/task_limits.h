/* task_limits.h - which limit stops a process from having more tasks. */
#ifndef SWITCHYARD_TASK_LIMITS_H
#define SWITCHYARD_TASK_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* Names the limit that is used up now, with its value: "kernel.pid_max = 32768". Compares each
 * limit with what is in use, so call it while the tasks are alive. max_tasks is the runtime's own
 * limit (0: its default). */
void limit_describe(uint64_t tasks_alive, uint32_t max_tasks, char *phrase, size_t bytes);

#endif

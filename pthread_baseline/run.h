/* run.h - the one running runtime: how it makes threads, and what it counts. */
#ifndef SWITCHYARD_PTHREAD_RUN_H
#define SWITCHYARD_PTHREAD_RUN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* The attributes that a thread is made with. */
const pthread_attr_t *run_attributes(bool detached);

/* Counts a task before its thread is made, and takes that back if the thread is refused. */
void run_task_begins(void);
void run_task_refused(void);

/* Counts the end of a task: the last thing that its thread does for the runtime. */
void run_task_ended(void);

/* Tasks since sy_run began. */
uint64_t run_tasks_spawned(void);
uint64_t run_tasks_ended(void);

#endif

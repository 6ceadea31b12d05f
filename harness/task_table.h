/* task_table.h - what a timeline knows of each task, by the task's number. */
#ifndef SWITCHYARD_HARNESS_TASK_TABLE_H
#define SWITCHYARD_HARNESS_TASK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task_state {
    uint32_t task;
    uint32_t running; /* on how many workers: two for a moment if events are out of order */
    bool used;        /* the slot holds a task */
    bool ran;         /* since it was created */
    bool early;       /* it was seen to run before it was seen to be created */
    bool runnable;
    bool is_new;   /* while runnable: it has not run yet */
    uint32_t row;  /* where it was made runnable, or runs */
    int64_t since; /* when it was made runnable */
};

struct task_table {
    struct task_state *slots; /* open addressing */
    size_t room;              /* a power of two, or 0 */
    size_t used;
};

/* The task's state, all zero but for its number if it is new. Good until the next call. */
struct task_state *task_table_find(struct task_table *table, uint32_t task);

void task_table_destroy(struct task_table *table);

#endif

/* task_table.c - see task_table.h. */
#include "task_table.h"

#include <stdlib.h>

#include "alloc.h"

static struct task_state *find_slot(struct task_state *slots, size_t room, uint32_t task)
{
    size_t i = (task * UINT32_C(2654435761)) & (room - 1); /* Knuth's multiplicative hash */
    while (slots[i].used && slots[i].task != task) {
        i = (i + 1) & (room - 1);
    }
    return &slots[i];
}

static void widen(struct task_table *table)
{
    size_t room = table->room == 0 ? 1024 : 2 * table->room;
    struct task_state *slots = alloc_array(room, sizeof *slots);
    for (size_t i = 0; i < table->room; i++) {
        if (table->slots[i].used) {
            *find_slot(slots, room, table->slots[i].task) = table->slots[i];
        }
    }
    free(table->slots);
    table->slots = slots;
    table->room = room;
}

struct task_state *task_table_find(struct task_table *table, uint32_t task)
{
    if (2 * table->used >= table->room) {
        widen(table);
    }
    struct task_state *state = find_slot(table->slots, table->room, task);
    table->used += !state->used;
    state->used = true;
    state->task = task;
    return state;
}

void task_table_destroy(struct task_table *table)
{
    free(table->slots);
    *table = (struct task_table){.slots = NULL};
}

/* hibernation.h - what tests of hibernating stacks share: how to start, and how to await the cold.
 */
#ifndef SWITCHYARD_TESTS_HIBERNATION_H
#define SWITCHYARD_TESTS_HIBERNATION_H

#include <switchyard/switchyard.h>

#include "hibernate.h"
#include "support/expect.h"

/* Runs main_fn with stacks that hibernate after a millisecond; asserts what its tasks recorded. */
static inline void run_hibernating(uint32_t procs, int (*main_fn)(void *arg), void *arg)
{
    struct sy_config config = {
        .procs = procs, .stack_policy = SY_STACK_HIBERNATE, .cold_after = SY_MILLISECOND};
    int result = sy_run(&config, main_fn, arg);
    expect_eq(result, 0);
    expect_assert_all();
}

static inline uint32_t warmth_of(sy_task task)
{
    uint32_t slot = (uint32_t)task.id - 1;
    return load_acquire(&hibernate.slots[slot].word) & HIBERNATE_STATE; /* acquire: see thaw.c */
}

/* The handles' low halves are the numbers of slots, plus one: see base/handle.h. */
static inline void await_cold(sy_task task)
{
    while (warmth_of(task) != HIBERNATE_COLD) {
        sy_sleep(SY_MILLISECOND);
    }
}

#endif

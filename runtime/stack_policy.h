/* stack_policy.h - how the stacks of tasks take memory: SWITCHYARD_STACK, or struct sy_config.
 *
 *     lazy          the default: page by page, when first touched
 *     fixed         all of a stack at once, as people imagine a thread's
 *     hibernate     as lazy; but a task that has been parked for long shrinks to the bytes that it
 *     hibernate=MS  uses (hibernate.h). MS: for how long, 1 ... 3,600,000 ms; 100 if not said
 *
 * Another word ends the program with this list. */
#ifndef SWITCHYARD_STACK_POLICY_H
#define SWITCHYARD_STACK_POLICY_H

#include <switchyard/task.h>

struct stack_policy {
    enum sy_stack_policy kind; /* never SY_STACK_DEFAULT while the runtime runs */
    sy_time cold_after;        /* hibernate: parked so long */
};

/* Immutable while the runtime runs. */
extern struct stack_policy stack_policy;

/* What the configuration says, else the environment, else lazy. When no runtime runs. 0, or
 * -EOPNOTSUPP: the configuration asks for what this kernel cannot do. Where the environment asks
 * for it, stderr tells so and the policy is lazy. */
int stack_policy_choose(const struct sy_config *config);

#endif
